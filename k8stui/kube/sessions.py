"""aiohttp sessions as an API client needs them. Importing this module does not import aiohttp."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import k8stui
from k8stui.core.lang import Text
from k8stui.kube.errors import KubeconfigError
from k8stui.kube.proxy import is_socks, without_secret
from k8stui.kube.sockets import open_socket

if TYPE_CHECKING:
    import aiohttp

CONNECT_LIMIT = 10.0
"""Seconds for the TCP and TLS handshakes."""
IDLE_LIMIT = 30.0
"""Seconds that an unused connection is kept for the next request."""
BUFFER = 2**21
"""Bytes buffered per connection before reading pauses; objects reach 1.5 MB."""


class UpgradeRefused(Exception):
    """A websocket handshake was answered with something else than 101; carries the answer."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self.body = body


def agent(encoding: str) -> dict[str, str]:
    """Headers that every request has: who asks, and how the body may be packed."""
    return {"User-Agent": f"k8stui/{k8stui.__version__}", "Accept-Encoding": encoding}


def open_session(proxy: str | None, encoding: str) -> aiohttp.ClientSession:
    """A session without a limit of connections or of time, that keeps no cookies and reads no environment.

    Args:
        proxy: only a SOCKS proxy is the connector's affair; an HTTP proxy is named with each request.
        encoding: the Accept-Encoding header, ``gzip`` or ``identity``.
    """
    import aiohttp

    return aiohttp.ClientSession(
        connector=_connector(proxy),
        headers=agent(encoding),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_LIMIT),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        read_bufsize=BUFFER,
    )


def socks_errors() -> tuple[type[Exception], ...]:
    """What a connection through a SOCKS proxy raises; empty until one has been opened."""
    library = sys.modules.get("aiohttp_socks")
    if library is None:
        return ()
    return (library.ProxyError, library.ProxyConnectionError, library.ProxyTimeoutError)


def open_upgrades(session: aiohttp.ClientSession) -> aiohttp.ClientSession:
    """A session for websockets over the same connector, that reads the body of a refused handshake.

    The library throws that body away, but an API server says in it why exec was refused.
    """
    import aiohttp

    async def keep_refusal(
        request: aiohttp.ClientRequest,
        handler: Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]],
    ) -> aiohttp.ClientResponse:
        response = await handler(request)
        if response.status != 101:
            raise UpgradeRefused(response.status, response.headers, await response.read())
        return response

    return aiohttp.ClientSession(
        connector=session.connector,
        connector_owner=False,
        headers={"User-Agent": session.headers["User-Agent"]},
        timeout=session.timeout,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        middlewares=(keep_refusal,),
    )


def _connector(proxy: str | None) -> aiohttp.BaseConnector:
    import aiohttp

    if proxy is None or not is_socks(proxy):
        return aiohttp.TCPConnector(limit=0, socket_factory=open_socket, keepalive_timeout=IDLE_LIMIT)
    try:
        from aiohttp_socks import ProxyConnector  # type: ignore[import-not-found, unused-ignore]  # optional
    except ImportError:
        raise KubeconfigError(
            Text(
                f"The proxy {without_secret(proxy)} needs the package aiohttp-socks, which is missing.",
                f"プロキシ {without_secret(proxy)} に必要なパッケージ aiohttp-socks がありません。",
            ),
            Text(
                "Install it beside k8stui (pip install 'k8stui[socks]'), or use an HTTP proxy.",
                "pip install 'k8stui[socks]' で追加するか、HTTP プロキシを使ってください。",
            ),
        ) from None
    connector: aiohttp.BaseConnector = ProxyConnector.from_url(
        urlsplit(proxy)._replace(scheme="socks5").geturl(),
        rdns=True,  # names are resolved by the proxy, as Go does
        limit=0,
        keepalive_timeout=IDLE_LIMIT,
    )
    return connector
