"""``hotline calendar``: working calendars.

hotline calendar due data/calendars/cn.yaml 2026-02-13T10:00:00+08:00 3wd
hotline calendar show data/calendars/cn.yaml 2026-02
hotline calendar show data/calendars/cn.yaml 2030-02 --add 2030.json
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from .. import InvalidError
from ..workflow import Calendar


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "calendar", help="working days and deadlines", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    one = verbs.add_parser("due", help="when a term ends")
    one.add_argument("file")
    one.add_argument("start", help="RFC 3339, such as 2026-02-13T10:00:00+08:00")
    one.add_argument("term", help="15wd, 8wh, 24h or 7cd")
    one.set_defaults(run=due)
    two = verbs.add_parser("show", help="a month's working days")
    two.add_argument("file")
    two.add_argument("month", help="2026-02")
    two.set_defaults(run=show)
    for verb in (one, two):
        verb.add_argument("--add", action="append", default=[], metavar="FILE", help="holiday JSON, iCalendar (.ics) or an overlay (.yaml) laid over")
        verb.add_argument("--as-of", metavar="TIME", help="as it was known then")


def calendar(options: argparse.Namespace) -> Calendar:
    out = Calendar.load(options.file)
    for name in options.add:
        text = Path(name).read_text(encoding="utf-8")
        if name.endswith(".ics"):
            out = out.with_icalendar(text, 0)
        elif name.endswith(".json"):
            out = out.with_holidays(text, 0)
        else:
            out = out.with_overlay(text)
    return out.as_of(options.as_of) if options.as_of else out


def due(options: argparse.Namespace) -> int:
    answer = calendar(options).due(options.start, options.term)
    if answer.at is None:
        print("never: the calendar has no such time up to 2099")
        return 1
    print(answer.at.isoformat() + ("  (provisional: that year is not published yet)" if answer.provisional else ""))
    return 0


def show(options: argparse.Namespace) -> int:
    try:
        first = dt.date.fromisoformat(options.month + "-01")
    except ValueError:
        raise InvalidError(f"`{options.month}` is not a month; write 2026-02") from None
    days = calendar(options)
    print(f"{days.id}  {options.month}   Mo Tu We Th Fr Sa Su   (. off, * exception)")
    line, names = "   " * first.weekday(), []
    day = first
    while day.month == first.month:
        what = days.day(day)
        line += f"{day.day:2}" + ("*" if what["exception"] else " ") if what["workday"] else " ." + ("*" if what["exception"] else " ")
        if what["exception"]:
            names.append(f"{day} {'work' if what['workday'] else 'off'}  {what['name']}")
        if day.weekday() == 6:
            print(line)
            line = ""
        day += dt.timedelta(days=1)
    if line:
        print(line)
    for name in names:
        print(name)
    if not days.is_known(first.year):
        print(f"{first.year} is not published yet: provisional, Monday to Friday")
    return 0
