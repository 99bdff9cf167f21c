import glob
import json
import os
import subprocess
import sys

import pytest

import hotline
from hotline._core.base import matches, parse_scenario
from hotline.ticket import Tickets, verify

HERE = os.path.dirname(os.path.abspath(__file__))


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
                assert event["type"] == verb and matches(fields, json.dumps(event)), (line, event)


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
        with pytest.raises(KeyError, match="did you mean `submit`"):
            tickets.apply("sumbit", ticket=made["ticket"], actor="a", roles=["agent"])
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


def cli(*words, text=None):
    return subprocess.run([sys.executable, "-m", "hotline", "ticket", *map(str, words)], input=text, capture_output=True, text=True, check=False)


def test_a_case_goes_to_another_site_and_back_over_files(tmp_path):
    city, province = str(tmp_path / "city.db"), str(tmp_path / "province.db")
    keys = {}
    for name, path in (("city", city), ("province", province)):
        with Tickets(path) as tickets:
            keys[name] = tickets.public_key
    assert cli("key", city).stdout.strip() == keys["city"]
    (tmp_path / "city.yaml").write_text(f"site: city\npeers: [{{site: province, unit: province, key: {keys['province']}, people: told}}]\n")
    (tmp_path / "province.yaml").write_text(f"site: province\npeers: [{{site: city, key: {keys['city']}}}]\n")
    assert cli("join", city, tmp_path / "city.yaml").returncode == 0
    assert keys["province"] in cli("join", province, tmp_path / "province.yaml").stdout

    with Tickets(city) as tickets:
        made = tickets.intake(actor="a", roles=["agent"], category="complaint", title="黑中介", phone="13800000000", name="王芳")
        here = made["ticket"]
        tickets.apply("submit", ticket=here, actor="a", roles=["agent"])
        tickets.apply("dispatch", ticket=here, actor="d", roles=["dispatcher"], fields={"units": ["province"], "lead": "province"})
    letters = cli("letters", city).stdout
    assert letters.count("\n") == 1 and "黑中介" not in letters
    first, again = cli("receive", province, "-", text=letters), cli("receive", province, "-", text=letters)
    assert "refer taken" in first.stderr and "refer again" in again.stderr
    assert cli("receive", city, "-", text=first.stdout).returncode == 0

    with Tickets(province) as tickets:
        there = next(iter(tickets.search(actor="s", roles=["supervisor"])))
        assert there["title"] == "黑中介"
        assert [link["side"] for link in tickets.links(ticket=there["ticket"])] == ["above"]
        tickets.apply("answer_now", ticket=there["ticket"], actor="a", roles=["agent"], fields={"text": "已转人社厅，三日内答复。"}, facts={"kb_hit": True})
        for letter in tickets.letters():
            with Tickets(city) as home:
                tickets.receive(home.receive(letter["text"])["receipt"])
    with Tickets(city) as tickets:
        ticket = tickets.find(ticket=here)
        assert ticket["reply"] == "已转人社厅，三日内答复。" and ticket["state"] == "REPLIED"
    wrong = cli("receive", city, "-", text="hello\n" + letters)
    assert wrong.returncode == 1 and "-:1:" in wrong.stderr and "-:2:" in wrong.stderr and "Traceback" not in wrong.stderr
    assert verify(city)["findings"] == [] and verify(province)["findings"] == []


def test_the_terminal_takes_mistakes_kindly(tmp_path):
    db = str(tmp_path / "t.db")
    with Tickets(db) as tickets:
        number = tickets.intake(actor="a", roles=["agent"], category="complaint", title="x")["number"]
    binary = tmp_path / "x.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    (tmp_path / "bad.csv").write_text('number,title,created_at\n1,"open', encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("site: city\npeers: [{site: p}]\n", encoding="utf-8")
    for words, said in [
        (("show", str(tmp_path / "none.db"), number), "there is no database"),
        (("show", db, "12345678"), "mistyped"),
        (("show", db, "nonsense"), "digits only"),
        (("import", db, tmp_path / "none.csv"), "No such file"),
        (("import", db, binary), "UTF-8"),
        (("import", db, tmp_path / "bad.csv"), "bad.csv:2"),
        (("kpi", db, "yesterday"), "yesterday"),
        (("print", db, number, tmp_path / "none" / "x.pdf"), "No such file"),
        (("archive", db, tmp_path / "a.db", "--closed-before", "long ago"), "long ago"),
        (("restore", db, tmp_path / "a.db", "7"), "not in this archive"),
        (("join", db, tmp_path / "none.yaml"), "none.yaml"),
        (("join", db, tmp_path / "bad.yaml"), "key"),
        (("letters", db), "join"),
        (("receive", db, tmp_path / "none.txt"), "No such file"),
        (("open311", db, "--services", tmp_path / "none.yaml"), "No such file"),
    ]:
        done = cli(*words)
        assert done.returncode in (1, 2), words
        assert said in done.stderr, (words, done.stderr)
        assert "Traceback" not in done.stderr, (words, done.stderr)


def test_the_archive_and_back(tmp_path):
    db, old = str(tmp_path / "t.db"), str(tmp_path / "old.db")
    with Tickets(db) as tickets:
        made = tickets.intake(at=0, actor="a", roles=["agent"], category="complaint", title="很久以前")
        who = {"ticket": made["ticket"], "actor": "s", "roles": ["supervisor"]}
        tickets.note("阅", at=0, **who)
        tickets.apply("refuse", at=1, ticket=made["ticket"], actor="a", roles=["agent"], fields={"reason": "decided", "where_to_go": "法院"})
        for item in tickets.outbox(at=2):
            tickets.delivered(item["item"], at=3)
        assert tickets.archive(old, "2026-01-01T00:00:00Z") == 0, "no anchor holds it yet"
        tickets.events("audit.anchor", 4)
        assert tickets.archive(old, "2026-01-01T00:00:00Z") == 1
        with pytest.raises(KeyError):
            tickets.find(ticket=made["ticket"])
        assert tickets.status(made["number"])["state"] == "closed"
    with Tickets(old) as archive:
        assert archive.find(number=made["number"])["title"] == "很久以前"
        assert [n["text"] for n in archive.notes(**who)] == ["阅"]
    assert "back in" in cli("restore", db, old, made["ticket"]).stdout
    with Tickets(db) as tickets:
        assert tickets.find(number=made["number"])["state"] == "REJECTED"
        assert tickets.events("audit.prove", 0, ticket=made["ticket"], of="notes")[0]["of"] == "notes"
    assert "1 tickets moved" in cli("archive", db, old, "--closed-before", "2026-01-01").stdout
    assert verify(db)["findings"] == [] and verify(old)["findings"] == []
