"""``hotline ivr``: check, try out, draw, explore and convert flows."""

from __future__ import annotations

import argparse
import datetime
import json
import random
import sys
from pathlib import Path
from typing import Any

from .. import ivr
from .._core import ivr as _ivr


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
    explore.add_argument("--states", type=int, default=50_000)
    explore.add_argument("--json", action="store_true")

    graph = verb("graph", _graph, "Draws a flow.")
    graph.add_argument("file")
    graph.add_argument("-o", "--output", help="FILE.svg, .mmd or .dot; standard output where not given")
    graph.add_argument("--format", choices=["svg", "mermaid", "dot", "card"])
    graph.add_argument("--errors", action="store_true", help="draw error exits too")
    graph.add_argument("--journal", help="colours nodes by the callers who hung up there")

    call = verb("call", _call, "A telephone in the terminal: keys, w 5s to wait, s WORDS to speak, h to hang up, q to quit.")
    call.add_argument("file")
    call.add_argument("keys", nargs="*", help="keys to press first")
    call.add_argument("--caller", default="13800138000")
    call.add_argument("--dialled", default="12345")
    call.add_argument("--language", default="")
    call.add_argument("--profile", default="")
    call.add_argument("--at", default=ivr.MONDAY)
    call.add_argument("--save", metavar="FILE", help="keep the call as a scripted caller")

    test = verb("test", _test, "Runs scripted callers (YAML) against a flow; prints coverage.")
    test.add_argument("file")
    test.add_argument("callers", nargs="+")

    many = verb("random", _random, "Random callers on the virtual clock; shrinks a failing call.")
    many.add_argument("file")
    many.add_argument("--calls", type=int, default=1000)
    many.add_argument("--seed", type=int, default=1)

    form = verb("format", _format, "Prints the flow in canonical JSON.")
    form.add_argument("file")

    diff = verb("diff", _diff, "Tells in words what changed between two versions.")
    diff.add_argument("old")
    diff.add_argument("new")

    bring = verb("import", _import, "Converts a flow of another system and tells what it could not carry.")
    bring.add_argument("file")
    bring.add_argument("--from", dest="source", required=True, choices=["studio", "freeswitch", "connect", "voicexml"])
    bring.add_argument("-o", "--output")

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
            good, text, _ = _ivr.explore(whole, 50_000)
            print(text, end="")
            status = status or (0 if good else 1)
    return status


def _explore(options: Any) -> int:
    report = ivr.Flow.load(options.file).explore(options.states)
    text = report.pop("text")
    print(json.dumps(report, ensure_ascii=False) if options.json else text, end="\n" if options.json else "")
    return 0 if report["ok"] else 1


def _heat(journal: str) -> dict[str, tuple[float, str]]:
    entered: dict[str, int] = {}
    lost: dict[str, int] = {}
    for line in Path(journal).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record.get("type") == "enter":
            entered[record["node"]] = entered.get(record["node"], 0) + 1
        if record.get("type") == "hangup":
            lost[record["node"]] = lost.get(record["node"], 0) + 1
    most = max(lost.values(), default=1)
    return {n: (lost.get(n, 0) / most, f"{lost.get(n, 0)}/{entered[n]} lost") for n in entered}


def _graph(options: Any) -> int:
    examined = _ivr.examine(options.file)
    flow = examined.flow()
    if flow is None:
        print(examined.to_text(), file=sys.stderr, end="")
        return 1
    suffix = {".svg": "svg", ".mmd": "mermaid", ".md": "mermaid", ".dot": "dot", ".gv": "dot", ".txt": "card"}
    form = options.format or suffix.get(Path(options.output or "").suffix, "svg")
    heat = _heat(options.journal) if options.journal else {}
    drawing = {"svg": lambda: flow.to_svg(heat, options.errors), "mermaid": flow.to_mermaid, "dot": flow.to_dot, "card": flow.menu_card}[form]()
    if options.output:
        Path(options.output).write_text(drawing, encoding="utf-8")
    else:
        print(drawing, end="")
    return 0


