"""The stubs say what the compiled module has: mypy's stubtest over hotline._core."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import hotline
import hotline._core

pytest.importorskip("mypy")
PACKAGE = Path(hotline.__file__).parent
ROOT = PACKAGE.parent

# What pybind11 does to every class: its own metaclass, __init__(*args) where there is no constructor, its hooks.
PYBIND = ("metaclass differs", "__init__ is inconsistent, stub does not have *args", "_pybind11_conduit_v1_", ".__entries")


def mypy(module: str, *arguments: str, cache: Path) -> list[str]:
    environment = dict(os.environ, PYTHONPATH=str(ROOT), MYPYPATH=str(ROOT), MYPY_CACHE_DIR=str(cache))
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=cache)
    return [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]


def stubbed() -> set[str]:
    return {stub.stem for stub in (PACKAGE / "_core").glob("*.pyi")} - {"__init__"}


def test_every_bound_box_has_a_stub():
    """What is compiled in is typed, and `_core/__init__.pyi` names it."""
    bound = {name for name in vars(hotline._core) if not name.startswith("_")}
    assert len(bound) >= 10
    assert bound == stubbed()
    names = (PACKAGE / "_core/__init__.pyi").read_text(encoding="utf-8")
    assert {line.split()[-1] for line in names.splitlines()} == bound


def test_mypy_is_clean(tmp_path: Path):
    """The whole package, `hotline` command included."""
    source = Path(__file__).resolve().parents[2]
    lines = mypy("mypy", "-p", "hotline", "--config-file", str(source / "pyproject.toml"), cache=tmp_path)
    assert len(lines) == 1 and lines[0].startswith("Success"), "\n".join(lines)


def test_stubs_equal_the_modules(tmp_path: Path):
    modules = sorted(f"hotline._core.{box}" for box in stubbed())
    lines = mypy("mypy.stubtest", *modules, "--ignore-positional-only", "--concise", cache=tmp_path)
    assert [line for line in lines if not any(own in line for own in PYBIND)] == []


def test_a_wrong_stub_is_seen(tmp_path: Path):
    """The test above can fail: a stub with a function too many and one too few."""
    stubs = tmp_path / "hotline"
    (stubs / "_core").mkdir(parents=True)
    (stubs / "__init__.pyi").touch()
    (stubs / "_core" / "__init__.pyi").touch()
    (stubs / "_core" / "expr.pyi").write_text("def nonsense() -> int: ...\n", encoding="utf-8")
    environment = dict(os.environ, PYTHONPATH=str(ROOT), MYPYPATH=str(tmp_path), MYPY_CACHE_DIR=str(tmp_path / "cache"))
    command = [sys.executable, "-m", "mypy.stubtest", "hotline._core.expr", "--concise"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert "nonsense" in done.stdout and done.returncode != 0
