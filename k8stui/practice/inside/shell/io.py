"""Where commands read from and write to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

_FULL = 1 << 16


class Broken(Exception):
    """Nobody reads any more."""


class Source(Protocol):
    """Something to read from."""

    async def read(self) -> bytes:
        """What comes next; empty at the end."""


class Sink(Protocol):
    """Something to write to."""

    async def write(self, data: bytes) -> None:
        """Write all of it.

        Raises:
            Broken: nobody reads any more.
        """


class Empty:
    """Nothing to read; what is written is forgotten."""

    async def read(self) -> bytes:
        """Nothing."""
        return b""

    async def write(self, data: bytes) -> None:
        """Forget it, and let others run: nothing else makes the writer wait."""
        await asyncio.sleep(0)


class Given:
    """Something that is there already."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def read(self) -> bytes:
        """All of it, once."""
        data, self._data = self._data, b""
        return data


class Kept:
    """Keeps what is written, as much as there may be."""

    def __init__(self, most: int = 1 << 20) -> None:
        self.data = bytearray()
        self._most = most

    async def write(self, data: bytes) -> None:
        """Keep it."""
        if len(self.data) + len(data) > self._most:
            raise Broken
        self.data += data


class Calling:
    """Hands on what is written to a function."""

    def __init__(self, call: Callable[[bytes], None]) -> None:
        self._call = call

    async def write(self, data: bytes) -> None:
        """Hand it on."""
        await asyncio.sleep(0)
        self._call(data)


class Pipe:
    """What one writes another one reads; who writes much waits until it is read."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._over = False
        self._left = False
        self._changed = asyncio.Event()

    async def write(self, data: bytes) -> None:
        """Write, and wait while there is too much.

        Raises:
            Broken: the reader has left.
        """
        while len(self._data) >= _FULL and not self._left:
            self._changed.clear()
            await self._changed.wait()
        if self._left:
            raise Broken
        self._data += data
        self._changed.set()

    async def read(self) -> bytes:
        """What has been written since; waits for it."""
        while not self._data and not self._over:
            self._changed.clear()
            await self._changed.wait()
        data = bytes(self._data)
        self._data.clear()
        self._changed.set()
        return data

    def close(self) -> None:
        """Nothing more will be written."""
        self._over = True
        self._changed.set()

    def leave(self) -> None:
        """Nothing more will be read."""
        self._left = True
        self._data.clear()
        self._changed.set()


class Reader:
    """Reads lines from a source; what was read too far is left for the next one who asks."""

    def __init__(self, source: Source, longest: int = 1 << 20) -> None:
        self._source = source
        self._held = b""
        self._at = 0
        self._longest = longest

    async def read(self) -> bytes:
        """What comes next; empty at the end."""
        if self._at < len(self._held):
            data, self._held, self._at = self._held[self._at :], b"", 0
            return data
        return await self._source.read()

    async def line(self) -> bytes:
        """The next line with its end; empty at the end of everything."""
        while (end := self._held.find(b"\n", self._at)) < 0 and len(self._held) - self._at < self._longest:
            more = await self._source.read()
            if not more:
                break
            self._held, self._at = self._held[self._at :] + more, 0
        line = self._held[self._at : end + 1 if end >= 0 else None]
        self._at += len(line)
        return line

    async def all(self) -> bytes:
        """Everything until the end, as much as there may be."""
        found = bytearray()
        while len(found) < self._longest and (data := await self.read()):
            found += data
        return bytes(found[: self._longest])


@dataclass(frozen=True, slots=True)
class Streams:
    """The three streams of a command."""

    input: Reader
    output: Sink
    errors: Sink
