"""Watches whole objects: the stream of one watch in blocks of events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, cast

from msgspec import DecodeError

from k8stui.core.objects import JsonObject
from k8stui.kube.lists import Target
from k8stui.kube.rowsource import Upstream
from k8stui.kube.watch import Lines, watch_query, whole_objects
from k8stui.kube.wire import OBJECT, not_kubernetes

Happened = list[tuple[str, JsonObject]]
"""Events of a watch in their order: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, and the object."""


async def watch_objects(
    upstream: Upstream,
    target: Target,
    version: str,
    opened: Callable[[], Awaitable[None]],
    take: Callable[[Happened], Awaitable[None]],
) -> None:
    """Watch a target until the server ends the stream.

    Args:
        upstream: The way to the server.
        target: What is watched.
        version: The resourceVersion to begin after.
        opened: Awaited once, when the server has accepted the watch.
        take: Gets the events that came in one piece.

    Raises:
        ExplorerError: refused, broken, or what came is not Kubernetes'.
    """
    query, silence = watch_query(upstream.timing, version)
    try:
        async with (
            upstream.transport.stream(
                target.path, query=target.query(None, *query), read_timeout=silence
            ) as stream,
            aclosing(cast(Any, stream.chunks())) as chunks,  # an async generator behind its interface
        ):
            await opened()
            lines = Lines()
            async for chunk in chunks:
                for block in lines.feed(chunk):
                    await take(whole_objects(block))
                    await asyncio.sleep(0)
    except (DecodeError, UnicodeDecodeError) as error:
        raise not_kubernetes(f"GET {target.path}", error) from None


def decoded(body: bytes, path: str) -> JsonObject:
    """One answer as an object.

    Raises:
        ExplorerError: it is none.
    """
    try:
        return OBJECT.decode(body)
    except (DecodeError, UnicodeDecodeError) as error:
        raise not_kubernetes(f"GET {path}", error) from None
