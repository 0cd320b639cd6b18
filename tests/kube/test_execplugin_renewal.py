"""When a credential plugin runs again, and what its new answer changes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from k8stui.kube.errors import Unauthorized
from tests.kube.authority import Authority
from tests.kube.endpoint import answer_ok, b64, serving, unauthorized, write_kubeconfig
from tests.kube.network import opened
from tests.kube.plugins import Bench, entry


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_without_an_expiry_the_answer_is_kept(bench: Bench) -> None:
    """Difference 14: the package runs the plugin for each request then."""
    plugin = bench.plugin(bench.answering({"token": "t"}))
    for _ in range(3):
        bench.clock.now += 1_000_000
        await plugin.authorization()
    assert bench.runs == 1


async def test_it_runs_again_shortly_before_the_expiry(bench: Bench) -> None:
    plugin = bench.plugin(bench.answering({"token": "one", "expirationTimestamp": bench.expiry(3600)}))
    assert await plugin.authorization() == "Bearer one"
    bench.answer({"token": "two", "expirationTimestamp": bench.expiry(7200)})
    bench.clock.now += 3600 - 61
    assert await plugin.authorization() == "Bearer one"
    bench.clock.now += 2
    assert await plugin.authorization() == "Bearer two"
    assert bench.runs == 2


async def test_a_token_that_lives_a_minute_is_not_fetched_each_time(bench: Bench) -> None:
    plugin = bench.plugin(bench.answering({"token": "t", "expirationTimestamp": bench.expiry(60)}))
    await plugin.authorization()
    bench.clock.now += 40
    await plugin.authorization()
    assert bench.runs == 1
    bench.clock.now += 10
    await plugin.authorization()
    assert bench.runs == 2


async def through(
    bench: Bench, command: str, accepted: str, requests: int, parallel: bool = False
) -> tuple[list[str], list[Any]]:
    """Ask a server that accepts one token; returns what it saw and what came back."""
    authority = Authority()

    async def check(request: web.BaseRequest) -> web.StreamResponse:
        good = request.headers.get("Authorization") == f"Bearer {accepted}"
        return await answer_ok(request) if good else unauthorized()

    async with serving(check, tls=authority.server_context()) as endpoint:
        path = write_kubeconfig(
            bench.directory / "config",
            endpoint.url,
            cluster={"certificate-authority-data": b64(authority.pem)},
            user=entry(bench, command),
        )
        async with opened(path, bench.clock) as transport:
            results: list[Any] = []
            if parallel:
                asking = [transport.request("GET", "/") for _ in range(requests)]
                results += await asyncio.gather(*asking, return_exceptions=True)
            else:
                for _ in range(requests):
                    results += await asyncio.gather(transport.request("GET", "/"), return_exceptions=True)
    return endpoint.authorizations, results


async def test_a_401_runs_it_once_more_and_asks_again(bench: Bench) -> None:
    """Difference 14: in the package nothing is forgotten after a 401."""
    bench.answer({"token": "new"})
    command = bench.script("test $(wc -l < runs) -gt 1 && exec cat answer\nsed s/new/old/ answer")
    seen, results = await through(bench, command, "new", 2)
    assert [result.status for result in results] == [200, 200]
    assert seen == ["Bearer old", "Bearer new", "Bearer new"]
    assert bench.runs == 2


async def test_many_401s_at_once_run_it_once_more(bench: Bench) -> None:
    bench.answer({"token": "new"})
    command = bench.script("test $(wc -l < runs) -gt 1 && exec cat answer\nsed s/new/old/ answer")
    _, results = await through(bench, command, "new", 5, parallel=True)
    assert [result.status for result in results] == [200] * 5
    assert bench.runs == 2


async def test_a_refused_request_gives_its_connection_back(bench: Bench) -> None:
    authority = Authority()
    body = b" " * 10_000_000

    async def check(request: web.BaseRequest) -> web.StreamResponse:
        good = request.headers.get("Authorization") == "Bearer new"
        return await answer_ok(request) if good else web.Response(status=401, body=body)

    bench.answer({"token": "new"})
    command = bench.script("test $(wc -l < runs) -gt 1 && exec cat answer\nsed s/new/old/ answer")
    async with serving(check, tls=authority.server_context()) as endpoint:
        path = write_kubeconfig(
            bench.directory / "config",
            endpoint.url,
            cluster={"certificate-authority-data": b64(authority.pem)},
            user=entry(bench, command),
        )
        async with opened(path, bench.clock) as transport, transport.stream("/") as stream:
            assert stream.status == 200
    assert endpoint.authorizations == ["Bearer old", "Bearer new"]
    assert len({asked.connection for asked in endpoint.asked}) == 1


async def test_a_second_401_is_the_answer(bench: Bench) -> None:
    seen, results = await through(bench, bench.answering({"token": "bad"}), "other", 1)
    assert isinstance(results[0], Unauthorized)
    assert seen == ["Bearer bad", "Bearer bad"]
    assert bench.runs == 2


async def test_token_and_certificate_together_are_both_used(bench: Bench) -> None:
    """Difference 13: the package drops the certificate that comes with a token."""
    subjects = await certificates(bench, token="t")
    assert subjects == [("first", "Bearer t"), ("second", "Bearer t")]


async def test_a_plugin_may_yield_a_certificate_only_and_rotate_it(bench: Bench) -> None:
    """Difference 14: the package's refresh fails without a token, and new certificates never reach TLS."""
    subjects = await certificates(bench)
    assert subjects == [("first", ""), ("second", "")]


async def certificates(bench: Bench, **status: str) -> list[tuple[str, str]]:
    authority = Authority()

    def answer(name: str, seconds: float) -> dict[str, Any]:
        chain, key = authority.issue(name, client=True)
        return {
            **status,
            "clientCertificateData": chain.decode(),
            "clientKeyData": key.decode(),
            "expirationTimestamp": bench.expiry(seconds),
        }

    async with serving(tls=authority.server_context(clients=True, demand=True)) as endpoint:
        path = write_kubeconfig(
            bench.directory / "config",
            endpoint.url,
            cluster={"certificate-authority-data": b64(authority.pem)},
            user=entry(bench, bench.answering(answer("first", 5))),
        )
        async with opened(path, bench.clock) as transport:
            await transport.request("GET", "/")
            bench.answer(answer("second", 1200))
            bench.clock.now += 5
            await transport.request("GET", "/")
    return [(asked.subject, asked.one("Authorization")) for asked in endpoint.asked]
