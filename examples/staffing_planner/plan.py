# %% [markdown]
# From a year of counts to a roster that was tried out
# Run it as a script (`python examples/staffing_planner/plan.py [counts.csv] [--out folder]`) or cell by cell as a notebook.

# %% A year of half-hour counts: yours, or a made-up centre's
import argparse
import datetime as dt
import json
import os

import numpy as np

from hotline import sim, wfm

parser = argparse.ArgumentParser()
parser.add_argument("counts", nargs="?")
parser.add_argument("--out", default="plan")
options, _ = parser.parse_known_args()
os.makedirs(options.out, exist_ok=True)
HANDLING, PATIENCE, TARGET, THRESHOLD = 200.0, 120.0, 0.85, 30.0


def made_up_year(days: int = 371) -> wfm.Series:
    random = np.random.default_rng(12345)
    half_hours = np.arange(48) / 2
    shape = np.where((half_hours >= 8) & (half_hours < 20), np.exp(-0.5 * ((half_hours - 10.5) / 2) ** 2) + 0.8 * np.exp(-0.5 * ((half_hours - 15) / 2.2) ** 2), 0)
    counts = []
    for day in range(days):
        rate = 55 * (1, 0.96, 0.93, 0.95, 0.98, 0.5, 0.35)[day % 7] * (1 + 0.15 * np.cos(2 * np.pi * day / 30.4)) * random.gamma(60, 1 / 60)
        counts.extend(random.poisson(rate * shape))
    return wfm.Series("2025-01-06", 1800, counts)


history = wfm.load_counts(options.counts) if options.counts else made_up_year()
if history.interval_s < 1800:
    history = history.coarser(1800)

# %% How good is the forecast? Beside two simple rules, and beside chance
scores = wfm.backtest(history)
for s in scores:
    print(f"{s['level']:<10} error {s['wape']:6.1%}   mean of four weeks {s['mean_of_4']:6.1%}   chance alone {s['floor']:6.1%}   in the 95 % interval {s['coverage95']:.0%}")

# %% The next four weeks; we plan the first whole one
forecast = wfm.forecast(history, 28)
wfm.plot_forecast(history, forecast, f"{options.out}/forecast.png")
frame = wfm.forecast_frame(forecast, "interval")
monday = next(t for t in frame.index if t.weekday() == 0 and t.hour == 0 and t.minute == 0)
week = frame[monday:monday + dt.timedelta(days=7) - dt.timedelta(seconds=1)]["mean"].to_numpy()
assert len(week) == 336

# %% Agents on the phone, half hour by half hour
need = wfm.staff_intervals(week, 1800, HANDLING, PATIENCE, target=TARGET, threshold_s=THRESHOLD, max_occupancy=0.88)
required = np.array([n["servers"] if w > 0.5 else 0 for n, w in zip(need, week)], float)

# %% Shifts of 6 to 9 hours with half an hour's break from 5 hours on
patterns = wfm.enumerate_shifts(336, [12, 14, 16, 18], slots_per_day=48, start_every=1, earliest_start=14, latest_start=34,
                                break_length=1, break_from=4, break_to=4, break_every=1, break_needed_from=10)
cover = wfm.cover(patterns, list(required), gap=0.005, seconds=30, under_cost=4)
wfm.plot_schedule(required, cover["scheduled"], f"{options.out}/schedule.png", 48)
print(f"{cover['shifts']} shifts, {cover['cost'] / 2:.0f} paid hours (no schedule below {cover['bound'] / 2:.0f}), fit {cover['fit']:.1%}, by {cover['solver']}")

# %% People
demand = [(p.start // 48, wfm.ShiftPattern(p.start % 48, p.length, p.breaks, p.cost), "") for p, n in zip(patterns, cover["counts"]) for _ in range(n)]
people = []
for i in range(int(np.ceil(1.12 * max(cover["cost"] / 2 / 36, cover["shifts"] / 5)))):
    person = wfm.Person()
    person.name = f"agent {i + 1}"
    person.wished_days_off = [i % 7]
    if i % 4 == 0:
        person.wished_to = 17.5
    people.append(person)
roster = wfm.assign(people, demand, slot_hours=0.5)
print(f"{len(people)} people, {roster['unfilled']} shifts open, {roster['wishes_granted']} of {roster['wishes']} wishes granted, "
      f"{min(roster['hours']):.0f} to {max(roster['hours']):.0f} hours, {len(roster['violations'])} rules broken")

# %% Does it work? The roster in the router, twenty weeks long
shifts = []
for (day, pattern, _), who in zip(demand, roster["person_of"]):
    if who >= 0:
        at = lambda slot: f"{(day * 48 + pattern.start + slot) * 30}m"  # noqa: E731
        shifts.append({"agents": [f"team-{who + 1}"], "from": at(0), "to": at(pattern.length), "breaks": [{"from": at(a), "to": at(a + n)} for a, n in pattern.breaks]})
check = {
    "experiment": "the roster", "replications": 20, "duration": "7d", "interval": "30m", "threshold": f"{THRESHOLD:.0f}s", "seed": 3,
    "centre": {"queues": {"calls": {"auto_accept": True}}},
    "crew": {"team": {"agents": len(people), "queues": {"calls": 1}}},
    "shifts": shifts,
    "streams": {"calls": {"arrivals": {"per_hour": [float(2 * x) for x in week], "period": "30m", "busyness": 0.015}, "handling": f"{HANDLING}s", "patience": f"{PATIENCE}s"}},
}
report = sim.run(check).report(0)
level = sim.figure(report, "calls.sl_offered")
print(f"answered within {THRESHOLD:.0f} s: {level.value:.1%} [{level.low:.1%}, {level.high:.1%}], target {TARGET:.0%}; hung up {sim.figure(report, 'calls.p_abandon').value:.1%}; "
      f"occupancy {sim.figure(report, 'team.occupancy').value:.0%}")
sim.plot(report, f"{options.out}/week.png")
with open(f"{options.out}/summary.json", "w", encoding="utf-8") as stream:
    json.dump({"fit": cover["fit"], "gap": cover["gap"], "unfilled": roster["unfilled"], "violations": roster["violations"], "sl": level._asdict(),
               "skill": {s["level"]: s["skill"] for s in scores}}, stream, indent=1)
