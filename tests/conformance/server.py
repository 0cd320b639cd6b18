"""An API server behind a kubeconfig: the practice cluster, or a real one."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

JsonObject = dict[str, Any]

JSON = "application/json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes
    warnings: tuple[str, ...] = ()

    @property
    def json(self) -> JsonObject:
        found: JsonObject = json.loads(self.body)
        return found

    @property
    def refusal(self) -> tuple[int, str, str]:
        """Code, reason and message of a Status."""
        said = self.json
        assert said.get("kind") == "Status", (self.status, said)
        return self.status, str(said.get("reason", "")), str(said.get("message", ""))


class Watch:
    """The events of a watch, one at a time."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self) -> JsonObject:
        async with asyncio.timeout(15):
            line = await self._response.content.readline()
        assert line, "the watch has ended"
        event: JsonObject = json.loads(line)
        return event

    async def take(self, count: int) -> list[JsonObject]:
        return [await self.next() for _ in range(count)]


class Server:
    """Requests to one server, and what its kubeconfig calls itself."""

    def __init__(self, url: str, session: aiohttp.ClientSession, *, real: bool) -> None:
        self.url = url
        self.real = real
        self._session = session

    async def call(
        self, method: str, path: str, body: Any = None, media: str = JSON, **headers: str
    ) -> Reply:
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        if data is not None:
            named["Content-Type"] = media
        async with self._session.request(method, self.url + path, data=data, headers=named) as answer:
            warnings = tuple(answer.headers.getall("Warning", ()))
            return Reply(answer.status, answer.headers, await answer.read(), warnings)

    async def get(self, path: str, **headers: str) -> Reply:
        return await self.call("GET", path, **headers)

    async def table(self, path: str) -> JsonObject:
        found = await self.get(path, Accept=TABLE)
        assert found.status == 200, (path, found.body)
        return found.json

    async def post(self, path: str, body: Any, **headers: str) -> Reply:
        return await self.call("POST", path, body, **headers)

    async def put(self, path: str, body: Any, **headers: str) -> Reply:
        return await self.call("PUT", path, body, **headers)

    async def patch(self, path: str, body: Any, media: str = MERGE, **headers: str) -> Reply:
        return await self.call("PATCH", path, body, media, **headers)

    async def delete(self, path: str, body: Any = None, **headers: str) -> Reply:
        return await self.call("DELETE", path, body, **headers)

    @asynccontextmanager
    async def watch(self, path: str, **headers: str) -> AsyncIterator[Watch]:
        separator = "&" if "?" in path else "?"
        url = f"{self.url}{path}{separator}watch=true"
        async with self._session.get(url, headers=headers) as answer:
            assert answer.status == 200, (answer.status, await answer.text())
            yield Watch(answer)


def _context(cluster: JsonObject, user: JsonObject) -> ssl.SSLContext:
    authority = base64.b64decode(cluster.get("certificate-authority-data") or "").decode()
    context = ssl.create_default_context(
        cafile=cluster.get("certificate-authority"), cadata=authority or None
    )
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for name in ("client-certificate", "client-key"):
            path = Path(user.get(name) or Path(directory, name))
            if given := user.get(f"{name}-data"):
                path.write_bytes(base64.b64decode(given))
            files.append(path)
        if files[0].exists():
            context.load_cert_chain(files[0], files[1])
    return context


def _current(kubeconfig: Path) -> tuple[JsonObject, JsonObject]:
    """The cluster and the user of the current context."""
    said = yaml.safe_load(kubeconfig.read_text())
    named = {
        part: {entry["name"]: entry[part] for entry in said[f"{part}s"]}
        for part in ("cluster", "user", "context")
    }
    context = named["context"][said["current-context"]]
    return named["cluster"][context["cluster"]], named["user"][context["user"]]


@asynccontextmanager
async def connect(kubeconfig: Path, *, real: bool) -> AsyncIterator[Server]:
    """The server of a kubeconfig's current context, asked as its user: by certificate or by token."""
    cluster, user = _current(kubeconfig)
    headers = {"User-Agent": "conformance/1"}
    if token := user.get("token"):
        headers["Authorization"] = f"Bearer {token}"
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=_context(cluster, user)),
        headers=headers,
        read_bufsize=2**21,
        timeout=aiohttp.ClientTimeout(total=60),
    ) as session:
        yield Server(cluster["server"], session, real=real)
