"""``hotline kb``: import, export, show, search, suggest, speak, draft, act, desk, synonyms, questions, eval, verify, rebuild, report."""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from pathlib import Path

from .. import parse_time
from ..kb import Editing, Editor, KnowledgeBase, evaluate, load_articles, marked, write_articles


def register(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser("kb", help="the knowledge base", description="The knowledge base: articles, search, measurement.")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, run, help: str) -> argparse.ArgumentParser:
        one = verbs.add_parser(name, help=help, description=help)
        one.set_defaults(run=run)
        return one

    one = verb("import", _import, "read articles from files or folders (.jsonl .csv .md .html) and publish them")
    one.add_argument("db")
    one.add_argument("paths", nargs="+")
    one.add_argument("--library", default="qa", help="for records that name none")
    one.add_argument("--kind", default="qa", choices=["policy", "qa", "guide", "earlier"])
    one.add_argument("--draft", action="store_true", help="keep them as drafts")
    one.add_argument("--history", action="store_true", help="the files are those of `export --history`")
    one.add_argument("--small", action="store_true", help="keep the words on the disk instead of in memory (docs/kb.md)")

    one = verb("export", _export, "write the published articles to a file or to the terminal")
    one.add_argument("db")
    one.add_argument("path", nargs="?")
    one.add_argument("--format", choices=["jsonl", "csv", "md"])
    one.add_argument("--drafts", action="store_true", help="the latest revision of every article, drafts and withdrawn ones too")
    one.add_argument("--history", action="store_true", help="every revision with number, state and times, as JSON lines")

    one = verb("show", _show, "show an article, an earlier revision of it, or one passage")
    one.add_argument("db")
    one.add_argument("citation", metavar="ID[@REVISION][#PASSAGE]")
    one.add_argument("--json", action="store_true")

    for name, run, help in (("search", _search, "search as an agent, a citizen or an IVR would"), ("suggest", _suggest, "complete what is being typed"), ("speak", _speak, "what an IVR would do with a question")):
        one = verb(name, run, help)
        one.add_argument("db")
        one.add_argument("text")
        one.add_argument("--jurisdiction", default="")
        one.add_argument("--channel", default="agent", choices=["agent", "citizen", "ivr"])
        one.add_argument("--library", action="append", default=[])
        one.add_argument("--audience", default="")
        one.add_argument("--at", help="as of this time (RFC 3339); now by default")
        one.add_argument("--limit", type=int, default=10)
        one.add_argument("--all", action="store_true", help="drafts, expired and future articles too (agents), and other regions")
        one.add_argument("--explain", action="store_true")
        one.add_argument("--json", action="store_true")

    one = verb("eval", _eval, "measure a folder of questions with known answers, beside SQLite's FTS5")
    one.add_argument("folder")
    one.add_argument("--json", action="store_true")
    one.add_argument("--clicks", default="", metavar="FOLDER", help="replay that folder's relevant pairs as clicks")
    one.add_argument("--sample", type=int, default=0, help="only so many questions of each set")
    one.add_argument("--baselines", choices=["all", "clean", "none"], default="clean", help="FTS5 on all sets, on queries.jsonl only (the default), or not at all")

    one = verb("synonyms", _synonyms, "show the synonyms, or replace them by a CSV file: from,to,weight,way (one or both)")
    one.add_argument("db")
    one.add_argument("file", nargs="?")
    one.add_argument("--library", default="", help="for one library only")
    one.add_argument("--try", dest="trial", action="store_true", help="show what the file would do to the saved questions, and change nothing")
    one.add_argument("--history", action="store_true", help="who changed them, when and why")
    one.add_argument("--version", type=int, help="show them as they were in this version")
    one.add_argument("--restore", type=int, metavar="VERSION", help="make them again what they were in this version")
    one.add_argument("--by", default="", help="who changes them")
    one.add_argument("--note", default="", help="why")
    one.add_argument("--jurisdiction", default="", help="of the questions that are tried")

    one = verb("questions", _questions, "show the questions that changes of synonyms are tried against, or replace them by a CSV file: question,article")
    one.add_argument("db")
    one.add_argument("file", nargs="?")

    for name, run, help in (("draft", _draft, "a new draft of each article in a file"), ("act", _act, "an event of the editing workflow: submit, pass, send_back, sign, publish, flag, withdraw ..."), ("desk", _desk, "what stands where in editing; fires what has fallen due first")):
        one = verb(name, run, help)
        one.add_argument("db")
        if name == "draft":
            one.add_argument("path")
        if name == "act":
            one.add_argument("id")
            one.add_argument("revision", type=int)
            one.add_argument("event")
            one.add_argument("fields", nargs="*", metavar="NAME=VALUE")
        if name == "desk":
            one.add_argument("state", nargs="?", default="", help="DRAFT, REVIEW, SIGN_OFF, SIGNED, PUBLISHED ...; everything under way by default")
        else:
            one.add_argument("--by", required=True, help="who acts")
            one.add_argument("--unit", default="")
            one.add_argument("--role", action="append", default=[], choices=["author", "department", "signer", "editor"])
        one.add_argument("--at", help="as of this time (RFC 3339); now by default")
        one.add_argument("--workflow", default="data/workflows/article.yaml", help="the definition (default: %(default)s)")
        one.add_argument("--calendar", action="append", default=[], help="a calendar of the definition; without one its clocks run around the clock")

    one = verb("verify", _verify, "prove that index and articles are equal")
    one.add_argument("db")
    one = verb("rebuild", _rebuild, "make the index again from the articles")
    one.add_argument("db")
    one.add_argument("--footprint", default="as_kept", choices=["full", "small"], help="full: words in memory; small: words in SQLite's FTS5 on the disk")

    one = verb("report", _report, "zero results, low clicks, hot topics, trails, satisfaction, reviews due, unused synonyms")
    one.add_argument("db")
    one.add_argument("kind", nargs="?", default="zero_results", choices=["zero_results", "low_clicks", "hot_topics", "trails", "satisfaction", "review_due", "unused_synonyms"])
    one.add_argument("--from", dest="start")
    one.add_argument("--to", dest="end")
    one.add_argument("--limit", type=int, default=50)
    one.add_argument("--json", action="store_true")


