"""What the READMEs show is what runs: their code blocks are the files in examples/readme."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = {"cpp": "routing.cpp", "c": "routing.c", "python": "flow.py"}


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
@pytest.mark.parametrize("language", EXAMPLES)
def test_code_block_is_the_example(readme: str, language: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    blocks = re.findall(rf"```{language}\n(.*?)```", text, re.S)
    assert blocks == [(ROOT / "examples/readme" / EXAMPLES[language]).read_text(encoding="utf-8")]


def test_python_example_runs() -> None:
    run = subprocess.run([sys.executable, "examples/readme/flow.py"], cwd=ROOT, capture_output=True, text=True, env=os.environ, timeout=120)
    assert run.returncode == 0, run.stderr
    assert "the acceptance number is spoken: True" in run.stdout


def test_dev_lists_its_verbs() -> None:
    run = subprocess.run(["./dev"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0
    for verb in ["run", "test", "build", "bench", "asan", "tsan", "format", "lint", "docs", "hotline", "install", "clean"]:
        assert re.search(rf"^  {verb}\b", run.stdout, re.M), verb
