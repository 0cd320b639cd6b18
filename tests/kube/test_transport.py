"""Requests, streams and websockets that go well, and how they travel."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from k8stui.kube.early import warm
from k8stui.kube.errors import NotFound, Unreachable
from k8stui.kube.sockets import is_loopback, open_socket
from k8stui.kube.transport import Transport
from tests.kube.authority import Authority
from tests.kube.endpoint import Endpoint, Handler, serving
from tests.kube.network import Elsewhere, Leap, talking, to


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


async def test_a_request_arrives_as_it_was_meant() -> None:
    async with talking() as (transport, endpoint):
        answer = await transport.request(
            "POST",
            "/api/v1/namespaces/a%2Fb",
            query=[("labelSelector", "a in (b, c),d!=e/f"), ("x", "1"), ("x", "2 ü")],
            accept="application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
            headers={"If-None-Match": '"tag"'},
            body=b"{}",
            content_type="application/merge-patch+json",
        )
    asked = endpoint.asked[0]
    assert asked.method == "POST"
    assert asked.path == (
        "/api/v1/namespaces/a%2Fb?labelSelector=a%20in%20%28b%2C%20c%29%2Cd%21%3De%2Ff&x=1&x=2%20%C3%BC"
    )
    assert asked.one("Accept") == "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    assert asked.one("If-None-Match") == '"tag"'
    assert asked.one("Content-Type") == "application/merge-patch+json"
    assert asked.one("User-Agent").startswith("k8stui/")
    assert asked.body == b"{}"
    assert answer.status == 200
    assert answer.headers["content-TYPE"].startswith("application/json")
    assert answer.json() == {"kind": "ok"}


async def test_a_path_below_the_server_is_kept() -> None:
    async with serving() as endpoint:
        transport = to(endpoint.url + "/k8s/clusters/c-1/")
        await transport.request("GET", "/version")
        await transport.close()
    assert endpoint.asked[0].path == "/k8s/clusters/c-1/version"
    assert transport.host == f"127.0.0.1:{endpoint.port}"


@pytest.mark.parametrize(
    ("server", "more", "base"),
    [
        ("localhost:8080", {}, "http://localhost:8080"),
        ("api:6443", {"insecure": True}, "https://api:6443"),
        ("https://api/", {}, "https://api"),
    ],
)
def test_a_server_without_a_scheme_is_completed(server: str, more: dict[str, Any], base: str) -> None:
    assert to(server, **more).server == base


async def test_expected_statuses_are_returned_others_raised() -> None:
    async def missing(_: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"kind": "Status", "reason": "NotFound", "message": "no such"}, status=404)

    async with talking(missing) as (transport, _):
        assert (await transport.request("GET", "/x", ok=frozenset({404}))).status == 404
        with pytest.raises(NotFound, match=r"GET /x \(no such\)"):
            await transport.request("GET", "/x")
        with pytest.raises(NotFound):
            async with transport.stream("/x"):
                pass


async def test_not_modified_is_an_answer() -> None:
    async def same(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=304)

    async with talking(same) as (transport, _):
        assert (await transport.request("GET", "/x")).status == 304


async def test_warnings_are_collected() -> None:
    async def warn(_: web.BaseRequest) -> web.StreamResponse:
        response = web.json_response({})
        for value in (
            '299 - "v1 Endpoints is \\"deprecated\\" \u200b"',
            '299 kube "second", 299 - "third"',
            '199 - "not this"',
            '299 - "third"',
        ):
            response.headers.add("Warning", value)
        return response

    async with talking(warn) as (transport, _):
        answer = await transport.request("GET", "/x")
        async with transport.stream("/x") as stream:
            streamed = stream.warnings
    assert answer.warnings[0].startswith('v1 Endpoints is "deprecated"')
    assert "\u200b" not in answer.warnings[0]
    assert answer.warnings[1:] == ("second", "third")
    assert streamed == answer.warnings


async def test_one_connection_serves_many_requests_and_is_kept_alive() -> None:
    async with talking() as (transport, endpoint):
        for _ in range(3):
            await transport.request("GET", "/x")
    assert len({asked.connection for asked in endpoint.asked}) == 1


def test_sockets_notice_a_dead_peer() -> None:
    made = open_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1)))
    with made:
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert not made.getblocking()
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
            assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000


def test_sockets_do_without_options_that_a_platform_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TCP_KEEPIDLE", "TCP_USER_TIMEOUT", "TCP_KEEPINTVL", "TCP_KEEPCNT"):
        monkeypatch.delattr(socket, name, raising=False)
    open_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))).close()


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("LOCALHOST.", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_loopback_is_told_by_name(host: str, local: bool) -> None:
    assert is_loopback(host) is local


async def zipped(request: web.BaseRequest) -> web.StreamResponse:
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=b"plain")
    return web.Response(body=gzip.compress(b"zipped"), headers={"Content-Encoding": "gzip"})


async def test_gzip_is_asked_for_far_away_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Difference 12: the package ignores disable-compression."""
    Elsewhere(monkeypatch)
    async with serving(zipped) as endpoint:
        for host, disabled, body in (
            ("127.0.0.1", False, b"plain"),
            ("api.example", False, b"zipped"),
            ("api.example", True, b"plain"),
        ):
            transport = to(f"http://{host}:{endpoint.port}", disable_compression=disabled)
            assert (await transport.request("GET", "/")).body == body
            await transport.close()


