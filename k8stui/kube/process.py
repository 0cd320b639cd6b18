"""Running a helper program that prints credentials, without letting it near the terminal.

Standard input is empty, both outputs are read at the same time, time and size are limited, and whoever stops
waiting ends the program with all its children.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from k8stui.core.text import clean

LIMIT = 60.0
"""Seconds that a program may take."""
LARGEST = 1 << 20
"""Bytes kept of each output; what comes after is read and dropped."""
LINGER = 1.0
"""Seconds that outputs are still read after the program has ended: a child of it may hold them open."""

_SECRET = re.compile(
    r"eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|(?i:bearer)\s+\S+|(?i:token|password|secret)[\"']?\s*[=:]\s*\S+"
)


class TimedOut(Exception):
    """The program took longer than its limit and was ended."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended. ``output`` may hold secrets."""

    code: int
    """Exit status; negative for a signal."""
    output: bytes = field(repr=False)
    errors: bytes = field(repr=False)

    def complaint(self) -> str:
        """The end of what it wrote to standard error, as one harmless line without anything like a token."""
        words = " ".join(self.errors.decode("utf-8", "replace").split())
        return clean(_SECRET.sub("…", words))[-300:]


async def run(
    command: str, args: Sequence[str], environ: Mapping[str, str], *, limit: float = LIMIT
) -> Finished:
    """Run a program to its end.

    Args:
        command: a path.
        args: what follows it.
        environ: its whole environment.
        limit: seconds.

    Raises OSError when it cannot be started, TimedOut when the limit is over. On TimedOut and on cancellation
    its process group is killed.
    """
    with contextlib.ExitStack() as stack:
        output, output_end = await _Collector.open(stack)
        errors, errors_end = await _Collector.open(stack)
        process = await asyncio.create_subprocess_exec(
            command,
            *args,
            env=dict(environ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output_end,
            stderr=errors_end,
            start_new_session=True,
        )
        output_end.close()
        errors_end.close()
        try:
            async with asyncio.timeout(limit):
                code = await process.wait()
        except TimeoutError:
            raise TimedOut from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await asyncio.shield(process.wait())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                await output.ended.wait()
                await errors.ended.wait()
        return Finished(code, bytes(output.kept), bytes(errors.kept))


class _Collector(asyncio.Protocol):
    """Keeps what comes through a pipe. A pipe of our own, so that it can be closed while a child holds it."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.ended = asyncio.Event()

    @classmethod
    async def open(cls, stack: contextlib.ExitStack) -> tuple[_Collector, IO[bytes]]:
        """A collector and the end of its pipe to write to; the stack closes both."""
        read, write = os.pipe()
        end = stack.enter_context(os.fdopen(write, "wb", 0))
        source = stack.enter_context(os.fdopen(read, "rb", 0))
        transport, collector = await asyncio.get_running_loop().connect_read_pipe(cls, source)
        stack.callback(transport.close)
        return collector, end

    def data_received(self, data: bytes) -> None:
        self.kept += data[: LARGEST - len(self.kept)]

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set()
