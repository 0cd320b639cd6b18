"""exec and attach over a websocket: v5.channel.k8s.io and v4.channel.k8s.io.

Binary messages; the first byte is a channel: 0 to the process, 1 and 2 from it, 3 how it ended (one Status),
4 the terminal's size. In v5 the client closes a channel by the message ``FF nn``.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque

from aiohttp import WSMsgType, web

from k8stui.core.objects import JsonObject, dig
from k8stui.practice.inside.shell.io import Broken, Pipe
from k8stui.practice.inside.terminal import Terminal

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
LARGEST = 1 << 20
"""Bytes of the largest message that is read."""
_INPUT, _OUTPUT, _ERRORS, _END, _SIZE, _CLOSE = 0, 1, 2, 3, 4, 255
_PIECE = 1 << 15
"""Bytes of the largest message that is sent."""
_FULL = 1 << 17
"""Bytes that may wait to be sent; who writes more waits too."""
_MOST_CELLS = 10_000


class Channels:
    """The channels of one connection.

    What is written is collected, and sent as soon as the event loop comes to it: many small writes in a row
    are one message.

    Args:
        socket: The websocket, ready.
    """

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._waiting: deque[tuple[int, bytearray]] = deque()
        self._size = 0
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self.input = Pipe()
        self.terminal: Terminal | None = None

    async def send(self, channel: int, data: bytes) -> None:
        """Have something sent, after what was written before; wait while there is too much.

        Raises:
            Broken: the client has gone.
        """
        for begin in range(0, len(data), _PIECE):
            while self._size >= _FULL and not self._socket.closed:
                self._room.clear()
                await self._room.wait()
            if self._socket.closed:
                raise Broken
            self._keep(channel, data[begin : begin + _PIECE])

    def _keep(self, channel: int, data: bytes) -> None:
        last = self._waiting[-1] if self._waiting else None
        if last is not None and last[0] == channel and len(last[1]) + len(data) <= _PIECE:
            last[1].extend(data)
        else:
            self._waiting.append((channel, bytearray(data)))
        self._size += len(data)
        self._changed.set()

    async def sending(self) -> None:
        """Send what is written, until the client goes."""
        try:
            while True:
                await self._flush()
                self._changed.clear()
                await self._changed.wait()
        except ConnectionError:
            return
        finally:
            self._room.set()

    async def _flush(self) -> None:
        """Send what is waiting."""
        while self._waiting:
            channel, data = self._waiting.popleft()
            self._size -= len(data)
            self._room.set()
            await self._socket.send_bytes(bytes((channel,)) + data)
            # Nothing else makes the sender wait while the client takes everything.
            await asyncio.sleep(0)

    async def begin(self) -> None:
        """The first message, by which a client knows that it has begun."""
        await self._socket.send_bytes(bytes((_OUTPUT,)))

    async def finish(self, status: JsonObject) -> None:
        """Tell how it ended, and close."""
        if not self._socket.closed:
            await self._flush()
            await self._socket.send_bytes(bytes((_END,)) + json.dumps(status).encode())
            await self._socket.close()

    async def receive(self) -> None:
        """Take what the client sends, until it goes."""
        async for message in self._socket:
            if message.type is WSMsgType.BINARY and message.data:
                await self._taken(message.data[0], message.data[1:])
        await self._ended()

    async def _taken(self, channel: int, data: bytes) -> None:
        if channel == _INPUT and data:
            if self.terminal is not None:
                await self.terminal.type(data)
            else:
                await self._fed(data)
        elif channel == _SIZE and self.terminal is not None:
            _resize(self.terminal, data)
        elif channel == _CLOSE and data[:1] == bytes((_INPUT,)):
            await self._ended()

    async def _fed(self, data: bytes) -> None:
        try:
            await self.input.write(data)
        except Broken:
            return

    async def _ended(self) -> None:
        self.input.close()
        if self.terminal is not None:
            await self.terminal.close()


class Out:
    """One of the channels from the process."""

    def __init__(self, channels: Channels, *, errors: bool = False) -> None:
        self._channels = channels
        self._number = _ERRORS if errors else _OUTPUT

    async def write(self, data: bytes) -> None:
        """Send it to the client.

        Raises:
            Broken: the client has gone.
        """
        await self._channels.send(self._number, data)


def succeeded() -> JsonObject:
    """The Status of a command that ended well."""
    return {"metadata": {}, "status": "Success"}


def exited(code: int) -> JsonObject:
    """The Status of a command that ended with a code other than 0."""
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


def failed(message: str) -> JsonObject:
    """The Status of a command that could not be started."""
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"Internal error occurred: {message}",
        "reason": "InternalError",
        "details": {"causes": [{"message": message}]},
        "code": 500,
    }


def _resize(terminal: Terminal, data: bytes) -> None:
    try:
        size = json.loads(data)
    except ValueError:
        return
    width, height = dig(size, "Width"), dig(size, "Height")
    if (
        isinstance(width, int)
        and isinstance(height, int)
        and 0 < width < _MOST_CELLS
        and 0 < height < _MOST_CELLS
    ):
        terminal.columns, terminal.rows = width, height
