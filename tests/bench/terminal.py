"""A program in a real pseudo-terminal, with the time at which each piece of its output arrived."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from bisect import bisect_left
from collections.abc import Sequence


class Terminal:
    """Runs a program and reads what it writes. Times are those of ``time.monotonic``."""

    def __init__(self, command: Sequence[str], *, columns: int = 160, lines: int = 50) -> None:
        self.output = bytearray()
        self._ends: list[int] = []
        self._times: list[float] = []
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            environ = dict(os.environ, TERM="xterm-256color", COLORTERM="truecolor")
            environ.pop("NO_COLOR", None)
            os.execvpe(command[0], list(command), environ)
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def read(self, seconds: float) -> bool:
        """Take what arrives within so many seconds, at least one piece; whether there was any."""
        if not select.select([self._master], [], [], max(0.0, seconds))[0]:
            return False
        try:
            data = os.read(self._master, 65_536)
        except OSError:
            data = b""
        if not data:
            raise EOFError(self.output[-2_000:].decode(errors="replace"))
        self.output += data
        self._ends.append(len(self.output))
        self._times.append(time.monotonic())
        return True

    def read_for(self, seconds: float) -> None:
        """Read for so many seconds."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.read(left)

    def arrival(self, end: int) -> float:
        """When the output up to a position had arrived."""
        return self._times[bisect_left(self._ends, end)]

    def wait(self, pattern: bytes, *, start: int = 0, seconds: float = 10.0) -> float:
        """When output that matches had arrived."""
        regex, until = re.compile(pattern, re.DOTALL), time.monotonic() + seconds
        while (found := regex.search(self.output, start)) is None:
            if (left := until - time.monotonic()) <= 0:
                raise TimeoutError(f"{pattern!r} has not appeared")
            self.read(left)
        return self.arrival(found.end())

    def send(self, keys: bytes) -> float:
        """Press keys; when they were written."""
        os.write(self._master, keys)
        return time.monotonic()

    def cpu_seconds(self) -> float:
        """Processor time that the program has used."""
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the program."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._master)
