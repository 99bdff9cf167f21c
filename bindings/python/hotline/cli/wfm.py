"""``hotline wfm``: formulas, staffing, forecasts, shifts and rosters."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from typing import Any, Iterable, Sequence

from .sim import write

GOALS = ("sl_offered", "sl_excluding_short_abandons", "sl_answered_only", "mean_wait", "abandonment", "blocking")


def register(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser("wfm", help="plan staff: formulas, forecasts, shifts, rosters")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    def outputs(p: argparse.ArgumentParser, picture: bool = True) -> None:
        p.add_argument("--json", metavar="FILE", help="- for standard output")
        p.add_argument("--csv", metavar="FILE", help="- for standard output")
        if picture:
            p.add_argument("--plot", metavar="FILE", help="a picture (png, svg, pdf)")

    def traffic(p: argparse.ArgumentParser, needed: bool = True) -> None:
        p.add_argument("--rate", type=rate, required=needed, help="contacts per unit of time: 480/h, 8/min, 0.13/s")
        p.add_argument("--aht", type=seconds, required=needed, help="mean handling time: 180s, 3m")
        p.add_argument("--patience", type=seconds, help="mean patience; absent: nobody hangs up")
        p.add_argument("--capacity", type=int, help="contacts in service and waiting together")
        p.add_argument("--threshold", type=seconds, default=30.0, help="of the service level (default 30s)")

    erlang = verbs.add_parser("erlang", help="Erlang B, C and A")
    traffic(erlang)
    erlang.add_argument("--agents", required=True, help="a number, or a range 40-60")
    outputs(erlang)
    erlang.set_defaults(run=run_erlang)

    staff = verbs.add_parser("staff", help="how many agents: one rate, intervals of a file, or teams by simulation")
    traffic(staff, needed=False)
    staff.add_argument("--counts", metavar="CSV", help="expected counts by interval (as `wfm forecast --csv` writes)")
    staff.add_argument("--experiment", metavar="FILE", help="staff its teams by simulation")
    staff.add_argument("--start", help="with --experiment: agents of each team to start from, 10,12,8")
    staff.add_argument("--target", type=float, default=0.85)
    staff.add_argument("--metric", default="sl_offered", choices=GOALS)
    staff.add_argument("--occupancy", type=float, default=1.0, help="at most so busy")
    staff.add_argument("--shrinkage", type=float, default=0.0, help="share of paid time away from the phone")
    staff.add_argument("--sipp", action="store_true", help="each interval on its own, without the load that lags behind")
    outputs(staff)
    staff.set_defaults(run=run_staff)

    for name, text, function in (("forecast", "what is to come, at every level", run_forecast), ("backtest", "the forecast's errors beside simple rules and chance", run_backtest)):
        p = verbs.add_parser(name, help=text)
        p.add_argument("file", help="CSV of counts by interval, or of calls")
        p.add_argument("--columns", default="", help="ours=theirs, ...: time, count, seconds")
        p.add_argument("--interval", type=seconds, help="add up to this interval first")
        p.add_argument("--regressors", metavar="CSV", help="name,day[,value]: holidays, campaigns, past and future")
        outputs(p, picture=name == "forecast")
        if name == "forecast":
            p.add_argument("--days", type=int, default=28)
            p.add_argument("--level", default="day", choices=("minute", "interval", "half_hour", "hour", "day", "week", "month", "year"))
        else:
            p.add_argument("--horizon", type=int, default=7, help="days ahead")
            p.add_argument("--warm-up", type=int, default=56, help="days before the first forecast")
        p.set_defaults(run=function)

    schedule = verbs.add_parser("schedule", help="shifts that cover a requirement")
    schedule.add_argument("file", help="CSV with a column `required` (or `servers`), a line a slot")
    schedule.add_argument("--slots-per-day", type=int, default=96)
    schedule.add_argument("--lengths", default="16,20,24,28,32,36", help="of shifts, in slots")
    schedule.add_argument("--start-every", type=int, default=1)
    schedule.add_argument("--earliest", type=int, default=0, help="first slot of the day in which a shift may begin")
    schedule.add_argument("--latest", type=int, default=96)
    schedule.add_argument("--break-length", type=int, default=2)
    schedule.add_argument("--under-cost", type=float, default=0.0, help="of a missing agent-slot; 0: none may miss")
    schedule.add_argument("--gap", type=float, default=0.001)
    schedule.add_argument("--seconds", type=float, default=20.0)
    schedule.add_argument("--solver", default="", choices=("", "own"), help="own: ours instead of CBC")
    outputs(schedule)
    schedule.set_defaults(run=run_schedule)

    roster = verbs.add_parser("roster", help="named people for the shifts of a schedule")
    roster.add_argument("schedule", help="JSON as `wfm schedule --json` writes")
    roster.add_argument("people", help="JSON: a list of people (docs/wfm.md)")
    roster.add_argument("--seed", type=int, default=1)
    outputs(roster, picture=False)
    roster.set_defaults(run=run_roster)


def seconds(text: str) -> float:
    from .. import Error, parse_duration

    try:
        return parse_duration(text) / 1e9
    except Error as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def rate(text: str) -> float:
    units = {"s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
    number, _, unit = text.partition("/")
    try:
        return float(number) / units[unit or "s"]
    except (ValueError, KeyError):
        raise argparse.ArgumentTypeError(f"`{text}` is no rate; write 480/h, 8/min or 0.13/s") from None


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    def cell(value: Any) -> str:
        return f"{value:.6g}" if isinstance(value, float) else str(value)

    lines = [[cell(v) for v in row] for row in rows]
    widths = [max(len(h), *(len(line[i]) for line in lines)) if lines else len(h) for i, h in enumerate(header)]
    text = "  ".join(h.rjust(w) for h, w in zip(header, widths))
    return "\n".join([text] + ["  ".join(v.rjust(w) for v, w in zip(line, widths)) for line in lines]) + "\n"


def emit(options: argparse.Namespace, header: Sequence[str], rows: Sequence[Sequence[Any]], data: Any = None, note: str = "") -> None:
    if options.json != "-" and options.csv != "-":
        sys.stdout.write(table(header, rows) + note)
    if options.json:
        write(options.json, json.dumps(data if data is not None else [dict(zip(header, row)) for row in rows], ensure_ascii=False, indent=1))
    if options.csv:
        write(options.csv, "\n".join([",".join(header)] + [",".join(str(v) for v in row) for row in rows]) + "\n")


def run_erlang(options: argparse.Namespace) -> int:
    from .. import Error, wfm

    first, _, last = options.agents.partition("-")
    if not first.isdigit() or (last and not last.isdigit()):
        print(f"hotline: `{options.agents}` is no number of agents; write 50 or 40-60", file=sys.stderr)
        return 2
    keys = ["p_wait", "mean_wait_s", "sl_offered", "sl_excluding_short_abandons", "sl_answered_only", "p_abandon", "p_blocked", "occupancy"]
    rows: list[Sequence[Any]] = []
    for n in range(int(first), int(last or first) + 1):
        try:
            p = wfm.erlang_a(options.rate, options.aht, n, options.patience, options.threshold, options.capacity)
            rows.append([n] + [p[k] for k in keys] + [wfm.erlang_b(n, options.rate * options.aht)])
        except Error:
            if not last:
                raise
            rows.append([n] + ["unstable"] + [""] * (len(keys) - 1) + [wfm.erlang_b(n, options.rate * options.aht)])
    emit(options, ["agents", *keys, "erlang_b"], rows, note=f"offered load {options.rate * options.aht:.6g} erlangs\n")
    if options.plot:
        plt, good = wfm._pyplot(), [r for r in rows if r[1] != "unstable"]
        figure, axes = plt.subplots(figsize=(9, 4.5))
        for k, label in ((3, "answered in time / offered"), (6, "hung up"), (8, "occupancy")):
            axes.plot([r[0] for r in good], [r[k] for r in good], "o-", label=label)
        axes.set_xlabel("agents")
        axes.legend(frameon=False)
        wfm._save(figure, options.plot)
    return 0


def run_staff(options: argparse.Namespace) -> int:
    from .. import InvalidError, sim, wfm

    if options.experiment:
        experiment = sim.experiment(options.experiment)
        teams = experiment.teams()
        start = [int(x) for x in options.start.split(",")] if options.start else [1] * len(teams)
        found = experiment.staff_teams(start, [options.target], "sl_offered" if options.metric == "sl_offered" else options.metric)
        report = found["report"]
        streams = [[name, *report.figure(f"{name}.sl_offered")[:3]] for name in report.streams]
        note = "".join(f"{n}: {v:.4f} [{a:.4f}, {b:.4f}]\n" for n, v, a, b in streams)
        note += f"{'met' if found['met'] else 'NOT met'} after {found['simulations']} simulations\n"
        emit(options, ["team", "agents"], [list(x) for x in zip(teams, found["agents"])],
             {"teams": dict(zip(teams, found["agents"])), "met": found["met"], "levels": dict(zip(report.streams, found["levels"]))}, note)
        return 0 if found["met"] else 1
    if options.aht is None:
        raise InvalidError("--aht is missing; give the mean handling time, e.g. --aht 180s")
    common = dict(target=options.target, threshold_s=options.threshold, metric=options.metric, max_occupancy=options.occupancy, shrinkage=options.shrinkage)
    if options.counts:
        with open(options.counts, encoding="utf-8-sig", newline="") as stream:
            lines = list(csv.DictReader(stream))
        column = next((c for c in ("mean", "count", "calls", "required_calls") if lines and c in lines[0]), None)
        if column is None:
            raise InvalidError("the file has no column `mean`, `count` or `calls`; see docs/wfm.md")
        interval = float(lines[0].get("seconds") or lines[0].get("interval_s") or 900)
        staffed = wfm.staff_intervals([float(line[column]) for line in lines], interval, options.aht, options.patience, lagged=not options.sipp, **common)
        label = lines[0].get("start") is not None
        rows = [[line["start"] if label else i, float(line[column]), s["servers"], s["fractional"], s["paid"], s["performance"]["sl_offered"],
                 s["performance"]["occupancy"]] for i, (line, s) in enumerate(zip(lines, staffed))]
        emit(options, ["start", "contacts", "servers", "fractional", "paid", "sl_offered", "occupancy"], rows)
        if options.plot:
            wfm.plot_schedule([r[3] for r in rows], [r[2] for r in rows], options.plot, int(86400 / interval))
        return 0
    if options.rate is None:
        raise InvalidError("nothing to staff; give --rate, --counts or --experiment")
    s = wfm.staff(options.rate, options.aht, options.patience, capacity=options.capacity, **common)
    keys = ["sl_offered", "sl_excluding_short_abandons", "mean_wait_s", "p_abandon", "occupancy"]
    rows = [["one less", s["servers"] - 1] + [s["one_less"][k] for k in keys], ["needed", s["servers"]] + [s["performance"][k] for k in keys]]
    emit(options, ["", "agents", *keys], rows, s, f"fractional {s['fractional']:.3f}, paid {s['paid']:.3f}\n")
    return 0


def load(options: argparse.Namespace) -> tuple[Any, dict[str, dict[str, float]]]:
    from .. import wfm

    series = wfm.load_counts(options.file, options.columns, options.interval or 1800.0)
    if options.interval and options.interval != series.interval_s:
        series = series.coarser(options.interval)
    regressors: dict[str, dict[str, float]] = {}
    if options.regressors:
        with open(options.regressors, encoding="utf-8-sig", newline="") as stream:
            for line in csv.DictReader(stream):
                regressors.setdefault(line["name"], {})[line["day"]] = float(line.get("value") or 1)
    return series, regressors


def run_forecast(options: argparse.Namespace) -> int:
    from .. import wfm

    series, regressors = load(options)
    result = wfm.forecast(series, options.days, regressors)
    rows = []
    for day, start, width, mean, low80, high80, low95, high95 in result.at(options.level):
        s = int(start)
        rows.append([f"{day}T{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}", width, mean, low80, high80, low95, high95])
    emit(options, ["start", "seconds", "mean", "low80", "high80", "low95", "high95"], rows)
    if options.plot:
        wfm.plot_forecast(series, result, options.plot, options.level)
    return 0


def run_backtest(options: argparse.Namespace) -> int:
    from .. import wfm

    series, regressors = load(options)
    scores = wfm.backtest(series, regressors, options.horizon, options.warm_up)
    keys = ["level", "mean_count", "floor", "wape", "mean_of_4", "last_week", "skill", "coverage80", "coverage95", "count"]
    note = ("floor: the error of a perfect forecast of the rate (Poisson noise); wape: ours; mean_of_4, last_week: simple rules; "
            "skill: 1 - wape / mean_of_4\n")
    emit(options, keys, [[s[k] for k in keys] for s in scores], note=note)
    return 0


def run_schedule(options: argparse.Namespace) -> int:
    from .. import InvalidError, wfm

    with open(options.file, encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.DictReader(stream))
    column = next((c for c in ("required", "servers", "agents") if lines and c in lines[0]), None)
    if column is None:
        raise InvalidError("the file has no column `required`; a line a slot")
    required = [float(line[column]) for line in lines]
    patterns = wfm.enumerate_shifts(len(required), [int(x) for x in options.lengths.split(",")], options.slots_per_day, options.start_every,
                                    options.earliest, options.latest, options.break_length)
    found = wfm.cover(patterns, required, options.under_cost, options.gap, options.seconds, options.solver)
    chosen = [(p, n) for p, n in zip(patterns, found["counts"]) if n > 0]
    hours = 24.0 / options.slots_per_day

    def clock(slot: int) -> str:
        minutes = round(slot % options.slots_per_day * hours * 60)
        return f"{slot // options.slots_per_day}+{minutes // 60:02}:{minutes % 60:02}"

    rows = [[clock(p.start), clock(p.start + p.length), " ".join(clock(p.start + a) for a, _ in p.breaks) or "-", n] for p, n in chosen]
    data = {"slots_per_day": options.slots_per_day, "cost": found["cost"], "bound": found["bound"], "gap": found["gap"], "fit": found["fit"],
            "over": found["over"], "under": found["under"], "solver": found["solver"], "required": required, "scheduled": list(found["scheduled"]),
            "shifts": [{"start": p.start, "length": p.length, "breaks": p.breaks, "cost": p.cost, "count": n} for p, n in chosen]}
    note = (f"{found['shifts']} shifts, {found['cost']:.0f} paid slots (none fewer than {found['bound']:.1f}: gap {100 * found['gap']:.2f} %), "
            f"fit {100 * found['fit']:.1f} % ({found['over']:.0f} over, {found['under']:.0f} under), solver {found['solver']}\n")
    emit(options, ["from", "to", "breaks", "people"], rows, data, note)
    if options.plot:
        wfm.plot_schedule(required, list(found["scheduled"]), options.plot, options.slots_per_day)
    return 0


def run_roster(options: argparse.Namespace) -> int:
    from .. import InvalidError, wfm

    with open(options.schedule, encoding="utf-8") as stream:
        schedule = json.load(stream)
    with open(options.people, encoding="utf-8") as stream:
        described = json.load(stream)
    people = []
    for entry in described:
        person = wfm.Person()
        for key, value in entry.items():
            if not hasattr(person, key):
                raise InvalidError(f"people: `{key}` is nothing that is known of a person; see docs/wfm.md")
            setattr(person, key, value)
        people.append(person)
    slots = schedule["slots_per_day"]
    demand = []
    for shift in schedule["shifts"]:
        day, start = divmod(shift["start"], slots)
        pattern = wfm.ShiftPattern(start, shift["length"], [tuple(b) for b in shift["breaks"]], shift["cost"])
        demand += [(day, pattern, shift.get("skill", ""))] * shift["count"]
    found = wfm.assign(people, demand, 24.0 / slots, options.seed)
    rows = []
    for (day, pattern, skill), who in zip(demand, found["person_of"]):
        start = round(pattern.start * 1440 / slots)
        end = round((pattern.start + pattern.length) * 1440 / slots)
        rows.append([day, f"{start // 60:02}:{start % 60:02}", f"{end // 60:02}:{end % 60:02}", skill or "-", people[who].name if who >= 0 else "NOBODY"])
    hours = {p.name: h for p, h in zip(people, found["hours"])}
    note = (f"{found['unfilled']} of {len(demand)} shifts without anybody; {found['wishes_granted']} of {found['wishes']} wishes granted; "
            f"hours {min(found['hours']):.1f} to {max(found['hours']):.1f}\n" + "".join(v + "\n" for v in found["violations"]))
    emit(options, ["day", "from", "to", "skill", "person"], rows,
         {"shifts": [dict(zip(("day", "from", "to", "skill", "person"), r)) for r in rows], "hours": hours, "unfilled": found["unfilled"],
          "wishes": found["wishes"], "wishes_granted": found["wishes_granted"], "violations": found["violations"]}, note)
    return 0 if found["unfilled"] == 0 and not found["violations"] else 1
