"""What can stand between us and an API server, each with its own sentence in both languages."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from typing import Any

import pytest
from aiohttp import web

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Lang
from k8stui.kube.errors import (
    ApiError,
    Cause,
    Forbidden,
    InvalidAnswer,
    ServerTrouble,
    TooManyRequests,
    Unreachable,
)
from k8stui.kube.transport import Transport
from tests.kube.authority import Authority
from tests.kube.endpoint import Handler, serving
from tests.kube.network import Leap, cause, failure, free_port, raw, saying, to


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


async def test_refused() -> None:
    assert cause(await failure(to(f"http://127.0.0.1:{free_port()}"))) is Cause.REFUSED


async def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    assert cause(await failure(to("https://nowhere.example"))) is Cause.DNS


async def test_nobody_answers_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener whose backlog is full: the kernel drops our SYN."""
    leap = Leap(monkeypatch)
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(8):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(address)
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()
        connect = loop.sock_connect

        async def noting(sock: socket.socket, address: Any) -> None:
            begun.set()
            await connect(sock, address)

        monkeypatch.setattr(loop, "sock_connect", noting)
        task = asyncio.create_task(failure(to(f"http://127.0.0.1:{address[1]}")))
        await begun.wait()
        leap(11)
        assert cause(await asyncio.wait_for(task, 10)) is Cause.CONNECT_TIMEOUT


async def test_connected_but_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    leap = Leap(monkeypatch)
    asked = asyncio.Event()

    async def never(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await asyncio.Event().wait()

    async with raw(never) as port:
        task = asyncio.create_task(failure(to(f"http://127.0.0.1:{port}"), timeout=30))
        await asked.wait()
        leap(31)
        assert cause(await asyncio.wait_for(task, 10)) is Cause.TIMEOUT


async def test_a_stream_whose_headers_never_come(monkeypatch: pytest.MonkeyPatch) -> None:
    leap = Leap(monkeypatch)
    asked = asyncio.Event()

    async def never(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await asyncio.Event().wait()

    async def follow(transport: Transport) -> None:
        async with transport.stream("/watch"):
            pass

    async with raw(never) as port:
        transport = to(f"http://127.0.0.1:{port}")
        task = asyncio.create_task(follow(transport))
        await asked.wait()
        leap(31)
        with pytest.raises(Unreachable) as error:
            await asyncio.wait_for(task, 10)
        assert error.value.cause is Cause.TIMEOUT
        await transport.close()


async def test_silence_while_streaming(monkeypatch: pytest.MonkeyPatch) -> None:
    leap = Leap(monkeypatch)
    talk = saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", asyncio.Event().wait)
    async with raw(talk) as port:
        transport = to(f"http://127.0.0.1:{port}")
        async with transport.stream("/watch", read_timeout=90) as stream:
            chunks = stream.chunks()
            assert await anext(chunks) == b"hi"
            waiting = asyncio.ensure_future(anext(chunks))
            await asyncio.sleep(0)
            leap(91)
            with pytest.raises(Unreachable) as error:
                await asyncio.wait_for(waiting, 10)
        assert error.value.cause is Cause.SILENCE
        await transport.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhi",
    ],
    ids=["chunked", "length"],
)
async def test_cut_in_the_middle(answer: bytes) -> None:
    async with raw(saying(answer)) as port:
        assert cause(await failure(to(f"http://127.0.0.1:{port}"))) is Cause.CUT
        transport = to(f"http://127.0.0.1:{port}")
        with pytest.raises(Unreachable) as error:
            async with transport.stream("/watch") as stream:
                assert b"".join([chunk async for chunk in stream.chunks()]) == b"hi"
        assert error.value.cause is Cause.CUT
        await transport.close()


async def test_cut_before_an_answer() -> None:
    async with raw(saying(b"")) as port:
        assert cause(await failure(to(f"http://127.0.0.1:{port}"))) is Cause.CUT


async def test_https_where_plain_http_is_expected() -> None:
    """A Go server answers plain HTTP on its TLS port with this sentence."""
    answer = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
    async with raw(saying(answer)) as port:
        error = await failure(to(f"http://127.0.0.1:{port}"))
    assert isinstance(error, ApiError)
    assert "https://" in error.sentence(Lang.EN)
    assert "https://" in error.sentence(Lang.JA)


async def test_something_that_is_no_http() -> None:
    async with raw(saying(b"SSH-2.0-OpenSSH_9.7\r\n\r\n")) as port:
        assert isinstance(await failure(to(f"http://127.0.0.1:{port}")), InvalidAnswer)


def page(status: int) -> Handler:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, text="<html>Please log in SECRET</html>", content_type="text/html")

    return answer


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, InvalidAnswer), (403, InvalidAnswer), (404, InvalidAnswer), (502, ServerTrouble)],
)
async def test_a_web_page(status: int, kind: type[ExplorerError]) -> None:
    async with serving(page(status)) as endpoint:
        error = await failure(to(endpoint.url))
        assert isinstance(error, kind)
        assert "SECRET" not in error.sentence(Lang.EN)
        transport = to(endpoint.url)
        with pytest.raises(kind):
            async with transport.stream("/watch"):
                pass
        await transport.close()


async def test_a_redirection_is_not_followed() -> None:
    async def elsewhere(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(
            status=302, headers={"Location": "https://me:SECRET@portal.example/login?t=SECRET"}
        )

    async with serving(elsewhere) as endpoint:
        error = await failure(to(endpoint.url))
    assert isinstance(error, InvalidAnswer)
    assert "https://portal.example" in error.sentence(Lang.JA)
    assert "SECRET" not in error.sentence(Lang.EN)
    assert len(endpoint.asked) == 1


async def test_half_a_json() -> None:
    async def half(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text='{"kind":"PodLi', content_type="application/json")

    async with serving(half) as endpoint:
        transport = to(endpoint.url)
        answer = await transport.request("GET", "/")
        await transport.close()
    with pytest.raises(InvalidAnswer, match="not whole JSON"):
        answer.json()


async def test_too_many_requests_says_how_long_to_wait() -> None:
    async def busy(_: web.BaseRequest) -> web.StreamResponse:
        status = {"kind": "Status", "reason": "TooManyRequests", "message": "slow down"}
        return web.Response(status=429, text=json.dumps(status), headers={"Retry-After": "7"})

    async with serving(busy) as endpoint:
        error = await failure(to(endpoint.url))
    assert isinstance(error, TooManyRequests)
    assert error.retry_after == 7
    assert len(endpoint.asked) == 1, "when to try again is the caller's affair"


async def test_an_escape_sequence_in_a_refusal_is_harmless() -> None:
    async def refuse(_: web.BaseRequest) -> web.StreamResponse:
        status = {"kind": "Status", "reason": "Forbidden", "message": "no \x1b]0;title\x07 way"}
        return web.json_response(status, status=403)

    async with serving(refuse) as endpoint:
        error = await failure(to(endpoint.url))
    assert isinstance(error, Forbidden)
    assert "\x1b" not in error.sentence(Lang.EN) + error.server_message


async def test_after_closing_nothing_is_sent() -> None:
    async with serving() as endpoint:
        transport = to(endpoint.url)
        await transport.request("GET", "/")
        await transport.close()
        await transport.close()
        assert cause(await failure(transport)) is Cause.CLOSED
    assert len(endpoint.asked) == 1
