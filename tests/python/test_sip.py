from __future__ import annotations

import queue
from typing import Any

import pytest

import hotline
from hotline import audio
from hotline.sip import Endpoint


class World:
    """Two endpoints: the host answers, plays, records and hears keys."""

    def __init__(self) -> None:
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()

    def next(self, kind: str) -> dict[str, Any]:
        while True:
            event = self.events.get(timeout=20)
            if event["type"] == kind:
                return event

    def on_event(self, endpoint: Endpoint, event: dict[str, Any]) -> None:
        if event["type"] == "incoming":
            endpoint.answer(event["leg"])
        self.events.put(event)


def test_a_call_between_two_endpoints(tmp_path) -> None:
    here, there = World(), World()
    with (
        Endpoint(here.on_event, port=0, rtp_ports=[28800, 28899], jitter="200ms") as host,
        Endpoint(there.on_event, port=0, rtp_ports=[28900, 28999], jitter="200ms") as phone,
    ):
        leg = phone.dial(host.uri.replace("sip:", "sip:12345@"), caller_id="1001")
        call = here.next("incoming")
        assert (call["from"], call["to"]) == ("1001", "12345")
        there.next("answered")
        phone.record(leg, str(tmp_path / "heard.wav"), beep=False)
        prompt = audio.join([audio.tone("beep"), audio.tone("special_information")])
        host.play(call["leg"], prompt, play=3)
        played = here.next("played")
        assert played["play"] == 3 and played["complete"]
        phone.send_digits(leg, "7#")
        assert here.next("digit")["key"] + here.next("digit")["key"] == "7#"
        host.hang_up(call["leg"])
        assert there.next("recorded")["ended_by"] == "h"
        assert there.next("hung_up")["status"] == 200
        assert host.figures["live"] == 0
    assert audio.align(audio.tone("special_information"), audio.read(str(tmp_path / "heard.wav")))[1] > 0.9


def test_options_are_checked() -> None:
    with pytest.raises(hotline.InvalidError, match="port"):
        Endpoint(lambda *_: None, port=70000)
    with pytest.raises(hotline.InvalidError, match="silent_lines"):
        Endpoint(lambda *_: None, silent_lines="60s")
