"""Counts for the tree, asked politely: a few requests at a time, each of one object."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from k8stui.core.kinds import ResourceKind

if TYPE_CHECKING:
    from k8stui.kube.client import Count

AT_ONCE = 4
"""Requests under way at the same time."""


async def counts(
    ask: Callable[[ResourceKind], Awaitable[Count]], kinds: Sequence[ResourceKind]
) -> AsyncGenerator[tuple[ResourceKind, Count], None]:
    """Each kind with its count, as soon as it is known."""
    waiting = iter(kinds)
    answers: asyncio.Queue[tuple[ResourceKind, Count] | None] = asyncio.Queue()

    async def worker() -> None:
        try:
            for kind in waiting:
                answers.put_nowait((kind, await ask(kind)))
        finally:
            answers.put_nowait(None)

    workers = [asyncio.create_task(worker()) for _ in range(min(AT_ONCE, len(kinds)))]
    try:
        working = len(workers)
        while working:
            answer = await answers.get()
            if answer is None:
                working -= 1
            else:
                yield answer
        for task in workers:
            task.result()
    finally:
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
