"""The router: contacts and agents go in, offers come out.

>>> from hotline.acd import Router
>>> router = Router("acd: 1\\nqueues: {q: }\\nagents: {a1: }\\n")
>>> router.apply("agent.login", 0, agent="a1")
>>> router.apply("agent.ready", 0, agent="a1")
>>> router.apply("contact.enqueue", 1, contact="c1", queue="q")
>>> [event.type for event in router.events()]
['logged_in', 'ready', 'offered']

Times are integer nanoseconds since the epoch. For many commands at once, fill a numpy array of dtype
:data:`COMMAND` and give it to :meth:`Router.execute`; read events with :meth:`Router.event_array`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Mapping, NamedTuple, Sequence

from ._core import acd as _acd

VERBS: list[str] = list(_acd.VERBS)
EVENT_TYPES: list[str] = list(_acd.EVENT_TYPES)
REASONS: list[str] = list(_acd.REASONS)
OUTCOMES: list[str] = list(_acd.OUTCOMES)
VERB = {name: number for number, name in enumerate(VERBS)}
EVENT = {name: number for number, name in enumerate(EVENT_TYPES)}

# The queue's own value, in the fields of a COMMAND that enqueues.
DEFAULT_DURATION = -1
DEFAULT_CLASS = -(2**31)

_COMMAND = [
    ("verb", "u1"), ("mode", "u1"), ("reserved", "u2"), ("priority", "i4"), ("at", "i8"), ("contact", "u8"), ("duration", "i8"),
    ("prefer_wait", "i8"), ("since", "i8"), ("wrap_time", "i8"), ("agent", "u4"), ("by", "u4"), ("queue", "u4"), ("requires", "u4"),
    ("strict_class", "i4"), ("channel", "u4"), ("site", "u4"), ("reason", "u4"), ("note", "u4"), ("reserved2", "u4"), ("id", "u8"),
]  # fmt: skip
_EVENT = [
    ("at", "i8"), ("contact", "u8"), ("offer", "u8"), ("tag", "u8"), ("value", "i8"), ("agent", "u4"), ("queue", "u4"), ("type", "u1"),
    ("reason", "u1"), ("requirement", "u2"), ("note", "u4"),
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """COMMAND and EVENT_DTYPE need numpy, which nothing else here does."""
    if name in ("COMMAND", "EVENT_DTYPE"):
        import numpy

        dtype = numpy.dtype(_COMMAND if name == "COMMAND" else _EVENT)
        assert dtype.itemsize == (_acd.COMMAND_SIZE if name == "COMMAND" else _acd.EVENT_SIZE)
        return dtype
    raise AttributeError(name)


class Event(NamedTuple):
    """One event. ``fields`` has names where the numbers are ids."""

    at: int
    type: str
    reason: str
    contact: int
    offer: int
    tag: int
    agent: int
    queue: int
    value: int
    fields: dict[str, Any]


class AgentCandidate(NamedTuple):
    agent: int
    team: int
    tier: int
    idle_since: int
    answered: int
    busy: int


class ContactCandidate(NamedTuple):
    contact: int
    queue: int
    tag: int
    priority: int
    since: int
    queue_length: int


AgentChooser = Callable[[Sequence[AgentCandidate], int], "int | None"]
ContactChooser = Callable[[Sequence[ContactCandidate], int], "int | None"]


def _of_agents(choose: AgentChooser) -> Callable[[Any, int], int | None]:
    return lambda found, now: choose([AgentCandidate(*c) for c in found], now)


def _of_contacts(choose: ContactChooser) -> Callable[[Any, int], int | None]:
    return lambda found, now: choose([ContactCandidate(*c) for c in found], now)


class Router:
    """A router of a definition (YAML or JSON text; :meth:`load` reads a file). One thread at a time."""

    def __init__(self, definition: str, name: str = "definition") -> None:
        self._router = _acd.Router(definition, name)

    @classmethod
    def load(cls, path: str | Path) -> Router:
        return cls(Path(path).read_text(encoding="utf-8"), str(path))

    @classmethod
    def recover(
        cls,
        definition: str,
        log: str | Path,
        name: str = "definition",
        agent_choosers: Mapping[str, AgentChooser] = {},
        contact_choosers: Mapping[str, ContactChooser] = {},
    ) -> Router:
        """A router with a log: rebuilds what was there before a crash. Then call :meth:`restarted`.

        Every command goes into the log before it is carried out; answer after :meth:`sync`. Custom policies took part in
        what happened: give them here, by queue and by team, so that it happens again in the same way.
        """
        router = cls.__new__(cls)
        router._router = _acd.Router.recover(
            definition,
            str(log),
            name,
            [(queue, _of_agents(choose)) for queue, choose in agent_choosers.items()],
            [(team, _of_contacts(choose)) for team, choose in contact_choosers.items()],
        )
        return router

    def sync(self) -> None:
        """Writes the log to the disk."""
        self._router.sync()

    def snapshot(self) -> None:
        """Writes the state beside the log and empties the log."""
        self._router.snapshot()

    def apply(self, verb: str, now: int, **fields: Any) -> None:
        """Carries out a command; raises what it was refused with."""
        self._router.apply(verb, json.dumps(fields, ensure_ascii=False), now)

    def advance(self, now: int) -> None:
        self._router.advance(now)

    def next_deadline(self) -> int | None:
        return self._router.next_deadline()

    def events(self) -> list[Event]:
        """The events since the last call, with names."""
        return [Event(*event[:9], json.loads(event[9])) for event in self._router.take()]

    def execute(self, commands: Any) -> tuple[Any, Any]:
        """Carries out an array of COMMAND; gives the outcomes (index into OUTCOMES) and the contacts that entered."""
        import numpy

        outcomes, contacts = self._router.execute(commands)
        return numpy.frombuffer(outcomes, "u1"), numpy.frombuffer(contacts, "u8")

    def event_bytes(self) -> bytes:
        return self._router.take_bytes()

    def event_array(self) -> Any:
        """The events since the last call as an array of EVENT_DTYPE."""
        import numpy

        return numpy.frombuffer(self._router.take_bytes(), numpy.dtype(_EVENT))

    def require(self, expression: str) -> int:
        return self._router.require(expression)

    def redefine(self, definition: str, now: int, name: str = "definition") -> None:
        self._router.redefine(definition, now, name)

    def set_agent_chooser(self, queue: str, choose: AgentChooser) -> None:
        """For a queue with ``agents: custom``. An exception in `choose` comes out of the command that asked."""
        self._router.set_agent_chooser(self._id("queue", queue), _of_agents(choose))

    def set_contact_chooser(self, team: str, choose: ContactChooser) -> None:
        """For a team with ``order: custom``; "" are the agents without a team."""
        self._router.set_contact_chooser(self._id("team", team) if team else 0, _of_contacts(choose))

    def queue_id(self, name: str) -> int:
        return self._id("queue", name)

    def agent_id(self, name: str) -> int:
        return self._id("agent", name)

    @property
    def queues(self) -> list[str]:
        return self._router.queues()

    @property
    def agents(self) -> list[str]:
        return self._router.agents()

    def agent_state(self, name: str) -> str:
        return self._router.agent_state(self._id("agent", name))

    def contact_state(self, contact: str | int) -> str:
        return self._router.contact_state(self._contact(contact))

    def waiting(self, queue: str = "") -> int:
        return self._router.waiting(self._id("queue", queue) if queue else 0)

    def position(self, contact: str | int) -> int:
        return self._router.position(self._contact(contact))

    def explain(self, contact: str | int, agent: str = "") -> dict[str, Any]:
        """Why (not) this agent, or over all agents; always with a ``sentence``."""
        return json.loads(self._router.explain(self._contact(contact), self._id("agent", agent) if agent else 0))

    def watch(self, interval_ns: int = 0, short_abandon_ns: int = -1) -> None:
        """Begins to count (:meth:`ask`, :meth:`look`, CSV). 0: 15 minutes; -1: five seconds."""
        self._router.watch(interval_ns, short_abandon_ns)

    def ask(self, question: str, now: int, **fields: Any) -> dict[str, Any]:
        """position, explain, contact, agent, queue, wait, announce, metrics, fairness or alarm; docs/acd.md has the fields."""
        return json.loads(self._router.ask(question, json.dumps(fields, ensure_ascii=False), now))

    def look(self, now: int) -> list[tuple[str, bool, float]]:
        """Alarms of the definition that were raised or cleared since the last look: name, raised, value."""
        return self._router.look(now)

    def queues_csv(self, interval_ns: int = 0) -> str:
        return self._router.queues_csv(interval_ns)

    def agents_csv(self, interval_ns: int = 0) -> str:
        return self._router.agents_csv(interval_ns)

    def note(self, text: str) -> int:
        """A number for `note` of a COMMAND."""
        return self._router.note(text)

    def save(self) -> bytes:
        return self._router.save()

    def restore(self, state: bytes) -> None:
        self._router.restore(state)

    def restarted(self, now: int) -> None:
        self._router.restarted(now)

    def check(self) -> None:
        """Raises where an invariant is broken. For tests."""
        self._router.check()

    def metrics(self) -> Metrics:
        return Metrics(self)

    def _id(self, kind: str, name: str) -> int:
        number = getattr(self._router, kind)(name)
        if not number:
            raise KeyError(f"there is no {kind} `{name}`")
        return number

    def _contact(self, contact: str | int) -> int:
        return contact if isinstance(contact, int) else self._router.contact(contact)


class Metrics:
    """Figures from the event stream: give it every ``event_bytes()``."""

    def __init__(self, router: Router) -> None:
        self._metrics = router._router.metrics()

    def add(self, events: bytes) -> None:
        self._metrics.add(events)

    def close(self, now: int) -> None:
        self._metrics.close(now)

    def totals(self) -> dict[str, Any]:
        return json.loads(self._metrics.json())

    def queues_csv(self, interval_ns: int = 0) -> str:
        return self._metrics.queues_csv(interval_ns)

    def agents_csv(self, interval_ns: int = 0) -> str:
        return self._metrics.agents_csv(interval_ns)


def check(definition: str, name: str = "definition") -> list[dict[str, Any]]:
    """What is wrong with a definition: diagnostics with code, message, remedy, file, line, column."""
    return json.loads(_acd.check(definition, name)[0])
