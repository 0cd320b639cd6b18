"""Logs, exec, attach and port-forward as real kubectl sees them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from k8stui.practice.cluster import practice_cluster
from tests.practice.streams.pods import Hands, container, put
from tests.practice.test_kubectl import BINARIES, Kubectl

pytestmark = pytest.mark.skipif(not BINARIES, reason="there is no kubectl")


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest_asyncio.fixture(params=BINARIES, ids=lambda path: str(path).replace("/", "_"))
async def kubectl(request: pytest.FixtureRequest, tmp_path: Path, hands: Hands) -> AsyncIterator[Kubectl]:
    async with practice_cluster(seeded=False, moving=False, clock=hands) as cluster:
        put(cluster, "p", container(), container("r", "redis:8.2"))
        yield Kubectl(request.param, cluster, tmp_path)


async def test_logs(kubectl: Kubectl, hands: Hands) -> None:
    hands.now += 120
    whole = await kubectl("logs p -c web")
    assert "start worker processes" in whole
    assert await kubectl("logs p") == whole
    assert await kubectl("logs p --tail=2") == "".join(whole.splitlines(keepends=True)[-2:])
    assert "[pod/p/r] 1:M" in await kubectl("logs p --all-containers --prefix")
    assert (await kubectl("logs p --timestamps --since=1m")).startswith("2026-11-25T12:01:")
    assert 'previous terminated container "web" in pod "p" not found' in await kubectl("logs p -p", code=1)
    process = await kubectl.start("logs", "-f", "p", "--tail=0")
    assert process.stdout is not None
    async with asyncio.timeout(30):
        reading = asyncio.ensure_future(process.stdout.readline())
        while not reading.done():
            hands.now += 10
            await asyncio.wait((reading,), timeout=0.1)
        assert reading.result()
        await kubectl("delete pod p --now --wait=false")
        await process.communicate()
    assert process.returncode == 0


async def test_exec(kubectl: Kubectl) -> None:
    assert await kubectl("exec p -- hostname") == "p\n"
    assert await kubectl("exec -i p -c r -- cat", "a\nb\n") == "a\nb\n"
    assert await kubectl("exec -i p -- sh", "cd /etc\npwd\n") == "/etc\n"
    assert "exit code 9" in await kubectl("exec -i p -- sh", "exit 9\n", code=9)
    assert "executable file not found" in await kubectl("exec p -- nosuch", code=1)
    assert "container x is not valid for pod p" in await kubectl("exec p -c x -- ls", code=1)


async def test_port_forward(kubectl: Kubectl) -> None:
    process = await kubectl.start("port-forward", "p", ":80", ":6379")
    assert process.stdout is not None
    ports: list[int] = []
    try:
        async with asyncio.timeout(30), aiohttp.ClientSession() as session:
            while len(ports) < 2:
                found = re.match(rb"Forwarding from 127.0.0.1:(\d+)", await process.stdout.readline())
                ports += [int(found[1])] if found else []
            for path, status in (("/", 200), ("/nope", 404), ("/index.html", 200)):
                async with session.get(f"http://127.0.0.1:{ports[0]}{path}") as response:
                    assert response.status == status
                    await response.read()
            reader, writer = await asyncio.open_connection("127.0.0.1", ports[1])
            writer.write(b"PING\r\n")
            assert await reader.readline() == b"+PONG\r\n"
            writer.close()
            await writer.wait_closed()
    finally:
        process.terminate()
        await process.communicate()
