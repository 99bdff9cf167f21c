"""The stubs say what the compiled module has: mypy's stubtest over hotline._core, and mypy over the package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import hotline

pytest.importorskip("mypy")
PACKAGE = Path(hotline.__file__).parent
ROOT = PACKAGE.parent


def mypy(module: str, *arguments: str, cache: Path) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, PYTHONPATH=str(ROOT), MYPYPATH=str(ROOT), MYPY_CACHE_DIR=str(cache))
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, env=environment, cwd=cache
    )


def stubbed() -> list[str]:
    return sorted(stub.stem for stub in (PACKAGE / "_core").glob("*.pyi") if stub.stem != "__init__")


def test_every_bound_box_has_a_stub():
    bound = {name for name in dir(hotline._core) if not name.startswith("_")}  # type: ignore[attr-defined]
    assert bound == set(stubbed())


@pytest.mark.parametrize("box", stubbed())
def test_stub_equals_module(box: str, tmp_path: Path):
    allow = tmp_path / "allow.txt"
    # pybind11's own: not part of anybody's interface.
    allow.write_text(r".*\._pybind11_conduit_v1_" + "\n" + r".*\.__entries" + "\n", encoding="utf-8")
    done = mypy(
        "mypy.stubtest", f"hotline._core.{box}", "--allowlist", str(allow), "--ignore-unused-allowlist",
        "--ignore-positional-only", "--concise", cache=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_type_checks(tmp_path: Path):
    done = mypy("mypy", "-p", "hotline", "--no-error-summary", cache=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
