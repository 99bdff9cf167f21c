"""Flows: load, check, draw, and try them out without a telephone.

    >>> flow = Flow.load("12345.yaml")
    >>> call = flow.call("1", "2", "2", say="The lamp is broken")
    >>> call.keys("1")
    >>> assert call.hears("二零二六")
"""

from __future__ import annotations

import datetime
import json
import keyword
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterable

from ._core import ivr as _ivr
from ._core.base import format_time, parse_duration, parse_time

MONDAY = "2026-11-23T10:00:00+08:00"


@dataclass(frozen=True)
class Complaint:
    """One thing that `check` found."""

    severity: str
    code: str
    message: str
    remedy: str
    file: str
    line: int
    column: int
    node: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity} {self.code}: {self.message} ({self.remedy})"


def _complaints(text: str) -> list[Complaint]:
    return [
        Complaint(d["severity"], d["code"], d["message"], d.get("remedy", ""), d.get("file", ""), d.get("line", 0),
                  d.get("column", 0), d.get("subject", ""))
        for d in json.loads(text)
    ]


@dataclass(frozen=True)
class Line:
    at: float
    who: str
    what: str
    node: str
    text: str


@dataclass(frozen=True)
class Request:
    kind: str
    node: str
    target: str
    arguments: dict[str, Any]


Answer = Callable[[str, str, dict], Any]


class Call:
    """A call on a virtual clock; what was said, keyed and asked is in `transcript`."""

    def __init__(self, flow: "Flow", at: str | int = MONDAY, answer: Answer | None = None, journal: Any = None, **start: Any) -> None:
        moment = parse_time(at) if isinstance(at, str) else at
        self._call = _ivr.Rehearsal(flow._flow, moment, answer=answer, journal=journal and journal._journal, **start)

    def keys(self, *keys: str) -> "Call":
        """Waits until the flow listens, then presses the keys; each argument waits anew."""
        for key in keys:
            self._call.press(key)
        return self

    def now(self, keys: str) -> "Call":
        """Presses at once, whatever the flow is doing."""
        self._call.press_now(keys)
        return self

    def say(self, words: str, length: str = "8s", end_with_key: bool = True) -> "Call":
        self._call.say(words, parse_duration(length), end_with_key)
        return self

    def wait(self, duration: str) -> "Call":
        self._call.wait(parse_duration(duration))
        return self

    def listen(self) -> bool:
        return self._call.listen()

    def hang_up(self) -> "Call":
        self._call.hang_up()
        return self

    def finish(self) -> "Call":
        self._call.finish()
        return self

    def hears(self, words: str) -> bool:
        self._call.listen()
        return self._call.hears(words)

    def variable(self, name: str) -> Any:
        return self._call.variable(name)

    @property
    def said(self) -> str:
        return self._call.all_said()

    @property
    def transcript(self) -> list[Line]:
        return [Line(at / 1e9, who, what, node, text) for at, who, what, node, text in self._call.transcript]

    @property
    def requests(self) -> list[Request]:
        return [Request(*r) for r in self._call.requests]

    path = property(lambda self: self._call.path)
    exits = property(lambda self: self._call.exits)
    counters = property(lambda self: self._call.counters)
    ended = property(lambda self: self._call.ended)
    ending = property(lambda self: self._call.ending)
    node = property(lambda self: self._call.node)
    phase = property(lambda self: self._call.phase)
    clock = property(lambda self: format_time(self._call.now))

    def __str__(self) -> str:
        return str(self._call)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.timedelta):
        return f"{value / datetime.timedelta(milliseconds=1):g}ms"
    raise TypeError(f"a flow cannot hold a {type(value).__name__}")


def _fields(fields: dict[str, Any]) -> str:
    """Names that Python keeps for itself are written with an underscore: else_, from_, for_, while_."""
    return json.dumps({k.rstrip("_"): v for k, v in fields.items() if v is not None}, ensure_ascii=False, default=_plain)


def _here() -> tuple[str, int]:
    """The caller's place, for complaints."""
    frame = sys._getframe(2)
    return frame.f_code.co_filename, frame.f_lineno


class Nodes:
    """Adds nodes: one method a type, named as in the file, with its fields as keywords.

    >>> flow.menu("ask", prompt={"text": "For a person, press 1."}, choices={"1": "people"}, exhausted="people")

    What Python keeps for itself takes an underscore: `return_`, and fields as `else_`, `from_`, `for_`, `while_`.
    """

    def __init__(self, core: Any) -> None:
        self._core = core

    def node(self, type: str, id: str, **fields: Any) -> Nodes:
        self._core.node(type, id, _fields(fields), *_here())
        return self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        type_name = name.rstrip("_")
        if type_name not in _TYPES:
            raise AttributeError(f"there is no node type `{type_name}`; types are {', '.join(_TYPES)}")

        def add(id: str, **fields: Any) -> Nodes:
            self._core.node(type_name, id, _fields(fields), *_here())
            return self

        add.__name__, add.__doc__ = name, f"Fields: {_TYPES[type_name]}."
        return add

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(name + "_" * keyword.iskeyword(name) for name in _TYPES)]


_TYPES: dict[str, str] = dict(_ivr.node_types())


