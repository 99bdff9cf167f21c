"""Tests of flows: journals replayed, callers scripted or at random, coverage, mutations, load. All on the virtual clock.

    >>> report = replay("journal.jsonl", Flow.load("12345.yaml"))
    >>> assert report.same, report
    >>> assert random_callers(flow, calls=1000)["coverage"]["nodes"]["share"] == 1
"""

from __future__ import annotations

import copy
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Iterator

from . import ivr
from ._core import ivr as _ivr
from ._core.base import parse_duration, parse_scenario, parse_time


class Journal:
    """Collects journal lines in `text`, and appends them to a file where `path` is given."""

    def __init__(self, path: str | Path | None = None) -> None:
        self.text = ""
        self._file = open(path, "a", encoding="utf-8") if path is not None else None
        self._journal = _ivr.Journal(self._take)

    def _take(self, line: str) -> None:
        self.text += line
        if self._file is not None:
            self._file.write(line)
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _text(journal: "Journal | str | Path") -> tuple[str, str]:
    if isinstance(journal, Journal):
        return journal.text, "journal"
    if isinstance(journal, str) and (not journal or "\n" in journal):
        return journal, "journal"
    return Path(journal).read_text(encoding="utf-8"), str(journal)


@dataclass(frozen=True)
class Difference:
    """Where a call first took another way: the journal's line, and what happened instead."""

    line: int
    call: str
    at: str
    node: str
    recorded: str
    replayed: str


@dataclass(frozen=True)
class Replayed:
    same: bool
    calls: int
    lines: int
    skipped: int
    differences: list[Difference]
    text: str

    def __str__(self) -> str:
        return self.text


def replay(journal: Journal | str | Path, *flows: ivr.Flow) -> Replayed:
    """Plays every call of a journal (its text, its path, or a `Journal`) again, byte by byte."""
    text, file = _text(journal)
    _, words, data = _ivr.replay([flow._flow for flow in flows], text, file)
    report = json.loads(data)
    return Replayed(report["same"], report["calls"], report["lines"], report["skipped"],
                    [Difference(**difference) for difference in report["differences"]], words)


def to_scenario(journal: Journal | str | Path, call: str, given: str) -> str:
    """One call of a journal as a scenario file over the flow at `given`."""
    return _ivr.to_scenario(_text(journal)[0], call, given)


def calls_of(journal: Journal | str | Path) -> list[str]:
    """The names of a journal's calls, in order."""
    calls = []
    for line in _text(journal)[0].splitlines():
        if '"type":"call.start"' in line:
            calls.append(json.loads(line)["call"])
    return calls


def read_statistics(journal: Journal | str | Path) -> dict[str, dict[str, Any]]:
    """Statistics by version and node of a journal's calls."""
    return _statistics(_ivr.read_statistics(*_text(journal)))


def _statistics(text: str) -> dict[str, dict[str, Any]]:
    return {one["version"]: one["nodes"] for one in json.loads(text)}


def heat(statistics: dict[str, dict[str, Any]]) -> dict[str, tuple[float, str]]:
    """What colours a diagram: the callers who hung up at each node, of all versions together."""
    entered: dict[str, int] = {}
    lost: dict[str, int] = {}
    for nodes in statistics.values():
        for node, counts in nodes.items():
            entered[node] = entered.get(node, 0) + counts["entries"]
            lost[node] = lost.get(node, 0) + counts["hangups"]
    most = max(1, max(lost.values(), default=1))
    return {node: (lost[node] / most, f"{lost[node]}/{entered[node]} lost") for node in entered if entered[node]}


def coverage(flow: ivr.Flow, calls: Iterable[ivr.Call]) -> dict[str, Any]:
    """What some calls saw of a flow: nodes, exits and counters, each with share, reached, total and missed."""
    nodes: set[str] = set()
    exits: set[str] = set()
    counters: set[str] = set()
    for call in calls:
        nodes.update(call.path)
        exits.update(call.exits)
        counters.update(call.counters)
    return json.loads(_ivr.coverage(flow._flow, sorted(nodes), sorted(exits), sorted(counters)))


