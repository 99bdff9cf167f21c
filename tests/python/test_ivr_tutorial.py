"""docs/tutorial-ivr.md does what it says: its files are written, its commands are run, its test is a test."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import hotline
from hotline.cli import main

PAGE = Path(__file__).parents[2] / "docs/tutorial-ivr.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```", re.M | re.S)


def block(language: str, name: str = "") -> str:
    return next(text for kind, file, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if (kind, file) == (language, name))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for kind, name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if name:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text, encoding="utf-8")
    return tmp_path


def commands() -> list[list[str]]:
    found = re.findall(r"`(hotline ivr [^`]+)`", PAGE.read_text(encoding="utf-8"))
    return [shlex.split(command)[1:] for command in found if " call " not in command]


def test_every_command_of_the_page_succeeds(folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("2\ns The lamp is broken\n1\nw 10s\n"))
    assert main(["ivr", "call", "menu.yaml", "--save", "caller.json", "--journal", "journal.jsonl"]) == 0
    assert "Your number is" in capsys.readouterr().out
    assert len(commands()) >= 5
    for command in commands():
        assert main(command) == (1 if command[1] == "mutate" else 0), command  # one caller does not notice everything
    assert re.search(r"1 caller.*0 fault", capsys.readouterr().out)
    assert (folder / "menu.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_slip_is_told_with_its_place_and_remedy(folder, capsys):
    text = Path("menu.yaml").read_text(encoding="utf-8")
    Path("menu.yaml").write_text(text.replace('"1": people', '"1": poeple'), encoding="utf-8")
    assert main(["ivr", "check", "menu.yaml"]) == 1
    assert "V103" in (said := capsys.readouterr().out) and "did you mean `people`?" in said


def test_the_test_of_the_page_passes(folder):
    Path("test_menu.py").write_text(block("python"), encoding="utf-8")
    environment = dict(os.environ, PYTHONPATH=str(Path(hotline.__file__).parents[1]))
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_menu.py"], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_languages(folder):
    """The last step: prompts of two languages in files of their own."""
    flow = hotline.ivr.Flow.load("two.yaml")
    assert flow.call(language="zh-CN").hears("人工服务请按1")
    assert flow.call(language="en-US").hears("For a person, press 1")


def test_the_phone_in_the_terminal_outlives_slips_and_its_call_replays(folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("xyz\nw bogus\n2\ns The lamp is broken\n1\nh\n"))
    assert main(["ivr", "call", "menu.yaml", "--caller", "10086", "--save", "slips.json"]) == 0
    said = capsys.readouterr().out
    assert "keys, w 5s, s WORDS, h, q" in said and "`bogus` is not a duration" in said
    assert main(["ivr", "test", "menu.yaml", "slips.json"]) == 0
