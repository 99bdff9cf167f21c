"""A whole hotline that runs (docs/host.md): SIP telephones, flows, agents, tickets, knowledge.

    with Host(data="city", folder="run", line={"port": 5060}) as host:
        host.sign_in("a801")
        for event in host.events():
            print(event["en"])

Any thread may use it. Times are seconds; what the commands mean is in docs/center.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ._core import host as _host

__all__ = ["Host"]


class Host:
    """Answers calls from the moment it is made. A context manager; ``stop()`` ends all calls.

    Options are those of docs/host.md: ``data`` and ``folder``, and ``line``, ``citizens``, ``telephones``, ``clock``,
    ``database``, ``prompts``. ``Host.load(file)`` reads them from a file.
    """

    def __init__(self, **options: Any) -> None:
        self._core = _host.Host(json.dumps(options))

    @classmethod
    def load(cls, path: str) -> Host:
        host = cls.__new__(cls)
        host._core = _host.Host.load(path)
        return host

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends all calls; what was said is on the disk when it returns. Asking goes on working."""
        self._core.stop()

    @property
    def uri(self) -> str:
        return self._core.uri

    @property
    def port(self) -> int:
        return self._core.port

    @property
    def open311_port(self) -> int:
        """Where GeoReport v2 answers (option ``open311``); 0 where it was not asked for."""
        return self._core.open311_port

    @property
    def folder(self) -> str:
        return self._core.folder

    def apply(self, verb: str, **fields: Any) -> dict[str, Any]:
        """One command of docs/center.md: ``host.apply("agent.not_ready", agent="a801", reason="meal")``."""
        answer: dict[str, Any] = json.loads(self._core.apply(verb, json.dumps(fields)))
        return answer

    # ── events ──

    def next_event(self, timeout: float = 1) -> dict[str, Any] | None:
        """The oldest event not taken yet: ``at``, ``type``, ``party``, ``zh``, ``en``; None where none came in time."""
        event = self._core.next_event(int(timeout * 1e9))
        return None if event is None else json.loads(event)

    def events(self, timeout: float | None = None) -> Iterator[dict[str, Any]]:
        """Events as they come; ends when none came for `timeout` (None: never ends)."""
        while True:
            event = self.next_event(1 if timeout is None else timeout)
            if event is not None:
                yield event
            elif timeout is not None:
                return

    def wait(self, type: str, timeout: float = 30) -> dict[str, Any]:
        """The next event of a type; those before it are dropped. Raises TimeoutError when nothing happens for `timeout`."""
        for event in self.events(timeout):
            if event["type"] == type:
                return event
        raise TimeoutError(f"no event `{type}` within {timeout} s")

    def answer_query(self, name: str, answer: Callable[[dict[str, str]], Mapping[str, Any] | None]) -> None:
        """What a flow's `query` node asks by this name: a dict is its answer, None means nothing exists, an exception takes
        the node's error exit. Runs on the hotline's thread: must be quick, and not call the host."""
        self._core.answer_query(name, lambda arguments: None if (found := answer(arguments)) is None else dict(found))

    # ── agents ──

    def sign_in(self, agent: str) -> None:
        self.apply("agent.sign_in", agent=agent)

    def sign_out(self, agent: str) -> None:
        self.apply("agent.sign_out", agent=agent)

    def record_case(self, agent: str, title: str, **draft: Any) -> str:
        """The acceptance number of a ticket of the agent's present or last call."""
        return str(self.apply("agent.record_case", agent=agent, title=title, **draft)["number"])

    def search(self, agent: str, question: str) -> list[dict[str, Any]]:
        return list(self.apply("agent.search", agent=agent, question=question)["hits"])

    # ── looking ──

    @property
    def figures(self) -> dict[str, Any]:
        return self.apply("figures")

    @property
    def desks(self) -> list[dict[str, Any]]:
        return list(self.apply("desks")["agents"])

    @property
    def queues(self) -> list[dict[str, Any]]:
        return list(self.apply("queues")["queues"])

    def calls(self, **which: Any) -> list[dict[str, Any]]:
        """Calls that have ended: ``citizen``, ``from``, ``until``, ``limit``."""
        return list(self.apply("calls", **which)["calls"])

    def ticket(self, number: str) -> dict[str, Any]:
        return dict(self.apply("ticket.find", number=number)["events"][0])

    def place(self, to: str, flow: str, **variables: str) -> int:
        """Rings a citizen and runs a flow of the city; the call's number."""
        return int(self.apply("call.place", to=to, flow=flow, variables=variables)["call"])
