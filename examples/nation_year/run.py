"""A nation's year: every call to China's labour hotline 12333 in 2014, province by province, through the router.

    python examples/nation_year/run.py                      (all 78.4 million calls, two or three minutes)
    python examples/nation_year/run.py --days 14 --only 广东

Volumes, automatic service, abandonment, agents and seats: survey_2014.csv, from tables 2 and 3 of the survey
"2014年度12333电话咨询服务调查分析报告" (32 provinces; Tibet reported no volumes; calls in units of 10,000).
The survey does not say how long calls take, how patient callers are, or when people work. What is assumed:
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from hotline import sim, wfm

HANDLING_S = 240.0    # talk and wrap-up, lognormal
PATIENCE_S = 120.0    # mean
BUSYNESS = 0.03       # squared variation of a day's volume
ATTENDANCE = 0.70     # of the agents on the phone during opening hours; never more than seats
OPEN, CLOSE = 9, 17   # Monday to Friday
THRESHOLD_S = 30.0
TARGET = 0.85
# Share of a day's calls by half hour from 9:00, and of a week's by day.
SHAPE = [5.2, 7.4, 8.6, 8.4, 7.6, 6.4, 4.2, 3.6, 4.6, 6.2, 7.2, 7.4, 7.0, 6.4, 5.6, 4.2]
WEEK = [1.18, 1.05, 1.0, 0.95, 0.82]


def week_of_rates(calls_a_year: float, days: int) -> list[float]:
    """Calls per hour for each half hour of the week, so that `days` of a year bring their share of the year's calls."""
    rates = [0.0] * 336
    for day, weight in enumerate(WEEK):
        for k, share in enumerate(SHAPE):
            rates[day * 48 + 2 * OPEN + k] = weight * share
    per_year = sum(rates[i % 336] for i in range(365 * 48)) / 2
    return [r * calls_a_year / per_year for r in rates]


def on_duty(agents: int, seats: int) -> int:
    return max(1, min(seats, round(ATTENDANCE * agents)))


