"""Websockets: the way, the credentials and the refusals are those of requests."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from k8stui.kube.errors import Forbidden, Unauthorized
from k8stui.kube.kubeconfig import load
from k8stui.kube.transport import Transport
from tests.kube.authority import Authority
from tests.kube.endpoint import b64, serving, unauthorized, write_kubeconfig
from tests.kube.network import sockets, talking, to


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


async def test_tls_server_name_holds_for_requests_streams_and_websockets(authority: Authority) -> None:
    """Difference 9: the package forgets the name for websockets."""
    async with serving(sockets, tls=authority.server_context("inner.example")) as endpoint:
        for name, fits in (("inner.example", True), ("", False)):
            transport = to(endpoint.url, certificate_authority_data=b64(authority.pem), tls_server_name=name)
            results: list[object] = []
            for ask in (transport.request("GET", "/"), streamed(transport), echoed(transport)):
                results += await asyncio.gather(ask, return_exceptions=True)
            await transport.close()
            failed = [isinstance(result, Exception) for result in results]
            assert failed == [not fits] * 3, results


async def streamed(transport: Transport) -> bytes:
    async with transport.stream("/") as stream:
        return b"".join([chunk async for chunk in stream.chunks()])


async def echoed(transport: Transport, data: bytes = b"\x00hello") -> bytes:
    async with transport.ws_connect(
        "/exec",
        query=[("command", "a"), ("command", "b")],
        protocols=["v5.channel.k8s.io", "v4.channel.k8s.io"],
    ) as websocket:
        assert websocket.protocol == "v4.channel.k8s.io"
        await websocket.send_bytes(data)
        return await websocket.receive_bytes()


async def test_a_websocket_carries_credentials_query_and_big_messages(
    tmp_path: Path, authority: Authority
) -> None:
    async with serving(sockets, tls=authority.server_context()) as endpoint:
        path = write_kubeconfig(
            tmp_path / "config",
            endpoint.url,
            cluster={"certificate-authority-data": b64(authority.pem)},
            user={"token": "static", "as": "jane"},
        )
        transport = Transport.open(load([path], {}).choose(), environ={})
        big = b"\x01" + b"x" * 5_000_000
        assert await echoed(transport, big) == big
        await transport.close()
    asked = endpoint.asked[0]
    assert asked.path == "/exec?command=a&command=b"
    assert (asked.one("Authorization"), asked.one("Impersonate-User")) == ("Bearer static", "jane")
    assert asked.one("Sec-WebSocket-Protocol").replace(" ", "") == "v5.channel.k8s.io,v4.channel.k8s.io"


async def test_a_refused_websocket_tells_the_servers_sentence() -> None:
    async def refuse(_: web.BaseRequest) -> web.StreamResponse:
        status = {"kind": "Status", "reason": "Forbidden", "message": 'pods "p" is forbidden'}
        return web.json_response(status, status=403)

    async with talking(refuse) as (transport, _):
        with pytest.raises(Forbidden, match='pods "p" is forbidden'):
            async with transport.ws_connect("/exec"):
                pass


async def test_a_websocket_after_a_401_is_tried_with_a_new_token(
    tmp_path: Path, authority: Authority
) -> None:
    async def only_new(request: web.BaseRequest) -> web.StreamResponse:
        new = request.headers.get("Authorization") == "Bearer new"
        return await sockets(request) if new else unauthorized()

    (tmp_path / "token").write_text("old")
    async with serving(only_new, tls=authority.server_context()) as endpoint:
        path = write_kubeconfig(
            tmp_path / "config",
            endpoint.url,
            cluster={"certificate-authority-data": b64(authority.pem)},
            user={"tokenFile": "token"},
        )
        transport = Transport.open(load([path], {}).choose(), environ={})
        with pytest.raises(Unauthorized):
            await echoed(transport)
        (tmp_path / "token").write_text("new")
        assert await echoed(transport) == b"\x00hello"
        await transport.close()
