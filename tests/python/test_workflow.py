"""Calendars, definitions, decisions and scenarios from Python; the two commands."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

import hotline
from hotline._core import base
from hotline.cli import main
from hotline.cli.workflow import given
from hotline.workflow import Calendar, Definition, Instance, check

ROOT = Path(__file__).parents[2]
CN = str(ROOT / "data/calendars/cn.yaml")
CITY = str(ROOT / "data/workflows/city-12345.yaml")
EAST = dt.timezone(dt.timedelta(hours=8))


@pytest.fixture(scope="module")
def china() -> Calendar:
    return Calendar.load(CN)


@pytest.fixture(scope="module")
def city() -> Definition:
    return Definition.load(CITY)


def test_working_days_over_spring_festival(china):
    start = dt.datetime(2026, 2, 13, 10, tzinfo=EAST)
    assert china.due(start, "1wd").at == dt.datetime(2026, 2, 14, 17, 30, tzinfo=EAST)
    assert china.due(start, "2wd").at == dt.datetime(2026, 2, 24, 17, 30, tzinfo=EAST)
    assert china.is_workday("2026-02-14") and not china.is_workday(dt.date(2026, 2, 16))
    assert china.day("2026-02-16")["name"] == "春节"
    assert china.elapsed(start, start + dt.timedelta(hours=4)) == dt.timedelta(hours=2, minutes=30)
    assert china.due("2027-03-01T10:00:00+08:00", "1wd").provisional
    with pytest.raises(ValueError, match="which days"):
        china.due(start, "5d")


def test_what_was_known_then(china):
    before = china.as_of("2020-01-26T00:00:00+08:00")
    assert before.is_workday("2020-02-01") and not china.is_workday("2020-02-01")
    assert before.version != china.version


def test_a_year_of_ones_own(china):
    days = {"year": 2030, "days": [{"name": "春节", "date": "2030-02-04", "isOffDay": True}]}
    assert not china.with_holidays(json.dumps(days), 0).is_workday("2030-02-04")
    assert not china.with_overlay("overlay: u\nexceptions: [{name: 台风, off: [2026-08-03]}]\n").is_workday("2026-08-03")


def test_decisions(city, china):
    now = dt.datetime(2026, 11, 23, 10, tzinfo=EAST)
    ticket = Instance(city, at=now, calendars=[china])
    assert ticket.state() == "DRAFT"
    refused = ticket.send("intake", at=now, channel="phone", category="noise", level="general")
    assert not refused.accepted and refused["refusal"] == "denied" and ticket.state() == "DRAFT"
    taken = ticket.send("intake", at=now, roles=["agent"], channel="phone", category="noise", level="general")
    assert taken.accepted and ticket.state() == "ACCEPTED"
    assert any(e["effect"] == "due_changed" for e in taken["effects"])
    again = Instance.restore(city, ticket.to_json(), [china])
    assert again.to_json() == ticket.to_json() and again.version == 1
    with pytest.raises(hotline.InvalidError, match="did you mean `intake`"):
        ticket.send("intke", at=now)
    assert city.public_status("TRIAGE")["zh"].startswith("已受理")


@pytest.mark.parametrize("path", sorted((ROOT / "data/workflows").glob("*.yaml")), ids=lambda p: p.stem)
def test_presets_are_sound(path):
    assert check(str(path)) == []


@pytest.mark.parametrize("path", sorted((ROOT / "tests/scenario/workflow").glob("*.scn")), ids=lambda p: p.stem)
def test_scenarios(path):
    _, files, steps = base.parse_scenario(path.read_text(encoding="utf-8"), str(path))
    session = given(path, files)
    events: list = []
    for at, expected, verb, fields, line in steps:
        if not expected:
            session.apply(at, verb, fields)
            events += session.take_events()
            continue
        session.advance(at)
        events += session.take_events()
        if verb == "nothing":
            assert not [e for e in events if e[0] == at], f"line {line}"
            continue
        while events:
            when, name, got = events.pop(0)
            if when == at and name == verb and base.matches(fields, got):
                break
        else:
            pytest.fail(f"{path.name}:{line}: did not come: {verb} {fields}")


def test_commands(tmp_path, capsys):
    assert main(["workflow", "check", CITY]) == 0
    assert "good: city-12345" in capsys.readouterr().out
    bad = tmp_path / "bad.yaml"
    bad.write_text("workflow: w\nroles: [a]\nregions: {main: {initial: A, states: {A: {owner: a}, B: {}}}}\n")
    assert main(["workflow", "check", str(bad)]) == 1
    out = capsys.readouterr().out
    assert "W110" in out and "W112" in out and "bad.yaml:3:" in out
    assert main(["workflow", "graph", CITY, "--format", "svg", "-o", str(tmp_path / "city.svg")]) == 0
    assert "待派单" in (tmp_path / "city.svg").read_text(encoding="utf-8")
    assert main(["workflow", "simulate", str(ROOT / "tests/scenario/workflow/02_silence.scn"), "--until", "20d"]) == 0
    assert "statutory@due" in capsys.readouterr().out
    chart = tmp_path / "chart.scxml"
    chart.write_text('<scxml xmlns="http://www.w3.org/2005/07/scxml"><state id="a"><transition event="go" target="b"/></state><final id="b"/></scxml>')
    assert main(["workflow", "scxml", str(chart), "--events", "no", "go"]) == 0
    assert capsys.readouterr().out.split() == ["a", "b", "finished"]
    assert main(["workflow", "scxml", str(ROOT / "data/workflows/simple-311.yaml")]) == 0
    assert 'target="IN_PROGRESS"' in capsys.readouterr().out
    assert main(["calendar", "due", CN, "2026-02-13T10:00:00+08:00", "2wd"]) == 0
    assert capsys.readouterr().out.strip() == "2026-02-24T17:30:00+08:00"
    assert main(["calendar", "show", CN, "2026-02"]) == 0
    assert "2026-02-14 work" in capsys.readouterr().out


@pytest.mark.parametrize("path", sorted((ROOT / "data/workflows").glob("*.yaml")), ids=lambda p: p.stem)
def test_presets_fit_the_schema(path):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "schemas/workflow.schema.json").read_text(encoding="utf-8"))
    document = json.loads(Definition.load(str(path)).to_json())
    jsonschema.Draft202012Validator(schema).validate(document)
    document["transitions"][0]["guardd"] = "true"
    assert not jsonschema.Draft202012Validator(schema).is_valid(document)


def test_the_calendar_fits_its_schema(china):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "schemas/calendar.schema.json").read_text(encoding="utf-8"))
    document = json.loads(china.to_json())
    jsonschema.Draft202012Validator(schema).validate(document)
    document["weeks"] = {}
    assert not jsonschema.Draft202012Validator(schema).is_valid(document)


def test_the_examples_of_the_documentation(tmp_path):
    blocks = (ROOT / "docs/workflow.md").read_text(encoding="utf-8").split("```yaml\n")[1:]
    permit, calendar = (block.split("```")[0] for block in blocks)
    (tmp_path / "permit.yaml").write_text(permit, encoding="utf-8")
    assert check(str(tmp_path / "permit.yaml")) == []
    assert not Calendar.parse(calendar).is_workday("2026-08-03")
