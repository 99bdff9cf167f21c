"""Flows from Python: load, check, call, prove, draw."""

import json
from pathlib import Path

import pytest

from hotline import InvalidError, ivr, ivr_testing
from hotline.cli import main
from hotline.cli.ivr import diff
from hotline.ivr_testing import run_caller

FLOWS = Path(__file__).parents[2] / "examples/city_hotline/data/flows"
SMALL = """
flow: 1
id: small
languages: [en-US]
start: m
agent: a
on_error: bye
nodes:
  m: {type: menu, prompt: {text: "Press 1 or 2"}, choices: {"1": {to: a, name: people}, "2": {to: bye, name: end}}, exhausted: bye}
  a: {type: queue, queue: general, overflow: bye}
  bye: {type: hangup, prompt: {text: Bye}}
"""


@pytest.fixture(scope="module")
def city():
    return ivr.Flow.load(FLOWS / "12345.yaml")


def test_a_complaint_by_recording(city):
    call = city.call("2", "2", say="路灯坏了")
    call.keys("1")
    assert call.hears("您的受理号是：二零二六，零零零一")
    kinds = [(r.kind, r.target) for r in call.requests]
    assert kinds == [("ticket", "create"), ("notify", "complaint_received")]
    assert "complaint_record" in call.path
    assert "路灯坏了" in str(call)


def test_the_host_answers(city):
    def answer(kind, target, arguments):
        return {"state": "closed", "reply": "路灯已修复"} if target == "lookup" else None

    call = city.call("2", "3", answer=answer)
    call.keys("20260001", "1")
    assert call.hears("路灯已修复")


def test_a_broken_flow_says_where_and_what_to_do(tmp_path):
    broken = SMALL.replace("to: bye", "to: by")
    with pytest.raises(InvalidError) as caught:
        ivr.Flow.parse(broken, "small.yaml")
    assert caught.value.code == "invalid_definition"
    file = tmp_path / "small.yaml"
    file.write_text(broken)
    complaint = ivr.check_file(file)[0]
    assert (complaint.code, complaint.line, complaint.remedy) == ("V103", 9, "did you mean `bye`?")
    assert main(["ivr", "check", str(file)]) == 1


def test_pictures(city):
    assert city.to_svg() == city.to_svg()
    assert city._repr_svg_().startswith("<svg")
    assert "flowchart LR" in city.to_mermaid()
    assert '"main_menu" -> "automatic_menu"' in city.to_dot()
    assert "2  automatic service" in city.menu_card()


def test_exploration_proves_or_shows_the_keys():
    assert ivr.Flow.parse(SMALL).explore()["ok"]


def test_formatting_twice_gives_the_same_bytes():
    once = ivr.Flow.parse(SMALL).to_json()
    assert ivr.Flow.parse(once).to_json() == once


def test_diff_in_words():
    swapped = SMALL.replace("{to: a, name: people}", "{to: X}").replace("{to: bye, name: end}", "{to: a, name: people}").replace("{to: X}", "{to: bye, name: end}")
    assert "`m`: option 1 moved from `a` to `bye`" in diff(ivr.Flow.parse(SMALL), ivr.Flow.parse(swapped))


def test_scripted_callers(city):
    steps = [{"hears": "Hello"}, {"press": "2"}, {"node": "automatic_menu"}, {"do": "hang up"}, {"ended": "hangup_by_caller"}]
    call, faults = run_caller(city, {"name": "English", "language": "en-US", "steps": steps})
    assert not faults
    assert run_caller(city, {"steps": [{"hears": "nothing like it"}]})[1]
    assert 0 < ivr_testing.coverage(city, [call])["nodes"]["share"] < 1


def test_random_callers_find_no_breakage():
    assert main(["ivr", "random", str(FLOWS / "12333.yaml"), "--calls", "60"]) == 0


def test_the_switchboard_speaks_json():
    board = ivr.Switchboard(ivr.Flow.parse(SMALL))
    assert board.apply("call.start", {"call": "c1"}, 0)[0]["type"] == "play"
    assert board.apply("call.key", {"call": "c1", "key": "1"}, 1_000_000_000)[-1]["type"] == "queue"
    assert json.loads(board.serialise("c1"))["node"] == "a"


@pytest.mark.parametrize("path", sorted((FLOWS.parents[3] / "tests/scenario/ivr").glob("*.scn")), ids=lambda p: p.stem)
def test_scenarios(path):
    from hotline._core.base import matches, parse_scenario

    _, given, steps = parse_scenario(path.read_text(), str(path))
    board = ivr.Switchboard(ivr.Flow.load(path.parent / given[0]))
    events = []
    for at, expected, verb, fields, line in steps:
        now = 1_795_399_200_000_000_000 + at
        if expected:
            events += board.advance(now)
            event = events.pop(0)
            assert event["type"] == verb and matches(fields, json.dumps(event)), f"{path}:{line}: {event}"
        else:
            events += board.apply(verb, json.loads(fields), now)
    assert not events and len(board) == 0


def test_schema_and_reference_are_those_of_the_loader():
    from hotline._core import ivr as core

    root = FLOWS.parents[3]
    assert json.loads(core.flow_schema()) == json.loads((root / "schemas/flow.schema.json").read_text())
    assert core.flow_reference() == (root / "docs/reference-ivr.md").read_text()


@pytest.mark.parametrize("name", ["12345", "12333"])
def test_shipped_flows_keep_to_the_schema(name):
    jsonschema = pytest.importorskip("jsonschema")
    yaml = pytest.importorskip("yaml")
    schema = json.loads((FLOWS.parents[3] / "schemas/flow.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load((FLOWS / f"{name}.yaml").read_text()))
