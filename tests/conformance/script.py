"""What a scenario works with: a server, a namespace of its own, and a sheet on which it tells what it saw.

A scenario asserts what Kubernetes promises, word for word. What is too long to write down by hand (whole
objects, Tables, discovery) it *tells*; what it tells is held against what a real API server told: the one
that is given, or else the recording of one.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tests.conformance.normal import Names, normal
from tests.conformance.server import JsonObject, Reply, Server

Scenario = Callable[["Script"], Awaitable[None]]
DEADLINE = 40.0
"""Seconds in which a controller of a busy machine should have done its work."""


class Script:
    """One run of one scenario on one server."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.mark = secrets.token_hex(3)
        """Makes names unique that are not in a namespace."""
        self.namespace = f"conformance-{name.replace('_', '-')[:30]}-{self.mark}"
        self.told: dict[str, Any] = {}
        self._names = Names(self.namespace, self.mark)
        self._elsewhere: list[str] = []

    def tell(self, what: str, value: Any) -> None:
        """Put something on the sheet, freed of what is different each time."""
        assert what not in self.told, what
        self.told[what] = normal(value, self._names)

    def path(self, plural: str, name: str = "", group: str = "", version: str = "v1") -> str:
        """The path of a kind in our namespace, or of one object."""
        root = f"/apis/{group}/{version}" if group else f"/api/{version}"
        return f"{root}/namespaces/{self.namespace}/{plural}" + (f"/{name}" if name else "")

    async def make(self, path: str, body: JsonObject) -> JsonObject:
        """Create an object that must be accepted."""
        made = await self.server.post(path, body)
        assert made.status == 201, (path, made.body)
        if "/namespaces/" not in path:
            self._elsewhere.append(f"{path}/{made.json['metadata']['name']}")
        return made.json

    def leave(self, path: str) -> None:
        """Remember an object outside of our namespace that is to be removed at the end."""
        self._elsewhere.append(path)

    async def seen(self, look: Callable[[], Awaitable[JsonObject | None]], what: str) -> JsonObject:
        """Wait until a look at several things finds what it looks for."""
        start = time.monotonic()
        while time.monotonic() < start + DEADLINE:
            found = await look()
            if found is not None:
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"never seen: {what}")

    async def until(self, path: str, true: Callable[[JsonObject], Any], what: str = "") -> JsonObject:
        """Wait until something holds for what a path answers."""
        start, last = time.monotonic(), b""
        while time.monotonic() < start + DEADLINE:
            found = await self.server.get(path)
            last = found.body
            if true(found.json):
                return found.json
            await asyncio.sleep(0.05)
        raise AssertionError(f"never came to hold: {what or path}: {last.decode()[:3000]}")

    async def gone(self, path: str) -> Reply:
        """Wait until a path answers 404."""
        start = time.monotonic()
        while time.monotonic() < start + DEADLINE:
            found = await self.server.get(path)
            if found.status == 404:
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"never went: {path}")

    async def begin(self) -> None:
        """Make the namespace, and wait until Pods can be made in it."""
        await self.make("/api/v1/namespaces", {"metadata": {"name": self.namespace}})
        await self.until(self.path("serviceaccounts", "default"), lambda found: "metadata" in found)
        await self.until(self.path("configmaps", "kube-root-ca.crt"), lambda found: "metadata" in found)

    async def end(self) -> None:
        """Remove everything that is not in the namespace, and the namespace."""
        for path in reversed(self._elsewhere):
            await self.server.delete(path)


async def run(scenario: Scenario, server: Server, name: str) -> dict[str, Any]:
    """Play a scenario on a server; what it told."""
    script = Script(server, name)
    try:
        await script.begin()
        await scenario(script)
    finally:
        await script.end()
    return script.told
