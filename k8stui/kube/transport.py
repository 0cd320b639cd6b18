"""The only place that speaks HTTP: requests, streams and websockets to one API server.

One session per context. Every failure leaves as an ExplorerError with its own sentence; nothing of the HTTP
library gets past this module. The library is imported at its first use, in a thread; see ``early``.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from k8stui.core.errors import ExplorerError
from k8stui.kube import early
from k8stui.kube.answers import Answer, refuse, warning_texts
from k8stui.kube.credentials import Credentials, Headers
from k8stui.kube.errors import Cause
from k8stui.kube.kubeconfig import ChosenContext
from k8stui.kube.proxy import is_socks, proxy_for, without_secret
from k8stui.kube.sessions import (
    CONNECT_LIMIT,
    UpgradeRefused,
    agent,
    open_session,
    open_upgrades,
    socks_errors,
)
from k8stui.kube.sockets import is_loopback
from k8stui.kube.troubles import Peer, explain, no_websocket, unreachable

if TYPE_CHECKING:
    import ssl

    import aiohttp
    import yarl

__all__ = ["Answer", "Query", "Stream", "Transport"]

ANSWER_LIMIT = 30.0
"""Seconds until the headers of a stream or of a websocket must be there."""

Query = Sequence[tuple[str, str]]
"""Names and values, not encoded; a name may occur several times."""

_T = TypeVar("_T")


class _Route(TypedDict):
    """The way to the server, the same for every request and websocket."""

    ssl: ssl.SSLContext | bool
    server_hostname: str | None
    proxy: str | None


class Stream:
    """An answer whose body is read as it arrives."""

    def __init__(
        self, status: int, headers: Mapping[str, str], warnings: tuple[str, ...], body: AsyncIterator[bytes]
    ) -> None:
        self._body = body
        self.status = status
        self.headers = headers
        self.warnings = warnings
        """Texts of the ``Warning: 299`` headers."""

    def chunks(self) -> AsyncIterator[bytes]:
        """Pieces of the body as they arrive, of any size; ends when the server ends the answer.

        Raises Unreachable when the connection breaks or falls silent.
        """
        return self._body


class Transport:
    """HTTP to one API server, with the credentials of one context."""

    def __init__(self, chosen: ChosenContext, clock: Callable[[], float], environ: Mapping[str, str]) -> None:
        self.server = chosen.cluster.base_url
        """The base URL, without a slash at the end."""
        parts = urlsplit(self.server)
        self.host = parts.netloc.rpartition("@")[2]
        """Host and port as the kubeconfig writes them, for sentences."""
        self._server_name = chosen.cluster.tls_server_name or None
        self._proxy = proxy_for(self.server, chosen.cluster.proxy_url, environ)
        self._peer = Peer(self.host, without_secret(self._proxy) if self._proxy else None)
        self._credentials = Credentials(chosen, clock=clock, environ=environ)
        plain = chosen.cluster.disable_compression or is_loopback(parts.hostname or "")
        self._encoding = "identity" if plain else "gzip"
        self._session: aiohttp.ClientSession | None = None
        self._upgrades: aiohttp.ClientSession | None = None
        self._closed = False

    @classmethod
    def open(
        cls,
        chosen: ChosenContext,
        *,
        clock: Callable[[], float] = time.time,
        environ: Mapping[str, str] | None = None,
    ) -> Transport:
        """A transport for a context; does no I/O yet.

        Args:
            chosen: the context.
            clock: seconds since the epoch, for the expiry of credentials.
            environ: for proxies and credential plugins; the process's own when None.

        Raises KubeconfigError for an address or a proxy that cannot be used.
        """
        return cls(chosen, clock, os.environ if environ is None else environ)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        timeout: float | None = 30.0,  # noqa: ASYNC109  # the library applies it: it knows what it waited for
        ok: frozenset[int] = frozenset(),
    ) -> Answer:
        """Send one request and read the whole answer; after a 401 once more with renewed credentials.

        Args:
            method: of HTTP.
            path: from the server's root, already percent-encoded, without a query.
            query: see Query.
            accept: the Accept header.
            headers: further headers.
            body: of the request.
            content_type: of the body.
            timeout: seconds for the whole exchange, None for no limit.
            ok: statuses of 400 and above that are returned instead of raised.

        Raises ApiError (by status), Unreachable, InvalidAnswer, CredentialError or KubeconfigError.
        """
        extra = {"Accept": accept, **(headers or {})}
        if body is not None:
            extra["Content-Type"] = content_type
        try:
            response = await self._send(method, path, query, extra, body, total=timeout)
            content = await response.read()
        except _http_errors() as error:
            raise self._explain(error) from error
        what = f"{method} {path}"
        refuse(response.status, response.headers, content, what=what, host=self.host, accept=accept, ok=ok)
        warnings = warning_texts(response.headers.getall("Warning", []))
        return Answer(response.status, response.headers, content, warnings)

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        *,
        query: Query = (),
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
        read_timeout: float | None = None,
    ) -> AsyncIterator[Stream]:
        """GET whose body is read as it arrives; leaving the context closes the connection at once.

        Args:
            path: as for ``request``, and so are query, accept and headers.
            query: see Query.
            accept: the Accept header.
            headers: further headers.
            read_timeout: seconds of silence that are borne; None for any silence.

        Raises what ``request`` raises, on entering; later see ``Stream.chunks``.
        """
        extra = {"Accept": accept, **(headers or {})}
        if early.wanted(query) and (first := await self._early(path, query, extra)) is not None:
            yield first
            await asyncio.sleep(early.PAUSE)
            return
        try:
            response = await self._send("GET", path, query, extra, silence=read_timeout, answer=ANSWER_LIMIT)
        except _http_errors() as error:
            raise self._explain(error) from error
        try:
            if response.status != 200 or response.content_type == "text/html":
                await self._refuse(response, f"GET {path}", accept)
            warnings = warning_texts(response.headers.getall("Warning", []))
            yield Stream(response.status, response.headers, warnings, self._body(response))
        finally:
            response.close()

    @asynccontextmanager
    async def ws_connect(
        self,
        path: str,
        *,
        query: Query = (),
        protocols: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        heartbeat: float | None = None,
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse[Any]]:
        """Open a websocket; leaving the context closes it.

        Args:
            path: as for ``request``, and so are query and headers.
            query: see Query.
            protocols: subprotocols offered, best first; the server's choice is ``.protocol``.
            headers: further headers.
            heartbeat: seconds between pings; half of it without a pong ends the connection.

        Raises what ``request`` raises, on entering: a refusal's Status is read and told.
        """
        socket = await self._upgrade(path, query, tuple(protocols), headers or {}, heartbeat)
        try:
            yield socket
        finally:
            await socket.close()

    async def close(self) -> None:
        """End every request and stream and close all connections. Safe to call twice."""
        self._closed = True
        upgrades, self._upgrades = self._upgrades, None
        session, self._session = self._session, None
        if upgrades is not None:
            await upgrades.close()
        if session is not None:
            await session.close()

    async def _send(
        self,
        method: str,
        path: str,
        query: Query,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        total: float | None = None,
        silence: float | None = None,
        answer: float | None = None,
    ) -> aiohttp.ClientResponse:
        """Send one request; returns when the headers are there. ``answer`` limits the time until then."""
        await early.load_http()
        import aiohttp

        limits = aiohttp.ClientTimeout(total=total, sock_connect=CONNECT_LIMIT, sock_read=silence)
        url = self._url(path, query)

        async def once(session: aiohttp.ClientSession, own: Headers, route: _Route) -> aiohttp.ClientResponse:
            async with asyncio.timeout(answer):
                response = await session.request(
                    method,
                    url,
                    headers=[*headers.items(), *own],
                    data=body,
                    allow_redirects=False,
                    timeout=limits,
                    **route,
                )
                if response.status == 401:
                    await response.read()  # stays in the response, for the error when this is the last word
                return response

        return await self._with_credentials(once, lambda response: response.status == 401)

    async def _upgrade(
        self,
        path: str,
        query: Query,
        protocols: tuple[str, ...],
        headers: Mapping[str, str],
        heartbeat: float | None,
    ) -> aiohttp.ClientWebSocketResponse[Any]:
        await early.load_http()
        url = self._url(path, query)

        async def once(
            session: aiohttp.ClientSession, own: Headers, route: _Route
        ) -> aiohttp.ClientWebSocketResponse[Any] | UpgradeRefused:
            if self._upgrades is None:
                self._upgrades = open_upgrades(session)
            try:
                async with asyncio.timeout(ANSWER_LIMIT):
                    return await self._upgrades.ws_connect(
                        url,
                        headers=[*headers.items(), *own],
                        protocols=protocols,
                        heartbeat=heartbeat,
                        max_msg_size=0,
                        **route,
                    )
            except UpgradeRefused as refusal:
                return refusal

        try:
            found = await self._with_credentials(
                once, lambda found: isinstance(found, UpgradeRefused) and found.status == 401
            )
        except _http_errors() as error:
            raise self._explain(error) from error
        if isinstance(found, UpgradeRefused):
            what = f"WebSocket {path}"
            refuse(found.status, found.headers, found.body, what=what, host=self.host, accept="")
            raise no_websocket(self._peer)
        return found

    async def _body(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        try:
            async for chunk in response.content.iter_any():
                yield chunk
        except _http_errors() as error:
            raise self._explain(error, streaming=True) from error

    async def _early(self, path: str, query: Query, headers: Mapping[str, str]) -> Stream | None:
        """The answer by the quick way, None where only the ordinary one will do."""
        if self._proxy is not None or self._closed:
            return None
        own = (*headers.items(), *agent(self._encoding).items(), *await self._credentials.headers())
        tls = await self._credentials.ssl_context()
        target = f"{path}?{urlencode(query, quote_via=quote)}"
        answer = await asyncio.to_thread(early.get, self.server, target, own, tls, self._server_name)
        if answer is None:
            return None
        return Stream(200, dict(answer.headers), (), early.once(answer.body))

    def _tls_to_proxy(self) -> ssl.SSLContext | bool:
        """What a plain http server needs only where its proxy speaks TLS."""
        if self._proxy is None or not self._proxy.startswith("https:"):
            return True
        import ssl

        return ssl.create_default_context()

    async def _with_credentials(
        self,
        once: Callable[[aiohttp.ClientSession, Headers, _Route], Awaitable[_T]],
        unauthorized: Callable[[_T], bool],
    ) -> _T:
        """Do it with the credentials of the moment, and if they are refused once more with renewed ones."""
        renewed = False
        while True:
            used = await self._credentials.headers()
            tls = await self._credentials.ssl_context()
            route = _Route(
                ssl=self._tls_to_proxy() if tls is None else tls,
                server_hostname=None if tls is None else self._server_name,
                proxy=None if self._proxy is None or is_socks(self._proxy) else self._proxy,
            )
            found = await once(self._open_session(), used, route)
            if renewed or not unauthorized(found):
                return found
            renewed = await self._credentials.refresh_after_401(used)
            if not renewed:
                return found

    def _open_session(self) -> aiohttp.ClientSession:
        if self._closed:
            raise unreachable(Cause.CLOSED, self._peer)
        if self._session is None:
            self._session = open_session(self._proxy, self._encoding)
        return self._session

    def _url(self, path: str, query: Query) -> yarl.URL:
        from yarl import URL

        encoded = f"?{urlencode(query, quote_via=quote)}" if query else ""
        return URL(f"{self.server}{path}{encoded}", encoded=True)

    async def _refuse(self, response: aiohttp.ClientResponse, what: str, accept: str) -> None:
        """Raise what an answer that is no stream stands for."""
        try:
            async with asyncio.timeout(ANSWER_LIMIT):
                content = await response.read()
        except _http_errors() as error:
            raise self._explain(error) from error
        refuse(response.status, response.headers, content, what=what, host=self.host, accept=accept)

    def _explain(self, error: Exception, *, streaming: bool = False) -> ExplorerError:
        if self._closed:
            return unreachable(Cause.CLOSED, self._peer)
        return explain(error, self._peer, streaming=streaming)


def _http_errors() -> tuple[type[Exception], ...]:
    """What the HTTP library raises, and that for SOCKS where it is in use."""
    import aiohttp

    return (aiohttp.ClientError, OSError, *socks_errors())