def coverage_text(report: dict[str, Any]) -> str:
    """`nodes 100 % (7 of 7), exits ...` and what was missed."""
    shares = ", ".join(f"{what} {report[what]['share']:.0%} ({report[what]['reached']} of {report[what]['total']})" for what in ("nodes", "exits", "counters"))
    missed = [f"missed {what}: {' '.join(report[what]['missed'][:20])}" for what in ("nodes", "exits", "counters") if report[what]["missed"]]
    return "\n".join([shares, *missed])


def random_callers(flow: ivr.Flow, calls: int = 1000, seed: int = 1, moves: int = 25) -> dict[str, Any]:
    """Callers at random: endings, coverage, and the shortest `script` and `transcript` of a call that fails."""
    return json.loads(_ivr.random_callers(flow._flow, calls, seed, moves))


def load_calls(flow: ivr.Flow, calls_per_second: float, duration: str, live: int = 100_000, seed: int = 1, at: str = ivr.MONDAY) -> dict[str, Any]:
    """The load generator: calls that arrive at random, on the virtual clock."""
    return json.loads(_ivr.load_calls(flow._flow, calls_per_second, live, parse_duration(duration), seed, parse_time(at)))


def run_caller(flow: ivr.Flow, caller: dict[str, Any]) -> tuple[ivr.Call, list[str]]:
    """A scripted caller: name, at, caller, language, answers, steps (press, say, wait, hears, asks, node, variable, do, ended)."""
    answers = caller.get("answers", {})

    def answer(kind: str, target: str, arguments: dict) -> Any:
        given = answers.get(f"{kind} {target}", answers.get(kind))
        return tuple(given) if isinstance(given, list) else given

    start = {k: caller[k] for k in ("caller", "dialled", "language", "profile", "variables") if k in caller}
    call = ivr.Call(flow, caller.get("at", ivr.MONDAY), answer, **start)
    faults = []
    for number, step in enumerate(caller["steps"], 1):
        for what, value in step.items():
            if what == "press":
                call.keys(str(value))
            elif what == "say":
                call.say(str(value))
            elif what == "wait":
                call.wait(str(value))
            elif what == "do" and value == "hang up":
                call.hang_up()
            elif what == "hears":
                if not call.hears(str(value)):
                    faults.append(f"step {number}: did not hear `{value}`")
            elif what == "node":
                call.listen()
                if call.node != value:
                    faults.append(f"step {number}: stands at `{call.node}`, not at `{value}`")
            elif what == "asks":
                if not any(f"{r.kind} {r.target}" == value for r in call.requests):
                    faults.append(f"step {number}: the flow did not ask for `{value}`")
            elif what == "variable":
                for name, wanted in value.items():
                    if str(call.variable(name)) != str(wanted):
                        faults.append(f"step {number}: `{name}` is `{call.variable(name)}`, not `{wanted}`")
            elif what == "ended":
                call.finish()
                if call.ending != value:
                    faults.append(f"step {number}: ended as `{call.ending}`, not as `{value}`")
            else:
                faults.append(f"step {number}: `{what}: {value}` is no step; use press, say, wait, hears, asks, node, variable, do: hang up, ended")
    return call, faults


def run_scenario(path: str | Path, flow: ivr.Flow | None = None) -> list[str]:
    """Runs a scenario file (given: the flow, relative to the file); returns what differs."""
    path = Path(path)
    _, given, steps = parse_scenario(path.read_text(encoding="utf-8"), str(path))
    board = ivr.Switchboard(flow if flow is not None else ivr.Flow.load(str(path.parent / given[0])))
    base = parse_time(ivr.MONDAY)
    events: list[dict[str, Any]] = []
    faults = []
    for at, expected, verb, fields, line in steps:
        now = base + at
        if not expected:
            events += board.apply(verb, json.loads(fields), now)
            continue
        events += board.advance(now)
        if verb == "nothing":
            if events:
                faults.append(f"{path}:{line}: {events.pop(0)} was not expected")
        elif not events:
            faults.append(f"{path}:{line}: nothing happened")
        else:
            event = events.pop(0)
            if event["type"] != verb or not _covers(json.loads(fields), event):
                faults.append(f"{path}:{line}: {json.dumps(event, ensure_ascii=False)}")
    return faults + [f"{path}: {event} was not expected" for event in events]


