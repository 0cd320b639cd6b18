"""A raw client of exec, attach and port-forward."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp

from k8stui.core.objects import JsonObject
from tests.practice.api_client import Api

V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"


class Socket:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.output = b""
        self.errors = b""
        self.status: JsonObject | None = None

    async def type(self, data: bytes, channel: int = 0) -> None:
        await self.socket.send_bytes(bytes((channel,)) + data)

    async def until(self, text: bytes) -> bytes:
        """Everything until some text has come."""
        async with asyncio.timeout(10):
            while text not in self.output and await self._more():
                pass
        assert text in self.output, self.output
        found, _, self.output = self.output.partition(text)
        return found

    async def end(self) -> JsonObject:
        """The Status at the end."""
        async with asyncio.timeout(10):
            while await self._more():
                pass
        assert self.status is not None
        return self.status

    async def _more(self) -> bool:
        message = await self.socket.receive()
        if message.type is not aiohttp.WSMsgType.BINARY:
            return False
        channel, data = message.data[0], message.data[1:]
        if channel == 1:
            self.output += data
        elif channel == 2:
            self.errors += data
        elif channel == 3:
            self.status = json.loads(data)
        return True


@asynccontextmanager
async def dial(api: Api, path: str, protocols: Sequence[str] = (V5, V4)) -> AsyncIterator[Socket]:
    async with api.session.ws_connect(
        api.cluster.server + path, protocols=protocols, max_msg_size=0
    ) as socket:
        yield Socket(socket)


def exec_path(*command: str, pod: str = "p", sub: str = "exec", **flags: str) -> str:
    from urllib.parse import urlencode

    query = [("command", word) for word in command]
    query += [(key, "true") for key in ("stdout", "stderr")] + list(flags.items())
    return f"/api/v1/namespaces/default/pods/{pod}/{sub}?{urlencode(query)}"
