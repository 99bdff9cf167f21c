"""Our event logs under a process-mining tool that is not ours: it reads them, and finds that they follow the workflow."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

import hotline
from hotline.ticket import Tickets

pm4py = pytest.importorskip("pm4py")
pytestmark = pytest.mark.filterwarnings("ignore")  # of the tool's own

ROOT = Path(__file__).resolve().parents[2]
START = hotline.parse_time("2026-11-23T08:00:00+08:00")
HOUR = 3_600_000_000_000

STEPS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {  # verb: role, fields, facts
    "submit": ("agent", {}, {}),
    "refuse": ("agent", {"reason": "decided", "where_to_go": "法院"}, {}),
    "answer_now": ("agent", {"text": "可以"}, {"kb_hit": True}),
    "withdraw": ("agent", {}, {"authenticated": True}),
    "dispatch": ("dispatcher", {"units": ["water"], "lead": "water"}, {}),
    "sign": ("unit", {}, {}),
    "reply": ("unit", {"public_text": "好了", "internal_text": "-", "contacted": True}, {}),
    "review_pass": ("reviewer", {}, {}),
    "bounce": ("reviewer", {"grounds": "不完整"}, {}),
    "satisfied": ("visitor", {"contacted": True, "solved": True, "satisfaction": "satisfied"}, {}),
    "angry": ("visitor", {"contacted": True, "solved": False, "satisfaction": "dissatisfied"}, {}),
    "archive": ("archivist", {}, {}),
}
LIVES = [
    "submit dispatch sign reply review_pass satisfied archive",
    "submit dispatch sign reply bounce reply review_pass angry dispatch sign reply review_pass satisfied",
    "refuse",
    "answer_now",
    "submit withdraw",
    "submit dispatch",
]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Tickets() as tickets:
        for n, life in enumerate(LIVES):
            at = START + n * HOUR
            made = tickets.intake(at=at, actor="ivr", roles=["citizen"], category="water", title=f"水管 <{n}> & \"{n}\"", place=str(n))
            for i, step in enumerate(life.split(), 1):
                role, fields, facts = STEPS[step]
                verb = "visit_result" if role == "visitor" else step
                who = {"actor": role, "roles": [role], "unit": "water" if role == "unit" else ""}
                tickets.apply(verb, at=at + i * HOUR // 10, ticket=made["ticket"], fields=fields, facts=facts, **who)
        tickets.fire_timers(START + 10 * HOUR)  # the answered one comes to its visit, others are signed by themselves
        path = tmp_path_factory.mktemp("xes") / "log.xes"
        path.write_text(tickets.export("xes"), encoding="utf-8")
        expected = [json.loads(line) for line in tickets.export("jsonl").splitlines()]
    return pm4py.read_xes(str(path)), expected


def test_the_log_reads_as_it_was_written(log: Any) -> None:
    frame, expected = log
    assert len(frame) == len(expected)
    assert frame["case:concept:name"].nunique() == len(LIVES)
    rows = frame.sort_values(["case:concept:name", "time:timestamp"], kind="stable")
    told = sorted(expected, key=lambda e: (e["number"], e["at"]))
    assert list(rows["concept:name"]) == [e["event"] for e in told]
    assert list(rows["org:resource"]) == [e["actor"] for e in told]
    assert [t.isoformat().replace("+00:00", "Z") for t in rows["time:timestamp"]] == [e["at"] for e in told]
    assert "submit" in pm4py.get_event_attribute_values(frame, "concept:name")


def model() -> Any:
    """The main region of the closed loop as a Petri net: a place a state, a transition a step from one to another."""
    with open(os.path.join(ROOT, "data/workflows/city-12345.yaml"), encoding="utf-8") as file:
        definition = yaml.safe_load(file)
    states = definition["regions"]["main"]["states"]
    net = pm4py.PetriNet("city-12345")
    places = {name: pm4py.PetriNet.Place(name) for name in states}
    net.places.update(places.values())
    steps = set()
    for t in definition["transitions"]:
        if t.get("region", "main") != "main" or "to" not in t:
            continue
        sources = [t["from"]] if isinstance(t["from"], str) else t["from"]
        steps |= {(source, t["to"]) for source in sources if source != t["to"]}
    for source, target in sorted(steps):
        step = pm4py.PetriNet.Transition(f"{source}>{target}", f"{source}>{target}")
        net.transitions.add(step)
        for a, b in ((places[source], step), (step, places[target])):
            arc = pm4py.PetriNet.Arc(a, b)
            net.arcs.add(arc)
            a.out_arcs.add(arc)
            b.in_arcs.add(arc)
    return net, places


def steps_of(frame: Any) -> Any:
    """The steps between states, as the log's attribute `state` tells them; with where each case ended."""
    import pandas

    rows, ends = [], {}
    for case, events in frame.groupby("case:concept:name", sort=False):
        before = "DRAFT"
        for _, event in events.iterrows():
            if event["state"] != before:
                rows.append({"case:concept:name": case, "concept:name": f"{before}>{event['state']}", "time:timestamp": event["time:timestamp"]})
            before = event["state"]
        ends[case] = before
    return pandas.DataFrame(rows), ends


def fitness(rows: Any, ends: dict[str, str]) -> dict[str, float]:
    net, places = model()
    out = {}
    for case, events in rows.groupby("case:concept:name"):
        start, end = pm4py.Marking({places["DRAFT"]: 1}), pm4py.Marking({places[ends[case]]: 1})
        out[case] = pm4py.fitness_token_based_replay(events, net, start, end)["log_fitness"]
    return out


def test_every_case_follows_the_workflow(log: Any) -> None:
    rows, ends = steps_of(log[0])
    found = fitness(rows, ends)
    assert len(found) == len(LIVES) and set(found.values()) == {1.0}, found


def test_a_case_that_skips_the_review_is_found(log: Any) -> None:
    rows, ends = steps_of(log[0])
    rows.loc[rows["concept:name"] == "REPLIED>VISIT", "concept:name"] = "HANDLING>CLOSED"
    assert min(fitness(rows, ends).values()) < 1.0