def _now(text: str | None) -> int:
    return parse_time(text) if text else time.time_ns()


def _existing(path: str, footprint: str = "as_kept") -> KnowledgeBase:
    if "://" not in path and not path.startswith("sqlite:") and not Path(path).exists():
        raise SystemExit(f"hotline: there is no database `{path}`; `hotline kb import` makes one")
    base = KnowledgeBase(path, footprint)
    if base.rebuilt:
        print(f"note: {base.rebuilt}; it was made again", file=sys.stderr)
    return base


class _Line:
    """Progress on one line of the terminal; silent where nobody looks."""

    def __init__(self) -> None:
        self.shown = 0.0

    def __call__(self, step: str, done: int, total: int) -> None:
        if not sys.stderr.isatty() or (time.monotonic() - self.shown < 0.1 and done < total):
            return
        self.shown = time.monotonic()
        print(f"\r\x1b[K{step} {done}/{total}", end="\n" if done >= total else "", file=sys.stderr, flush=True)


def _import(options: argparse.Namespace) -> int:
    base, line, faults = KnowledgeBase(options.db, "small" if options.small else "as_kept"), _Line(), 0
    for path in options.paths:
        if options.history:
            revisions = base.restore(_text(path), path, lambda done, total: line("restoring", done, total))
            print(f"{path}: {revisions} revisions taken in")
            continue
        read = load_articles(path, options.library, options.kind)
        for item in read.report:
            faults += item["severity"] == "error"
            where = ":".join(str(p) for p in (item.get("file"), item.get("line")) if p)
            print(f"{where or path}: {item['severity']} {item['code']}: {item['message']}" + (f" ({item['remedy']})" if item.get("remedy") else ""), file=sys.stderr)
        base.put_all(read.articles, time.time_ns(), not options.draft, lambda done, total: line("importing", done, total))
        print(f"{path}: {len(read.articles)} of {read.records} records taken in")
    base.optimize()
    return 1 if faults else 0