def experiment(name: str, calls: float, automatic: float, present: int, days: int, seed: int) -> dict:
    duty = [present if i // 48 < 5 and OPEN * 2 <= i % 48 < CLOSE * 2 else 0 for i in range(336)]
    return {
        "experiment": name, "seed": seed, "replications": 1, "duration": f"{days}d", "interval": "30m", "threshold": f"{THRESHOLD_S:.0f}s",
        "centre": {"queues": {"agents": {"auto_accept": True}}},
        "crew": {"team": {"agents": present, "queues": {"agents": 1}}},
        "staffing": [{"team": "team", "period": "30m", "repeat": True, "agents": duty}],
        "streams": {"calls": {
            "queue": "agents",
            "arrivals": {"per_hour": week_of_rates(calls, days), "period": "30m", "repeat": True, "busyness": BUSYNESS},
            "handling": {"dist": "lognormal", "mean": f"{HANDLING_S}s", "scv": 1.2},
            "patience": f"{PATIENCE_S}s",
            "ivr": {"finish": automatic, "time": "40s"},
        }},
    }


def needed(calls: float, automatic: float, days: int) -> int:
    """The fewest on duty all day with 85 % of those who want an agent answered within 30 s (Erlang A by half hour)."""
    luck = np.quantile(np.random.default_rng(1).gamma(1 / BUSYNESS, BUSYNESS, 20000), [(i + 0.5) / 9 for i in range(9)])
    demand = [r / 2 * (1 - automatic) * f for r in week_of_rates(calls, days) if r > 0 for f in luck]

    def level(n: int) -> float:
        return sum(d * wfm.erlang_a(d / 1800, HANDLING_S, n, PATIENCE_S, THRESHOLD_S)["sl_offered"] for d in demand) / sum(demand)

    low, high = 0, 1
    while level(high) < TARGET:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if level(middle) >= TARGET else (middle, high)
    return high


def province(row: dict, days: int) -> dict:
    calls, automatic = float(row["calls"]) * 1e4, float(row["automatic"]) / float(row["calls"])
    agents, seats = int(row["agents"]), int(row["seats"])
    results = {}
    for label, present in (("as staffed", on_duty(agents, seats)), ("needed", needed(calls, automatic, days))):
        report = sim.run(experiment(row["province"], calls, automatic, present, days, 2014 + zlib.crc32(row["province"].encode())), threads=1).report(0)
        table = sim.frame(report).sum()
        wanted = table["calls.offered"] - table["calls.ivr_finished"]
        results[label] = {
            "present": present, "offered": table["calls.offered"], "by_agent": table["calls.answered"] / table["calls.offered"],
            "abandoned": table["calls.abandoned"] / table["calls.offered"], "in_30_s": table["calls.within"] / max(1.0, wanted),
            "occupancy": table["team.busy_s"] / max(1.0, table["team.on_duty_s"]), "contacts": report.contacts,
        }
    return {"row": row, **results}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--only", default="", help="provinces whose name holds this")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--csv", default="")
    parser.add_argument("--plot", default="")
    options = parser.parse_args()
    folder = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, "survey_2014.csv"), encoding="utf-8") as stream:
        rows = [r for r in csv.DictReader(stream) if r["calls"] and options.only in r["province"]]
    start, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(options.threads) as pool:
        found = []
        for result in pool.map(lambda r: province(r, options.days), sorted(rows, key=lambda r: -float(r["calls"]))):
            found.append(result)
            print(f"\r{len(found)}/{len(rows)} provinces, {sum(f['as staffed']['offered'] for f in found) / 1e6:.1f} million calls", end="", flush=True)
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    print()
    header = ["province", "calls (10,000)", "by agents: survey", "simulated", "abandoned: survey", "simulated", "in 30 s", "on duty", "needed", "in 30 s then"]
    print("  ".join(header))
    lines = []
    for f in found:
        r, a, b = f["row"], f["as staffed"], f["needed"]
        survey_answered, survey_lost = float(r["by_agents"]) / float(r["calls"]), float(r["abandoned"]) / float(r["calls"])
        lines.append([r["province"], float(r["calls"]), survey_answered, a["by_agent"], survey_lost, a["abandoned"], a["in_30_s"], a["present"], b["present"], b["in_30_s"]])
        print(f"{r['province']:<24} {float(r['calls']):8.1f}  {survey_answered:6.1%} {a['by_agent']:6.1%}  {survey_lost:6.1%} {a['abandoned']:6.1%}  "
              f"{a['in_30_s']:6.1%}  {a['present']:5d} {b['present']:5d}  {b['in_30_s']:6.1%}")
    total = sum(f["as staffed"]["offered"] for f in found)
    weigh = lambda what, of: sum(f[of][what] * f[of]["offered"] for f in found) / sum(f[of]["offered"] for f in found)  # noqa: E731
    calls = sum(float(f["row"]["calls"]) for f in found)
    print(f"nation: by agents survey {sum(float(f['row']['by_agents']) for f in found) / calls:.1%}, simulated {weigh('by_agent', 'as staffed'):.1%}; "
          f"abandoned survey {sum(float(f['row']['abandoned']) for f in found) / calls:.1%}, simulated {weigh('abandoned', 'as staffed'):.1%}")
    print(f"85 % within 30 s needs {sum(f['needed']['present'] for f in found)} on duty instead of {sum(f['as staffed']['present'] for f in found)} "
          f"({sum(f['needed']['present'] for f in found) / ATTENDANCE:.0f} agents instead of {sum(int(f['row']['agents']) for f in found)})")
    simulated = sum(f[k]["contacts"] for f in found for k in ("as staffed", "needed"))
    print(f"{total / 1e6:.1f} million calls as staffed, {simulated / 1e6:.1f} million simulated in all, 30-minute statistics included: {wall:.0f} s, {cpu:.0f} CPU-s, "
          f"{simulated / cpu / 1e6:.2f} million a CPU-s, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")
    if options.csv:
        with open(options.csv, "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(header)
            writer.writerows(lines)
    if options.plot:
        plot(lines, options.plot)


def plot(lines: list, path: str) -> None:
    plt = wfm._pyplot()
    figure, axes = plt.subplots(figsize=(10, 0.28 * len(lines) + 1.5))
    names = [line[0].split(" ", 1)[-1] for line in lines]
    axes.plot([line[4] for line in lines], range(len(lines)), "o", color="#30343f", label="abandoned, survey")
    axes.plot([line[5] for line in lines], range(len(lines)), "s", color="#c0392b", label="abandoned, simulated")
    axes.plot([line[6] for line in lines], range(len(lines)), "|", color="#2e8b57", label="answered within 30 s, simulated", markersize=12)
    axes.set_yticks(range(len(lines)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.legend(frameon=False, loc="lower right")
    wfm._save(figure, path)


if __name__ == "__main__":
    main()
