"""The faces agree: what libhotline.so exports is what its headers declare, and errors.def is what C and Python say."""

from __future__ import annotations

import builtins
import ctypes
import os
import re
import subprocess
from pathlib import Path

import pytest

import hotline
from hotline._core import base

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HOTLINE_BUILD", ROOT / "build" / "release"))
LIBRARY = BUILD / "capi" / "libhotline.so"

needs_library = pytest.mark.skipif(not LIBRARY.exists(), reason="libhotline.so is not built")


def declared() -> dict[str, str]:
    """Function name -> header, of every HL_API declaration."""
    found: dict[str, str] = {}
    for header in sorted((ROOT / "capi" / "include").rglob("*.h")):
        text = re.sub(r"/\*.*?\*/", " ", header.read_text(encoding="utf-8"), flags=re.S)
        for name in re.findall(r"\bHL_API\b(?!\s*__attribute__)(?:[^;()]|\n)*?\b(hl_\w+)\s*\(", text):
            assert name not in found, f"{name} is declared in {found[name]} and in {header.name}"
            found[name] = header.name
    return found


def built_headers() -> set[str]:
    """Headers of boxes whose C source is part of this build."""
    sources = {source.stem for source in (ROOT / "capi" / "src").glob("*.cpp")}
    return {f"{name}.h" for name in sources}


def errors() -> tuple[dict[str, tuple[int, str, str]], dict[str, int]]:
    """Classes (name -> number, Python class, builtin) and every code (name -> number) of errors.def."""
    text = (ROOT / "include/hotline/base/errors.def").read_text(encoding="utf-8")
    classes = {
        name: (int(number), python, builtin)
        for name, number, python, builtin in re.findall(
            r"^HOTLINE_ERROR_CLASS\((\w+),\s*(\d+),\s*(\w+),\s*(\w+),", text, flags=re.M
        )
    }
    codes = {name: number for name, (number, _, _) in classes.items()}
    for name, of, detail in re.findall(r"^HOTLINE_ERROR\((\w+),\s*(\w+),\s*(\d+),", text, flags=re.M):
        codes[name] = int(detail) << 8 | classes[of][0]
    return classes, codes


@needs_library
def test_exports_are_the_declarations():
    listing = subprocess.run(
        ["nm", "-D", "--defined-only", str(LIBRARY)], check=True, capture_output=True, text=True
    ).stdout
    exported = {line.split()[-1].split("@")[0] for line in listing.splitlines() if line.split()[-2] in "TWBDRV"}
    names = declared()
    assert len(names) > 20
    assert exported == set(names)


def test_every_header_is_gathered():
    gathered = (ROOT / "capi/include/hotline.h").read_text(encoding="utf-8")
    for header in (ROOT / "capi/include/hotline").glob("*.h"):
        assert f'#include "hotline/{header.name}"' in gathered


def test_every_box_with_a_c_face_has_both_halves():
    assert built_headers() == {header.name for header in (ROOT / "capi/include/hotline").glob("*.h")}


def test_the_table_of_errors_is_sound():
    classes, codes = errors()
    assert len(classes) >= 11 and len(codes) > len(classes)
    assert len(set(codes.values())) == len(codes), "a number is used twice"


@needs_library
def test_c_knows_every_error():
    classes, codes = errors()
    library = ctypes.CDLL(str(LIBRARY))
    library.hl_status_name.restype = ctypes.c_char_p
    library.hl_status_name.argtypes = [ctypes.c_int32]
    assert library.hl_status_name(0) == b"ok"
    for name, number in codes.items():
        assert library.hl_status_name(number).decode() == name
    assert library.hl_status_name(0x7F7F7F) == b"unknown"
    header = (ROOT / "capi/include/hotline/base.h").read_text(encoding="utf-8")
    enum = dict(re.findall(r"\bHL_([A-Z_]+) = (\d+)", header))
    assert {name.upper(): str(number) for name, (number, _, _) in classes.items()} == enum


def test_python_knows_every_error():
    classes, codes = errors()
    assert base.codes == {"ok": 0, **codes}
    for _, (_, python, builtin) in classes.items():
        exception = getattr(hotline, python)
        assert issubclass(exception, hotline.Error)
        assert issubclass(exception, getattr(builtins, builtin))


@needs_library
def test_versions_agree():
    library = ctypes.CDLL(str(LIBRARY))
    library.hl_version.restype = ctypes.c_char_p
    header = re.search(r'#define HL_VERSION "([^"]+)"', (ROOT / "capi/include/hotline/base.h").read_text("utf-8"))
    cmake = re.search(r"project\(hotline VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text("utf-8"))
    assert header and cmake
    assert library.hl_version().decode() == header[1] == cmake[1] == hotline.__version__
