"""Tickets: the durable closed loop.

>>> with Tickets("city.db") as tickets:
...     made = tickets.intake(command="call-17", category="water", title="水管爆裂", actor="ivr", roles=["citizen"])
...     tickets.apply("submit", ticket=made["ticket"], actor="a1", roles=["agent"])
...     tickets.status(made["number"])["phrase"]
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from . import ConflictError, DeniedError, Error, InvalidError, LimitError, NotFoundError
from ._core import ticket as _ticket
from ._core.base import codes as _codes

__all__ = ["Open311", "Refused", "Tickets", "verify"]

_CLASSES = {1: InvalidError, 2: NotFoundError, 3: ConflictError, 5: DeniedError, 7: LimitError}


def _raise(event: dict[str, Any]) -> None:
    """Turns a ``refused`` event into the exception of its class."""
    kind = _CLASSES.get(_codes[event["error"]] & 0xFF, Error)
    error = kind(event["message"] + ("; " + event["remedy"] if event["remedy"] else ""))
    error.code = event["error"]
    error.message = event["message"]
    error.remedy = event["remedy"]
    raise error


Refused = Error


class Tickets:
    """A ticket service on a database: a path, ``sqlite::memory:`` or ``postgresql://...``.

    ``workflow``, ``catalogue``, ``calendar``, ``policy``, ``sites`` and ``key`` name files; without a workflow it is the shipped 12345 closed loop.
    Any thread may use it. Times are nanoseconds since the epoch; ``at=None`` is now.
    """

    def __init__(self, url: str = "sqlite::memory:", **options: str) -> None:
        self._service: _ticket.Service | None = _ticket.Service(url, json.dumps(options))

    def __enter__(self) -> Tickets:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the database; it closes with its last user."""
        self._service = None

    @property
    def core(self) -> _ticket.Service:
        if self._service is None:
            raise ConflictError("these tickets were closed")
        return self._service

    def events(self, verb: str, at: int | None = None, /, **fields: Any) -> list[dict[str, Any]]:
        """One command as text; its events, a refusal among them."""
        return json.loads(self.core.apply(verb, json.dumps(fields), time.time_ns() if at is None else at))

    def _one(self, verb: str, at: int | None, fields: dict[str, Any]) -> dict[str, Any]:
        event = self.events(verb, at, **fields)[0]
        if event["type"] == "refused":
            _raise(event)
        return event

    def intake(self, *, at: int | None = None, **fields: Any) -> dict[str, Any]:
        """Takes a request in: ``ticket``, ``number``, ``access_code`` ... of the new ticket. Raises what it is refused with."""
        return self._one("ticket.intake", at, fields)

    def apply(self, event: str, *, at: int | None = None, **fields: Any) -> dict[str, Any]:
        """An event of the workflow: ``apply("dispatch", ticket=1, actor="d1", roles=["dispatcher"], fields={...})``."""
        return self._one("ticket." + event, at, fields)

    def status(self, number: str, language: str = "zh") -> dict[str, Any]:
        return self._one("ticket.status", 0, {"number": number, "language": language})

    def find(self, **which: Any) -> dict[str, Any]:
        return self._one("ticket.find", 0, which)

    def history(self, **which: Any) -> list[dict[str, Any]]:
        events = self.events("ticket.history", 0, **which)
        if events and events[0]["type"] == "refused":
            _raise(events[0])
        return events

    def note(self, text: str, *, note_class: str = "state", at: int | None = None, **fields: Any) -> int:
        """Writes a note beside a ticket, of class ``state`` or ``leader``; only those who may read the class see that it is there."""
        return self._one("ticket.note", at, {"text": text, "class": note_class, **fields})["note"]

    def notes(self, *, at: int | None = None, **viewer: Any) -> list[dict[str, Any]]:
        """The notes of a ticket for a viewer: ``notes(ticket=1, actor="s1", roles=["supervisor"])``."""
        events = self.events("ticket.notes", at, **viewer)
        if events and events[0]["type"] == "refused":
            _raise(events[0])
        return events

    def fire_timers(self, at: int | None = None, limit: int = 1000) -> int:
        return self._one("timers.fire", at, {"limit": limit})["count"]

    def next_timer(self) -> int | None:
        return self.core.next_timer()

    def outbox(self, at: int | None = None, lease: str = "5m", limit: int = 100) -> list[dict[str, Any]]:
        """Rows to be delivered, leased to the caller; then ``delivered`` or ``undelivered``."""
        return self.events("outbox.claim", at, lease=lease, limit=limit)

    def delivered(self, item: int, at: int | None = None) -> None:
        for event in self.events("outbox.delivered", at, item=item):
            _raise(event)

    def undelivered(self, item: int, reason: str, retry: str = "0s", at: int | None = None) -> None:
        for event in self.events("outbox.undelivered", at, item=item, reason=reason, retry=retry):
            _raise(event)

    def archive(self, to: str, closed_before: str, at: int | None = None, limit: int = 1000) -> int:
        """Moves what was closed before that time to another database, proved by its chain; how many. Read it there: ``Tickets(to)``."""
        return self._one("archive.move", at, {"archive": to, "closed_before": closed_before, "limit": limit})["count"]

    def restore(self, archive: str, ticket: int) -> None:
        """Brings one ticket back from an archive."""
        self._one("archive.restore", 0, {"archive": archive, "ticket": ticket})

    def join(self, site: str, peers: list[dict[str, str]]) -> str:
        """Says who we are and whom we exchange cases with, ``{"site", "unit", "key", "margin", "people"}`` each; our public key."""
        return self._one("sites.join", 0, {"site": site, "peers": peers})["public_key"]

    @property
    def public_key(self) -> str:
        """What this database signs anchors and letters with, hexadecimal; tell it to your peers."""
        return self._one("audit.key", 0, {})["public_key"]

    def letters(self, at: int | None = None, lease: str = "5m", limit: int = 100) -> list[dict[str, Any]]:
        """Letters to other sites, ``site`` and ``text``, to be carried there; without a receipt they come again after the lease."""
        events = self.events("sites.letters", at, lease=lease, limit=limit)
        if events and events[0]["type"] == "refused":
            _raise(events[0])
        return events

    def receive(self, text: str, at: int | None = None) -> dict[str, Any]:
        """Takes in a letter or a receipt; ``receipt`` of the answer goes back to the sender."""
        return self._one("sites.receive", at, {"text": text})

    def links(self, **which: Any) -> list[dict[str, Any]]:
        """Where a ticket is known elsewhere."""
        return self.events("sites.links", 0, **which)

    def search(self, *, actor: str, roles: list[str], unit: str = "", **query: Any) -> Iterator[dict[str, Any]]:
        """Tickets that this viewer may see, newest first, page by page."""
        while True:
            page, after = self.core.search(query, actor, roles, unit)
            yield from page
            if not after:
                return
            query["after"] = after

    def kpis(self) -> list[tuple[str, str, str, str, int]]:
        return self.core.kpis()

    def figures(self, kpi: str, period: str, at: int, by: str = "none", suppress_below: int = 0) -> list[dict[str, Any]]:
        return self.core.figures(kpi, period, at, by, suppress_below)

    def compare(self, kpi: str, period: str, at: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """This period, the one before (环比), the same a year before (同比)."""
        return self.core.compare(kpi, period, at)

    def drill_down(self, kpi: str, period: str, at: int, part: str = "numerator") -> Iterator[int]:
        after = 0
        while ids := self.core.drill_down(kpi, period, at, part, after):
            yield from ids
            after = ids[-1]

    def document(self, ticket: int, kind: str = "ticket", format: str = "html", language: str = "zh") -> bytes:
        return self.core.document(ticket, kind, format, language)

    def export(self, format: str) -> str:
        """The log (``jsonl``, ``xes``) or the tickets (``csv``, ``tickets.jsonl``), without personal data."""
        return self.core.export(format)

    def import_csv(self, csv: str, file: str = "import.csv", at: int | None = None) -> int:
        """Requests from CSV; a row without a date came ``at``. A second import of the same numbers makes nothing."""
        return self.core.import_csv(csv, file, time.time_ns() if at is None else at)

    def import_jsonl(self, lines: str, file: str = "import.jsonl", at: int | None = None) -> int:
        """JSON lines, an object a request; a second import of the same numbers makes nothing."""
        return self.core.import_jsonl(lines, file, time.time_ns() if at is None else at)

    def state(self, ticket: int) -> dict[str, Any]:
        """The workflow's whole state: states, clocks, timers, assignments."""
        return json.loads(self.core.state(ticket))

    def serve_open311(self, services: str, port: int = 0) -> Open311:
        """GeoReport v2 on the loopback interface; ``services`` is YAML (docs/ticket.md). Serves until it is closed."""
        return Open311(self.core.serve_open311(services, port))

    def backup(self, path: str) -> None:
        """Copies the database while it is in use."""
        self.core.backup(path)


class Open311:
    """A server that listens; a context manager."""

    def __init__(self, server: _ticket.Open311Server) -> None:
        self._server = server

    def __enter__(self) -> Open311:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def port(self) -> int:
        return self._server.port

    def close(self) -> None:
        self._server.stop()


def verify(url: str) -> dict[str, Any]:
    """Checks every chain, anchor and replay of a database."""
    tickets, events, anchors, not_anchored, findings = _ticket.verify(url)
    return {"tickets": tickets, "events": events, "anchors": anchors, "not_anchored": not_anchored, "findings": findings}
