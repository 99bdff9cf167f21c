"""``hotline expr``: check and try expressions.

hotline expr check 'level >= 3 && region in ["a", "b"]' --var level:int --var region:string
hotline expr eval  'size(skills) > 1' --var 'skills:list(string)=["zh", "en"]'
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from .. import Error, InvalidError
from ..expr import Environment, Program

PLAIN = {"string", "timestamp", "duration"}


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "expr", help="check and try expressions", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for name, run, about in (
        ("check", check, "say whether an expression is good, its type and what it uses"),
        ("eval", evaluate, "evaluate an expression"),
    ):
        verb = verbs.add_parser(name, help=about, description=about)
        verb.add_argument("expression", help="the expression; - reads it from standard input")
        verb.add_argument("--var", action="append", default=[], metavar="NAME:TYPE[=VALUE]", help="declares a variable")
        verb.add_argument("--type", metavar="TYPE", help="the type that the expression must have")
        verb.set_defaults(run=run)


def variables(options: argparse.Namespace) -> tuple[Environment, dict[str, Any]]:
    names = Environment()
    values: dict[str, Any] = {}
    for text in options.var:
        declaration, given, value = text.partition("=")
        name, colon, type_name = declaration.partition(":")
        if not colon:
            raise InvalidError(f"`{text}` declares no variable; write --var name:type or --var name:type=value")
        names.declare(name, type_name)
        if given:
            values[name] = value if type_name.strip() in PLAIN else read(name, value)
    return names, values


def read(name: str, value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        raise InvalidError(f"the value of `{name}` is not JSON: {value}; write 4, true, [1, 2] or {{\"k\": 1}}") from None


def program(options: argparse.Namespace, names: Environment) -> Program:
    text = sys.stdin.read() if options.expression == "-" else options.expression
    options.expression = text
    return Program(text, names, result=options.type)


def pointed(source: str, error: Error) -> str:
    """The line that the error is about, with a mark under its column."""
    lines = source.split("\n")
    line, column = getattr(error, "line", 0), getattr(error, "column", 0)
    if not 0 < line <= len(lines) or column == 0:
        return str(error)
    mark = "".join("\t" if c == "\t" else " " * (2 if ord(c) > 0x2E7F else 1) for c in lines[line - 1][: column - 1])
    remedy = f"\n  {error.remedy}" if error.remedy else ""
    return f"{line}:{column}: {error.message}\n  {lines[line - 1]}\n  {mark}^{remedy}"


def check(options: argparse.Namespace) -> int:
    names, _ = variables(options)
    try:
        compiled = program(options, names)
    except Error as error:
        print(pointed(options.expression, error), file=sys.stderr)
        return 1
    print(compiled)
    print(f"type  {compiled.type}")
    print(f"uses  {', '.join(compiled.variables) or 'nothing'}")
    print(f"cost  {compiled.cost}")
    return 0


def evaluate(options: argparse.Namespace) -> int:
    names, values = variables(options)
    try:
        print(program(options, names).to_json(values))
    except Error as error:
        print(pointed(options.expression, error), file=sys.stderr)
        return 1
    return 0
