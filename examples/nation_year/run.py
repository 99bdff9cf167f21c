"""A nation's year: every call to China's labour hotline 12333 in 2014, province by province, through the router.

    python examples/nation_year/run.py                      (all 78.4 million calls, three times: two or three minutes)
    python examples/nation_year/run.py --days 14 --only 广东

Volumes, automatic service, abandonment, agents and seats: survey_2014.csv, from tables 2 and 3 of the survey
"2014年度12333电话咨询服务调查分析报告" (32 provinces; Tibet reported no volumes; calls in units of 10,000).
The survey does not say how long calls take, how patient callers are, or when people work, so there are three answers:
*assumed* takes what stands below for everywhere; *implied* takes as many on duty as make the published abandonment (the
one unknown that is fitted, province by province; a province that reports next to none keeps what is assumed); *needed* is
what would bring 85 % within 30 s. The share answered by agents is a check of the whole chain in all three.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import sys
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
LABELS = ("assumed", "implied", "needed")


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


def experiment(name: str, calls: float, automatic: float, left: float, present: int, days: int, seed: int) -> dict:
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
            "ivr": {"finish": automatic, "hang_up": left, "time": "40s"},
        }},
    }


class Demand:
    """What wants an agent in each half hour of a week, with the days' luck: Erlang A says what n agents make of it."""

    def __init__(self, calls: float, queued: float, days: int) -> None:
        luck = np.quantile(np.random.default_rng(1).gamma(1 / BUSYNESS, BUSYNESS, 20000), [(i + 0.5) / 9 for i in range(9)])
        counts: dict[float, int] = {}
        for rate in week_of_rates(calls, days):
            if rate > 0:
                counts[rate] = counts.get(rate, 0) + 1
        self.pieces = [(r / 3600 * queued * f, n) for r, n in counts.items() for f in luck]

    def share(self, n: int, figure: str) -> float:
        """Of those who want an agent."""
        return sum(d * k * wfm.erlang_a(d, HANDLING_S, n, PATIENCE_S, THRESHOLD_S)[figure] for d, k in self.pieces) / sum(d * k for d, k in self.pieces)

    def fewest(self, holds) -> int:
        low, high = 0, 1
        while not holds(high):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if holds(middle) else (middle, high)
        return high

    def needed(self) -> int:
        return self.fewest(lambda n: self.share(n, "sl_offered") >= TARGET)

    def implied(self, abandoned: float) -> int:
        n = self.fewest(lambda n: self.share(n, "p_abandon") <= abandoned)
        nearer = n > 1 and abs(self.share(n - 1, "p_abandon") - abandoned) < abs(self.share(n, "p_abandon") - abandoned)
        return n - 1 if nearer else n


