"""The production router on a virtual clock.

    from hotline import sim
    comparison = sim.run("experiment.yaml")
    print(comparison.to_text())
    frame = sim.frame(comparison.report(0))

An experiment is a file (YAML or JSON) or a dictionary of the same form; docs/simulation.md shows all of it.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Mapping, NamedTuple

from ._core import sim as _sim
from ._core.sim import Comparison, Experiment, GoldenReport, Replay, Report, Session, Simulation, golden, mser5


class Estimate(NamedTuple):
    """A figure with its 95 % confidence interval."""

    value: float
    low: float
    high: float
    standard_error: float
    rows: int


AgentChooser = Callable[[tuple, list], int]
ContactChooser = Callable[[tuple, list], int]


def experiment(source: str | Mapping[str, Any] | Experiment) -> Experiment:
    """Reads an experiment from a path or a dictionary."""
    if isinstance(source, Experiment):
        return source
    if isinstance(source, Mapping):
        return _sim.parse_experiment(json.dumps(source, ensure_ascii=False))
    return _sim.load_experiment(source)


def run(source: str | Mapping[str, Any] | Experiment, threads: int = 0, progress: Callable[[str, int, int], None] | None = None) -> Comparison:
    """Runs all variants of an experiment on `threads` threads (0: all cores); the result does not depend on their number."""
    return experiment(source).run(threads, progress)


def run_with(source: str | Mapping[str, Any] | Experiment, agent_choosers: Mapping[str, AgentChooser] | None = None,
             contact_choosers: Mapping[str, ContactChooser] | None = None, variant: int = 0) -> Report:
    """Runs one variant with policies written in Python.

    An agent chooser (by queue, whose `agents:` is `custom`) gets ``(queue, priority, waited_s)`` and a list of
    ``(agent, team, tier, idle_s, answered)``; a contact chooser (by team, whose `order:` is `custom`) gets
    ``(agent, team)`` and a list of ``(queue, priority, waited_s, queue_length)``. Ids count from 1 in the order of the
    file. They return the index of the chosen one, or -1 for none now.
    """
    return experiment(source).run_with(variant, dict(agent_choosers or {}), dict(contact_choosers or {}))


def figure(report: Report, name: str) -> Estimate:
    return Estimate(*report.figure(name))


def difference(a: Report, b: Report, name: str) -> Estimate:
    """The figure of b minus that of a, paired replication by replication (common random numbers)."""
    return Estimate(*_sim.difference(a, b, name))


def frame(report: Report) -> Any:
    """All counters as a pandas frame: a row for each (replication, interval)."""
    import pandas as pd

    cells = report.cells
    index = pd.MultiIndex.from_product([range(cells.shape[0]), range(cells.shape[1])], names=["replication", "interval"])
    return pd.DataFrame(cells.reshape(-1, cells.shape[2]), index=index, columns=report.columns)


def figures(report: Report) -> Any:
    """All figures as a pandas frame: value, low, high, standard_error, rows."""
    import pandas as pd

    return pd.DataFrame([report.figure(n) for n in report.figure_names], index=report.figure_names, columns=list(Estimate._fields))


def contacts(source: str | Mapping[str, Any] | Experiment, variant: int = 0, replication: int = 0) -> Any:
    """One replication contact by contact, as a pandas frame."""
    import pandas as pd

    one = Simulation(experiment(source), variant, replication)
    one.record()
    one.run()
    names = one.report().streams
    table = pd.DataFrame(one.contacts(), columns=["stream", "agent", "arrival_s", "wait_s", "handling_s", "outcome", "row"])
    table["stream"] = [names[int(k)] for k in table.stream]
    outcomes = {1: "blocked", 2: "answered", 3: "abandoned", 4: "ivr_finished", 5: "ivr_left", 14: "overflowed"}
    table["outcome"] = [outcomes[int(k)] for k in table.outcome]
    return table.astype({"agent": int, "row": int})


def replay(path: str, columns: str = "", threshold_s: float = 20.0, slot_s: float = 900.0, replications: int = 20, seed: int = 1) -> Replay:
    """Runs the days of a call log (CSV) through the router and puts the results beside what was logged."""
    with open(path, encoding="utf-8-sig") as stream:
        return _sim.replay(stream.read(), path, columns, threshold_s, slot_s, replications, seed)


def plot(report: Report, path: str, stream: int = 0) -> None:
    """Offered, answered in time and lost by interval, with the agents' occupancy."""
    import numpy as np

    from .wfm import _pyplot, _save

    plt = _pyplot()
    table = frame(report).groupby("interval").mean()
    name = report.streams[stream]
    hours = np.arange(len(table)) * report.interval_s / 3600.0
    fig, (top, bottom) = plt.subplots(2, 1, figsize=(11, 6), sharex=True)
    top.step(hours, table[f"{name}.offered"], where="post", color="#30343f", label="offered")
    top.step(hours, table[f"{name}.within"], where="post", color="#2e8b57", label="answered in time")
    top.step(hours, table[f"{name}.abandoned"], where="post", color="#c0392b", label="hung up")
    top.set_ylabel("contacts")
    top.legend(frameon=False, ncols=3)
    for team in report.teams:
        duty = table[f"{team}.on_duty_s"]
        bottom.step(hours, (table[f"{team}.busy_s"] / duty).where(duty >= 0.5 * report.interval_s), where="post", label=team)  # not for the last one leaving
    bottom.set_ylim(0, 1.05)
    bottom.set_ylabel("occupancy")
    bottom.set_xlabel("hour")
    bottom.legend(frameon=False, ncols=4)
    _save(fig, path)


