"""What a person sees in a terminal: the reference host that stays up until Ctrl-C, and the telephone beside it."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HOTLINE_BUILD", ROOT / "build" / "release"))
HOST, PHONE = BUILD / "bin/city_hotline", BUILD / "bin/phone"
PATIENCE = 60.0

pytestmark = pytest.mark.skipif(not (HOST.exists() and PHONE.exists()), reason="the programs are not built")


class Terminal:
    """A program with a terminal of its own."""

    def __init__(self, *command: str) -> None:
        primary, secondary = pty.openpty()
        self.fd = primary
        # A session of its own with the terminal as its controlling one, so that a typed Ctrl-C is a signal.
        take = "import fcntl,os,sys,termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
        self.program = subprocess.Popen(
            ["python3", "-c", take, *command], stdin=secondary, stdout=secondary, stderr=secondary, close_fds=True
        )
        os.close(secondary)
        self.shown = ""

    def sees(self, text: str) -> bool:
        end = time.monotonic() + PATIENCE
        while text not in self.shown and time.monotonic() < end:
            ready, _, _ = select.select([self.fd], [], [], 0.2)
            if ready:
                try:
                    part = os.read(self.fd, 65536)
                except OSError:
                    break
                self.shown += part.decode(errors="replace")
            elif self.program.poll() is not None:
                break
        return text in self.shown

    def type(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def end(self) -> int:
        self.sees("\0")  # reads to the end
        return self.program.wait(timeout=PATIENCE)

    def close(self) -> None:
        if self.program.poll() is None:
            self.program.send_signal(signal.SIGKILL)
            self.program.wait()
        os.close(self.fd)


@contextlib.contextmanager
def terminal(*command: str) -> Iterator[Terminal]:
    it = Terminal(*command)
    try:
        yield it
    finally:
        it.close()


def serve(folder: Path, port: int = 0) -> contextlib.AbstractContextManager[Terminal]:
    return terminal(str(HOST), "--serve", "--office-hours", "--port", str(port), "--folder", str(folder))


def address(host: Terminal) -> str:
    assert host.sees("Ctrl-C"), host.shown
    return host.shown.split("sip:12345@")[1].split()[0]


def test_the_host_stays_up_until_ctrl_c(tmp_path: Path) -> None:
    with serve(tmp_path / "run") as host:
        address(host)
        assert host.program.poll() is None
        host.type("\x03")
        assert host.end() == 0, host.shown
        assert "report.html" in host.shown
    assert (tmp_path / "run/journal.jsonl").exists()


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with serve(tmp_path / "first") as first:
        port = int(address(first).rpartition(":")[2])
        with serve(tmp_path / "second", port) as second:
            assert second.end() == 1
            assert f"127.0.0.1:{port}" in second.shown and "--port N" in second.shown
        first.type("\x03")
        assert first.end() == 0


@pytest.mark.parametrize("key", ["q", "\x03"])
def test_the_telephone_in_the_terminal(key: str, tmp_path: Path) -> None:
    with serve(tmp_path / "run") as host:
        to = "sip:12345@" + address(host)
        with terminal(str(PHONE), to, "--journal", str(tmp_path / "run/journal.jsonl")) as phone:
            assert phone.sees("connected"), phone.shown
            assert phone.sees("热线"), phone.shown  # the welcome, shown as text
            phone.type("2")
            assert phone.sees("[2]") and host.sees("presses 2")
            assert phone.sees("投诉"), phone.shown
            phone.type(key)
            assert phone.end() == 0, phone.shown
            assert "the call ended" in phone.shown
        assert host.sees("call ended")
        host.type("\x03")
        assert host.end() == 0
