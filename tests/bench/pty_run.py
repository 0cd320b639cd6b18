"""Run a terminal program in a pseudo-terminal and note when what appeared on its screen.

Output is stored with the time it was read and replayed afterwards, so that reading the screen does not slow
the measurement.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyte

_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


@dataclass
class Run:
    """One process in a terminal."""

    pid: int
    fd: int
    columns: int
    lines: int
    started: float
    chunks: list[tuple[float, bytes]] = field(default_factory=list)

    @classmethod
    def start(
        cls,
        argv: Sequence[str],
        *,
        columns: int = 160,
        lines: int = 48,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Run:
        """Start a program; the clock runs from just before the fork."""
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        started = time.perf_counter()
        pid, fd = pty.fork()
        if pid == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            if cwd is not None:
                os.chdir(cwd)
            os.execvpe(argv[0], list(argv), environment)
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        return cls(pid, fd, columns, lines, started)

    def pump(self, seconds: float) -> bytes:
        """Read what comes within the time; returns as soon as something came."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            return b""
        self.chunks.append((time.perf_counter(), data))
        return data

    def until(self, seen: Callable[[str], bool], timeout: float, *, tail: int = 1 << 15) -> bool:
        """Read until the plain text of the latest output satisfies a condition."""
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            if self.pump(0.05):
                recent = b"".join(data for _, data in self.chunks[-64:])[-tail:]
                if seen(_ESCAPES.sub(b"", recent).decode(errors="replace")):
                    return True
        return False

    def first(self, shown: Callable[[list[str]], bool]) -> float | None:
        """Seconds from the start until the screen first satisfied a condition, by replaying the output."""
        screen = pyte.Screen(self.columns, self.lines)
        stream = pyte.ByteStream(screen)
        for at, data in self.chunks:
            stream.feed(data)
            if shown(list(screen.display)):
                return at - self.started
        return None

    def send(self, keys: bytes) -> None:
        """Type."""
        os.write(self.fd, keys)

    def memory(self) -> tuple[float, float]:
        """Peak and present resident memory in MB."""
        fields = Path(f"/proc/{self.pid}/status").read_text()
        peak, now = (re.search(rf"{name}:\s+(\d+)", fields) for name in ("VmHWM", "VmRSS"))
        assert peak is not None
        assert now is not None
        return int(peak[1]) / 1000, int(now[1]) / 1000

    def cpu(self) -> float:
        """Seconds of processor time used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End the program and wait for it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        deadline = time.perf_counter() + 5
        while time.perf_counter() < deadline:
            self.pump(0.02)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                break
        else:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
