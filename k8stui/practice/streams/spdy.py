"""SPDY/3.1 as far as port-forward needs it: streams over a pipe of bytes, seen from the server.

The dictionary with which headers are compressed is a constant of the protocol (draft-mbelshe-httpbis-spdy).
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Awaitable, Callable, Mapping
from importlib import resources

from k8stui.practice.inside.shell.io import Broken, Pipe

_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _PING, _GOAWAY, _WINDOW_UPDATE = 1, 2, 3, 6, 7, 9
_FIN = 1
_VERSION = 0x8003
_HEAD = 8
_LARGEST_FRAME = 1 << 20
_LARGEST_HEADERS = 1 << 14
_MOST_STREAMS = 1_000
_PIECE = 1 << 15
_REFUSED = 3

Send = Callable[[bytes], Awaitable[None]]


class SpdyTrouble(Exception):
    """The client does not speak SPDY, or too much of it."""


class SpdyStream:
    """One stream that the client has opened."""

    def __init__(self, session: Spdy, number: int, headers: Mapping[str, str]) -> None:
        self.headers = headers
        self._session = session
        self._number = number
        self._given = Pipe()
        self._closed = False

    async def read(self) -> bytes:
        """What the client sends; empty when it sends no more."""
        return await self._given.read()

    async def write(self, data: bytes) -> None:
        """Send something to the client.

        Raises:
            Broken: it has reset the stream, or gone.
        """
        for begin in range(0, len(data), _PIECE):
            if self._closed:
                raise Broken
            await self._session.data(self._number, data[begin : begin + _PIECE])

    async def close(self) -> None:
        """Nothing more will be sent."""
        if not self._closed:
            self._closed = True
            await self._session.data(self._number, b"", last=True)

    def leave(self) -> None:
        """Nothing more will be read."""
        self._given.leave()

    async def taken(self, data: bytes) -> None:
        """The client has sent something; what nobody reads is dropped."""
        try:
            await self._given.write(data)
        except Broken:
            return

    def ended(self) -> None:
        """The client sends no more."""
        self._given.close()

    def reset(self) -> None:
        """The client wants no more of it."""
        self._closed = True
        self._given.close()
        self._given.leave()


class Spdy:
    """One connection.

    Args:
        send: Sends bytes to the client.
        opened: Called with every new stream.
    """

    def __init__(self, send: Send, opened: Callable[[SpdyStream], None]) -> None:
        dictionary = (resources.files("k8stui.practice") / "streams" / "spdy.dictionary").read_bytes()
        self._send = send
        self._opened = opened
        self._deflate = zlib.compressobj(zdict=dictionary)
        self._inflate = zlib.decompressobj(zdict=dictionary)
        self._streams: dict[int, SpdyStream] = {}
        self._held = bytearray()
        self._lock = asyncio.Lock()

    async def feed(self, data: bytes) -> None:
        """Take bytes from the client.

        Raises:
            SpdyTrouble: they are no SPDY.
            Broken: the client has gone.
        """
        self._held += data
        while len(self._held) >= _HEAD:
            first, second = struct.unpack_from(">II", self._held)
            size = second & 0xFFFFFF
            if size > _LARGEST_FRAME:
                raise SpdyTrouble("frame too large")
            if len(self._held) < _HEAD + size:
                return
            body = bytes(self._held[_HEAD : _HEAD + size])
            del self._held[: _HEAD + size]
            if first & 0x80000000:
                if first >> 16 != _VERSION:
                    raise SpdyTrouble("not SPDY/3.1")
                await self._control(first & 0xFFFF, second >> 24, body)
            else:
                await self._taken(first, second >> 24, body)

    async def data(self, number: int, data: bytes, *, last: bool = False) -> None:
        """Send a data frame."""
        await self._write(struct.pack(">II", number, (_FIN if last else 0) << 24 | len(data)) + data)

    def forget(self, stream: SpdyStream) -> None:
        """A stream is over on both sides."""
        self._streams = {number: each for number, each in self._streams.items() if each is not stream}

    def close(self) -> None:
        """The connection has ended."""
        for stream in self._streams.values():
            stream.reset()
        self._streams.clear()

    async def _write(self, frame: bytes) -> None:
        async with self._lock:
            await self._send(frame)

    async def _taken(self, number: int, flags: int, body: bytes) -> None:
        stream = self._streams.get(number)
        if body:
            update = struct.pack(">II", number, len(body))
            await self._write(_framed(_WINDOW_UPDATE, 0, update))
        if stream is None:
            return
        if body:
            await stream.taken(body)
        if flags & _FIN:
            stream.ended()

    async def _control(self, kind: int, flags: int, body: bytes) -> None:
        if kind == _SYN_STREAM:
            await self._open(flags, body)
        elif kind == _RST_STREAM and len(body) >= 4:
            stream = self._streams.pop(struct.unpack_from(">I", body)[0], None)
            if stream is not None:
                stream.reset()
        elif kind == _PING and len(body) == 4 and body[3] & 1:
            await self._write(_framed(_PING, 0, body))

    async def _open(self, flags: int, body: bytes) -> None:
        if len(body) < 10:
            raise SpdyTrouble("short frame")
        number = struct.unpack_from(">I", body)[0] & 0x7FFFFFFF
        headers = self._headers(body[10:])
        if len(self._streams) >= _MOST_STREAMS or number in self._streams:
            await self._write(_framed(_RST_STREAM, 0, struct.pack(">II", number, _REFUSED)))
            return
        stream = self._streams[number] = SpdyStream(self, number, headers)
        async with self._lock:
            nothing = self._deflate.compress(struct.pack(">I", 0)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
            await self._send(_framed(_SYN_REPLY, 0, struct.pack(">I", number) + nothing))
        if flags & _FIN:
            stream.ended()
        self._opened(stream)

    def _headers(self, block: bytes) -> dict[str, str]:
        try:
            raw = self._inflate.decompress(block, _LARGEST_HEADERS)
            if self._inflate.unconsumed_tail:
                raise SpdyTrouble("headers too large")
            count, at, found = struct.unpack_from(">I", raw)[0], 4, []
            for _ in range(min(count, 100) * 2):
                size = struct.unpack_from(">I", raw, at)[0]
                found.append(raw[at + 4 : at + 4 + size].decode("latin-1"))
                at += 4 + size
        except (zlib.error, struct.error):
            raise SpdyTrouble("bad headers") from None
        return dict(zip(found[::2], found[1::2], strict=True))


def _framed(kind: int, flags: int, body: bytes) -> bytes:
    return struct.pack(">HHI", _VERSION, kind, flags << 24 | len(body)) + body