def plot_comparison(comparison: Comparison, name: str, path: str) -> None:
    """One figure of every variant with its interval."""
    from .wfm import _pyplot, _save

    plt = _pyplot()
    values = [Estimate(*comparison.report(i).figure(name)) for i in range(len(comparison.names))]
    fig, axes = plt.subplots(figsize=(8, 0.6 * len(values) + 1.4))
    axes.errorbar([v.value for v in values], range(len(values)), xerr=[v.high - v.value for v in values], fmt="o", color="#1f5fa8", capsize=4)
    axes.set_yticks(range(len(values)), comparison.names)
    axes.invert_yaxis()
    axes.set_xlabel(name)
    _save(fig, path)


def make_env(source: str | Mapping[str, Any] | Experiment, waiting_cost: float = 1.0, seed: int = 0, variant: int = 0) -> Any:
    """A Gymnasium environment for learned routing.

    Observation: waiting, longest wait (s) of each queue, idle agents of each team. Action: 0 waits a second, otherwise
    1 + queue * teams + team gives the queue's longest waiting contact to the team's longest idle agent. Reward: minus
    ``waiting_cost`` for each second that each contact waits. The queues' `agents:` and teams' `order:` should be
    `custom`, so that nobody else matches.
    """
    import gymnasium
    import numpy as np

    source_ = experiment(source)
    queues, teams = source_.queues(), source_.teams()
    never = lambda *_: -1  # noqa: E731

    class RoutingEnv(gymnasium.Env):  # type: ignore[misc]
        metadata: dict[str, Any] = {"render_modes": []}

        def __init__(self) -> None:
            size = 2 * len(queues) + len(teams)
            self.observation_space = gymnasium.spaces.Box(0.0, np.inf, (size,), np.float64)
            self.action_space = gymnasium.spaces.Discrete(1 + len(queues) * len(teams))
            self._episode = seed
            self._run: Simulation | None = None

        def _look(self) -> Any:
            run = self._run
            assert run is not None
            values = [float(run.waiting(q)) for q in range(len(queues))]
            values += [run.longest_wait(q) for q in range(len(queues))]
            values += [float(run.idle(t)) for t in range(len(teams))]
            return np.array(values)

        def action_mask(self) -> Any:
            assert self._run is not None
            mask = np.zeros(1 + len(queues) * len(teams), dtype=np.int8)
            mask[0] = 1
            for q in range(len(queues)):
                for t in range(len(teams)):
                    mask[1 + q * len(teams) + t] = self._run.possible(q, t)
            return mask

        def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
            super().reset(seed=seed)
            if seed is not None:
                self._episode = seed
            self._run = Simulation(source_, variant, self._episode, {q: never for q in queues}, {t: never for t in teams})
            self._episode += 1
            self._run.run_until_choice()
            return self._look(), {"action_mask": self.action_mask(), "now": self._run.now}

        def step(self, action: int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
            run = self._run
            assert run is not None
            before, now = sum(run.waiting(q) for q in range(len(queues))), run.now
            refused, on = "", True
            if action > 0:
                queue, team = divmod(int(action) - 1, len(teams))
                outcome = run.push(queue, team)
                refused = "" if outcome == "done" else outcome
            if action == 0 or refused:
                on = run.run_until(now + 1.0)
                before = sum(run.waiting(q) for q in range(len(queues)))
                cost = before * (1.0 if on else 0.0)
            else:
                cost = 0.0
            waited, at = sum(run.waiting(q) for q in range(len(queues))), run.now
            on = on and run.run_until_choice()
            cost += waited * max(0.0, run.now - at)
            report: dict[str, Any] = {"action_mask": self.action_mask(), "now": run.now, "refused": refused}
            if not on:
                report["report"] = run.report()
            return self._look(), -waiting_cost * cost, not on, False, report

    return RoutingEnv()


__all__ = ["Comparison", "Estimate", "Experiment", "GoldenReport", "Replay", "Report", "Session", "Simulation", "contacts", "difference", "experiment",
           "figure", "figures", "frame", "golden", "make_env", "mser5", "plot", "plot_comparison", "replay", "run", "run_with"]
