"""A small HTTP client for tests of the practice server."""

from __future__ import annotations

import asyncio
import io
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from k8stui.core.objects import JsonObject
from k8stui.practice.cluster import PracticeCluster

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Come back when something holds; fail when it does not in time."""
    for _ in range(int(seconds * 100)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to hold")


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> JsonObject:
        found: JsonObject = json.loads(self.body)
        return found


class Lines:
    """The events of a watch, one at a time."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self) -> JsonObject:
        async with asyncio.timeout(5):
            line = await self.response.content.readline()
        assert line, "the watch has ended"
        event: JsonObject = json.loads(line)
        return event

    async def rest(self) -> list[JsonObject]:
        async with asyncio.timeout(10):
            return [json.loads(line) async for line in self.response.content]


class Api:
    def __init__(self, cluster: PracticeCluster, session: aiohttp.ClientSession) -> None:
        self.cluster = cluster
        self.session = session

    async def call(
        self, method: str, path: str, body: Any = None, *, media: str = "application/json", **headers: str
    ) -> Reply:
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        if data is not None:
            named["Content-Type"] = media
        # aiohttp warns of large bodies that are sent in one piece.
        sent = io.BytesIO(data) if data is not None and len(data) > 2**20 else data
        async with self.session.request(
            method, self.cluster.server + path, data=sent, headers=named
        ) as response:
            return Reply(response.status, response.headers, await response.read())

    async def get(self, path: str, **headers: str) -> Reply:
        return await self.call("GET", path, **headers)

    async def post(self, path: str, body: Any, **headers: str) -> Reply:
        return await self.call("POST", path, body, **headers)

    async def patch(self, path: str, body: Any, media: str = MERGE, **headers: str) -> Reply:
        return await self.call("PATCH", path, body, media=media, **headers)

    @asynccontextmanager
    async def watch(self, path: str, **headers: str) -> AsyncIterator[Lines]:
        separator = "&" if "?" in path else "?"
        url = f"{self.cluster.server}{path}{separator}watch=1"
        async with self.session.get(url, headers=headers) as response:
            assert response.status == 200, await response.text()
            yield Lines(response)


@asynccontextmanager
async def connect(cluster: PracticeCluster, **headers: str) -> AsyncIterator[Api]:
    context = ssl.create_default_context(cadata=cluster.authority.decode())
    connector = aiohttp.TCPConnector(ssl=context)
    all_headers = {"Authorization": f"Bearer {cluster.token}", "User-Agent": "tests/1", **headers}
    async with aiohttp.ClientSession(connector=connector, headers=all_headers, read_bufsize=2**21) as session:
        yield Api(cluster, session)


def config_map(name: str, **data: str) -> JsonObject:
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name}, "data": data}


def deployment(name: str, **spec: Any) -> JsonObject:
    labels = {"app": name}
    return {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "a", "image": "nginx:1"}]},
            },
            **spec,
        },
    }