def _text(path: str) -> str:
    if not Path(path).is_file():
        raise SystemExit(f"hotline: there is no file `{path}`")
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SystemExit(f"hotline: `{path}` is not UTF-8; convert it: iconv -f GB18030 -t UTF-8") from None


def _published(base: KnowledgeBase, latest: dict) -> dict | None:
    """The last published revision: a newer draft does not stand in for it, and what was withdrawn stays so."""
    held = [latest] if latest["state"] == "published" else [r for r in base.revisions(latest["article"]["id"]) if r["state"] == "published"]
    withdrawn = held and held[-1].get("to") != held[-1]["article"].get("effective_to")
    return held[-1] if held and not withdrawn else None


def _export(options: argparse.Namespace) -> int:
    base = _existing(options.db)
    form = options.format or (options.path.rsplit(".", 1)[-1] if options.path else "jsonl")
    if options.history:
        text = base.history()
        told = f"{len(text.splitlines())} revisions"
    else:
        latest = base.articles()
        kept = [r for r in (latest if options.drafts else [_published(base, r) for r in latest]) if r]
        text = write_articles([r["article"] for r in kept], form)
        told = f"{len(kept)} articles" + (f"; {len(latest) - len(kept)} that are withdrawn or not published were left out (--drafts)" if len(kept) < len(latest) else "")
    if options.path:
        Path(options.path).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    print(f"{options.path or 'terminal'}: {told}", file=sys.stdout if options.path else sys.stderr)
    return 0


def _show(options: argparse.Namespace) -> int:
    found = _existing(options.db).cited(options.citation)
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return 0
    article = found["article"]
    print(f"{article['title'] if article.get('title') else article['id']}  ({found['citation']}, {found['state']}, changed {found['changed_at']})")
    for name in ("library", "number", "department", "jurisdiction", "effective_from", "effective_to", "reviewed_at", "author", "credits"):
        if article.get(name):
            print(f"  {name}: {', '.join(article[name]) if isinstance(article[name], list) else article[name]}")
    print()
    print(found["text"].rstrip("\n"))
    if article.get("spoken_answer") and not found["anchor"]:
        print(f"\nspoken: {article['spoken_answer']}")
    return 0


def _filters(options: argparse.Namespace) -> dict:
    filters = {"channel": options.channel, "jurisdiction": options.jurisdiction, "libraries": options.library, "audience": options.audience}
    if options.all:
        filters |= {"validity": "any", "regions": "also_others"}
    return {k: v for k, v in filters.items() if v}


def _search(options: argparse.Namespace) -> int:
    base = _existing(options.db)
    found = base.search(options.text, _now(options.at), options.limit, detail="explain" if options.explain else "marks", **_filters(options))
    if options.json:
        print(json.dumps(found, default=lambda o: o.__dict__, ensure_ascii=False, indent=1))
        return 0
    for rank, hit in enumerate(found.hits, 1):
        labels = [l for l in (hit.number, hit.department, hit.jurisdiction, hit.standing if hit.standing != "valid" else "", "pinned" if hit.pinned else "", "other region" if hit.other_region else "") if l]
        print(f"{rank:2}. {marked(hit.title, hit.title_marks)}  {hit.confidence:.0%}  ({hit.id}, revision {hit.revision})" + (f"  [{' · '.join(labels)}]" if labels else ""))
        if hit.snippet:
            print("    " + (f"§{hit.anchor} " if hit.anchor else "") + marked(hit.snippet, hit.snippet_marks).replace("\n", " "))
        for reason in hit.reasons[:8]:
            print(f"      {reason['score']:6.2f} {reason['stream']:8} {reason['term']} {reason['expansion']}")
    for note in found.notes:
        print(note)
    return 0 if found.hits else 1


def _suggest(options: argparse.Namespace) -> int:
    found = _existing(options.db).suggest(options.text, _now(options.at), options.limit, **_filters(options))
    for s in found:
        print(json.dumps(s, default=lambda o: o.__dict__, ensure_ascii=False) if options.json else f"{marked(s.text, s.marks)}  ({s.article})")
    return 0 if found else 1


