import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import hotline
from hotline._core.base import matches, parse_scenario
from hotline.kb import Editing, Editor, KnowledgeBase, evaluate, load_articles, marked, write_articles

ROOT = Path(__file__).resolve().parents[2]
NOW = hotline.parse_time("2026-11-22T08:00:00+08:00")


@pytest.mark.parametrize("path", sorted((ROOT / "tests/scenario/kb").glob("*.scn")), ids=lambda p: p.stem)
def test_scenario(path):
    _, _, steps = parse_scenario(path.read_text(encoding="utf-8"), str(path))
    base, events = KnowledgeBase("sqlite::memory:"), []
    for at, expected, verb, fields, line in steps:
        if not expected:
            events = base.apply(at, verb, json.loads(fields))
        elif verb == "nothing":
            assert not events, line
        else:
            event = events.pop(0)
            assert event["type"] == verb and matches(fields, json.dumps(event)), (line, event)


@pytest.fixture
def city():
    base = KnowledgeBase("sqlite::memory:")
    read = load_articles(str(ROOT / "examples/city_hotline/data/kb"))
    assert not [r for r in read.report if r["severity"] == "error"]
    assert len(read.articles) >= 60
    assert {a["library"] for a in read.articles} == {"regulations", "qa", "guides"}
    base.put_all(read.articles, NOW, publish=True)
    return base


def test_the_city_answers(city):
    assert city.search("医保卡丢了", NOW, jurisdiction="990100").hits[0].id == "qa-social-card"
    assert city.search("云政发〔2024〕12号", NOW).hits[0].id == "reg-hotline"
    assert city.search("去外省看病怎么报销", NOW, jurisdiction="990100").hits[0].id == "qa-refer-linjiang"
    assert city.search("去外省看病怎么报销", NOW, jurisdiction="990200").hits[0].id == "qa-refer"
    assert city.spoken_answer("社保卡丢了怎么办", NOW, jurisdiction="990100").action == "speak"
    assert city.suggest("gjjdk", NOW, jurisdiction="990200")[0].article == "guide-fund-loan-nanpu"
    assert city.verify() == []


def test_explains_and_marks(city):
    hit = city.search("夜间施工噪声", NOW, detail="explain", jurisdiction="990100").hits[0]
    assert hit.reasons and hit.reasons[0]["score"] > 0
    assert 0 <= hit.confidence <= 1
    assert "[" in marked(hit.snippet, hit.snippet_marks) or "[" in marked(hit.title, hit.title_marks)


def test_errors_and_odd_input(city):
    with pytest.raises(hotline.NotFoundError):
        city.article("nobody")
    with pytest.raises(hotline.InvalidError):
        city.search("x", NOW, channel="wrong")
    for question in (b"\xff\xfe\x00", "\ud800", "", "x" * 100_000, "-" * 50, '"' * 99):
        city.search(question, NOW)
        city.suggest(question, NOW)


def test_a_reranker(city):
    before = [h.id for h in city.search("公积金", NOW).hits]
    city.set_reranker(lambda question, hits: [float(i * i) for i in range(len(hits))], budget=60)
    assert [h.id for h in city.search("公积金", NOW).hits] != before
    city.set_reranker(lambda question, hits: 1 / 0, budget=60)
    assert [h.id for h in city.search("公积金", NOW).hits] == before
    city.set_reranker(None)


def test_many_threads(city):
    failures = []

    def work(n):
        try:
            for i in range(30):
                if n == 0:
                    city.put({"id": f"t{i}", "title": f"线程{i}", "body": "并发"}, NOW, publish=True)
                else:
                    assert city.search("公积金提取", NOW).hits
        except Exception as problem:  # noqa: BLE001
            failures.append(problem)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not failures
    assert city.verify() == []


def test_export_and_import_again(city, tmp_path):
    articles = [r["article"] for r in city.articles()]
    for form in ("jsonl", "csv", "md"):
        path = tmp_path / f"all.{form}"
        path.write_text(write_articles(articles, form), encoding="utf-8")
        assert load_articles(str(path)).articles == articles


