"""``hotline ticket``: verify, show, search, kpi, export, print, backup, and letters between sites."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys


def register(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser("ticket", help="tickets: verify the log, look, search, count, export, print, back up")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, run, help: str) -> argparse.ArgumentParser:
        one = verbs.add_parser(name, help=help)
        one.add_argument("db", metavar="DB", help="a file, or postgresql://...")
        one.set_defaults(run=run)
        return one

    verb("verify", _verify, "check every chain, anchor and replay; status 1 where something was changed")
    verb("show", _show, "a ticket and its history").add_argument("number")
    search = verb("search", _search, "full text and fields")
    search.add_argument("text", nargs="?", default="")
    for name in ("phone", "category", "area", "unit", "channel", "level"):
        search.add_argument("--" + name, default="")
    search.add_argument("--limit", type=int, default=20)
    kpi = verb("kpi", _kpi, "key figures of the period that holds a day")
    kpi.add_argument("day", help="2026-11-22")
    kpi.add_argument("--period", default="month", choices=["day", "week", "month", "quarter", "year"])
    kpi.add_argument("--by", default="none", choices=["none", "unit", "category", "area", "channel"])
    export = verb("export", _export, "the log or the tickets, to the standard output")
    export.add_argument("format", choices=["csv", "tickets.jsonl", "jsonl", "xes"])
    take = verb("import", _import, "tickets from a CSV or JSON-lines file; a second time changes nothing")
    take.add_argument("file", help="FILE.csv or FILE.jsonl")
    paper = verb("print", _print, "a ticket, a letter or a notice of supervision")
    paper.add_argument("number")
    paper.add_argument("file", help="FILE.html or FILE.pdf")
    paper.add_argument("--kind", default="ticket", choices=["ticket", "letter", "supervision"])
    paper.add_argument("--language", default="zh", choices=["zh", "en"])
    geo = verb("open311", _open311, "serve Open311 GeoReport v2 on the loopback interface until it is interrupted")
    geo.add_argument("--services", required=True, metavar="FILE", help="YAML: keys and services (docs/ticket.md)")
    geo.add_argument("--port", type=int, default=0, help="0: any that is free")
    archive = verb("archive", _archive, "move what is over to another database; its numbers still answer")
    archive.add_argument("to", help="a file, or postgresql://...")
    archive.add_argument("--closed-before", required=True, metavar="DAY", help="2025-01-01")
    back = verb("restore", _restore, "bring one ticket back from an archive")
    back.add_argument("archive")
    back.add_argument("ticket", type=int, help="its id")
    verb("key", _key, "the public key of this database, for its peers")
    verb("join", _join, "say who we are and whom we exchange cases with").add_argument("sites", metavar="FILE", help="YAML: site and peers (docs/ticket.md)")
    letters = verb("letters", _letters, "letters to other sites, a line each, to the standard output")
    letters.add_argument("--lease", default="5m", help="without a receipt they come again after this time")
    receive = verb("receive", _receive, "take in letters and receipts, a line each; the receipts for them go to the standard output")
    receive.add_argument("file", help="- is the standard input")
    verb("backup", _backup, "copy a database that is in use").add_argument("to")


def _open(options: argparse.Namespace):
    from ..ticket import Tickets

    _there(options)
    return Tickets(options.db)


def _there(options: argparse.Namespace) -> None:
    if "://" not in options.db and not os.path.exists(options.db):
        print(f"hotline ticket: there is no database `{options.db}`", file=sys.stderr)
        raise SystemExit(2)


def _verify(options: argparse.Namespace) -> int:
    from ..ticket import verify

    _there(options)
    found = verify(options.db)
    print("{tickets} tickets, {events} events, {anchors} anchors ({not_anchored} events since the last)".format(**found))
    for ticket, version, what in found["findings"]:
        print(f"ticket {ticket} version {version}: {what}" if ticket else f"anchor {version}: {what}")
    print("FAULTS FOUND / 发现问题" if found["findings"] else "all is as it was written / 全部一致")
    return 1 if found["findings"] else 0


def _show(options: argparse.Namespace) -> int:
    with _open(options) as tickets:
        ticket = tickets.find(number=options.number)
        print(json.dumps(ticket, ensure_ascii=False, indent=2))
        print(json.dumps(tickets.state(ticket["ticket"]), ensure_ascii=False, indent=2))
        for event in tickets.history(number=options.number):
            print(f"{event['version']:4} {event['at']} {event['event']:20} {event['actor']:20} {event['state']}")
    return 0


def _search(options: argparse.Namespace) -> int:
    query = {name: getattr(options, name) for name in ("text", "phone", "category", "area", "unit", "channel", "level") if getattr(options, name)}
    with _open(options) as tickets:
        for i, ticket in enumerate(tickets.search(actor="command line", roles=["supervisor"], limit=min(options.limit, 500), **query)):
            if i == options.limit:
                break
            print(f"{ticket['number']} {ticket['state']:12} {ticket['category']:16} {ticket['unit']:12} {ticket['title']}")
    return 0


def _kpi(options: argparse.Namespace) -> int:
    from .. import parse_time

    at = parse_time(options.day + "T12:00:00+08:00")
    with _open(options) as tickets:
        for name, zh, en, _, version in tickets.kpis():
            for figure in tickets.figures(name, options.period, at, options.by):
                n, d = figure["numerator"], figure["denominator"]
                rate = f"{100 * n / d:6.2f} %" if d else "     - "
                print(f"{name:22} v{version} {figure['group']:12} {n:8} / {d:8} {rate}  {zh} {en}")
    return 0


def _export(options: argparse.Namespace) -> int:
    with _open(options) as tickets:
        sys.stdout.write(tickets.export(options.format))
    return 0


def _import(options: argparse.Namespace) -> int:
    with open(options.file, encoding="utf-8") as file:
        text = file.read()
    with _open(options) as tickets:
        made = tickets.import_jsonl(text, options.file) if options.file.endswith(".jsonl") else tickets.import_csv(text, options.file)
    print(f"{made} new tickets from {options.file}")
    return 0


def _print(options: argparse.Namespace) -> int:
    with _open(options) as tickets:
        ticket = tickets.find(number=options.number)["ticket"]
        data = tickets.document(ticket, options.kind, "pdf" if options.file.endswith(".pdf") else "html", options.language)
    with open(options.file, "wb") as file:
        file.write(data)
    print(f"{options.file}: {len(data)} bytes")
    return 0


def _open311(options: argparse.Namespace) -> int:
    import signal
    import threading

    from ..ticket import Tickets

    with open(options.services, encoding="utf-8") as file:
        services = file.read()
    done = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: done.set())
    with Tickets(options.db) as tickets, tickets.serve_open311(services, options.port) as server:
        print(f"GeoReport v2 at http://127.0.0.1:{server.port}", flush=True)
        done.wait()
    return 0


def _archive(options: argparse.Namespace) -> int:
    with _open(options) as tickets:
        moved = 0
        while now := tickets.archive(options.to, options.closed_before + "T00:00:00+08:00"):
            moved += now
        print(f"{moved} tickets moved to {options.to}")
    return 0


def _restore(options: argparse.Namespace) -> int:
    with _open(options) as tickets:
        tickets.restore(options.archive, options.ticket)
    print(f"ticket {options.ticket} is back in {options.db}")
    return 0


def _key(options: argparse.Namespace) -> int:
    with _open(options) as tickets:
        print(tickets.public_key)
    return 0


def _join(options: argparse.Namespace) -> int:
    from ..ticket import Tickets

    _there(options)
    with Tickets(options.db, sites=options.sites) as tickets:
        print(f"joined; our public key is {tickets.public_key}")
    return 0


def _letters(options: argparse.Namespace) -> int:
    with _open(options) as tickets:
        for letter in tickets.letters(lease=options.lease):
            print(letter["text"])
    return 0


def _receive(options: argparse.Namespace) -> int:
    from .. import Error

    bad = 0
    with _open(options) as tickets, contextlib.ExitStack() as files:
        lines = sys.stdin if options.file == "-" else files.enter_context(open(options.file, encoding="utf-8"))
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                answer = tickets.receive(line.strip())
            except Error as error:
                bad += 1
                print(f"{options.file}:{number}: {error}", file=sys.stderr)
                continue
            what = "again" if answer["repeated"] else "taken" if answer["taken"] else "refused"
            print(f"{answer['kind']} {what}: ticket {answer['ticket']}", file=sys.stderr)
            if answer["receipt"]:
                print(answer["receipt"])
    return 1 if bad else 0


def _backup(options: argparse.Namespace) -> int:
    with _open(options) as tickets:
        tickets.backup(options.to)
    print(f"{options.to}: written while {options.db} was in use")
    return 0
