"""A connection to a port: bytes in, bytes out, as the program behind it speaks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from k8stui.practice.inside.network import Listener
from k8stui.practice.inside.pages import HTTP, REASONS, Asked, Page, page

if TYPE_CHECKING:
    from k8stui.practice.inside.insides import Insides

Read = Callable[[], Awaitable[bytes]]
"""The bytes that come next; none at the end."""
Write = Callable[[bytes], Awaitable[None]]

_LARGEST_HEAD = 1 << 14
_LARGEST_BODY = 1 << 20
_MOST = 1_000
_MYSQL = b"\x4a\x00\x00\x00\x0a8.4.7\x00"


async def talk(insides: Insides, listener: Listener, read: Read, write: Write, client: str) -> None:
    """Serve one connection until it ends.

    Args:
        insides: The cluster's containers.
        listener: Who serves.
        read: What the client sends.
        write: What it gets.
        client: Its address.
    """
    if listener.talks in HTTP:
        await _http(insides, listener, _Input(read), write, client)
    elif listener.talks == "redis":
        await _redis(_Input(read), write)
    elif listener.talks == "mysql":
        await write(_MYSQL)
        await read()
    else:
        # They wait for a client that speaks their own protocol, and hang up on any other.
        await read()


class _Input:
    """What a client sends, with a limit on how much is held."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._held = b""

    async def until(self, end: bytes, most: int) -> bytes | None:
        """Everything up to a mark; None when it does not come."""
        while end not in self._held:
            more = await self._read() if len(self._held) < most else b""
            if not more:
                return None
            self._held += more
        found, _, self._held = self._held.partition(end)
        return found

    async def exactly(self, size: int) -> bytes | None:
        """So many bytes; None when they do not come."""
        while len(self._held) < size:
            more = await self._read()
            if not more:
                return None
            self._held += more
        found, self._held = self._held[:size], self._held[size:]
        return found


async def _http(insides: Insides, listener: Listener, given: _Input, write: Write, client: str) -> None:
    for _ in range(_MOST):
        head = await given.until(b"\r\n\r\n", _LARGEST_HEAD)
        if head is None:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        headers = {
            key.strip().lower(): value.strip() for key, _, value in (each.partition(":") for each in lines)
        }
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            await _answer(insides, write, Page(400, b"bad request\n"), "GET", last=True)
            return
        size = headers.get("content-length", "0")
        if not size.isdigit() or int(size[:12]) > _LARGEST_BODY or "transfer-encoding" in headers:
            await _answer(insides, write, Page(413, b"too large\n"), "GET", last=True)
            return
        body = await given.exactly(int(size))
        if body is None:
            return
        found = page(insides, listener, Asked(words[0], words[1], headers, body, client))
        last = headers.get("connection", "").lower() == "close" or words[2] == "HTTP/1.0"
        await _answer(insides, write, found, words[0], last=last)
        if last:
            return


async def _answer(insides: Insides, write: Write, found: Page, method: str, *, last: bool) -> None:
    lines = [f"HTTP/1.1 {found.status} {REASONS[found.status]}"]
    lines += [f"{key}: {value}" for key, value in found.head(insides.clock())]
    lines.append(f"Connection: {'close' if last else 'keep-alive'}")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode()
    await write(head + (b"" if method == "HEAD" else found.body))


async def _redis(given: _Input, write: Write) -> None:
    """Redis as far as PING, ECHO and QUIT; anything else is an error that says so."""
    for _ in range(_MOST):
        line = await given.until(b"\n", _LARGEST_HEAD)
        if line is None:
            return
        words = line.strip().split()
        if words and words[0][:1] == b"*" and words[0][1:].isdigit():
            words = []
            for _ in range(min(int(line.strip()[1:]), 64)):
                size = await given.until(b"\r\n", _LARGEST_HEAD)
                part = await given.until(b"\r\n", _LARGEST_BODY)
                if size is None or part is None:
                    return
                words.append(part)
        if not words:
            continue
        match words[0].upper():
            case b"PING":
                await write(b"+PONG\r\n")
            case b"ECHO" if len(words) > 1:
                await write(b"$%d\r\n%s\r\n" % (len(words[1]), words[1]))
            case b"QUIT":
                await write(b"+OK\r\n")
                return
            case name:
                await write(b"-ERR unknown command '%s'\r\n" % name[:64])