def province(row: dict, days: int) -> dict:
    calls = float(row["calls"]) * 1e4
    automatic, left, abandoned = (float(row[k] or 0) / float(row["calls"]) for k in ("automatic", "left_in_menu", "abandoned"))
    queued = 1 - automatic - left
    demand = Demand(calls, queued, days)
    assumed = on_duty(int(row["agents"]), int(row["seats"]))
    implied = demand.implied((abandoned - left) / queued) if abandoned > 0.005 else assumed
    results = {}
    for label, present in (("assumed", assumed), ("implied", implied), ("needed", demand.needed())):
        same = next((r for r in results.values() if r["present"] == present), None)
        if same is not None:
            results[label] = {**same, "contacts": 0}
            continue
        report = sim.run(experiment(row["province"], calls, automatic, left, present, days, 2014 + zlib.crc32(row["province"].encode())), threads=1).report(0)
        table = sim.frame(report).sum()
        offered = table["calls.offered"]
        wanted = offered - table["calls.ivr_finished"] - table["calls.ivr_left"]
        results[label] = {
            "present": present, "offered": offered, "by_agent": table["calls.answered"] / offered,
            "abandoned": (table["calls.abandoned"] + table["calls.ivr_left"]) / offered, "in_30_s": table["calls.within"] / max(1.0, wanted),
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
        rows = [r for r in csv.DictReader(line for line in stream if not line.startswith("#")) if r["calls"] and options.only in r["province"]]
    start, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(options.threads) as pool:
        found = []
        for result in pool.map(lambda r: province(r, options.days), sorted(rows, key=lambda r: -float(r["calls"]))):
            found.append(result)
            print(f"\r{len(found)}/{len(rows)} provinces, {sum(f['assumed']['offered'] for f in found) / 1e6:.1f} million calls", end="", flush=True, file=sys.stderr)
    print(file=sys.stderr)
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    header = ["province", "calls (10,000)", "by agents: survey", "assumed", "implied", "abandoned: survey", "assumed", "implied",
              "in 30 s: assumed", "implied", "needed", "on duty: assumed", "implied", "needed"]
    print(f"{'':<24} {'calls':>8}  {'by agents':>20}   {'abandoned':>20}   {'within 30 s':>20}   {'on duty':>17}")
    print(f"{'province':<24} {'(10,000)':>8}  " + "survey assumed implied   " * 2 + "assumed implied needed   assumed implied needed")
    lines = []
    for f in found:
        r = f["row"]
        runs = [f[k] for k in LABELS]
        line = [r["province"], float(r["calls"]), float(r["by_agents"]) / float(r["calls"]), *(x["by_agent"] for x in runs[:2]),
                float(r["abandoned"]) / float(r["calls"]), *(x["abandoned"] for x in runs[:2]), *(x["in_30_s"] for x in runs), *(x["present"] for x in runs)]
        lines.append(line)
        print(f"{line[0]:<24} {line[1]:8.1f}  " + "   ".join(f"{a:6.1%} {b:6.1%} {c:6.1%}" for a, b, c in (line[2:5], line[5:8], line[8:11]))
              + "   " + " ".join(f"{n:5d}" for n in line[11:]))
    calls = sum(line[1] for line in lines)
    nation = lambda column: sum(line[column] * line[1] for line in lines) / calls  # noqa: E731
    wanting = [line[1] * (1 - float(f["row"]["automatic"]) / line[1]) for line, f in zip(lines, found)]
    in_time = [sum(line[8 + k] * w for line, w in zip(lines, wanting)) / sum(wanting) for k in range(3)]
    duty = [sum(line[11 + k] for line in lines) for k in range(3)]
    print(f"nation: by agents {nation(2):.1%} in the survey, {nation(3):.1%} assumed, {nation(4):.1%} implied; "
          f"abandoned {nation(5):.1%}, {nation(6):.1%}, {nation(7):.1%}; within 30 s {in_time[0]:.1%} assumed, {in_time[1]:.1%} implied, {in_time[2]:.1%} needed")
    print(f"on duty: {duty[0]} assumed ({ATTENDANCE:.0%} of {sum(int(f['row']['agents']) for f in found)} agents, no more than seats), {duty[1]} implied by the published abandonment; "
          f"85 % within 30 s needs {duty[2]}, {duty[2] / duty[1] - 1:+.0%} on the implied ones")
    simulated = sum(f[k]["contacts"] for f in found for k in LABELS)
    print(f"{sum(f['assumed']['offered'] for f in found) / 1e6:.1f} million calls a run, {simulated / 1e6:.1f} million simulated in all, 30-minute statistics included: {wall:.0f} s, {cpu:.0f} CPU-s, "
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
    rows = range(len(lines))
    axes.plot([line[5] for line in lines], rows, "o", color="#30343f", label="abandoned, survey")
    axes.plot([line[6] for line in lines], rows, "s", color="#d9a441", markersize=5, label="abandoned, assumed staff")
    axes.plot([line[7] for line in lines], rows, "x", color="#c0392b", label="abandoned, implied staff")
    axes.plot([line[9] for line in lines], rows, "|", color="#1f5fa8", label="within 30 s, implied staff", markersize=12)
    axes.plot([line[10] for line in lines], rows, "|", color="#2e8b57", label="within 30 s, needed staff", markersize=12)
    axes.set_yticks(range(len(lines)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=3)
    wfm._save(figure, path)


if __name__ == "__main__":
    main()
