"""The knowledge base: libraries of articles, search, completion, answers an IVR can speak.

>>> from hotline.kb import KnowledgeBase
>>> base = KnowledgeBase("sqlite::memory:")
>>> base.put({"id": "fund", "title": "住房公积金提取", "body": "购房可以提取。"}, now=0, publish=True)
1
>>> base.search("公积金怎么提取", as_of=0).hits[0].id
'fund'

Times are integer nanoseconds since the epoch (``hotline.parse_time`` makes them). Filters are keywords:
``channel``, ``jurisdiction``, ``libraries``, ``kinds``, ``audience``, ``department``, ``catalogue``, ``regions``, ``validity``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ._core import kb as _core

Progress = Callable[[int, int], None]
_Events = list[dict[str, Any]]
_FOREVER = 2**63 - 1


@dataclass(frozen=True)
class Mark:
    """Bytes of the UTF-8 text that matched; ``kind`` is exact, synonym, same_sound or similar."""

    kind: str
    begin: int
    end: int


@dataclass(frozen=True)
class Hit:
    id: str
    revision: int
    library: str
    kind: str
    title: str
    number: str
    department: str
    jurisdiction: str
    score: float
    confidence: float
    standing: str
    pinned: bool
    other_region: bool
    phrase: bool
    superseded_by: str
    spoken_answer: str
    title_marks: list[Mark]
    citation: str
    anchor: str
    heading: str
    snippet: str
    snippet_marks: list[Mark]
    reasons: list[dict[str, Any]] = field(default_factory=list)
    reviewed_at: str | None = None

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> Hit:
        known = {f.name: data[f.name] for f in fields(cls) if f.name in data}
        known["title_marks"] = [Mark(**m) for m in data["title_marks"]]
        known["snippet_marks"] = [Mark(**m) for m in data["snippet_marks"]]
        return cls(**known)


@dataclass(frozen=True)
class Results:
    hits: list[Hit]
    confidence: float
    considered: int
    notes: list[str]


@dataclass(frozen=True)
class SpokenAnswer:
    """``action`` is speak (say ``answer.spoken_answer``), choose (offer ``choices``) or agent."""

    action: str
    answer: Hit | None
    choices: list[Hit]
    confidence: float
    margin: float


@dataclass(frozen=True)
class Suggestion:
    text: str
    article: str
    score: float
    marks: list[Mark]


@dataclass(frozen=True)
class Imported:
    articles: list[dict[str, Any]]
    records: int
    report: list[dict[str, Any]]


def marked(text: str, marks: Iterable[Mark], before: str = "[", after: str = "]") -> str:
    """The text with its marks shown; escape it first where that matters."""
    data, out, at = text.encode(), b"", 0
    for mark in marks:
        out += data[at : mark.begin] + before.encode() + data[mark.begin : mark.end] + after.encode()
        at = mark.end
    return (out + data[at:]).decode(errors="replace")


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


class KnowledgeBase:
    """A knowledge base in a database. Any thread may use it; searches run without the interpreter lock."""

    def __init__(self, url: str, footprint: str = "as_kept") -> None:
        """``footprint``: ``full`` keeps the words of articles in memory, ``small`` in SQLite's FTS5 on the disk (what it lacks: docs/kb.md)."""
        self._core = _core.KnowledgeBase(url, footprint)

    @property
    def footprint(self) -> str:
        return self._core.footprint

    @property
    def rebuilt(self) -> str:
        """Why the index was made again when this was opened, or ""."""
        return self._core.rebuilt

    def put(self, article: Mapping[str, Any], now: int, publish: bool = False, expected_revision: int = -1) -> int:
        return self._core.put(_json(article), now, publish, expected_revision)

    def put_all(self, articles: Iterable[Mapping[str, Any]], now: int, publish: bool = False, progress: Progress | None = None) -> None:
        self._core.put_all([_json(a) for a in articles], now, publish, progress)

    def publish(self, id: str, revision: int, now: int) -> None:
        self._core.publish(id, revision, now)

    def withdraw(self, id: str, now: int) -> None:
        self._core.withdraw(id, now)

    def article(self, id: str, revision: int = 0) -> dict[str, Any]:
        """``{"revision", "state", "changed_at", "article"}``; revision 0 is the latest."""
        return json.loads(self._core.article(id, revision))

    def revisions(self, id: str) -> list[dict[str, Any]]:
        return [json.loads(r) for r in self._core.revisions(id)]

    def articles(self) -> list[dict[str, Any]]:
        return [json.loads(r) for r in self._core.articles()]

    def search(self, question: str | bytes, as_of: int, limit: int = 10, offset: int = 0, detail: str = "marks", **filters: Any) -> Results:
        data = json.loads(self._core.search(_bytes(question), _json(filters), as_of, limit, offset, detail))
        return Results([Hit._of(h) for h in data["hits"]], data["confidence"], data["considered"], data["notes"])

    def spoken_answer(self, question: str | bytes, as_of: int, **filters: Any) -> SpokenAnswer:
        data = json.loads(self._core.spoken_answer(_bytes(question), _json(filters), as_of))
        answer = Hit._of(data["answer"]) if data["answer"] else None
        return SpokenAnswer(data["action"], answer, [Hit._of(h) for h in data["choices"]], data["confidence"], data["margin"])

    def suggest(self, typed: str | bytes, as_of: int, limit: int = 8, **filters: Any) -> list[Suggestion]:
        found = [json.loads(s) for s in self._core.suggest(_bytes(typed), _json(filters), as_of, limit)]
        return [Suggestion(s["text"], s["article"], s["score"], [Mark(**m) for m in s["marks"]]) for s in found]

    def set_reranker(self, function: Callable[[str, list[Hit]], list[float] | None] | None, budget: float = 0.2) -> None:
        """Orders the first fifty hits anew, on a thread of its own; None, an exception, or more than ``budget`` seconds leave the order."""
        if function is None:
            return self._core.set_reranker(None, 0)
        rank = function
        return self._core.set_reranker(lambda question, hits: rank(question, [Hit._of(json.loads(h)) for h in hits]), int(budget * 1e9))

    def apply(self, at: int, verb: str, fields: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Any command as text (hotline/kb/command.hpp); the events with their ``type``."""
        return [{"type": t, **json.loads(j or "{}")} for t, j in self._core.apply(at, verb, _json(fields or {}))]

    def current(self, id: str, as_of: int, **filters: Any) -> dict[str, Any]:
        """The revision that a search with these filters has: what a channel may be given. NotFoundError where there is none."""
        return self.apply(as_of, "article.current", {"id": id, **filters})[0]

    def cited(self, citation: str) -> dict[str, Any]:
        """What ``id``, ``id@revision`` or ``id@revision#passage`` names, as it was: ``text``, ``heading``, ``revision``, ``article`` ..."""
        return self.apply(0, "article.show", {"citation": citation})[0]

    def history(self) -> str:
        """Every revision of every article, a JSON object a line: for ``restore``."""
        return self._core.history()

    def restore(self, history: str, file: str = "history", progress: Progress | None = None) -> int:
        """Takes in whole articles with their history; how many revisions. ConflictError where one is there already."""
        return self._core.restore(history, file, progress)

    def set_synonyms(self, synonyms: Iterable[tuple[str, str, float, bool]], library: str = "", who: str = "", at: int = 0, note: str = "") -> None:
        """(from, to, weight, both ways) for a library, or for all. What was in force is kept as a version."""
        self._core.set_synonyms(library, list(synonyms), who, at, note)

    def synonym_versions(self, library: str = "") -> _Events:
        """``version``, ``who``, ``at``, ``note``, ``synonyms`` of each change, oldest first."""
        return self.apply(0, "synonyms.history", {"library": library})

    def restore_synonyms(self, version: int, library: str = "", who: str = "", at: int = 0, note: str = "") -> None:
        self.apply(at, "synonyms.restore", {"library": library, "version": version, "by": who, "note": note})

    def save_questions(self, questions: Iterable[tuple[str, str]]) -> None:
        """(question, id of the article that should answer it, or "") that changes of synonyms are tried against."""
        self.apply(0, "questions.save", {"questions": [{"question": q, "article": a} for q, a in questions]})

    def synonyms(self, library: str = "") -> list[tuple[str, str, float, bool, int]]:
        """(from, to, weight, both ways, how often it fired)."""
        return self._core.synonyms(library)

    def try_synonyms(self, synonyms: Iterable[tuple[str, str, float, bool]], questions: Iterable[str], as_of: int, library: str = "", **filters: Any) -> list[tuple[str, list[str], list[str]]]:
        """(question, ids before, ids after) without changing anything."""
        return self._core.try_synonyms(library, list(synonyms), list(questions), _json(filters), as_of)

    def set_dictionary(self, terms: Iterable[str]) -> None:
        self._core.set_dictionary(list(terms))

    def report(self, kind: str, start: int = 0, end: int = _FOREVER, limit: int = 50) -> list[dict[str, Any]]:
        return json.loads(self._core.report(kind, start, end, limit))["rows"]

    def statistics(self) -> dict[str, int]:
        return json.loads(self._core.statistics())

    def refresh(self) -> bool:
        return self._core.refresh()

    def optimize(self) -> None:
        self._core.optimize()

    def verify(self, progress: Progress | None = None) -> list[str]:
        """What differs between index and articles; empty is good."""
        return json.loads(self._core.verify(progress))["problems"]

    def rebuild(self, progress: Progress | None = None) -> None:
        self._core.rebuild(progress)


@dataclass(frozen=True)
class Editor:
    """Who acts: ``roles`` are those of the workflow (author, department, signer, editor)."""

    id: str
    roles: list[str]
    unit: str = ""


class Editing:
    """The editors' desk: drafts, review, sign-off, publication within 24 hours (1 where urgent), corrections with credit.

    The rules are a workflow definition (``data/workflows/article.yaml``); calendars are paths. Steps and states are
    dictionaries with ``article``, ``revision``, ``state``, ``feedback``, ``due`` and ``overdue``; a step also says
    ``accepted``, ``refusal`` and ``effects``. A refusal is a value. Call ``tick`` every minute or so.
    """

    def __init__(self, base: KnowledgeBase, definition: str, calendars: Iterable[str] = ()) -> None:
        self._core = _core.Editing(base._core, definition, list(calendars))

    def apply(self, at: int, verb: str, fields: Mapping[str, Any] | None = None) -> _Events:
        """Any command as text (hotline/kb/editing.hpp); the events with their ``type``."""
        return [{"type": t, **json.loads(j or "{}")} for t, j in self._core.apply(at, verb, _json(fields or {}))]

    def draft(self, article: Mapping[str, Any], by: Editor, now: int) -> dict[str, Any]:
        return self.apply(now, "draft", {"article": dict(article), "by": by.__dict__})[0]

    def act(self, id: str, revision: int, event: str, by: Editor, now: int, **fields: Any) -> dict[str, Any]:
        return self.apply(now, "act", {"id": id, "revision": revision, "event": event, "fields": fields, "by": by.__dict__})[0]

    def tick(self, now: int) -> _Events:
        return self.apply(now, "tick")

    def state(self, id: str, revision: int) -> dict[str, Any]:
        return self.apply(0, "state", {"id": id, "revision": revision})[0]

    def list(self, state: str = "") -> _Events:
        """Everything in a state, or everything that is not final."""
        return self.apply(0, "list", {"state": state})

    def history(self, id: str, revision: int) -> _Events:
        return self.apply(0, "history", {"id": id, "revision": revision})


def load_articles(path: str, library: str = "qa", kind: str = "qa") -> Imported:
    """Articles of a file or folder (.jsonl .csv .md .html) with a report of what was left out."""
    articles, records, report = _core.load_articles(path, library, kind)
    return Imported([json.loads(a) for a in articles], records, json.loads(report))


def write_articles(articles: Iterable[Mapping[str, Any]], format: str = "jsonl") -> str:
    """Articles as jsonl, csv or md."""
    return _core.write_articles([_json(a) for a in articles], format)


def evaluate(folder: str, clicks: str = "", sample: int = 0, baselines: str = "clean", progress: Callable[[str, int, int], None] | None = None) -> tuple[str, dict[str, Any]]:
    """Measures a folder of questions with known answers beside FTS5: the table as text, and as data."""
    text, data = _core.evaluate(folder, clicks, sample, baselines, progress)
    return text, json.loads(data)
