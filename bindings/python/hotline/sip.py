"""A SIP endpoint (docs/sip.md).

    with Endpoint(on_event, port=5060, users={"1001": "secret"}) as endpoint:
        ...

``on_event(endpoint, event)`` is called in the endpoint's thread with a dict: ``{"type": "digit", "leg": 7, "key": "1", ...}``;
types are incoming, ringing, answered, digit, played, recorded, transferred, held, transfer_asked and hung_up, the last one
of a leg. Commands may be given inside it; they do not fail at once: what cannot be done comes back as an event. Times are seconds.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

from ._core import sip as _sip
from .audio import Sound

__all__ = ["Endpoint"]


class Endpoint:
    """Answers and makes calls. A context manager; ``stop()`` ends all legs with their events."""

    def __init__(self, on_event: Callable[[Endpoint, dict[str, Any]], None], **options: Any) -> None:
        ready = threading.Event()

        def deliver(event: dict[str, Any]) -> None:
            ready.wait()
            on_event(self, event)

        self._core = _sip.Endpoint(json.dumps(options), deliver)
        ready.set()

    def __enter__(self) -> Endpoint:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._core.stop()

    @property
    def uri(self) -> str:
        return self._core.uri

    @property
    def registrations(self) -> dict[str, str]:
        """User -> address of the telephones that are registered now."""
        return self._core.registrations

    @property
    def figures(self) -> dict[str, int]:
        return self._core.figures

    def answer(self, leg: int) -> None:
        self._core.answer(leg)

    def dial(self, to: str, caller_id: str = "", ring_timeout: float = 30) -> int:
        """The new leg."""
        return self._core.dial(to, caller_id, int(ring_timeout * 1e9))

    def play(self, leg: int, sounds: Sound | Iterable[Sound], play: int = 0) -> None:
        self._core.play(leg, [sounds] if isinstance(sounds, Sound) else list(sounds), play)

    def stop_play(self, leg: int) -> None:
        self._core.stop_play(leg)

    def record(
        self, leg: int, path: str, *, max: float = 180, end_silence: float = 0, terminators: str = "", beep: bool = True
    ) -> None:
        self._core.record(leg, path, int(max * 1e9), int(end_silence * 1e9), terminators, beep)

    def stop_record(self, leg: int) -> None:
        self._core.stop_record(leg)

    def record_call(self, leg: int, path: str) -> None:
        self._core.record_call(leg, path)

    def bridge(self, a: int, b: int) -> None:
        self._core.bridge(a, b)

    def unbridge(self, leg: int) -> None:
        self._core.unbridge(leg)

    def join(self, supervisor: int, leg: int, mode: str = "listen") -> None:
        """``listen``, ``whisper`` (to `leg` alone) or ``barge``."""
        self._core.join(supervisor, leg, mode)

    def send_digits(self, leg: int, digits: str) -> None:
        self._core.send_digits(leg, digits)

    def transfer(self, leg: int, to: str) -> None:
        self._core.transfer(leg, to)

    def hang_up(self, leg: int, status: int = 200) -> None:
        self._core.hang_up(leg, status)
