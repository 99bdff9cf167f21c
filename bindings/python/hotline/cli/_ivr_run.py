"""The verbs of ``hotline ivr`` that run calls: call, replay, test, random, mutate, load, statistics."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from .. import Error, ivr, ivr_testing


def add(verb: Any) -> None:
    call = verb("call", _call, "A telephone in the terminal: keys, w 5s to wait, s WORDS to speak, h to hang up, q to quit.")
    call.add_argument("file")
    call.add_argument("keys", nargs="*", help="keys to press first")
    call.add_argument("--caller", default="13800138000")
    call.add_argument("--dialled", default="12345")
    call.add_argument("--language", default="")
    call.add_argument("--profile", default="")
    call.add_argument("--at", default=ivr.MONDAY)
    call.add_argument("--save", metavar="FILE", help="keep the call as a scripted caller")
    call.add_argument("--journal", metavar="FILE", help="append the call's journal")

    replay = verb("replay", _replay, "Plays the calls of a journal again, byte by byte; exits 1 at a difference.")
    replay.add_argument("journal")
    replay.add_argument("files", nargs="+", metavar="FLOW", help="flows that ran, or the new version to be tried")
    replay.add_argument("--bindings", default="", help="names of the installation, relative to the flow")
    replay.add_argument("--json", action="store_true")
    replay.add_argument("--scenario", metavar="FOLDER", help="write every call as a scenario file instead")

    test = verb("test", _test, "Runs scripted callers (YAML) and scenarios (.scn) against a flow; prints coverage.")
    test.add_argument("file")
    test.add_argument("callers", nargs="+")

    many = verb("random", _random, "Random callers on the virtual clock; makes a failing call short; prints coverage.")
    many.add_argument("file")
    many.add_argument("--calls", type=int, default=1000)
    many.add_argument("--moves", type=int, default=25, help="of one caller, at most")
    many.add_argument("--seed", type=int, default=1)
    many.add_argument("--json", action="store_true")

    mutate = verb("mutate", _mutate, "Puts one fault after the other into a flow; tells which the scripted callers do not notice.")
    mutate.add_argument("file")
    mutate.add_argument("callers", nargs="+")
    mutate.add_argument("--most", type=int, default=1000)

    load = verb("load", _load, "Many calls at once on the virtual clock: how many events a second this machine decides.")
    load.add_argument("file")
    load.add_argument("--calls-per-second", type=float, default=100)
    load.add_argument("--for", dest="duration", default="10m", help="virtual time")
    load.add_argument("--live", type=int, default=100_000, help="calls at the same time, at most")
    load.add_argument("--seed", type=int, default=1)

    statistics = verb("statistics", _statistics, "What a journal's callers did at each node, by version.")
    statistics.add_argument("journal")
    statistics.add_argument("--json", action="store_true")


def _call(options: Any) -> int:
    flow = ivr.Flow.load(options.file)
    journal = ivr_testing.Journal(options.journal) if options.journal else None
    call = ivr.Call(flow, options.at, journal=journal, caller=options.caller, dialled=options.dialled, language=options.language, profile=options.profile)
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

    def attempt(command: str) -> bool:
        """A slip of the finger is told, and the call goes on."""
        try:
            return obey(command)
        except Error as problem:
            print(problem)
            return True

    call.listen()
    show()
    try:
        for keys in options.keys:
            attempt(keys)
            show()
        while not call.ended and sys.stdin is not None:
            try:
                command = input("> ").strip()
            except EOFError:
                break
            if not attempt(command):
                break
            show()
    except KeyboardInterrupt:
        print()
    print(f"ended: {call.ending}" if call.ended else f"at {call.node}")
    if options.save:
        heard = [line.text for line in call.transcript if line.what == "play"]
        known = {k: getattr(options, k) for k in ("caller", "dialled", "language", "profile") if getattr(options, k)}
        steps = script + ([{"hears": heard[-1]}] if heard else []) + ([{"ended": call.ending}] if call.ended else [{"node": call.node}])
        Path(options.save).write_text(json.dumps([{"name": "from the terminal", "at": options.at, **known, "steps": steps}], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if journal is not None:
        journal.close()
    return 0


def _replay(options: Any) -> int:
    journal = Path(options.journal).read_text(encoding="utf-8")
    if options.scenario:
        folder = Path(options.scenario)
        folder.mkdir(parents=True, exist_ok=True)
        given = Path(options.files[0]).resolve()
        calls = ivr_testing.calls_of(journal)
        for call in calls:
            (folder / f"call-{call}.scn").write_text(ivr_testing.to_scenario(journal, call, str(given)), encoding="utf-8")
        print(f"{len(calls)} scenarios in {folder}")
        return 0
    report = ivr_testing.replay(journal, *[ivr.Flow.load(file, options.bindings) for file in options.files])
    if options.json:
        print(json.dumps({"same": report.same, "calls": report.calls, "lines": report.lines, "skipped": report.skipped,
                          "differences": [vars(d) for d in report.differences]}, ensure_ascii=False))
    else:
        print(report, end="")
    return 0 if report.same else 1


def read(path: str) -> Any:
    text = Path(path).read_text(encoding="utf-8")
    if path.endswith(".json") or text.lstrip().startswith(("[", "{")):
        return json.loads(text)
    import yaml  # only for scripted callers in YAML

    return yaml.safe_load(text)


def _test(options: Any) -> int:
    flow = ivr.Flow.load(options.file)
    calls, failed, scenarios = [], 0, 0
    for path in options.callers:
        if path.endswith(".scn"):
            faults = ivr_testing.run_scenario(path, flow)
            scenarios += 1
            failed += len(faults)
            print("\n       ".join([f"{'FAILED' if faults else 'ok':6} {path}", *faults]))
            continue
        for caller in read(path):
            call, faults = ivr_testing.run_caller(flow, caller)
            calls.append(call)
            failed += len(faults)
            print("\n       ".join([f"{'FAILED' if faults else 'ok':6} {caller.get('name', path)}", *faults]))
            if faults:
                print(call)
    print(f"{len(calls)} callers, {scenarios} scenarios, {failed} faults")
    if calls:
        print(ivr_testing.coverage_text(ivr_testing.coverage(flow, calls)))
    return 1 if failed else 0


def _random(options: Any) -> int:
    report = ivr_testing.random_callers(ivr.Flow.load(options.file), options.calls, options.seed, options.moves)
    text = report.pop("text")
    print(json.dumps(report, ensure_ascii=False) if options.json else text, end="\n" if options.json else "")
    return 1 if report["failed"] else 0


def _mutate(options: Any) -> int:
    flow = ivr.Flow.load(options.file)
    callers = [caller for path in options.callers for caller in read(path)]
    for caller in callers:
        _, faults = ivr_testing.run_caller(flow, caller)
        if faults:
            print(f"{caller.get('name', 'a caller')} fails without any mutation: {faults[0]}", file=sys.stderr)
            return 2
    total, unnoticed = ivr_testing.mutate(options.file, callers, options.most)
    for what in unnoticed:
        print(f"not noticed: {what}")
    print(f"{total} mutations, {total - len(unnoticed)} noticed ({(total - len(unnoticed)) / max(1, total):.0%}) by {len(callers)} callers")
    return 1 if unnoticed else 0


def _load(options: Any) -> int:
    flow = ivr.Flow.load(options.file)
    began = time.process_time()
    counts = ivr_testing.load_calls(flow, options.calls_per_second, options.duration, options.live, options.seed)
    spent = time.process_time() - began
    print(f"{counts['calls']} calls, {counts['peak']} at the same time, {counts['turned_away']} turned away, {counts['events']} events in {options.duration} of virtual time")
    print("endings: " + ", ".join(f"{count} {ending}" for ending, count in sorted(counts["endings"].items())))
    print(f"{spent:.2f} s of processor time: {counts['events'] / max(spent, 1e-9):,.0f} events/s, speech, keys and the host's answers included")
    return 0


def _statistics(options: Any) -> int:
    versions = ivr_testing.read_statistics(options.journal)
    if options.json:
        print(json.dumps(versions, ensure_ascii=False))
        return 0
    for version, nodes in versions.items():
        print(f"{version}\n{'node':28} entries hang-ups no input no match to agent errors  seconds")
        for name, n in nodes.items():
            print(f"{name:28} {n['entries']:7} {n['hangups']:8} {n['no_input']:8} {n['no_match']:8} {n['zero_outs']:8} {n['errors']:6} {n['seconds']:8.1f}")
    return 0
