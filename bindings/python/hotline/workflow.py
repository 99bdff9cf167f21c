"""Workflows: statecharts with clocks and working calendars, pure and deterministic.

    cn = Calendar.load("data/calendars/cn.yaml")
    cn.due("2026-02-13T10:00:00+08:00", "3wd").at

    city = Definition.load("data/workflows/city-12345.yaml")
    ticket = Instance(city, at="2026-11-23T10:00:00+08:00", calendars=[cn])
    ticket.send("intake", at=..., roles=["agent"], channel="phone", category="noise", level="general")

Times go in as datetime (aware), RFC 3339 text, or integer nanoseconds; they come out as datetime in the calendar's zone.
"""

from __future__ import annotations

import datetime as _dt
import json as _json
from typing import Any, NamedTuple, Optional, Sequence, Union

from . import InvalidError, parse_time
from ._core import workflow as _core

Definition = _core.Definition
Session = _core.Session
import_scxml = _core.import_scxml
export_scxml = _core.export_scxml
run_scxml = _core.run_scxml
TimeLike = Union[_dt.datetime, str, int]
_EPOCH = _dt.datetime(1970, 1, 1, tzinfo=_dt.timezone.utc)


def nanoseconds(time: TimeLike) -> int:
    """A time as integer nanoseconds since the epoch."""
    if isinstance(time, int):
        return time
    if isinstance(time, str):
        return parse_time(time)
    if time.tzinfo is None:
        raise InvalidError(f"{time} has no zone; give it one, such as timezone.utc")
    delta = time - _EPOCH
    return ((delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds) * 1_000


def _text(time: TimeLike) -> str:
    from . import format_time

    return format_time(nanoseconds(time))


class Due(NamedTuple):
    """A deadline. ``at`` is None where it never comes; ``provisional`` where it rests on an unpublished year."""

    at: Optional[_dt.datetime]
    provisional: bool


class Calendar:
    """A working calendar: holidays, days worked instead, overlays, versions. Immutable."""

    def __init__(self, core: _core.Calendar) -> None:
        self._core = core

    @classmethod
    def load(cls, path: str) -> Calendar:
        return cls(_core.Calendar.load(str(path)))

    @classmethod
    def parse(cls, text: str, file: str = "calendar") -> Calendar:
        return cls(_core.Calendar.parse(text, file))

    @classmethod
    def always(cls, timezone: str = "UTC") -> Calendar:
        """Twenty-four hours a day, every day."""
        return cls(_core.Calendar.always(timezone))

    def with_holidays(self, text: str, published: TimeLike) -> Calendar:
        """With one year of the common holiday JSON laid over."""
        return Calendar(self._core.with_holidays(text, nanoseconds(published)))

    def with_icalendar(self, text: str, published: TimeLike) -> Calendar:
        return Calendar(self._core.with_icalendar(text, nanoseconds(published)))

    def with_overlay(self, text: str) -> Calendar:
        return Calendar(self._core.with_overlay(text))

    def as_of(self, time: TimeLike) -> Calendar:
        """As it was known then."""
        return Calendar(self._core.as_of(nanoseconds(time)))

    @property
    def id(self) -> str:
        return self._core.id

    @property
    def version(self) -> str:
        return self._core.version

    @property
    def timezone(self) -> str:
        return self._core.timezone

    def _local(self, ns: int) -> _dt.datetime:
        zone = _dt.timezone(_dt.timedelta(seconds=self._core.offset(ns)))
        return (_EPOCH + _dt.timedelta(microseconds=ns // 1000)).astimezone(zone)

    def due(self, start: TimeLike, term: str) -> Due:
        """When a term ends: "15wd" working days, "8wh" working hours, "24h", "7cd" calendar days."""
        at, provisional = self._core.due(nanoseconds(start), term)
        return Due(None if at is None else self._local(at), provisional)

    def elapsed(self, a: TimeLike, b: TimeLike) -> _dt.timedelta:
        """Working time from a to b."""
        return _dt.timedelta(microseconds=self._core.elapsed(nanoseconds(a), nanoseconds(b)) / 1000)

    def work_days_between(self, a: TimeLike, b: TimeLike) -> int:
        return self._core.work_days_between(nanoseconds(a), nanoseconds(b))

    def is_working(self, time: TimeLike) -> bool:
        return self._core.is_working(nanoseconds(time))

    def next_working(self, time: TimeLike) -> Optional[_dt.datetime]:
        at = self._core.next_working(nanoseconds(time))
        return None if at is None else self._local(at)

    def is_workday(self, date: Union[_dt.date, str]) -> bool:
        return self._core.is_workday(str(date))

    def is_known(self, year: int) -> bool:
        return self._core.is_known(year)

    def day(self, date: Union[_dt.date, str]) -> dict[str, Any]:
        return self._core.day(str(date))

    def to_json(self) -> str:
        return self._core.to_json()


class Complaint(NamedTuple):
    severity: str
    code: str
    message: str
    remedy: str
    line: int


def check(path: str) -> list[Complaint]:
    """Everything that is wrong with, or odd about, a definition; empty where it is sound."""
    items = _json.loads(_core.check(str(path))[0])
    return [
        Complaint(i["severity"], i["code"], i["message"], i.get("remedy", ""), i.get("line", 0)) for i in items
    ]


class Decision(dict[str, Any]):
    """What the kernel answers: verdict, refusal, reason, effects."""

    @property
    def accepted(self) -> bool:
        return bool(self["verdict"] == "accepted")

    @property
    def reason(self) -> str:
        return str(self.get("reason", ""))


class Instance:
    """One run of a definition: a value that events change."""

    def __init__(
        self,
        definition: Definition,
        *,
        at: TimeLike,
        calendars: Sequence[Calendar] = (),
        fields: Optional[dict[str, Any]] = None,
    ) -> None:
        record = {"at": _text(at), "start": True, "fields": fields or {}}
        self.definition = definition
        self._core = _core.Instance(definition, [c._core for c in calendars], _json.dumps(record))

    @classmethod
    def restore(cls, definition: Definition, text: str, calendars: Sequence[Calendar] = ()) -> Instance:
        self = cls.__new__(cls)
        self.definition = definition
        self._core = _core.Instance.restore(definition, [c._core for c in calendars], text)
        return self

    def decide(self, record: dict[str, Any]) -> Decision:
        """Runs one record (see docs/workflow.md); a refusal is an answer, not an exception."""
        return Decision(_json.loads(self._core.decide(_json.dumps(record))))

    def send(
        self,
        event: str,
        *,
        at: TimeLike,
        node: int = 0,
        actor: str = "",
        unit: str = "",
        roles: Sequence[str] = (),
        facts: Optional[dict[str, Any]] = None,
        **fields: Any,
    ) -> Decision:
        return self.decide(
            {
                "at": _text(at),
                "node": node,
                "event": event,
                "fields": fields,
                "facts": facts or {},
                "actor": {"id": actor, "unit": unit, "roles": list(roles)},
            }
        )

    def state(self, region: str = "main", node: int = 0) -> str:
        return self._core.state(region, node)

    @property
    def version(self) -> int:
        return self._core.version

    @property
    def finished(self) -> bool:
        return self._core.finished

    def to_json(self) -> str:
        return self._core.to_json()