async def test_a_zipped_stream_arrives_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers from 1.37 send watches as one gzip member for each flush."""
    Elsewhere(monkeypatch)
    arrived = asyncio.Event()

    async def members(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
        await response.prepare(request)
        await response.write(gzip.compress(b"first\n"))
        await arrived.wait()
        await response.write(gzip.compress(b"second\n"))
        return response

    async with serving(members) as endpoint:
        transport = to(f"http://api.example:{endpoint.port}")
        async with transport.stream("/") as stream:
            seen = b""
            async for chunk in stream.chunks():
                seen += chunk
                arrived.set()
        await transport.close()
    assert seen == b"first\nsecond\n"


async def test_a_stream_has_no_limit_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Difference 8: the package ends followed logs after 300 seconds."""
    leap = Leap(monkeypatch)
    go_on = asyncio.Event()

    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        await go_on.wait()
        await response.write(b"second")
        return response

    async with talking(slow) as (transport, _), transport.stream("/log") as stream:
        chunks = stream.chunks()
        assert await anext(chunks) == b"first"
        leap(4000)
        for _ in range(5):
            await asyncio.sleep(0)
        go_on.set()
        assert await anext(chunks) == b"second"
        with pytest.raises(StopAsyncIteration):
            await anext(chunks)


@pytest.fixture
def watched() -> Iterator[tuple[Handler, asyncio.Event, asyncio.Event]]:
    """A handler that never ends by itself, and events for its begin and for the client's going away."""
    begun, gone = asyncio.Event(), asyncio.Event()

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        if request.query.get("headers") == "no":
            begun.set()
        response = web.StreamResponse()
        try:
            if request.query.get("headers") == "no":
                await asyncio.Event().wait()
            await response.prepare(request)
            await response.write(b"line\n")
            begun.set()
            await asyncio.Event().wait()
        finally:
            gone.set()
        return response

    yield endless, begun, gone


@asynccontextmanager
async def noticing(handler: Handler) -> AsyncIterator[tuple[Transport, Endpoint]]:
    """A server that cancels a handler when its client goes away."""
    runner = web.ServerRunner(web.Server(handler, handler_cancellation=True), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    transport = to(f"http://127.0.0.1:{port}")
    try:
        yield transport, Endpoint(f"http://127.0.0.1:{port}", port)
    finally:
        await transport.close()
        await runner.cleanup()


Watched = tuple[Handler, asyncio.Event, asyncio.Event]


async def test_leaving_a_stream_closes_its_connection(watched: Watched) -> None:
    handler, _, gone = watched
    async with noticing(handler) as (transport, _):
        async with transport.stream("/watch") as stream:
            assert await anext(stream.chunks()) == b"line\n"
        async with asyncio.timeout(5):
            await gone.wait()


@pytest.mark.parametrize("headers", ["yes", "no"])
async def test_cancelling_a_stream_closes_its_connection(watched: Watched, headers: str) -> None:
    handler, begun, gone = watched

    async def follow(transport: Transport) -> None:
        async with transport.stream("/watch", query=[("headers", headers)]) as stream:
            async for _ in stream.chunks():
                pass

    async with noticing(handler) as (transport, _):
        task = asyncio.create_task(follow(transport))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(5):
            await gone.wait()


@pytest.mark.parametrize("headers", ["yes", "no"])
async def test_cancelling_a_request_closes_its_connection(watched: Watched, headers: str) -> None:
    handler, begun, gone = watched
    async with noticing(handler) as (transport, _):
        task = asyncio.create_task(transport.request("GET", "/", query=[("headers", headers)]))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(5):
            await gone.wait()


async def test_closing_ends_streams_with_a_sentence(watched: Watched) -> None:
    handler, begun, gone = watched

    async def follow(transport: Transport) -> None:
        async with transport.stream("/watch") as stream:
            async for _ in stream.chunks():
                pass

    async with noticing(handler) as (transport, _):
        task = asyncio.create_task(follow(transport))
        await begun.wait()
        await transport.close()
        async with asyncio.timeout(5):
            with pytest.raises(Unreachable, match="closed here"):
                await task
            await gone.wait()


def test_warming_is_safe_in_threads() -> None:
    threads = [threading.Thread(target=warm) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