def _call(options: Any) -> int:
    flow = ivr.Flow.load(options.file)
    call = ivr.Call(flow, options.at, caller=options.caller, dialled=options.dialled, language=options.language, profile=options.profile)
    script: list[dict[str, str]] = []
    shown = 0

    def show() -> None:
        nonlocal shown
        for line in call.transcript[shown:]:
            mark = {"flow": "<", "caller": ">", "host": "=", "event": "."}[line.who]
            print(f"{line.at:7.1f}s {mark} {line.what}{' ' + line.text if line.text else ''}  [{line.node}]")
        shown = len(call.transcript)

    def obey(command: str) -> bool:
        if command in ("q", "quit"):
            return False
        if command == "h":
            call.hang_up()
            script.append({"do": "hang up"})
        elif command.startswith("w"):
            call.wait(command[1:].strip() or "1s")
            script.append({"wait": command[1:].strip() or "1s"})
        elif command.startswith("s "):
            call.say(command[2:])
            script.append({"say": command[2:]})
        elif command and all(c in "0123456789*#ABCD" for c in command):
            call.listen()
            show()
            call.now(command)
            script.append({"press": command})
        elif command:
            print("keys, w 5s, s WORDS, h, q")
        call.listen()
        return True

    call.listen()
    show()
    for keys in options.keys:
        obey(keys)
        show()
    while not call.ended and sys.stdin is not None:
        try:
            command = input("> ").strip()
        except EOFError:
            break
        if not obey(command):
            break
        show()
    call_end = f"ended: {call.ending}" if call.ended else f"at {call.node}"
    print(call_end)
    if options.save:
        heard = [line.text for line in call.transcript if line.what == "play"]
        steps = script + ([{"hears": heard[-1]}] if heard else [])
        Path(options.save).write_text(json.dumps([{"name": "from the terminal", "at": options.at, "steps": steps}], ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


def run_caller(flow: ivr.Flow, caller: dict[str, Any]) -> tuple[ivr.Call, list[str]]:
    """A scripted caller: name, at, caller, language, answers, steps (press, say, wait, hears, at node, variable, do)."""
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
            elif what == "hears" and not call.hears(str(value)):
                faults.append(f"step {number}: did not hear `{value}`")
            elif what == "node" and (call.listen(), call.node)[1] != value:
                faults.append(f"step {number}: stands at `{call.node}`, not at `{value}`")
            elif what == "asks" and not any(f"{r.kind} {r.target}" == value for r in call.requests):
                faults.append(f"step {number}: the flow did not ask for `{value}`")
            elif what == "ended" and (call.finish(), call.ending)[1] != value:
                faults.append(f"step {number}: ended as `{call.ending}`")
    return call, faults


def _read(path: str) -> Any:
    text = Path(path).read_text(encoding="utf-8")
    if path.endswith(".json") or text.lstrip().startswith(("[", "{")):
        return json.loads(text)
    import yaml  # only for scripted callers in YAML

    return yaml.safe_load(text)


def _test(options: Any) -> int:
    flow = ivr.Flow.load(options.file)
    calls, failed = [], 0
    for path in options.callers:
        for caller in _read(path):
            call, faults = run_caller(flow, caller)
            calls.append(call)
            print(f"{'FAILED' if faults else 'ok':6} {caller.get('name', path)}")
            for fault in faults:
                failed += 1
                print(f"       {fault}")
            if faults:
                print(call)
    report = ivr.coverage(flow, calls)
    print(f"{len(calls)} callers, {failed} faults, {report['nodes']:.0%} of the nodes visited; missed: {', '.join(report['missed']) or 'none'}")
    return 1 if failed else 0


def _play(flow: ivr.Flow, keys: list[str]) -> ivr.Call:
    call = ivr.Call(flow, caller="1", dialled="12345")
    for key in keys:
        if call.ended:
            break
        if call.phase == "recording":
            call.say("...", "5s")
        elif key == "w":
            call.wait("20s")
        elif key == "h":
            call.hang_up()
        else:
            call.keys(key)
    if not call.ended:
        call.hang_up()
    return call


def _random(options: Any) -> int:
    flow = ivr.Flow.load(options.file)
    draw = random.Random(options.seed)
    calls, failing = [], None
    for _ in range(options.calls):
        keys = [draw.choice("123456789*0#w" + ("h" if draw.random() < 0.3 else "")) for _ in range(draw.randint(1, 25))]
        call = _play(flow, keys)
        calls.append(call)
        if call.ending in ("error", "limit") or not call.ended:
            failing = keys
            break
    report = ivr.coverage(flow, calls)
    print(f"{len(calls)} calls with seed {options.seed}: {report['nodes']:.0%} of the nodes, {len(report['exits'])} exits; missed: {', '.join(report['missed']) or 'none'}")
    if failing is None:
        return 0
    shorter = True
    while shorter:  # leave keys out one by one, as long as it still fails
        shorter = False
        for i in range(len(failing)):
            trial = failing[:i] + failing[i + 1:]
            call = _play(flow, trial)
            if call.ending in ("error", "limit"):
                failing, shorter = trial, True
                break
    print("fails with: " + (" ".join(failing) or "nothing pressed"))
    print(_play(flow, failing))
    return 1


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
    text, losses = _ivr.import_flow(options.source, Path(options.file).read_text(encoding="utf-8"), options.file)
    for loss in losses:
        print(f"not carried: {loss}", file=sys.stderr)
    if options.output:
        Path(options.output).write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0
