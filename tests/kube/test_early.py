from __future__ import annotations

import asyncio
import json
import ssl
import sys
from pathlib import Path

import pytest
from aiohttp import web

from k8stui.kube import early
from tests.kube.authority import Authority
from tests.kube.endpoint import serving, write_kubeconfig

FIRST_LIST = """
import asyncio, json, sys
from pathlib import Path
from k8stui.kube.kubeconfig import load
from k8stui.kube.transport import Transport

async def main():
    transport = Transport.open(load([Path(sys.argv[1])], {}).choose())
    told = []
    for query in ([("limit", "1")], [("limit", "1")]):
        try:
            async with transport.stream("/api/v1/pods", query=query) as stream:
                body = b"".join([chunk async for chunk in stream.chunks()])
            told.append([stream.status, json.loads(body), "aiohttp" in sys.modules])
        except Exception as error:
            told.append([type(error).__name__, str(error), "aiohttp" in sys.modules])
        from k8stui.kube import early
        early.warm()
    await transport.close()
    print(json.dumps(told))

asyncio.run(main())
"""


async def first_list(config: Path) -> list[list[object]]:
    """What two bounded requests say in a new process: before the HTTP library is loaded, and after."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        FIRST_LIST,
        str(config),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    output, _ = await process.communicate()
    told: list[list[object]] = json.loads(output)
    return told


async def test_the_first_bounded_request_needs_no_http_library(tmp_path: Path) -> None:
    async with serving() as endpoint:
        write_kubeconfig(tmp_path / "config", endpoint.url, user={"token": "x"})
        told = await first_list(tmp_path / "config")
    assert told == [[200, {"kind": "ok"}, False], [200, {"kind": "ok"}, True]]
    first, second = endpoint.asked
    assert first.path == second.path
    for name in ("Accept", "Authorization", "User-Agent", "Accept-Encoding", "Host"):
        assert first.all(name) == second.all(name), name


async def test_a_refusal_is_asked_again_in_the_ordinary_way(tmp_path: Path) -> None:
    async def forbidden(_: web.BaseRequest) -> web.StreamResponse:
        status = {"kind": "Status", "reason": "Forbidden", "message": "no pods for you", "code": 403}
        return web.json_response(status, status=403)

    async with serving(forbidden) as endpoint:
        write_kubeconfig(tmp_path / "config", endpoint.url, user={})
        told = await first_list(tmp_path / "config")
    assert told[0][0] == "Forbidden"
    assert told[0][2] is True
    assert len(endpoint.asked) == 3


async def test_a_certificate_that_is_not_trusted_gets_no_early_answer() -> None:
    server, other = Authority(), Authority()
    async with serving(tls=server.server_context()) as endpoint:
        answer = await asyncio.to_thread(
            early.get,
            endpoint.url,
            "/api?limit=1",
            [("Authorization", "secret")],
            ssl.create_default_context(cadata=other.pem.decode()),
            None,
        )
        assert answer is None
        assert endpoint.asked == []


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ([("limit", "1")], True),
        ([("limit", "1"), ("watch", "1")], False),
        ([], False),
    ],
)
def test_only_bounded_requests_before_the_library_go_early(
    query: list[tuple[str, str]], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not early.wanted(query)
    monkeypatch.delitem(sys.modules, "aiohttp")
    assert early.wanted(query) is wanted


async def test_what_is_too_large_broken_or_absent_is_no_early_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def odd(request: web.BaseRequest) -> web.StreamResponse:
        if "gzip" in request.path:
            return web.Response(body=b"not gzip at all", headers={"Content-Encoding": "gzip"})
        return web.Response(body=b"x" * 100)

    monkeypatch.setattr(early, "MOST", 50)
    async with serving(odd) as endpoint:
        for target in ("/large", "/gzip"):
            assert await asyncio.to_thread(early.get, endpoint.url, target, [], None, None) is None
        url = endpoint.url
    assert await asyncio.to_thread(early.get, url, "/gone", [], None, None) is None
