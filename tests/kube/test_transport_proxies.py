"""Proxies between us and an API server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from k8stui.core.lang import Lang
from k8stui.kube.errors import Cause, KubeconfigError
from k8stui.kube.kubeconfig import ChosenContext, Cluster
from k8stui.kube.transport import Transport
from tests.kube.authority import Authority
from tests.kube.endpoint import b64, serving
from tests.kube.network import cause, failure, free_port, raw, sockets, to, trusted


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@asynccontextmanager
async def proxying(refusal: bytes = b"") -> AsyncIterator[tuple[int, list[bytes]]]:
    """An HTTP proxy that opens tunnels to the port asked for on this machine; yields port and heads heard."""
    heard: list[bytes] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heard.append(head)
        if refusal or not head.startswith(b"CONNECT "):
            writer.write(refusal or b"HTTP/1.1 405 No\r\n\r\n")
            return
        port = int(head.split()[1].rpartition(b":")[2])
        there, back = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            await asyncio.gather(pump(reader, back), pump(there, writer))
        finally:
            back.close()
            with contextlib.suppress(OSError):
                await back.wait_closed()

    async with raw(talk) as port:
        yield port, heard


@pytest.mark.parametrize("way", ["proxy-url", "environment"])
async def test_requests_streams_and_websockets_go_through_the_proxy(authority: Authority, way: str) -> None:
    """Difference 9: the package's websockets go past the proxy."""
    async with (
        serving(sockets, tls=authority.server_context("api.example")) as endpoint,
        proxying() as (port, heard),
    ):
        proxy = f"http://me:pass@127.0.0.1:{port}"
        environ = {"HTTPS_PROXY": proxy} if way == "environment" else {}
        cluster = Cluster(
            "k",
            f"https://api.example:{endpoint.port}",
            certificate_authority_data=b64(authority.pem),
            proxy_url=proxy if way == "proxy-url" else "",
        )
        for kind in ("request", "stream", "websocket"):
            transport = Transport.open(ChosenContext("c", cluster, None, "default"), environ=environ)
            if kind == "request":
                assert (await transport.request("GET", "/")).status == 200
            elif kind == "stream":
                async with transport.stream("/") as stream:
                    assert stream.status == 200
            else:
                async with transport.ws_connect("/exec") as websocket:
                    await websocket.send_bytes(b"x")
                    assert await websocket.receive_bytes() == b"x"
            await transport.close()
    assert len(heard) == 3
    for head in heard:
        assert head.startswith(f"CONNECT api.example:{endpoint.port} ".encode())
        assert b"Proxy-Authorization: Basic bWU6cGFzcw==" in head


async def test_a_proxy_that_refuses(authority: Authority) -> None:
    async with proxying(b"HTTP/1.1 403 Policy says no\r\nContent-Length: 0\r\n\r\n") as (port, _):
        transport = trusted(443, authority, "api.example", proxy_url=f"http://me:SECRET@127.0.0.1:{port}")
        error = await failure(transport)
    assert cause(error) is Cause.PROXY
    for lang in Lang:
        assert "403" in error.sentence(lang)
        assert f"http://127.0.0.1:{port}" in error.sentence(lang)
        assert "SECRET" not in error.sentence(lang)


async def test_a_proxy_that_is_not_there(authority: Authority) -> None:
    proxy = f"http://127.0.0.1:{free_port()}"
    assert cause(await failure(trusted(443, authority, "api.example", proxy_url=proxy))) is Cause.PROXY


async def test_a_socks_proxy_needs_its_package(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Difference 12: the package speaks HTTP to a SOCKS proxy."""
    monkeypatch.setitem(sys.modules, "aiohttp_socks", None)
    transport = trusted(443, authority, "api.example", proxy_url="socks5://me:SECRET@127.0.0.1:1080")
    with pytest.raises(KubeconfigError) as error:
        await transport.request("GET", "/")
    await transport.close()
    for lang in Lang:
        assert "aiohttp-socks" in error.value.sentence(lang)
        assert "SECRET" not in error.value.sentence(lang)


@pytest.mark.parametrize("url", ["proxy:3128", "ftp://proxy", "http://", "http://proxy:port"])
def test_an_unusable_proxy_is_told_at_once(url: str) -> None:
    with pytest.raises(KubeconfigError):
        to("https://api.example", proxy_url=url)


async def test_a_name_that_only_the_proxy_fails_to_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    error = await failure(to("https://api.example", proxy_url="http://proxy.example:3128"))
    assert cause(error) is Cause.PROXY


async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """The first steps of SOCKS 5 (RFC 1928) without a password; returns the host name asked for."""
    methods = (await reader.readexactly(2))[1]
    await reader.readexactly(methods)
    writer.write(b"\x05\x00")
    assert (await reader.readexactly(4))[3] == 3, "the proxy is to resolve the name"
    host = await reader.readexactly((await reader.readexactly(1))[0])
    await reader.readexactly(2)
    return host


async def test_a_socks_proxy_resolves_the_name_and_its_refusal_is_told(authority: Authority) -> None:
    pytest.importorskip("aiohttp_socks")
    hosts: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hosts.append(await tunnel(reader, writer))
        writer.write(b"\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00")

    async with raw(refuse) as port:
        transport = trusted(443, authority, "api.example", proxy_url=f"socks5://127.0.0.1:{port}")
        assert cause(await failure(transport)) is Cause.PROXY
    assert hosts == [b"api.example"]
    transport = trusted(443, authority, "api.example", proxy_url=f"socks5://127.0.0.1:{free_port()}")
    assert cause(await failure(transport)) is Cause.PROXY
