"""Expressions from Python: natural values in and out, errors, the command line."""

from __future__ import annotations

import datetime as dt
import math

import pytest

import hotline
from hotline.cli import main
from hotline.expr import Environment, Program, evaluate

UTC = dt.timezone.utc


def test_the_example_of_the_module():
    names = Environment({"level": "int", "contact.region": "string"})
    program = Program("level >= 3 && contact.region in ['east', 'north']", names)
    assert program.test(level=4, contact={"region": "east"}) is True
    assert program.test({"level": 4, "contact.region": "west"}) is False
    assert program.test({"level": 4}, contact={"region": "north"}) is True
    assert program.type == "bool"
    assert program.variables == ["level", "contact.region"]
    assert program.cost == 3
    assert program.source.startswith("level")
    assert str(program) == 'level >= 3 && contact.region in ["east", "north"]'
    assert names.variables == {"level": "int", "contact.region": "string"}


@pytest.mark.parametrize(
    "kind, value",
    [
        ("bool", True),
        ("int", -(2**63)),
        ("uint", 2**64 - 1),
        ("double", 2.5),
        ("string", "市民热线\0x"),
        ("bytes", b"a\0\xff"),
        ("timestamp", dt.datetime(2026, 11, 22, 8, 0, 0, 250000, UTC)),
        ("timestamp", dt.datetime(1950, 1, 1, tzinfo=UTC)),
        ("duration", dt.timedelta(days=-1, microseconds=1)),
        ("list(int)", [1, 2, 3]),
        ("map(string, list(dyn))", {"a": [1, "x", None, 2.5], "b": []}),
        ("map(int, bool)", {1: True, -2: False}),
        ("dyn", {"k": [True, b"", dt.timedelta(seconds=1)]}),
        ("dyn", None),
        ("dyn", 2**63),
    ],
)
def test_values_come_back_as_they_went_in(kind, value):
    result = Program("x", {"x": kind}).evaluate(x=value)
    assert result == value
    assert type(result) is type(value)


def test_other_ways_to_give_values():
    moment = dt.datetime(2026, 11, 22, 16, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    at = Program("at", {"at": "timestamp"})
    assert at.evaluate(at=moment) == at.evaluate(at="2026-11-22T08:00:00Z") == moment
    assert at.evaluate(at=1_000_000_000) == dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert Program("d", {"d": "duration"}).evaluate(d="90s") == dt.timedelta(seconds=90)
    assert Program("d", {"d": "double"}).evaluate(d=3) == 3.0
    assert Program("l", {"l": "list(string)"}).evaluate(l=("a", "b")) == ["a", "b"]
    numpy = pytest.importorskip("numpy")
    assert Program("i + 1", {"i": "int"}).evaluate(i=numpy.int64(41)) == 42
    assert evaluate("a * 2 + b", a=20, b=2) == 42
    assert math.isnan(evaluate("0.0 / 0.0"))
    assert evaluate("type(x)", x="a") == "string"
    assert Program("{'a': [1u]}").to_json() == '{"a":[1]}'


def test_missing_values():
    program = Program("has(x) && x > 1", {"x": "int"})
    assert program.test(x=2) is True
    assert program.test(x=None) is False
    assert program.test() is False
    with pytest.raises(hotline.InvalidError) as caught:
        Program("1 + x", {"x": "int"}).evaluate()
    assert caught.value.code == "evaluation_failed"
    assert caught.value.message == "`x` has no value"
    assert (caught.value.line, caught.value.column) == (1, 5)


@pytest.mark.parametrize(
    "source, words, place",
    [
        ("levle > 1", "did you mean `level`?", (1, 1)),
        ("level >\n  'x'", "cannot take (int, string)", (1, 7)),
        ("level +", "the expression ends", (1, 8)),
        ("'市民' + zz", "`zz` is not declared", (1, 8)),
    ],
)
def test_what_does_not_compile(source, words, place):
    with pytest.raises(ValueError) as caught:
        Program(source, {"level": "int"})
    assert isinstance(caught.value, hotline.InvalidError)
    assert caught.value.code == "invalid_expression"
    assert words in str(caught.value)
    assert (caught.value.line, caught.value.column) == place


@pytest.mark.parametrize(
    "kind, value",
    [
        ("int", "4"),
        ("int", 4.0),
        ("int", True),
        ("int", 2**63),
        ("uint", -1),
        ("bool", 1),
        ("string", 4),
        ("string", b"x"),
        ("bytes", "x"),
        ("list(int)", [1, "x"]),
        ("list(int)", {"a": 1}),
        ("map(string, int)", [1]),
        ("timestamp", dt.datetime(2026, 1, 1)),
        ("timestamp", dt.datetime(3026, 1, 1, tzinfo=UTC)),
        ("timestamp", "tomorrow"),
        ("duration", dt.timedelta(days=400_000)),
        ("dyn", object()),
        ("dyn", {1.5: 1}),
    ],
)
def test_values_of_another_type_are_refused(kind, value):
    with pytest.raises(hotline.InvalidError):
        Program("x", {"x": kind}).evaluate(x=value)


def test_other_refusals():
    program = Program("level > 1", {"level": "int"})
    with pytest.raises(hotline.InvalidError, match="did you mean `level`"):
        program.test(levle=4)
    with pytest.raises(hotline.InvalidError, match="is not a type"):
        Environment({"x": "integer"})
    with pytest.raises(hotline.ConflictError):
        names = Environment({"x": "int"})
        names.declare("x", "int")
    with pytest.raises(hotline.InvalidError, match="must be bool"):
        Program("1 + 1", result="bool")
    with pytest.raises(hotline.LimitError):
        Program("l.all(x, l.all(y, x + y > 0))", {"l": "list(int)"}, budget=1000).test(l=list(range(1, 1000)))
    with pytest.raises(hotline.InvalidError):
        evaluate("1 / 0")
    deep: list = []
    for _ in range(1000):
        deep = [deep]
    with pytest.raises(hotline.LimitError):
        Program("x", {"x": "dyn"}).evaluate(x=deep)


def test_command_line(capsys):
    assert main(["expr", "check", "level >= 1 + 2", "--var", "level:int"]) == 0
    assert capsys.readouterr().out == "level >= 3\ntype  bool\nuses  level\ncost  1\n"
    assert main(["expr", "check", "'热线' + lvel", "--var", "level:int"]) == 1
    assert capsys.readouterr().err == "1:8: `lvel` is not declared\n  '热线' + lvel\n           ^\n  did you mean `level`?\n"
    assert main(["expr", "eval", "skills.map(s, s + tail)", "--var", 'skills:list(string)=["a", "b"]', "--var", "tail:string=!"]) == 0
    assert capsys.readouterr().out == '["a!","b!"]\n'
    assert main(["expr", "eval", "1/x", "--var", "x:int=0"]) == 1
    assert "divides by zero" in capsys.readouterr().err
    assert main(["expr", "eval", "x", "--var", "x"]) == 1
    assert main(["expr", "eval", "x", "--var", "x:int=a"]) == 1
    assert main(["expr", "check", "1", "--type", "bool"]) == 1
