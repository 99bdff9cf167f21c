"""``hotline acd``: check definitions of queues and agents, replay scenarios and journals, explain.

hotline acd check   queues.yaml
hotline acd replay  queues.yaml day.jsonl          a journal: one JSON object a line, {"at": ..., "type": verb, ...}
hotline acd explain queues.yaml day.jsonl c17 a3   why contact c17 is (not) with agent a3 at the journal's end
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Iterator

from .. import Error, InvalidError, parse_time, format_time
from ..acd import Router, check as check_definition

ENGINE_FIELDS = {"seq", "at", "box", "type"}


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "acd", help="queues and agents: check, replay, explain", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    one = verbs.add_parser("check", help="say what is wrong with a definition")
    one.add_argument("definition")
    one.add_argument("--json", action="store_true", help="as JSON")
    one.set_defaults(run=check)
    for name, run, about in (("replay", replay, "run a journal's commands and print the events"), ("explain", explain, "why a contact waits")):
        verb = verbs.add_parser(name, help=about)
        verb.add_argument("definition")
        verb.add_argument("journal")
        if name == "explain":
            verb.add_argument("contact")
            verb.add_argument("agent", nargs="?", default="")
        else:
            verb.add_argument("--figures", action="store_true", help="print the figures instead of the events")
        verb.set_defaults(run=run)


def check(options: argparse.Namespace) -> int:
    found = check_definition(Path(options.definition).read_text(encoding="utf-8"), options.definition)
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for d in found:
            remedy = f" ({d['remedy']})" if d.get("remedy") else ""
            print(f"{d.get('file', options.definition)}:{d.get('line', 0)}:{d.get('column', 0)}: {d['severity']} {d['code']}: {d['message']}{remedy}")
        if not found:
            print(f"{options.definition}: good")
    return 1 if any(d["severity"] == "error" for d in found) else 0


def commands_of(path: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            at = record["at"]
            when = parse_time(at) if isinstance(at, str) else int(at)
            verb = record["type"]
        except (ValueError, KeyError, TypeError):
            raise InvalidError(f"{path}:{number}: not a journal's line; write {{\"at\": \"2026-11-23T00:00:00Z\", \"type\": \"agent.ready\", \"agent\": \"a1\"}}") from None
        # A journal may hold events too: commands are those with a dot in their name.
        if record.get("box", "acd") == "acd" and ("." in verb or verb == "advance"):
            yield when, verb, {k: v for k, v in record.items() if k not in ENGINE_FIELDS}


def run_all(options: argparse.Namespace) -> Iterator[tuple[Router, int]]:
    router = Router.load(options.definition)
    for when, verb, fields in commands_of(options.journal):
        try:
            router.apply(verb, when, **fields)
        except Error as error:
            print(f"{format_time(when)} {verb}: refused: {error}", file=sys.stderr)
        yield router, when


def replay(options: argparse.Namespace) -> int:
    metrics = None
    last = 0
    for router, last in run_all(options):
        if options.figures:
            metrics = metrics or router.metrics()
            metrics.add(router.event_bytes())
        else:
            for event in router.events():
                print(json.dumps({"at": format_time(event.at), "type": event.type, **event.fields}, ensure_ascii=False))
    if metrics is not None:
        metrics.close(last)
        print(json.dumps(metrics.totals(), ensure_ascii=False, indent=2))
    return 0


def explain(options: argparse.Namespace) -> int:
    router = None
    for router, _ in run_all(options):
        router.event_bytes()
    if router is None:
        raise InvalidError(f"{options.journal} holds no command")
    print(router.explain(options.contact, options.agent)["sentence"])
    return 0
