"""``hotline sim``: experiments, reference files and replays."""

from __future__ import annotations

import argparse
import os
import sys


def register(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser("sim", help="simulate a centre with the production router")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    run = verbs.add_parser("run", help="run an experiment (YAML or JSON)")
    run.add_argument("experiment")
    run.add_argument("--threads", type=int, default=0, help="0: all cores; the result is the same")
    run.add_argument("--json", metavar="FILE", help="write figures with intervals (- for standard output)")
    run.add_argument("--csv", metavar="FILE", help="write interval by interval; variants get -2, -3 ... before the ending")
    run.add_argument("--plot", metavar="FILE", help="draw the first variant by interval, or the variants' service level")
    run.add_argument("--quiet", action="store_true")
    run.set_defaults(run=run_experiment)

    golden = verbs.add_parser("golden", help="run a file of reference cases; says per metric whether it holds")
    golden.add_argument("file")
    golden.add_argument("--contacts", type=float, default=4e6, help="simulated a case (default 4e6)")
    golden.add_argument("--seed", type=int, default=1)
    golden.add_argument("--threads", type=int, default=0)
    golden.add_argument("--only", default="", help="cases whose id begins so")
    golden.add_argument("--simulate-all", action="store_true", help="also simulate what a formula answers")
    golden.add_argument("--json", metavar="FILE")
    golden.add_argument("--csv", metavar="FILE")
    golden.add_argument("--quiet", action="store_true")
    golden.set_defaults(run=run_golden)

    replay = verbs.add_parser("replay", help="replay the days of a call log (CSV)")
    replay.add_argument("file")
    replay.add_argument("--columns", default="", help="ours=theirs, ...: time queue_time priority wait handling outcome agent service ivr")
    replay.add_argument("--threshold", default="20s")
    replay.add_argument("--slot", default="15m", help="an agent without a call for so long was away")
    replay.add_argument("--replications", type=int, default=20)
    replay.add_argument("--seed", type=int, default=1)
    replay.add_argument("--csv", metavar="FILE")
    replay.add_argument("--plot", metavar="FILE")
    replay.set_defaults(run=run_replay)


def write(path: str, text: str) -> None:
    if path == "-":
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        return
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)


def progress_bar(quiet: bool):
    if quiet or not sys.stderr.isatty():
        return None

    def show(name: str, done: int, of: int) -> None:
        width = 30
        full = width * done // max(1, of)
        sys.stderr.write(f"\r{name[:30]:30} [{'#' * full}{'.' * (width - full)}] {done}/{of}")
        if done == of:
            sys.stderr.write("\r" + " " * 80 + "\r")
        sys.stderr.flush()

    return show


def run_experiment(options: argparse.Namespace) -> int:
    from .. import sim

    comparison = sim.run(options.experiment, options.threads, progress_bar(options.quiet))
    if options.json != "-" and options.csv != "-":
        sys.stdout.write(comparison.to_text())
    if options.json:
        write(options.json, comparison.to_json())
    if options.csv:
        stem, ending = os.path.splitext(options.csv)
        for i in range(len(comparison.names)):
            name = options.csv if i == 0 or options.csv == "-" else f"{stem}-{i + 1}{ending}"
            write(name, comparison.report(i).to_csv())
    if options.plot:
        if len(comparison.names) > 1:
            report = comparison.report(0)
            sim.plot_comparison(comparison, ("all" if len(report.streams) > 1 else report.streams[0]) + ".sl_offered", options.plot)
        else:
            sim.plot(comparison.report(0), options.plot)
    return 0


def run_golden(options: argparse.Namespace) -> int:
    from .. import sim

    bar = progress_bar(options.quiet)
    show = None if bar is None else lambda done, of, name: bar(name, done, of)
    report = sim.golden(options.file, options.contacts, options.seed, options.threads, options.only, options.simulate_all, show)
    if options.json != "-" and options.csv != "-":
        sys.stdout.write(report.to_text())
    if options.json:
        write(options.json, report.to_json())
    if options.csv:
        write(options.csv, report.to_csv())
    return 0 if report.accepted else 1


def run_replay(options: argparse.Namespace) -> int:
    from .. import parse_duration, sim

    result = sim.replay(options.file, options.columns, parse_duration(options.threshold) / 1e9, parse_duration(options.slot) / 1e9,
                        options.replications, options.seed)
    if options.csv != "-":
        sys.stdout.write(result.to_text())
    if options.csv:
        write(options.csv, result.to_csv())
    if options.plot:
        from ..wfm import _pyplot, _save

        plt = _pyplot()
        days = result.days
        figure, axes = plt.subplots(3, 1, figsize=(10, 8), sharex=True)
        for axis, what, label in zip(axes, ("sl", "abandon", "wait"), ("service level", "hung up", "mean wait (s)")):
            axis.plot([d["day"] for d in days], [d[f"logged_{what}"] for d in days], "o-", color="#30343f", label="log")
            axis.plot([d["day"] for d in days], [d[f"simulated_{what}"] for d in days], "s--", color="#c0392b", label="simulated")
            axis.set_ylabel(label)
        axes[0].legend(frameon=False)
        figure.autofmt_xdate()
        _save(figure, options.plot)
    return 0
