"""The program in a pseudo-terminal, with every byte that it sends to it."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import struct
import sys
import termios
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pyte

DEADLINE = 30.0


class Terminal:
    """One run; its screen is what a terminal would show."""

    def __init__(self, master: int, columns: int, lines: int) -> None:
        self.sent = bytearray()
        self._master = master
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._came = asyncio.Event()
        asyncio.get_running_loop().add_reader(master, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._master)
        self.sent += data
        self._stream.feed(data)
        self._came.set()

    @property
    def text(self) -> str:
        """What is on the screen."""
        screen = self._screen  # its own ``display`` fails on half a wide character
        return "\n".join(
            "".join(screen.buffer[y][x].data for x in range(screen.columns)) for y in range(screen.lines)
        )

    async def until(self, reached: Callable[[str], bool]) -> None:
        """Wait until the screen satisfies a condition."""
        end = time.monotonic() + DEADLINE
        while not reached(self.text):
            self._came.clear()
            try:
                await asyncio.wait_for(self._came.wait(), max(0.01, end - time.monotonic()))
            except TimeoutError:
                raise AssertionError(f"never came; the screen says:\n{self.text}") from None

    def type(self, keys: bytes) -> None:
        """Send keys."""
        os.write(self._master, keys)


@asynccontextmanager
async def terminal(
    *arguments: str, home: Path, environ: Mapping[str, str] | None = None, columns: int = 160, lines: int = 48
) -> AsyncIterator[tuple[Terminal, asyncio.subprocess.Process]]:
    """Run k8stui with nothing of this person's until the context is left."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    clean = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        **(environ or {}),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "k8stui", *arguments,
        env=clean, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    try:
        yield Terminal(master, columns, lines), process
    finally:
        if process.returncode is None:
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 10)
        if process.returncode is None:
            process.kill()
            await process.wait()
        asyncio.get_running_loop().remove_reader(master)
        os.close(master)
