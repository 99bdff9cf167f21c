import glob
import json
import os
import subprocess
import sys

import pytest

import hotline
from hotline._core.base import parse_scenario
from hotline.ticket import Tickets, verify

HERE = os.path.dirname(os.path.abspath(__file__))


def matches(expected, event):
    if isinstance(expected, dict):
        return isinstance(event, dict) and all(k in event and matches(v, event[k]) for k, v in expected.items())
    if isinstance(expected, list):
        return isinstance(event, list) and len(expected) == len(event) and all(map(matches, expected, event))
    return str(expected) == str(event) or expected == event


@pytest.mark.parametrize("path", sorted(glob.glob(os.path.join(HERE, "../scenario/ticket/*.scn"))))
def test_scenario(path):
    with open(path, encoding="utf-8") as file:
        _, _, steps = parse_scenario(file.read(), path)
    start = hotline.parse_time("2026-11-23T08:00:00+08:00")
    events: list = []
    with Tickets() as tickets:
        for at, expected, verb, fields, line in steps:
            if not expected:
                events = json.loads(tickets.core.apply(verb, fields, start + at))
            elif verb == "nothing":
                assert not events, line
            else:
                event = events.pop(0)
                assert event["type"] == verb and matches(json.loads(fields), event), (line, event)


def test_the_pythonic_face(tmp_path):
    path = str(tmp_path / "t.db")
    with Tickets(path, key=str(tmp_path / "master.key")) as tickets:
        made = tickets.intake(command="c1", actor="ivr", roles=["citizen"], channel="web", category="complaint", title="路灯不亮", phone="13800000000")
        assert len(made["number"]) == 8
        assert tickets.status(made["number"], "en")["phrase"] == "accepted"
        with pytest.raises(hotline.ConflictError) as refused:
            tickets.apply("archive", ticket=made["ticket"], actor="x", roles=["archivist"])
        assert refused.value.code == "wrong_state"
        with pytest.raises(KeyError):
            tickets.find(ticket=99)
        tickets.apply("submit", ticket=made["ticket"], actor="a", roles=["agent"])
        assert [t["number"] for t in tickets.search(actor="a", roles=["agent"], text="路灯")] == [made["number"]]
        assert list(tickets.search(actor="a", roles=[])) == []
        assert tickets.next_timer() is not None
        assert tickets.document(made["ticket"], "ticket", "pdf").startswith(b"%PDF")
        assert "路灯不亮" in tickets.document(made["ticket"]).decode()
        assert tickets.export("xes").count("<event>") == 2
        assert "138" not in tickets.export("csv") + tickets.export("jsonl")
        tickets.backup(str(tmp_path / "copy.db"))
    with pytest.raises(hotline.ConflictError):
        tickets.status(made["number"])
    assert verify(path)["findings"] == []
    assert verify(str(tmp_path / "copy.db"))["events"] == 2


def test_notes_are_for_those_who_may():
    with Tickets() as tickets:
        made = tickets.intake(command="c1", actor="ivr", roles=["citizen"], channel="web", category="complaint", title="路灯不亮")
        one = {"ticket": made["ticket"], "actor": "s", "roles": ["supervisor"]}
        tickets.note("市长批示", note_class="leader", **one)
        assert [n["text"] for n in tickets.notes(**one)] == ["市长批示"]
        assert tickets.notes(ticket=made["ticket"], actor="a", roles=["agent"]) == []
        assert len(list(tickets.search(actor="s", roles=["supervisor"], note="市长"))) == 1
        assert list(tickets.search(actor="a", roles=["agent"], note="市长")) == []
        with pytest.raises(hotline.DeniedError):
            tickets.note("x", note_class="leader", ticket=made["ticket"], actor="a", roles=["agent"])


def test_import_twice_changes_nothing():
    csv = "Unique Key,Created Date,Complaint Type,Descriptor,Incident Address\n1,2026-01-02T03:04:05Z,Noise,\"Loud, \"\"very\"\"\",1 Street\n2,2026-01-02T03:04:05Z,Water,Leak,2 Street\n"
    with Tickets() as tickets:
        assert tickets.import_csv(csv) == 2
        assert tickets.import_csv(csv) == 0
        assert tickets.find(ticket=1)["title"] == 'Loud, "very"'
        with pytest.raises(ValueError, match="import.csv:2"):
            tickets.import_csv('number\n"1')
        lines = tickets.export("tickets.jsonl")
    with Tickets() as other:
        assert other.import_jsonl(lines) == 2
        assert other.import_jsonl(lines) == 0
        keys = ("title", "content", "category", "place", "created_at")
        assert [[json.loads(one)[k] for k in keys] for one in other.export("tickets.jsonl").splitlines()] == [[json.loads(one)[k] for k in keys] for one in lines.splitlines()]
        with pytest.raises(ValueError, match="import.jsonl:2"):
            other.import_jsonl("\n[1]")


def test_the_command_line(tmp_path):
    path = str(tmp_path / "t.db")
    with Tickets(path) as tickets:
        number = tickets.intake(actor="ivr", roles=["citizen"], channel="phone", category="complaint", title="水", command="1")["number"]

    def run(*arguments):
        return subprocess.run([sys.executable, "-m", "hotline", "ticket", *arguments], capture_output=True, text=True)

    assert run("verify", path).returncode == 0
    assert number in run("show", path, number).stdout
    assert number in run("search", path, "水").stdout
    assert run("print", path, number, str(tmp_path / "t.pdf")).returncode == 0
    assert run("verify", str(tmp_path / "none.db")).returncode == 2
    import sqlite3

    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE ticket_event SET actor = 'somebody'")
    found = run("verify", path)
    assert found.returncode == 1 and "was changed" in found.stdout
