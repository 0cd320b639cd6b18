"""Before the HTTP library is loaded: the first answer of a run, and the loading itself.

aiohttp takes over 100 ms to import, a third of the time to the first frame. Until it is there, a bounded GET
may go over the standard library, so that rows need not wait for it. Whatever is unusual (a refusal, a slow or
broken connection) gives no answer here: the caller asks again in the ordinary way, which has the retries and
the sentences.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE = 1.5
"""Seconds for each step: an answer that comes later is none, and ending the program waits for the thread."""
PAUSE = 0.05
"""Seconds without loading after an early answer: its rows are painted before an import takes the time."""
_LOADING = threading.Lock()
"""Held while the environment is another one."""
MOST = 8 * 2**20
"""Bytes of an answer; what is larger is read as a stream."""


@dataclass(frozen=True, slots=True)
class EarlyAnswer:
    """A complete answer with status 200."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


def wanted(query: Sequence[tuple[str, str]]) -> bool:
    """Whether a request may go early: it is bounded, and nothing else could take it yet."""
    names = {name for name, _ in query}
    return "limit" in names and "watch" not in names and "aiohttp" not in sys.modules


def get(
    server: str,
    target: str,
    headers: Sequence[tuple[str, str]],
    tls: ssl.SSLContext | None,
    server_name: str | None,
) -> EarlyAnswer | None:
    """Send one GET and read the answer, in a thread; None when it is not a plain 200 at once.

    Args:
        server: base URL.
        target: path below it and query, percent-encoded.
        headers: all but Host.
        tls: None speaks plain http.
        server_name: which name the certificate must have, when it is not the host's.
    """
    from http.client import HTTPConnection, HTTPException

    parts = urlsplit(server)
    host, port = parts.hostname or "", parts.port or (80 if tls is None else 443)
    connection = HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.connect()
        if tls is not None:
            connection.sock = tls.wrap_socket(connection.sock, server_hostname=server_name or host)
        connection.putrequest("GET", parts.path + target, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        body = _decoded(response.read(MOST + 1), response.getheader("Content-Encoding", "identity"))
        if response.status != 200 or body is None:
            return None
        return EarlyAnswer(tuple(response.getheaders()), body)
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()


def _decoded(body: bytes, encoding: str) -> bytes | None:
    if encoding == "gzip":
        import zlib

        reader = zlib.decompressobj(wbits=31)
        try:
            body = reader.decompress(body, MOST + 1)
        except zlib.error:
            return None
    elif encoding != "identity":
        return None
    return body if len(body) <= MOST else None


async def once(body: bytes) -> AsyncIterator[bytes]:
    """A whole body as a stream of one piece."""
    yield body


async def load_http() -> None:
    """Have the HTTP library loaded, without holding up the event loop."""
    if "aiohttp" not in sys.modules:
        await asyncio.to_thread(warm)


def warm() -> None:
    """Import the HTTP library. Safe in a thread, and to call again: it is an import.

    At import aiohttp reads the system's certificate authorities twice, into two contexts that are never used
    here: every TLS request carries the context of its credentials. That is half of the import's time, so it
    is pointed at no file meanwhile.
    """
    with _LOADING, _environment(SSL_CERT_FILE=os.devnull, SSL_CERT_DIR=os.devnull):
        import aiohttp

        _ = aiohttp


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
