"""Runs the benchmarks and prints them as a table: ``./dev bench [NAME...] [--json FILE]``.

A name is dotted (``acd.lifecycle.1000``) or a prefix (``acd``). C++ programs are ``benchmarks/<box>_*.cpp``, Python
ones ``benchmarks/<box>_*.py``; those with its first word in their names are run, each gets the names as arguments and prints one JSON object a line.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"


def programs(names: list[str]) -> list[list[str]]:
    boxes = {name.split(".")[0] for name in names}
    wanted = lambda path: path.stem != "run" and (not boxes or boxes & set(path.stem.split("_")))
    cpp = [path for path in sorted((ROOT / "benchmarks").glob("*_*.cpp")) if wanted(path)]
    python = [path for path in sorted((ROOT / "benchmarks").glob("*_*.py")) if wanted(path)]
    if cpp or python:
        if not (BUILD / "build.ninja").exists():
            subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True, stdout=sys.stderr)
        targets = [f"bench_{path.stem}" for path in cpp] + (["hotline_python"] if python else [])
        subprocess.run(["ninja", "-C", str(BUILD), *targets], check=True, stdout=sys.stderr)
    return [[str(BUILD / "benchmarks" / f"bench_{path.stem}")] for path in cpp] + [
        [sys.executable, str(path)] for path in python
    ]


def short(value: float) -> str:
    for limit, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{unit}"
    return f"{value:.3g}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--json", metavar="FILE", help="also write one JSON object a line")
    options, extra = parser.parse_known_args()
    if "sim" in options.names:  # the same people read both
        options.names.append("wfm")
    found, status = [], 0
    runs = programs(options.names)
    if not runs:
        print(f"no benchmark is named {' '.join(options.names)}", file=sys.stderr)
        return 2
    print(f"{'benchmark':34} {'value':>10} {'unit':14} {'baseline':>10} {'ratio':>8}  beside")
    for command in runs:
        with subprocess.Popen([*command, *options.names, *extra], stdout=subprocess.PIPE, text=True, env=os.environ) as run:
            for line in run.stdout:
                if not line.startswith("{"):
                    print(line, end="", file=sys.stderr)
                    continue
                row = json.loads(line)
                found.append(line)
                print(
                    f"{row['name']:34} {short(row['value']):>10} {row['unit']:14} {short(row['baseline_value']):>10} "
                    f"{row['ratio']:>8.2f}  {row['baseline']}",
                    flush=True,
                )
        status = status or run.returncode
    if options.json:
        pathlib.Path(options.json).write_text("".join(found), encoding="utf-8")
    if not found and status == 0:
        print(f"no benchmark is named {' '.join(options.names)}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