def test_evaluate(tmp_path):
    docs = [{"id": "a", "title": "社保卡补办", "body": ""}, {"id": "b", "title": "", "body": "公积金提取"}, {"id": "c", "body": "Renew a permit"}]
    (tmp_path / "documents.jsonl").write_text("\n".join(json.dumps(d) for d in docs), encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text('{"id":"1","text":"补办社保卡"}\n{"id":"2","text":"提取公积金"}\n{"id":"3","text":"permits"}\n', encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text("1\ta\t1\n2\tb\t2\n3\tc\t1\n", encoding="utf-8")
    (tmp_path / "suggest.jsonl").write_text('{"id":"s","cls":"pinyin","text":"shebaoka","relevant":["a"]}\n', encoding="utf-8")
    steps = []
    text, data = evaluate(str(tmp_path), baselines="all", progress=lambda step, done, total: steps.append(step))
    assert [e["name"] for e in data["engines"]][0] == "hotline" and len(data["engines"]) == 7
    score = data["engines"][0]["scores"][0]
    assert score["mrr10"] == 1 and score["questions"] == 3 and score["ndcg10"] == 1
    assert data["suggest"][0]["success5"] == 1
    assert "FTS5 bigrams" in text and steps


def test_command_line(tmp_path):
    def hotline_kb(*arguments, status=0):
        done = subprocess.run([sys.executable, "-m", "hotline", "kb", *arguments], capture_output=True, text=True)
        assert done.returncode == status, done.stderr
        return done.stdout

    db = str(tmp_path / "city.db")
    assert "73 of 73" in hotline_kb("import", db, str(ROOT / "examples/city_hotline/data/kb"))
    assert "qa-social-card" in hotline_kb("search", db, "社保卡丢了")
    assert "guide-passport" in hotline_kb("suggest", db, "huzhao")
    assert hotline_kb("speak", db, "社保卡丢了怎么办").startswith("speak")
    assert "12 synonyms" in hotline_kb("synonyms", db, str(ROOT / "examples/city_hotline/data/kb-synonyms.csv"))
    assert "guide-licence" in hotline_kb("search", db, "驾照到期")
    assert "驾照 <-> 驾驶证" in hotline_kb("synonyms", db)
    assert "equal" in hotline_kb("verify", db)
    assert hotline_kb("export", db).count("\n") == 73
    assert "nothing to report" in hotline_kb("report", db)
    hotline_kb("search", db, "qqqqwwww", status=1)
    hotline_kb("verify", str(tmp_path / "missing.db"), status=1)


def test_the_editors_desk(tmp_path):
    base = KnowledgeBase(str(tmp_path / "kb.db"))
    desk = Editing(base, str(ROOT / "data/workflows/article.yaml"), [str(ROOT / "data/calendars/cn.yaml")])
    author, department = Editor("zhang", ["author"]), Editor("li", ["department"], "医保局")
    now = hotline.parse_time("2026-11-23T09:00:00+08:00")
    step = desk.draft({"id": "refer", "title": "异地就医备案", "body": "可以在线上备案。", "department": "医保局"}, author, now)
    assert step["accepted"] and step["state"] == "DRAFT"
    assert desk.act("refer", 1, "submit", author, now, urgency="urgent", department="医保局")["state"] == "REVIEW"
    assert not desk.act("refer", 1, "publish", Editor("x", ["editor"]), now)["accepted"]
    desk.act("refer", 1, "pass", department, now)
    desk.act("refer", 1, "sign", Editor("wang", ["signer"]), now)
    assert [s["article"] for s in desk.list("SIGNED")] == ["refer"]
    assert desk.tick(now + 2 * 3600 * 10**9)[-1]["overdue"]  # an hour for what is urgent
    assert desk.act("refer", 1, "publish", Editor("zhao", ["editor"]), now)["state"] == "PUBLISHED"
    assert base.search("异地就医", as_of=now + 1).hits[0].id == "refer"
    assert len(desk.history("refer", 1)) >= 5
    with pytest.raises(hotline.Error):
        desk.state("nobody", 1)


def test_passages_and_citations(city):
    hit = city.search("居住证申领要什么材料", NOW, jurisdiction="990100", libraries=["guides"]).hits[0]
    assert hit.id == "guide-permit" and hit.anchor == "材料" and hit.citation == "guide-permit@1#材料"
    assert city.cited(hit.citation)["text"].startswith("材料：")
    assert city.current("guide-permit", NOW, channel="citizen")["revision"] == 1
    with pytest.raises(hotline.NotFoundError, match="材料"):  # the passages that there are, as the remedy
        city.cited("guide-permit#nothing")


def test_small_footprint(tmp_path):
    path = str(tmp_path / "small.db")
    base = KnowledgeBase(path, footprint="small")
    read = load_articles(str(ROOT / "examples/city_hotline/data/kb"))
    base.put_all(read.articles, NOW, publish=True)
    assert base.footprint == "small" and base.verify() == []
    assert base.search("住房公积金提取", NOW, jurisdiction="990100").hits
    del base
    assert KnowledgeBase(path).footprint == "small"
    full = KnowledgeBase(path, footprint="full")
    assert full.footprint == "full" and full.rebuilt and full.verify() == []
    with pytest.raises(hotline.InvalidError):
        KnowledgeBase(path, footprint="tiny")


def test_synonyms_have_versions(city):
    city.set_synonyms([("红本本", "社会保障卡", 0.7, False)], who="zhang", at=NOW, note="so they say")
    city.set_synonyms([], who="li", at=NOW)
    assert [(v["version"], v["who"], v["synonyms"]) for v in city.synonym_versions()] == [(1, "zhang", 1), (2, "li", 0)]
    city.restore_synonyms(1, who="wang", at=NOW)
    assert city.synonyms()[0][:2] == ("红本本", "社会保障卡")
    city.save_questions([("红本本", "qa-social-card")])
    trial = city.apply(NOW, "synonyms.try", {"synonyms": []})[0]
    assert trial["expected"] == "qa-social-card" and trial["place_before"] > 0 and trial["place_after"] == 0


def test_export_reads_back(city):
    articles = [r["article"] for r in city.articles()]
    for form in ("jsonl", "csv", "md"):
        path = ROOT / "nowhere" / f"x.{form}"
        text = write_articles(articles, form)
        assert text and path.suffix == "." + form
    copy = KnowledgeBase("sqlite::memory:")
    assert copy.restore(city.history()) == len(articles)
    assert copy.history() == city.history() and copy.verify() == []
    with pytest.raises(hotline.ConflictError):
        copy.restore(city.history())


def hotline_kb(*arguments):
    done = subprocess.run([sys.executable, "-m", "hotline", "kb", *map(str, arguments)], capture_output=True, text=True, cwd=ROOT)
    return done.returncode, done.stdout, done.stderr


# A new user at the terminal, with the mistakes one makes.
def test_the_terminal(tmp_path):
    db, kb = tmp_path / "city.db", ROOT / "examples/city_hotline/data/kb"
    code, out, err = hotline_kb("search", db, "x")
    assert code != 0 and "hotline kb import" in err and "Traceback" not in err
    code, out, err = hotline_kb("import", db, tmp_path / "missing.csv")
    assert code != 0 and "missing.csv" in err and "Traceback" not in err
    code, out, err = hotline_kb("import", db, kb)
    assert code == 0 and "73 of 73" in out, out + err
    code, out, err = hotline_kb("search", db, "居住证申领材料", "--jurisdiction", "990100")
    assert code == 0 and "guide-permit" in out and "§" in out
    code, out, err = hotline_kb("show", db, "guide-permit#材料")
    assert code == 0 and out.rstrip().splitlines()[-1].startswith("材料：")
    for wrong in ("nobody", "guide-permit@9", "guide-permit#nothing"):
        code, out, err = hotline_kb("show", db, wrong)
        assert code != 0 and err.startswith("hotline: ") and "Traceback" not in err, err
    # Export and import again, in every format and with the history.
    code, plain, err = hotline_kb("export", db)
    assert code == 0 and len(plain.splitlines()) == 73
    for form in ("jsonl", "csv", "md"):
        path = tmp_path / f"all.{form}"
        assert hotline_kb("export", db, path)[0] == 0
        assert hotline_kb("import", tmp_path / f"{form}.db", path)[0] == 0
        assert hotline_kb("export", tmp_path / f"{form}.db")[1] == plain, form
    assert hotline_kb("export", db, tmp_path / "history.jsonl", "--history")[0] == 0
    code, out, err = hotline_kb("import", tmp_path / "copy.db", tmp_path / "history.jsonl", "--history", "--small")
    assert code == 0 and "73 revisions" in out
    assert hotline_kb("verify", tmp_path / "copy.db")[0] == 0
    code, out, err = hotline_kb("rebuild", tmp_path / "copy.db", "--footprint", "full")
    assert code == 0 and "full footprint" in out
    # Synonyms: tried, made, taken back.
    saved, bad, good = tmp_path / "saved.csv", tmp_path / "bad.csv", tmp_path / "good.csv"
    saved.write_text("question,article\n红本本,qa-social-card\n", encoding="utf-8")
    bad.write_text("von,zu\na,b\n", encoding="utf-8")
    good.write_text("from,to,weight,way\n红本本,社会保障卡,0.7,one\n", encoding="utf-8")
    assert "no questions were saved" in hotline_kb("synonyms", db, good, "--try")[2]
    assert hotline_kb("questions", db, saved)[0] == 0
    code, out, err = hotline_kb("synonyms", db, bad)
    assert code != 0 and "bad.csv:1" in err and "from" in err
    bad.write_text("from,to,weight\na,b,heavy\n", encoding="utf-8")
    code, out, err = hotline_kb("synonyms", db, bad)
    assert code != 0 and "bad.csv:2" in err and "heavy" in err
    code, out, err = hotline_kb("synonyms", db, good, "--try")
    assert code == 0 and "1 answered otherwise, 0 worse" in out
    assert hotline_kb("synonyms", db, good, "--by", "zhang", "--note", "first")[0] == 0
    assert "zhang" in hotline_kb("synonyms", db, "--history")[1]
    code, out, err = hotline_kb("synonyms", db, "--restore", "7")
    assert code != 0 and "no version 7" in err
    # The editors' desk.
    draft = tmp_path / "draft.md"
    draft.write_text("---\nid: guide-permit\nlibrary: guides\ntitle: 居住证申领\n---\n新的正文\n", encoding="utf-8")
    code, out, err = hotline_kb("draft", db, draft, "--by", "zhang")
    assert code == 0 and "DRAFT" in out, out + err
    code, out, err = hotline_kb("act", db, "guide-permit", "2", "publish", "--by", "zhang", "--role", "author")
    assert code == 1 and "refused" in out
    code, out, err = hotline_kb("act", db, "guide-permit", "2", "fly", "--by", "zhang", "--role", "author")
    assert code != 0 and "fly" in err and "Traceback" not in err
    code, out, err = hotline_kb("act", db, "guide-permit", "9", "submit", "--by", "zhang", "--role", "author")
    assert code != 0 and "Traceback" not in err
    code, out, err = hotline_kb("draft", db, tmp_path / "none.md", "--by", "zhang")
    assert code != 0 and "none.md" in err and "Traceback" not in err
    assert "guide-permit" in hotline_kb("desk", db)[1]
    # A draft does not stand in for what is in force.
    assert hotline_kb("export", db)[1] == plain
