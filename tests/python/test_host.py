"""A whole hotline from Python, and the example programs that embed it, with telephones that dial in."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import hotline
from hotline import audio
from hotline.host import Host
from hotline.sip import Endpoint

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HOTLINE_BUILD", ROOT / "build" / "release"))
CITY = ROOT / "examples/city_hotline/data"
MONDAY = "2026-11-23T02:00:00Z"  # ten in the morning in China


class Phone:
    """A telephone that answers whoever rings."""

    def __init__(self) -> None:
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.line = Endpoint(self.on_event, port=0, rtp_ports=[29000, 29999])

    def on_event(self, endpoint: Endpoint, event: dict[str, Any]) -> None:
        if event["type"] == "incoming":
            endpoint.answer(event["leg"])
        self.events.put(event)

    def next(self, kind: str) -> dict[str, Any]:
        while True:
            event = self.events.get(timeout=20)
            if event["type"] == kind:
                return event

    def dial(self, uri: str, number: str = "13800138000") -> int:
        leg = self.line.dial(uri.replace("sip:", "sip:12345@"), caller_id=number)
        self.next("answered")
        return leg


@pytest.fixture
def phone() -> Iterator[Phone]:
    phone = Phone()
    yield phone
    phone.line.stop()


def start(folder: Path, **more: Any) -> Host:
    line = {"port": 0, "rtp_ports": [28000, 28999]}
    return Host(data=str(CITY), folder=str(folder), prompts=str(folder.parent / "prompts"), clock=MONDAY, line=line, **more)


def test_a_complaint_by_recording(tmp_path: Path, phone: Phone) -> None:
    with start(tmp_path / "run") as host:
        assert host.port > 0 and host.uri.endswith(str(host.port))
        leg = phone.dial(host.uri)
        assert host.wait("prompt")["party"] == "13800138000"
        phone.line.send_digits(leg, "22")
        host.wait("recording")
        phone.line.play(leg, audio.tone("beep"))
        phone.next("played")
        # The two keys that end and confirm it are typed ahead of the menu.
        phone.line.send_digits(leg, "#")
        host.wait("recorded")
        phone.line.send_digits(leg, "1")
        number = host.wait("ticket.accepted")["party"]
        phone.line.hang_up(leg)
        host.wait("call.ended")
        found = host.ticket(number)
        assert found["number"] == number
        (call,) = host.calls(citizen="13800138000")
        assert call["ticket"] == number and call["outcome"] == "self_service"
    assert host.calls()[0]["ticket"] == number, "asking goes on after the end"


def test_the_clock_and_the_agents(tmp_path: Path, phone: Phone) -> None:
    with start(tmp_path / "run", telephones={"a801": phone.line.uri}) as host:
        assert host.apply("clock")["now"].startswith("2026-11-23T02:00")
        assert host.apply("clock.shift", by="1h")["now"].startswith("2026-11-23T03:00")
        host.sign_in("a801")
        assert {"general", "emergency"} <= {q["queue"] for q in host.queues}
        assert [d["state"] for d in host.desks if d["agent"] == "a801"] == ["ready"]
        host.apply("agent.not_ready", agent="a801", reason="meal")
        assert [d["reason"] for d in host.desks if d["agent"] == "a801"] == ["meal"]
        assert host.search("a801", "公积金怎么提取")[0]["id"]
        assert host.figures["live"] == 0
        with pytest.raises(hotline.NotFoundError, match="nobody"):
            host.sign_in("nobody")
        with pytest.raises(hotline.InvalidError, match=r"did you mean `agent\.ready`"):
            host.apply("agent.redy", agent="a801")
        with pytest.raises(hotline.ConflictError, match="no line to"):
            host.place("13800138000", "flows/reply.yaml")
        with pytest.raises(TimeoutError):
            host.wait("nothing", timeout=0.01)


def test_flows_ask_python(tmp_path: Path, phone: Phone) -> None:
    asked: list[dict[str, str]] = []

    def visited(arguments: dict[str, str]) -> dict[str, str]:
        asked.append(arguments)
        return {"thanks": "yes"}

    with start(tmp_path / "run", citizens=phone.line.uri.replace("sip:", "sip:{number}@")) as host:
        host.answer_query("visit_result", visited)
        host.place("13800138000", "flows/visit.yaml", number="12345678")
        leg = phone.next("incoming")["leg"]
        host.wait("prompt")
        phone.line.send_digits(leg, "13")
        host.wait("call.ended")
    assert asked == [{"number": "12345678", "solved": "1", "satisfaction": "3"}]


def test_options_are_checked(tmp_path: Path) -> None:
    with pytest.raises(hotline.InvalidError, match="folder"):
        Host(data=str(CITY))
    with pytest.raises(hotline.InvalidError, match=r"place for the number"):
        Host(data=str(CITY), folder=str(tmp_path), citizens="sip:1.2.3.4")
    with pytest.raises(hotline.IoError, match=r"city\.yaml"):
        Host(data=str(tmp_path), folder=str(tmp_path), line={"port": 0})
    with start(tmp_path / "run") as host, pytest.raises(hotline.UnavailableError, match=str(host.port)):
        Host(data=str(CITY), folder=str(tmp_path / "second"), line={"port": host.port})


def definition(folder: Path) -> Path:
    file = folder / "host.yaml"
    options = {"data": str(CITY), "folder": "run", "clock": MONDAY, "line": {"port": 0, "rtp_ports": [28000, 28999]}}
    file.write_text(json.dumps(options), encoding="utf-8")
    return file


@pytest.mark.parametrize("language", ["c", "python"])
def test_the_examples_that_embed_it(language: str, tmp_path: Path, phone: Phone) -> None:
    """examples/embed_*: the program is started, called, and ended as Ctrl-C would."""
    program = [str(BUILD / "bin/embed_c")] if language == "c" else [sys.executable, str(ROOT / "examples/embed_python/embed.py")]
    if language == "c" and not Path(program[0]).exists():
        pytest.skip("embed_c is not built")
    with subprocess.Popen([*program, str(definition(tmp_path))], stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        watchdog = threading.Timer(60, host.kill)
        watchdog.start()
        with contextlib.ExitStack() as ends:
            ends.callback(watchdog.cancel)
            ends.callback(lambda: host.poll() is None and host.kill())
            uri = host.stdout.readline().split()[-1]
            leg = phone.dial(uri)
            events = (json.loads(line) for line in host.stdout)
            assert next(e for e in events if e["type"] == "call.arrived")["party"] == "13800138000"
            assert "热线" in next(e for e in events if e["type"] == "prompt")["zh"]
            phone.line.hang_up(leg)
            next(e for e in events if e["type"] == "call.ended")
            host.send_signal(signal.SIGINT)
            *_, last = events
            assert last["calls"][0]["citizen"] == "13800138000"
            assert host.wait(timeout=20) == 0
    assert (tmp_path / "run/hotline.db").exists()


def test_the_web_and_the_procedures_of_the_reference_city(tmp_path: Path) -> None:
    """Open311 on the host's own clock, and tickets that run by the procedure of their kind."""
    import urllib.error
    import urllib.parse
    import urllib.request

    with Host(data=str(CITY), folder=str(tmp_path / "run"), line={"port": 0}, clock=MONDAY, open311=0) as host:
        site = f"http://127.0.0.1:{host.open311_port}"
        services = json.load(urllib.request.urlopen(site + "/services.json"))
        assert "light" in [s["service_code"] for s in services]
        form = urllib.parse.urlencode({"api_key": "demo", "service_code": "light", "address_string": "清泉街12号", "description": "路灯不亮"}).encode()
        number = json.load(urllib.request.urlopen(site + "/requests.json", form))[0]["service_request_id"]
        shown = json.load(urllib.request.urlopen(f"{site}/requests/{number}.json"))[0]
        assert shown["requested_datetime"].startswith("2026-11-23T02:") and shown["status"] == "open"
        updates = json.load(urllib.request.urlopen(site + "/servicerequestupdates.json"))
        assert [(u["service_request_id"], u["status"]) for u in updates] == [(number, "open")]

        def ticket(verb: str, **fields: Any) -> dict[str, Any]:
            event = host.apply("ticket." + verb, **fields)["events"][0]
            assert event["type"] != "refused", event
            return event

        agent, boss = ({"actor": role, "roles": [role]} for role in ("agent", "supervisor"))
        alarm = ticket("intake", kind="emergency", title="有人被困电梯", place="清泉街12号", **agent)
        assert alarm["state"] == "RAISED"
        assert ticket("attend", ticket=alarm["ticket"], **boss)["state"] == "ATTENDED"
        ticket("call_service", ticket=alarm["ticket"], fields={"service": "119", "reference": "A-1"}, **boss)
        ticket("call_back", ticket=alarm["ticket"], fields={"reached": True}, **agent)
        ticket("hand_over", ticket=alarm["ticket"], fields={"to": "supervisor:2", "note": "等消防"}, **boss)
        assert ticket("end", ticket=alarm["ticket"], fields={"summary": "已救出"}, **boss)["state"] == "ENDED"
        # Who wants a name for a difficult question, or papers for somebody else's office, gets that procedure's own states.
        assert ticket("intake", kind="difficult_question", title="异地补缴年限如何认定", **agent)["state"] != "ACCEPTED"
        assert ticket("intake", kind="agency_service", title="代办居住证", **agent)["state"] != "ACCEPTED"
    with pytest.raises(hotline.InvalidError, match="services"):
        bare = tmp_path / "city"
        bare.mkdir()
        for name in CITY.iterdir():
            (bare / name.name).symlink_to(name)
        (bare / "city.yaml").unlink()
        text = (CITY / "city.yaml").read_text(encoding="utf-8").replace("open311: open311.yaml\n", "").replace("../../../data", os.path.relpath(ROOT / "data", bare))
        (bare / "city.yaml").write_text(text, encoding="utf-8")
        Host(data=str(bare), folder=str(tmp_path / "other"), line={"port": 0}, open311=0)
