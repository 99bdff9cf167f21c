"""``hotline ivr``: check, try out, draw, explore and convert flows."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from pathlib import Path
from typing import Any

from .. import ivr, ivr_testing
from .._core import ivr as _ivr
from . import _ivr_run


def register(commands: Any) -> None:
    parser = commands.add_parser("ivr", help="flows of the voice menu")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        return sub

    check = verb("check", _check, "Validates flows; exits 1 on errors.")
    check.add_argument("files", nargs="+", metavar="FILE")
    check.add_argument("--bindings", default="", help="names of the installation, relative to the flow")
    check.add_argument("--audio", action="store_true", help="recorded prompts must exist")
    check.add_argument("--json", action="store_const", const="json", dest="form", help="machine-readable")
    check.add_argument("--sarif", action="store_const", const="sarif", dest="form", help="for code hosts and editors")
    check.add_argument("--since", metavar="OLD", help="tell only what an older version of the file did not have")
    check.add_argument("--prove", action="store_true", help="also try everything that callers can do")
    check.set_defaults(form="text")

    explore = verb("explore", _explore, "Tries every key, silence, answer and hang-up; prints the shortest counter-examples.")
    explore.add_argument("file")
    explore.add_argument("--states", type=int, default=200_000)
    explore.add_argument("--json", action="store_true")

    graph = verb("graph", _graph, "Draws a flow.")
    graph.add_argument("file")
    graph.add_argument("-o", "--output", help="FILE.svg, .mmd or .dot; standard output where not given")
    graph.add_argument("--format", choices=["svg", "mermaid", "dot", "card"])
    graph.add_argument("--errors", action="store_true", help="draw error exits too")
    graph.add_argument("--journal", help="colours nodes by the callers who hung up there")

    _ivr_run.add(verb)

    form = verb("format", _format, "Prints the flow in canonical JSON.")
    form.add_argument("file")

    diff = verb("diff", _diff, "Tells in words what changed between two versions.")
    diff.add_argument("old")
    diff.add_argument("new")

    bring = verb("import", _import, "Converts a flow of another system and tells what it could not carry.")
    bring.add_argument("file")
    bring.add_argument("--from", dest="source", required=True, choices=["studio", "freeswitch", "connect", "voicexml"])
    bring.add_argument("-o", "--output")
    bring.add_argument("--report", metavar="FILE", help="what was lost or left open, as JSON")

    schema = verb("schema", _schema, "Prints the JSON Schema of flows, or the reference of nodes.")
    schema.add_argument("--markdown", action="store_true")


def _check(options: Any) -> int:
    status = 0
    today = datetime.date.today().isoformat()
    for file in options.files:
        examined = _ivr.examine(file, options.bindings, options.audio, today)
        if options.form == "sarif":
            print(examined.to_sarif())
        elif options.form == "json":
            print(examined.to_json())
        else:
            known = set()
            if options.since:
                known = {(c.code, c.node, c.message) for c in ivr.check_file(options.since)}
            complaints = ivr._complaints(examined.to_json())
            for complaint in complaints:
                if (complaint.code, complaint.node, complaint.message) not in known:
                    print(complaint)
            errors = examined.errors
            flow = examined.flow()
            size = f"{len(flow)} nodes, " if flow is not None else ""
            print(f"{file}: {size}{errors} errors, {len(complaints) - errors} warnings")
        if not examined.ok:
            status = 1
        elif options.prove and (whole := examined.flow()) is not None:
            good, text, _ = _ivr.explore(whole)
            print(text, end="")
            status = status or (0 if good else 1)
    return status


def _explore(options: Any) -> int:
    report = ivr.Flow.load(options.file).explore(options.states)
    text = report.pop("text")
    print(json.dumps(report, ensure_ascii=False) if options.json else text, end="\n" if options.json else "")
    return 0 if report["ok"] else 1


def _graph(options: Any) -> int:
    examined = _ivr.examine(options.file)
    flow = examined.flow()
    if flow is None:
        print(examined.to_text(), file=sys.stderr, end="")
        return 1
    suffix = {".svg": "svg", ".mmd": "mermaid", ".md": "mermaid", ".dot": "dot", ".gv": "dot", ".txt": "card"}
    form = options.format or suffix.get(Path(options.output or "").suffix, "svg")
    heat = ivr_testing.heat(ivr_testing.read_statistics(options.journal)) if options.journal else {}
    drawing = {"svg": lambda: flow.to_svg(heat, options.errors), "mermaid": flow.to_mermaid, "dot": flow.to_dot, "card": flow.menu_card}[form]()
    if options.output:
        Path(options.output).write_text(drawing, encoding="utf-8")
    else:
        print(drawing, end="")
    return 0


def _format(options: Any) -> int:
    print(ivr.Flow.load(options.file).to_json())
    return 0


def diff(old: ivr.Flow, new: ivr.Flow) -> list[str]:
    """What changed, in words."""
    before, after = json.loads(old.to_json()), json.loads(new.to_json())
    lines = []

    def name(nodes: dict, node: Any) -> str:
        if isinstance(node, dict):
            node = node.get("to")
        return f"`{nodes.get(node, {}).get('name', node)}`"

    a, b = before.get("nodes", {}), after.get("nodes", {})
    lines += [f"node {name(b, n)} is new" for n in b if n not in a]
    lines += [f"node {name(a, n)} is gone" for n in a if n not in b]
    for n in a:
        if n not in b:
            continue
        for key in sorted(set(a[n]) | set(b[n])):
            was, now = a[n].get(key), b[n].get(key)
            if was == now:
                continue
            if key == "choices":
                for choice in sorted(set(was) | set(now)):
                    if choice not in now:
                        lines.append(f"{name(a, n)}: option {choice} ({name(a, was[choice])}) is gone")
                    elif choice not in was:
                        lines.append(f"{name(b, n)}: option {choice} leads to {name(b, now[choice])}, new")
                    elif was[choice] != now[choice]:
                        lines.append(f"{name(b, n)}: option {choice} moved from {name(a, was[choice])} to {name(b, now[choice])}")
            else:
                lines.append(f"{name(b, n)}: {key} was {json.dumps(was, ensure_ascii=False)}, is {json.dumps(now, ensure_ascii=False)}")
    for key in sorted((set(before) | set(after)) - {"nodes"}):
        if before.get(key) != after.get(key):
            lines.append(f"the flow's {key} changed")
    return lines


def _diff(options: Any) -> int:
    lines = diff(ivr.Flow.load(options.old), ivr.Flow.load(options.new))
    print("\n".join(lines) or "no change")
    return 0


def _schema(options: Any) -> int:
    print(_ivr.flow_reference() if options.markdown else _ivr.flow_schema(), end="")
    return 0


def _import(options: Any) -> int:
    imported = ivr.import_flow(options.source, options.file)
    for loss in imported.losses:
        print(f"not carried: {loss}", file=sys.stderr)
    for way in imported.open:
        print(f"left open: {way}", file=sys.stderr)
    if options.report:
        report = {"losses": imported.losses, "open": imported.open}
        Path(options.report).write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if options.output:
        Path(options.output).write_text(imported.yaml, encoding="utf-8")
    else:
        print(imported.yaml, end="")
    return 0
