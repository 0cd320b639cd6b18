"""Transports for tests, the servers they meet, and time and names that can be bent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Lang
from k8stui.kube.errors import Cause, Unreachable
from k8stui.kube.kubeconfig import ChosenContext, Cluster, load
from k8stui.kube.transport import Transport
from tests.kube.authority import Authority
from tests.kube.endpoint import Endpoint, Handler, answer_ok, b64, serving

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A TCP server that says what it likes; yields its port."""
    tasks: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await talk(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def saying(answer: bytes, then: Callable[[], Awaitable[Any]] | None = None) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        if then is not None:
            await then()

    return talk


async def failure(transport: Transport, **more: Any) -> ExplorerError:
    """The error of a request; it names the host in both languages, which differ."""
    try:
        with pytest.raises(ExplorerError) as caught:
            await transport.request("GET", "/api/v1/pods", **more)
    finally:
        await transport.close()
    error = caught.value
    english, japanese = error.sentence(Lang.EN), error.sentence(Lang.JA)
    assert english != japanese
    assert transport.host in english or "/api/v1/pods" in english
    assert transport.host in japanese or "/api/v1/pods" in japanese
    assert "None" not in english and "{" not in english + japanese
    return error


def cause(error: ExplorerError) -> Cause:
    assert isinstance(error, Unreachable), error
    return error.cause


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def trusted(port: int, authority: Authority, host: str = "127.0.0.1", **more: Any) -> Transport:
    return to(f"https://{host}:{port}", certificate_authority_data=b64(authority.pem), **more)


def to(server: str, environ: dict[str, str] | None = None, **cluster: Any) -> Transport:
    """A transport without a user."""
    chosen = ChosenContext("c", Cluster("k", server, **cluster), None, "default")
    return Transport.open(chosen, environ=environ or {})


@asynccontextmanager
async def talking(handler: Handler = answer_ok, **cluster: Any) -> AsyncIterator[tuple[Transport, Endpoint]]:
    async with serving(handler) as endpoint:
        transport = to(endpoint.url, **cluster)
        try:
            yield transport, endpoint
        finally:
            await transport.close()


class Elsewhere:
    """Lets a name that is not loopback lead to this machine, as DNS would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        original = loop.getaddrinfo

        async def getaddrinfo(host: Any, port: Any, **kwargs: Any) -> Any:
            return await original("127.0.0.1" if str(host).endswith(".example") else host, port, **kwargs)

        monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)


class Leap:
    """Lets the loop's clock jump, so that time limits are tested without waiting for them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self._ahead = 0.0
        original = loop.time
        monkeypatch.setattr(loop, "time", lambda: original() + self._ahead)

    def __call__(self, seconds: float) -> None:
        self._ahead += seconds


ENVIRON = {"PATH": os.environ["PATH"]}


class Clock:
    """Seconds that pass when told to."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def opened(path: Path, clock: Callable[[], float] | None = None) -> AsyncIterator[Transport]:
    transport = Transport.open(load([path], {}).choose(), clock=clock or Clock(), environ=ENVIRON)
    try:
        yield transport
    finally:
        await transport.close()


def trusting(authority: Authority, **more: Any) -> dict[str, Any]:
    return {"certificate-authority-data": b64(authority.pem), **more}


async def sockets(request: web.BaseRequest) -> web.StreamResponse:
    """A server that echoes on websockets and answers other requests."""
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return await answer_ok(request)
    websocket = web.WebSocketResponse(protocols=["v4.channel.k8s.io"], max_msg_size=0)
    await websocket.prepare(request)
    async for message in websocket:
        if message.type == WSMsgType.BINARY:
            await websocket.send_bytes(message.data)
    return websocket
