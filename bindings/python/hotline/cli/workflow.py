"""``hotline workflow``: check, draw and try workflow definitions.

hotline workflow check data/workflows/*.yaml
hotline workflow check city-12345.yaml --from city-12345-v1.yaml
hotline workflow graph city-12345.yaml --format svg --language en -o city.svg
hotline workflow simulate tests/scenario/workflow/01_closed_loop.scn --until 40d
hotline workflow scxml chart.scxml --events go stop
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from .. import InvalidError, format_duration
from .._core import base as _base
from .._core import workflow as _core
from ..workflow import Calendar, Definition, Session


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "workflow", help="check, draw and try workflows", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    one = verbs.add_parser("check", help="say everything that is wrong with definitions")
    one.add_argument("file", nargs="+")
    one.add_argument("--from", dest="older", metavar="OLDER", help="the version before: must every state have a successor?")
    one.set_defaults(run=check)
    one = verbs.add_parser("graph", help="draw a definition")
    one.add_argument("file")
    one.add_argument("--format", choices=["svg", "mermaid", "dot"], default="mermaid")
    one.add_argument("--language", choices=["zh", "en"], default="zh")
    one.add_argument("-o", "--output", help="a file; else standard output")
    one.set_defaults(run=graph)
    one = verbs.add_parser("scxml", help="run an SCXML chart, or write a definition as SCXML")
    one.add_argument("file", help=".scxml to run; .yaml or .json to write as SCXML")
    one.add_argument("--events", nargs="*", default=[], help="given one after the other; the configurations are printed")
    one.set_defaults(run=scxml)
    one = verbs.add_parser("simulate", help="run a scenario and show what happens")
    one.add_argument("scenario", help="a .scn file: given definition and calendars, steps with times")
    one.add_argument("--until", help="go on to this time after the start (30d), so that timers fire")
    one.set_defaults(run=simulate)


def check(options: argparse.Namespace) -> int:
    bad = 0
    for file in options.file:
        _, text, good = _core.check(file)
        sys.stdout.write(text)
        if good and options.older:
            complaints = _core.check_migration(Definition.load(options.older), Definition.load(file))
            sys.stdout.write(complaints)
            good = not complaints
        if good:
            definition = Definition.load(file)
            states = sum(len(s) for s in definition.regions.values())
            print(f"{file}: good: {definition.id} version {definition.version}, {states} states in {len(definition.regions)} regions, {len(definition.events)} events")
        bad += not good
    return 1 if bad else 0


def graph(options: argparse.Namespace) -> int:
    text = Definition.load(options.file).draw(options.format, options.language)
    if options.output:
        Path(options.output).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def scxml(options: argparse.Namespace) -> int:
    if not options.file.endswith((".scxml", ".xml")):
        sys.stdout.write(_core.export_scxml(Definition.load(options.file)))
        return 0
    ran = _core.run_scxml(Path(options.file).read_text(encoding="utf-8"), options.events, options.file)
    for step in ran["steps"]:
        print(" ".join(step))
    for line in ran["log"]:
        print(f"log: {line}")
    if ran["finished"]:
        print("finished")
    return 0


def given(path: Path, files: list[str]) -> Session:
    if not files:
        raise InvalidError(f"{path}: no definition; begin with `given workflow.yaml`")
    folder = path.parent
    definition = Definition.load(str(folder / files[0]))
    return Session(definition, [Calendar.load(str(folder / f))._core for f in files[1:]])


def simulate(options: argparse.Namespace) -> int:
    path = Path(options.scenario)
    name, files, steps = _base.parse_scenario(path.read_text(encoding="utf-8"), str(path))
    session = given(path, files)
    if name:
        print(f"# {name}")

    def show() -> None:
        for at, verb, fields in session.take_events():
            shown = json.loads(fields)
            print(f"@{format_duration(at):<8} => {verb} " + ", ".join(f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in shown.items() if k != "effect"))

    for at, expected, verb, fields, _ in steps:
        if expected:
            continue
        session.advance(at)
        show()
        print(f"@{format_duration(at):<8} {verb} {fields}")
        session.apply(at, verb, fields)
        show()
    if options.until:
        session.advance(_base.parse_duration(options.until))
        show()
    return 0
