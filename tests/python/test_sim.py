"""Experiments, policies in Python, the environment, the commands; the documents' code runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import hotline
from hotline import InvalidError, NotFoundError, sim
from hotline.cli import main

ROOT = Path(__file__).parents[2]
SMALL = {
    "experiment": "small", "replications": 4, "duration": "1h", "interval": "15m",
    "centre": {"queues": {"a": {"auto_accept": True}}},
    "crew": {"team": {"agents": 10, "queues": {"a": 1}}},
    "streams": {"a": {"arrivals": {"per_hour": 160}, "handling": "200s", "patience": "60s"}},
}


def blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.S)


def test_arrays_frames_and_threads():
    one, two = sim.run(SMALL, threads=1).report(0), sim.run(SMALL, threads=2).report(0)
    assert one.cells.shape == (4, 4, len(one.columns))
    assert (one.cells == two.cells).all()
    frame = sim.frame(one)
    assert frame["a.offered"].sum() == pytest.approx((frame["a.answered"] + frame["a.abandoned"]).sum())
    level = sim.figure(one, "a.sl_offered")
    assert level.low < level.value < level.high
    assert "a.sl_offered" in sim.figures(one).index
    with pytest.raises(hotline.NotFoundError):
        sim.figure(one, "b.sl_offered")


def test_what_is_wrong_is_named():
    wrong = json.loads(json.dumps(SMALL))
    wrong["streams"]["a"]["queue"] = "b"
    with pytest.raises(hotline.InvalidError, match="no queue `b`"):
        sim.run(wrong)
    with pytest.raises(hotline.IoError):
        sim.run("/nonexistent.yaml")


def test_a_chooser_that_fails_is_heard():
    custom = json.loads(json.dumps(SMALL))
    custom["crew"]["team"]["order"] = "custom"

    def broken(agent, contacts):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sim.run_with(custom, contact_choosers={"team": broken})


def test_forty_lines_of_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = blocks("simulation.md")[0]
    assert len(code.strip().splitlines()) <= 40
    exec(compile(code.replace('"replications": 40', '"replications": 4'), "simulation.md", "exec"), {})
    assert (tmp_path / "policies.png").stat().st_size > 5000


def test_the_tutorial_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    space: dict = {}
    for code in blocks("tutorial-research.md"):
        exec(compile(code, "tutorial-research.md", "exec"), space)
    assert "seconds of waiting" in capsys.readouterr().out


def test_sim_run_writes_everything(tmp_path, capsys):
    file = tmp_path / "x.json"
    file.write_text(json.dumps(SMALL), encoding="utf-8")
    assert main(["sim", "run", str(file), "--json", str(tmp_path / "f.json"), "--csv", str(tmp_path / "i.csv"), "--plot", str(tmp_path / "p.png"), "--quiet"]) == 0
    assert "answered in T" in capsys.readouterr().out
    assert json.loads((tmp_path / "f.json").read_text())["variants"]["base"]["figures"]["a.sl_offered"]["value"] > 0
    assert len((tmp_path / "i.csv").read_text().splitlines()) == 5
    assert (tmp_path / "p.png").stat().st_size > 5000
    assert main(["sim", "run", str(tmp_path / "none.yaml")]) == 1
    assert "cannot read" in capsys.readouterr().err


def test_the_citys_own_flow_and_tickets(capsys):
    assert main(["sim", "run", str(ROOT / "examples/experiments/city_day.yaml"), "--quiet"]) == 0
    assert "tickets complaints" in capsys.readouterr().out


@pytest.mark.parametrize("path", sorted((ROOT / "tests/scenario/sim").glob("*.scn")), ids=lambda p: p.stem)
def test_scenarios(path):
    from hotline._core import base

    _, files, steps = base.parse_scenario(path.read_text(encoding="utf-8"), str(path))
    session = sim.Session(sim.experiment(str(path.parent / files[0])))
    events: list = []
    for at, expected, verb, fields, line in steps:
        session.advance(at) if expected else session.apply(at, verb, fields)
        events += session.take_events()
        if not expected:
            continue
        if verb == "nothing":
            assert not events, f"line {line}"
            continue
        when, name, got = events.pop(0)
        assert (when, name) == (at, verb), f"line {line}"
        assert base.matches(fields, got), f"line {line}"
    assert not events


def test_sim_golden_says_per_metric_what_holds(tmp_path, capsys):
    cases = json.loads((ROOT / "tests/data/sim/reference.json").read_text(encoding="utf-8"))["cases"]
    few = [c for c in cases if c["id"] in ("erla-d-0", "prio-d-0", "nmodel-d-0")]
    file = tmp_path / "few.json"
    file.write_text(json.dumps({"cases": few}), encoding="utf-8")
    assert main(["sim", "golden", str(file), "--contacts", "2e5", "--csv", str(tmp_path / "g.csv")]) == 0
    out = capsys.readouterr().out
    assert "classes[0].share_by_pool[1]" in out and "accepted" in out
    few[0]["expected"]["p_wait"] += 1e-6
    file.write_text(json.dumps({"cases": few[:1]}), encoding="utf-8")
    assert main(["sim", "golden", str(file)]) == 1
    assert "DOES NOT HOLD" in capsys.readouterr().out


def test_every_policy_of_the_format_is_accepted(tmp_path):
    pool = {"lambda_per_s": [0.03, 0.03], "mean_patience_s": [100.0, 100.0], "pool_agents": [4, 4], "aht_s_class_by_pool": [[110.0, 130.0], [140.0, 115.0]],
            "class_pool_preference": [[0, 1], [1, 0]]}
    agents = {"lambda_per_s": [0.012, 0.01], "agent_skills": [[0], [0, 1], [1]], "agent_aht_s": [100.0, 120.0, 140.0], "mean_patience_s": [120.0, 120.0], "waiting_room": 5}
    expected = {"classes": [{"p_wait": 0.5}, {"p_wait": 0.5}]}
    one = {"lambda_per_s": 0.1, "aht_s": 100.0, "servers": 9}
    cases = [
        {"id": "lqf", "model": pool | {"pool_class_order": [["LQF", [0, 1]], ["LQF", [1, 0]]]}, "expected": expected},
        {"id": "reserve", "model": pool | {"pool_class_order": [[0, 1], [1, 0]], "threshold_reserve": {"0,1": 1, "1,0": 2}}, "expected": expected},
        {"id": "uniform patience", "model": one | {"patience": {"dist": "uniform", "upper_s": 90.0}}, "expected": {"p_wait": 0.5, "p_abandon": 0.1}},
        {"id": "lognormal service", "model": one | {"service": {"dist": "lognormal", "mean_s": 100.0, "scv": 2.0}, "mean_patience_s": 100.0}, "expected": {"p_wait": 0.5}},
        {"id": "finite room", "model": one | {"capacity_total": 12, "service": {"dist": "lognormal", "scv": 2.0}, "patience": {"dist": "uniform", "upper_s": 90.0}}, "expected": {"p_wait": 0.5, "p_blocked": 0.1}},
    ]
    for rule in ("LISF", "MISF", "RANDOM", "FASTEST", "FEWESTSKILLS"):
        cases.append({"id": rule, "model": agents | {"agent_selection": rule, "queue": "global FCFS over skills of freed agent"}, "expected": expected | {"agent_occupancy": [0.5, 0.5, 0.5]}})
        cases.append({"id": "one " + rule, "model": {"lambda_per_s": 0.02, "agent_mean_service_s": [100.0, 130.0, 170.0], "mean_patience_s": 150.0, "agent_selection": rule}, "expected": {"agent_call_share": [0.3, 0.3, 0.3]}})
    file = tmp_path / "all.json"
    file.write_text(json.dumps({"cases": [c | {"family": "any"} for c in cases]}), encoding="utf-8")
    report = json.loads(sim.golden(str(file), contacts=20000).to_json())
    for case in report["cases"]:
        assert "problem" not in case, case
        assert all(0 <= e["value"] <= 1 for e in case["entries"]), case
    shares = {c["id"]: [e["value"] for e in c["entries"]] for c in report["cases"]}
    assert shares["one FASTEST"][0] > shares["one LISF"][0] > shares["one FASTEST"][0] - 0.5
    assert shares["one FASTEST"][2] < shares["one RANDOM"][2]


def test_the_environment_keeps_gymnasiums_contract():
    from gymnasium.utils.env_checker import check_env

    custom = json.loads(json.dumps(SMALL)) | {"duration": "5m"}
    custom["crew"]["team"]["order"] = "custom"
    custom["centre"]["queues"]["a"]["agents"] = "custom"
    check_env(sim.make_env(custom), skip_render_check=True)
    env = sim.make_env(custom | {"duration": "20m"})
    _, info = env.reset(seed=3)
    over, pushed = False, 0
    while not over:
        action = int(info["action_mask"].argmax()) if info["action_mask"][1:].sum() == 0 else 1
        _, reward, over, _, info = env.step(action)
        pushed += action == 1 and not info["refused"]
        assert reward <= 0
    answered = sim.frame(info["report"])["a.answered"].sum()
    assert answered == pushed > 20  # whom the policy matched was talked to


def test_replay_of_a_small_log(tmp_path, capsys):
    lines = ["when,waited,talked,end,who"]
    for i in range(120):
        lines.append(f"2026-01-05T{8 + i // 60:02}:{i % 60:02}:00,{i % 3 * 5},{90 if i % 10 else 0},{'AGENT' if i % 10 else 'HANG'},a{i % 3}")
    file = tmp_path / "log.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert main(["sim", "replay", str(file), "--columns", "time=when,wait=waited,handling=talked,outcome=end,agent=who", "--plot", str(tmp_path / "r.png")]) == 0
    assert "2026-01-05" in capsys.readouterr().out


def test_a_log_without_calls_is_refused_also_while_the_interpreter_is_free(tmp_path):
    file = tmp_path / "counts.csv"
    file.write_text("interval_start,interval_s,calls\n1999-01-01T00:00:00,360,2\n", encoding="utf-8")
    with pytest.raises(InvalidError, match="reached the queue"):
        sim.replay(str(file))  # raised from code that holds no lock of the interpreter
    file.write_text("when,calls\n", encoding="utf-8")
    with pytest.raises(NotFoundError, match="time="):
        sim.replay(str(file))


def test_the_staffing_planner_runs(tmp_path):
    import subprocess
    import sys

    done = subprocess.run([sys.executable, str(ROOT / "examples/staffing_planner/plan.py"), "--out", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["fit"] > 0.95 and summary["gap"] < 0.02 and summary["unfilled"] == 0 and not summary["violations"]
    assert summary["sl"]["value"] > 0.8
    for picture in ("forecast.png", "schedule.png", "week.png"):
        assert (tmp_path / picture).stat().st_size > 5000


def test_the_nation_in_a_week(tmp_path):
    import subprocess
    import sys

    done = subprocess.run([sys.executable, str(ROOT / "examples/nation_year/run.py"), "--days", "7", "--only", "江西", "--csv", str(tmp_path / "n.csv")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "85 % within 30 s needs" in done.stdout


def test_the_schema_accepts_what_the_reader_accepts():
    import jsonschema
    import yaml

    schema = json.loads((ROOT / "schemas/experiment.schema.json").read_text(encoding="utf-8"))
    for good in (SMALL, *(yaml.safe_load(f.read_text(encoding="utf-8")) for f in sorted((ROOT / "examples/experiments").glob("*.yaml")))):
        jsonschema.validate(json.loads(json.dumps(good, default=str)), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(SMALL | {"streems": {}}, schema)