def _covers(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(k in got and _covers(v, got[k]) for k, v in wanted.items())
    if isinstance(wanted, bool) or isinstance(got, bool):
        return str(wanted).lower() == str(got).lower()
    return str(wanted) == str(got)


# Mutations: a flow with one fault put in. Tests that are worth something notice it.
_TARGETS = {"next", "to", "else", "ok", "empty", "error", "timeout", "exhausted", "saved", "cancelled", "too_short", "hangup_saved", "open", "closed",
            "holiday", "overflow", "answered", "busy", "no_answer", "failed", "body", "done", "callback"}


def _mutations(flow: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    def changed(node: str) -> tuple[dict[str, Any], dict[str, Any]]:
        document = copy.deepcopy(flow)
        return document, document["nodes"][node]

    for name, node in flow["nodes"].items():
        keys = list(node.get("choices", {})) if node["type"] == "menu" else []
        for key in keys:
            document, one = changed(name)
            del one["choices"][key]
            yield f"{name}: choice {key} is gone", document
        for a, b in zip(keys, keys[1:]):
            document, one = changed(name)
            one["choices"][a], one["choices"][b] = one["choices"][b], one["choices"][a]
            yield f"{name}: choices {a} and {b} are swapped", document
        for field in node:
            if field in _TARGETS and isinstance(node[field], str) and node[field] != "hangup":
                document, one = changed(name)
                one[field] = "hangup"
                yield f"{name}: exit {field} hangs up", document
        if node["type"] == "set":
            document, one = changed(name)
            one["type"] = "goto"
            one["to"] = one.pop("next")
            del one["set"]
            yield f"{name}: sets nothing", document
        if node["type"] == "branch":
            for i in range(len(node["cases"])):
                document, one = changed(name)
                one["cases"][i]["when"] = f"!({one['cases'][i]['when']})"
                yield f"{name}: case {i + 1} is turned round", document
        if "arguments" in node and node["type"] != "subflow":
            for argument in node["arguments"]:
                document, one = changed(name)
                del one["arguments"][argument]
                yield f"{name}: does not send {argument}", document


@dataclass(frozen=True)
class Mutant:
    what: str
    flow: ivr.Flow


def mutants(path: str | Path, most: int = 1000) -> Iterator[Mutant]:
    """Every flow that differs from the one at `path` by one fault and still loads: choices gone or swapped, exits that hang
    up, branches turned round, variables not set, arguments not sent."""
    path = Path(path)
    flow = json.loads(ivr.Flow.load(str(path)).to_json())
    made = 0
    for what, document in _mutations(flow):
        if made >= most:
            return
        # Beside the original, for the prompts and calendars that it names.
        with tempfile.NamedTemporaryFile("w", suffix=".json", prefix=".mutant-", dir=path.parent, encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False)
            file.flush()
            examined = _ivr.examine(file.name)
            broken = examined.flow()
        # A fault that `check` finds needs no test; what it only warns of does. Nodes that are no longer reached may stay.
        if broken is None or any(d["severity"] == "error" and d["code"] != "V106" for d in json.loads(examined.to_json())):
            continue
        made += 1
        yield Mutant(what, ivr.Flow(broken))


def mutate(path: str | Path, callers: list[dict[str, Any]], most: int = 1000) -> tuple[int, list[str]]:
    """How many mutants there are, and those that no caller notices."""
    total, unnoticed = 0, []
    for mutant in mutants(path, most):
        total += 1
        if not any(run_caller(mutant.flow, caller)[1] for caller in callers):
            unnoticed.append(mutant.what)
    return total, unnoticed
