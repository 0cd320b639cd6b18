"""A small HTTP or HTTPS server on the loopback that remembers what it was asked, and kubeconfigs for it."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    subject: str
    """Common name of the client certificate; empty without one."""
    connection: object
    """The same for requests over one connection."""
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str:
        return ", ".join(self.all(name))


@dataclass
class Endpoint:
    """Where the server listens and what it has been asked."""

    url: str
    port: int
    asked: list[Asked] = field(default_factory=list)

    @property
    def authorizations(self) -> list[str]:
        return [asked.one("Authorization") for asked in self.asked]


async def answer_ok(_: web.BaseRequest) -> web.StreamResponse:
    return web.json_response({"kind": "ok"})


def unauthorized() -> web.Response:
    """kube-apiserver's own 401."""
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Unauthorized"}
    return web.json_response({**status, "message": "Unauthorized", "code": 401}, status=401)


@asynccontextmanager
async def serving(
    handler: Handler = answer_ok, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Endpoint]:
    """Serve with a handler until the context is left."""
    endpoint = Endpoint("", 0)

    async def remember(request: web.BaseRequest) -> web.StreamResponse:
        certificate = request.get_extra_info("peercert") or {}
        subject = dict(pair[0] for pair in certificate.get("subject", ()))
        endpoint.asked.append(
            Asked(
                request.method,
                request.path_qs,
                list(request.headers.items()),
                subject.get("commonName", ""),
                request.transport,
                await request.read() if request.can_read_body else b"",
            )
        )
        return await handler(request)

    runner = web.ServerRunner(web.Server(remember), shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, 0, ssl_context=tls)
        await site.start()
        endpoint.port = runner.addresses[0][1]
        endpoint.url = f"{'https' if tls else 'http'}://{host}:{endpoint.port}"
        yield endpoint
    finally:
        await runner.cleanup()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def write_kubeconfig(
    path: Path,
    server: str,
    *,
    cluster: Mapping[str, Any] | None = None,
    user: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
) -> Path:
    """A kubeconfig with one context ``test``; without ``user`` the context names none."""
    named = {} if user is None else {"user": "someone"}
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "test",
                "contexts": [{"name": "test", "context": {"cluster": "here", **named, **(context or {})}}],
                "clusters": [{"name": "here", "cluster": {"server": server, **(cluster or {})}}],
                "users": [] if user is None else [{"name": "someone", "user": user}],
            },
            indent=1,
        )
    )
    return path