def _speak(options: argparse.Namespace) -> int:
    answer = _existing(options.db).spoken_answer(options.text, _now(options.at), **{k: v for k, v in _filters(options).items() if k != "channel"})
    if options.json:
        print(json.dumps(answer, default=lambda o: o.__dict__, ensure_ascii=False, indent=1))
    elif answer.action == "speak" and answer.answer:
        print(f"speak ({answer.confidence:.0%}): {answer.answer.spoken_answer}")
    elif answer.action == "choose":
        print(f"choose ({answer.confidence:.0%}):")
        for n, hit in enumerate(answer.choices, 1):
            print(f"  {n}. {hit.title}")
    else:
        print("agent: no answer is sure enough")
    return 0


def _eval(options: argparse.Namespace) -> int:
    line = _Line()
    text, data = evaluate(options.folder, options.clicks, options.sample, options.baselines, line)
    print(json.dumps(data, ensure_ascii=False, indent=1) if options.json else text, end="\n" if options.json else "")
    return 0


def _synonyms(options: argparse.Namespace) -> int:
    base, signed = _existing(options.db), {"who": options.by, "at": time.time_ns(), "note": options.note}
    if options.trial and not options.file:
        raise SystemExit("hotline: --try needs a file of synonyms")
    if options.file:
        rows = [(r["from"], r["to"], _number(r["weight"] or "0.7", options.file, n), r["way"] == "both") for n, r in _rows(options.file, ["from", "to"], ["weight", "way"])]
        if options.trial:
            return _try_synonyms(base, rows, options)
        base.set_synonyms(rows, options.library, **signed)
        print(f"{len(rows)} synonyms in force")
    elif options.restore is not None:
        base.restore_synonyms(options.restore, options.library, **signed)
        print(f"{len(base.synonyms(options.library))} synonyms in force, as in version {options.restore}")
    elif options.history:
        for v in base.synonym_versions(options.library):
            print(f"version {v['version']}  {v['at']}  {v['who'] or '-'}  {v['synonyms']} synonyms  {v['note']}")
    else:
        for s in base.apply(0, "synonyms.list", {"library": options.library, "version": options.version or 0}):
            print(f"{s['from']} {'<->' if s['way'] == 'both' else '->'} {s['to']}  {s['weight']:g}" + ("" if options.version else f"  used {s['used']}"))
    return 0


def _number(text: str, path: str, line: int) -> float:
    try:
        return float(text)
    except ValueError:
        raise SystemExit(f"hotline: {path}:{line}: weight `{text}` is not a number") from None


def _rows(path: str, needed: list[str], others: list[str]) -> list[tuple[int, dict[str, str]]]:
    """Rows of a CSV file with their lines; names and cells that are missing are said with their place."""
    reader = csv.DictReader(_text(path).splitlines(keepends=True))
    missing = [name for name in needed if name not in (reader.fieldnames or [])]
    if missing:
        raise SystemExit(f"hotline: {path}:1: the first row must name {','.join(needed + others)}; {', '.join(missing)} is missing")
    rows = []
    for row in reader:
        if any(not row[name] for name in needed):
            raise SystemExit(f"hotline: {path}:{reader.line_num}: {' and '.join(needed)} must be filled in")
        rows.append((reader.line_num, {name: row.get(name) or "" for name in needed + others}))
    return rows