class FlowBuilder(Nodes):
    """A flow written in Python. It makes the document that a file would be read into: the same names, the same complaints,
    with the line of the call as their place.

    >>> f = FlowBuilder("desk", languages=["en-US"], start="ask", agent="people")
    >>> f.menu("ask", prompt={"text": "For a person, press 1."}, choices={"1": "people"}, exhausted="people")
    >>> f.queue("people", queue="general", overflow="hangup", error="hangup")
    >>> flow = f.build()
    """

    def __init__(self, id: str, **keys: Any) -> None:
        super().__init__(_ivr.FlowBuilder(id, *_here()))
        for key, value in keys.items():
            if value is not None:
                self._core.set(key, json.dumps(value, ensure_ascii=False, default=_plain), *_here())

    def define(self, name: str, **keys: Any) -> Nodes:
        """A sub-flow; add its nodes to what is returned."""
        return Nodes(self._core.define(name, _fields(keys), *_here()))

    def to_json(self) -> str:
        """The document so far."""
        return self._core.to_json()

    def check(self, folder: str = "", bindings: str = "") -> list[Complaint]:
        """Every complaint, errors too."""
        return _complaints(self._core.examine(folder, bindings).to_json())

    def build(self, folder: str = "", bindings: str = "") -> Flow:
        """`folder` holds the prompt files, calendars and sub-flows that the flow names."""
        return Flow(self._core.build(folder, bindings))


class Flow:
    """A compiled flow. Draws itself in notebooks."""

    def __init__(self, flow: _ivr.Flow) -> None:
        self._flow = flow

    @classmethod
    def load(cls, path: str, bindings: str = "") -> "Flow":
        return cls(_ivr.Flow.load(str(path), bindings))

    @classmethod
    def parse(cls, text: str, file: str = "flow") -> "Flow":
        return cls(_ivr.Flow.parse(text, file))

    id = property(lambda self: self._flow.id)
    title = property(lambda self: self._flow.title)
    version = property(lambda self: self._flow.version)
    languages = property(lambda self: self._flow.languages)
    fingerprint = property(lambda self: self._flow.fingerprint)
    nodes = property(lambda self: self._flow.nodes)

    def __len__(self) -> int:
        return len(self._flow)

    def check(self) -> list[Complaint]:
        """The warnings that loading gave (a flow with errors does not load; see `check_file`)."""
        return _complaints(self._flow.warnings_json())

    def call(self, *keys: str, say: str | None = None, at: str | int = MONDAY, answer: Answer | None = None, **start: Any) -> Call:
        """Calls, presses the keys one menu after the other, and speaks where it is recorded."""
        call = Call(self, at, answer, **start)
        call.keys(*keys)
        if say is not None:
            call.say(say)
        return call

    def explore(self, states: int = 200_000) -> dict[str, Any]:
        """Tries everything that callers can do; `ok` is the proof, `problems` the shortest counter-examples."""
        _, text, data = _ivr.explore(self._flow, states)
        return {**json.loads(data), "text": text}

    def to_json(self) -> str:
        return self._flow.to_json()

    def to_svg(self, heat: dict[str, tuple[float, str]] | None = None, handlers: bool = False) -> str:
        return self._flow.to_svg(heat or {}, handlers)

    def to_mermaid(self) -> str:
        return self._flow.to_mermaid()

    def to_dot(self) -> str:
        return self._flow.to_dot()

    def menu_card(self) -> str:
        return self._flow.menu_card()

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def __repr__(self) -> str:
        return f"<Flow {self.id} version {self.version}, {len(self)} nodes>"


def check_file(path: str, bindings: str = "", audio_files: bool = False, today: str = "") -> list[Complaint]:
    """Every complaint about a file, also one that does not load."""
    return _complaints(_ivr.examine(str(path), bindings, audio_files, today).to_json())


@dataclass(frozen=True)
class Imported:
    """A flow of another system: `yaml`, what was not carried, and the ways out that the source leaves open."""

    yaml: str
    losses: list[str]
    open: list[str]


def import_flow(source: str, path: str) -> Imported:
    """Brings over a file of `source`: studio, freeswitch, connect or voicexml."""
    return Imported(*_ivr.import_flow(source, Path(path).read_bytes(), str(path)))


class Switchboard:
    """Many calls over one engine, driven by text commands (hotline/ivr/switchboard.hpp)."""

    def __init__(self, flow: Flow) -> None:
        self._board = _ivr.Switchboard(flow._flow)

    def apply(self, verb: str, fields: dict[str, Any] | None = None, now: int = 0) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._board.apply(verb, json.dumps(fields or {}), now).splitlines()]

    def advance(self, now: int) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._board.advance(now).splitlines()]

    next_deadline = property(lambda self: self._board.next_deadline)

    def publish(self, flow: Flow, moves: dict[str, str] | None = None, now: int = 0) -> None:
        """New calls run `flow`. Running ones stay on theirs; with `moves` (old node id to new; others keep their name) they
        move at their next safe point."""
        self._board.publish(flow._flow, moves, now)

    def journal(self, journal: Any) -> None:
        """Also writes everything to an `ivr_testing.Journal`; None stops."""
        self._board.journal(journal and journal._journal)

    def statistics(self) -> dict[str, dict[str, Any]]:
        """By version and node: entries, hangups, no_input, no_match, exhausted, errors, zero_outs, seconds, exits ..."""
        return {one["version"]: one["nodes"] for one in json.loads(self._board.statistics())}

    def version(self, call: str) -> str | None:
        """The version that a call runs."""
        return self._board.version(call)

    def serialise(self, call: str) -> str | None:
        return self._board.serialise(call)

    def __len__(self) -> int:
        return len(self._board)
