"""From the cursor to the note: after a moment's rest the explanation, and its new editions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace

from k8stui.session.explain import title_of
from k8stui.session.model import Explanation, Subject
from k8stui.session.session import Session

REST_SECONDS = 0.08
"""How long the cursor rests before its object is asked for."""
PATIENCE_SECONDS = 0.25
"""After that long without the object, its kind is explained meanwhile."""


async def explain(session: Session, subject: Subject, show: Callable[[Explanation], None]) -> None:
    """Show the explanation of a subject and each new edition, until this is cancelled."""
    await asyncio.sleep(REST_SECONDS)
    async with aclosing(session.explanations(subject)) as editions:
        first = asyncio.ensure_future(anext(aiter(editions), None))
        try:
            if subject.ref is not None:
                done, _ = await asyncio.wait({first}, timeout=PATIENCE_SECONDS)
                if not done:
                    await _of_the_kind(session, subject, show)
            edition = await first
        finally:
            if not first.done():
                first.cancel()
                await asyncio.gather(first, return_exceptions=True)
        if edition is not None:
            show(edition)
        await _rest(editions, show)


async def _of_the_kind(session: Session, subject: Subject, show: Callable[[Explanation], None]) -> None:
    if subject.ref is None:
        return
    async for edition in session.explanations(Subject(kind=subject.ref.kind)):
        show(replace(edition, subject=subject, title=title_of(subject)))


async def _rest(editions: AsyncIterator[Explanation], show: Callable[[Explanation], None]) -> None:
    async for edition in editions:
        show(edition)