def _try_synonyms(base: KnowledgeBase, rows: list[tuple[str, str, float, bool]], options: argparse.Namespace) -> int:
    fields = {"library": options.library, "jurisdiction": options.jurisdiction, "synonyms": [{"from": f, "to": t, "weight": w, "way": "both" if b else "one"} for f, t, w, b in rows]}
    trials = base.apply(time.time_ns(), "synonyms.try", fields)
    if not trials:
        raise SystemExit(f"hotline: no questions were saved; `hotline kb questions {options.db} FILE.csv` takes them in")
    changed = [t for t in trials if t["before"] != t["after"]]
    worse = [t for t in trials if t["expected"] and t["place_before"] and (not t["place_after"] or t["place_after"] > t["place_before"])]
    for t in changed:
        places = f"  {t['expected']}: place {t['place_before'] or 'none'} -> {t['place_after'] or 'none'}" if t["expected"] else ""
        print(f"{'-' if t in worse else ' '} {t['question']}{places}\n    {' '.join(t['before'][:3]) or 'nothing'}  ->  {' '.join(t['after'][:3]) or 'nothing'}")
    print(f"{len(trials)} questions tried, {len(changed)} answered otherwise, {len(worse)} worse; nothing was changed")
    return 1 if worse else 0


def _questions(options: argparse.Namespace) -> int:
    base = _existing(options.db)
    if options.file:
        rows = [(r["question"], r["article"]) for _, r in _rows(options.file, ["question"], ["article"])]
        base.save_questions(rows)
        print(f"{len(rows)} questions saved")
        return 0
    for q in base.apply(0, "questions.list"):
        print(f"{q['question']}" + (f"  ({q['article']})" if q["article"] else ""))
    return 0


def _desk_of(options: argparse.Namespace) -> Editing:
    if not Path(options.workflow).exists():
        raise SystemExit(f"hotline: there is no workflow `{options.workflow}`; --workflow names one (data/workflows/article.yaml of the sources)")
    return Editing(_existing(options.db), options.workflow, options.calendar)


def _show_step(step: dict) -> int:
    where = f"{step['article']}, revision {step['revision']}: {step['state']}" + (f", due {step['due']}" if step.get("due") else "") + (", overdue" if step["overdue"] else "")
    print(where if step["accepted"] else f"refused ({step['refusal']}); {where}")
    return 0 if step["accepted"] else 1


def _draft(options: argparse.Namespace) -> int:
    desk, by = _desk_of(options), Editor(options.by, options.role or ["author"], options.unit)
    read = load_articles(options.path)
    for item in read.report:
        print(f"{options.path}:{item.get('line', '')}: {item['severity']} {item['code']}: {item['message']}", file=sys.stderr)
    return max([_show_step(desk.draft(article, by, _now(options.at))) for article in read.articles], default=1)


def _act(options: argparse.Namespace) -> int:
    fields = dict(f.split("=", 1) if "=" in f else (f, True) for f in options.fields)
    return _show_step(_desk_of(options).act(options.id, options.revision, options.event, Editor(options.by, options.role, options.unit), _now(options.at), **fields))


def _desk(options: argparse.Namespace) -> int:
    desk = _desk_of(options)
    for step in desk.tick(_now(options.at)):
        _show_step(step)
    for state in desk.list(options.state):
        _show_step({"accepted": True, **state})
    return 0


def _verify(options: argparse.Namespace) -> int:
    base, line = _existing(options.db), _Line()
    problems = base.verify(lambda done, total: line("verifying", done, total))
    for problem in problems:
        print(problem)
    counts = base.statistics()
    print(f"{counts['entries']} revisions of {counts['articles']} articles in {counts['segments']} segments: " + ("equal" if not problems else f"{len(problems)} problems; `hotline kb rebuild {options.db}` mends them"))
    return 1 if problems else 0


def _rebuild(options: argparse.Namespace) -> int:
    base, line = _existing(options.db, options.footprint), _Line()
    base.rebuild(lambda done, total: line("indexing", done, total))
    print(f"{base.statistics()['entries']} revisions indexed, {base.footprint} footprint")
    return 0


def _report(options: argparse.Namespace) -> int:
    start = parse_time(options.start) if options.start else 0
    end = parse_time(options.end) if options.end else 2**63 - 1
    rows = _existing(options.db).report(options.kind, start, end, options.limit)
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    for row in rows:
        print(f"{row['count']:6}  {row['value']:8.2f}  {row['previous']:6}  {row['subject']}  {row['text'].strip().replace(chr(10), ', ')}")
    if not rows:
        print("nothing to report")
    return 0
