"""Formulas, forecasts, shifts and the wfm command."""

from __future__ import annotations

import json

import numpy as np
import pytest

import hotline
from hotline import wfm
from hotline.cli import main


def counts(tmp_path, days=120):
    random = np.random.default_rng(5)
    lines = ["start,calls"]
    first = np.datetime64("2026-01-05T00:00:00")
    for i in range(days * 48):
        hour, day = i % 48 / 2, i // 48
        rate = 40 * np.exp(-0.5 * ((hour - 11) / 3) ** 2) * (0.3 if day % 7 > 4 else 1)
        lines.append(f"{first + np.timedelta64(1800 * i, 's')},{random.poisson(rate)}")
    file = tmp_path / "counts.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return str(file)


def test_formulas():
    assert wfm.erlang_b(10, 7) == pytest.approx(0.07874088296957026, abs=1e-12)
    assert wfm.erlang_a(0.8, 60, 50, patience_s=120)["sl_offered"] == pytest.approx(0.9430189547469843, abs=1e-9)
    assert wfm.mmn_g(0.5, 100, 48, '{"dist":"deterministic","upper_s":60}')["p_abandon"] == pytest.approx(0.050534510707722864, abs=1e-9)
    assert wfm.mg1(0.005, '{"dist":"lognormal","mean_s":150,"scv":2.25}')["mean_wait_s"] == pytest.approx(731.25)
    assert len(wfm.priorities([0.05, 0.1, 0.08], 60, 16, 30)) == 3
    assert wfm.staff(800 / 3600, 210, 150)["servers"] == 48
    with pytest.raises(hotline.InvalidError, match="without bound"):
        wfm.erlang_c(0.2, 100, 20)


def test_forecast_levels_agree(tmp_path):
    series = wfm.load_counts(counts(tmp_path))
    assert series.days == 120 and series.interval_s == 1800
    written = [float(line.split(",")[1]) for line in (tmp_path / "counts.csv").read_text().splitlines()[1:]]
    assert series.counts.tolist() == written and wfm.series_frame(series).sum() == sum(written) > 0
    result = wfm.forecast(series, 60)
    sums = {level: sum(q[3] for q in result.at(level)) for level in wfm.LEVELS}
    assert all(s == pytest.approx(sums["interval"], rel=1e-12) for s in sums.values())
    frame = wfm.forecast_frame(result, "day")
    assert (frame.low95 <= frame["mean"]).all() and (frame["mean"] <= frame.high95).all()


def test_the_chain_of_commands(tmp_path, capsys):
    file, run = counts(tmp_path), lambda *a: main(["wfm", *map(str, a)])
    assert run("backtest", file) == 0
    assert "skill" in capsys.readouterr().out
    assert run("forecast", file, "--days", 7, "--level", "half_hour", "--csv", tmp_path / "next.csv", "--plot", tmp_path / "f.png") == 0
    assert run("staff", "--counts", tmp_path / "next.csv", "--aht", "200s", "--patience", "120s", "--csv", tmp_path / "need.csv") == 0
    assert run("schedule", tmp_path / "need.csv", "--slots-per-day", 48, "--lengths", "12,16,18", "--latest", 36, "--break-length", 1, "--under-cost", 3,
               "--json", tmp_path / "s.json", "--plot", tmp_path / "s.png") == 0
    schedule = json.loads((tmp_path / "s.json").read_text())
    assert max(schedule["scheduled"]) >= max(schedule["required"]) - 3 and 0 in schedule["scheduled"]
    over = sum(max(0, s - r) for s, r in zip(schedule["scheduled"], schedule["required"]))
    assert over == pytest.approx(schedule["over"])
    assert schedule["cost"] <= 1.02 * schedule["bound"] or schedule["solver"] == "own"
    people = [{"name": f"p{i}", "wished_days_off": [i % 7]} for i in range(40)]
    (tmp_path / "people.json").write_text(json.dumps(people))
    assert run("roster", tmp_path / "s.json", tmp_path / "people.json", "--csv", tmp_path / "r.csv") in (0, 1)
    out = capsys.readouterr().out
    assert "wishes granted" in out
    assert "broken" not in out
    for picture in ("f.png", "s.png"):
        assert (tmp_path / picture).stat().st_size > 5000


def test_erlang_command(tmp_path, capsys):
    assert main(["wfm", "erlang", "--rate", "0.8/s", "--aht", "60s", "--agents", "46-52", "--patience", "2m", "--csv", "-"]) == 0
    assert capsys.readouterr().out.startswith("agents,p_wait")
    assert main(["wfm", "erlang", "--rate", "0.8/s", "--aht", "60s", "--agents", "46-52"]) == 0
    assert "unstable" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["wfm", "erlang", "--rate", "fast", "--aht", "60s", "--agents", "46"])


def test_staff_teams_by_simulation(tmp_path, capsys):
    file = tmp_path / "x.json"
    file.write_text(json.dumps({
        "experiment": "x", "replications": 4, "duration": "2h", "threshold": "30s",
        "centre": {"queues": {"a": {"auto_accept": True}, "b": {"auto_accept": True}}},
        "crew": {"one": {"agents": 30, "queues": {"a": 1}}, "both": {"agents": 30, "queues": {"b": 1, "a": 2}}},
        "streams": {"a": {"arrivals": {"per_hour": 160}, "handling": "200s", "patience": "100s"}, "b": {"arrivals": {"per_hour": 60}, "handling": "220s", "patience": "100s"}},
    }))
    assert main(["wfm", "staff", "--experiment", str(file), "--start", "5,4", "--target", "0.85"]) == 0
    assert "met after" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_is_no_traceback(tmp_path, capsys):
    other = tmp_path / "sound.bin"
    other.write_bytes(b"RIFF\xc0\xff")
    for command in (["wfm", "forecast"], ["wfm", "schedule"], ["acd", "check"]):
        more = ["--slots-per-day", "48", "--lengths", "8"] if "schedule" in command else []
        assert main([*command, str(tmp_path / "none.csv"), *more]) == 1
        assert "none.csv" in capsys.readouterr().err
    assert main(["wfm", "forecast", str(other)]) == 1
    assert "UTF-8" in capsys.readouterr().err
    other.write_text('{"a": 1}\n{"b": 2}\n', encoding="utf-8")
    assert main(["wfm", "roster", str(other), str(other)]) == 1
    assert "not JSON" in capsys.readouterr().err
    assert main(["calendar", "due", str(tmp_path), "2026-11-22T00:00:00Z", "1wd"]) == 1  # a folder
    assert "cannot read" in capsys.readouterr().err
    with pytest.raises(hotline.NotFoundError) as refused:
        wfm.read_counts("a,b\n1,2\n", "x.csv")
    assert str(refused.value).startswith("x.csv:1: ")
