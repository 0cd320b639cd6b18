"""Noticing that the kinds a server serves may have changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from k8stui.core.freshness import Freshness, Phase
from k8stui.core.kinds import ResourceKind
from k8stui.core.refs import Scope
from k8stui.kube.follow import Wish, follow
from k8stui.kube.lists import together
from k8stui.kube.rowsource import Upstream

DEFINERS = (
    ResourceKind(
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        namespaced=False,
    ),
    ResourceKind("apiregistration.k8s.io", "v1", "APIService", "apiservices", namespaced=False),
)
"""The kinds whose objects make kinds."""
QUIET = 1.0
"""Seconds without a further change after which a change is told: an operator brings its CRDs in a burst."""


async def discovery_changes(
    upstream: Upstream, known: Callable[[], frozenset[str] | None]
) -> AsyncGenerator[None, None]:
    """Yields after CRDs or APIServices have changed; ends when neither may be watched.

    Args:
        upstream: the server.
        known: the names of the kinds that discovery told last, None while it has told nothing. A CRD that the
            first list names and discovery did not was made between the two, and is a change; so is the first
            list itself when discovery has told nothing, as after an outage.
    """
    changed = asyncio.Event()

    def newborn(name: str) -> bool:
        names = known()
        return names is None or name not in names

    crds, services = DEFINERS
    watches = (
        _watch(upstream, crds, changed, newborn),
        _watch(upstream, services, changed, lambda _: known() is None),
    )
    watching = asyncio.create_task(together(watches), name="kube-discovery-changes")
    try:
        while await _first(changed, watching):
            while changed.is_set():
                changed.clear()
                await upstream.timing.sleep(QUIET)
            yield None
        await watching
    finally:
        watching.cancel()
        await asyncio.wait({watching})


async def _first(event: asyncio.Event, task: asyncio.Task[None]) -> bool:
    """Wait for either; whether it was the event."""
    waiting = asyncio.create_task(event.wait())
    try:
        await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
        return event.is_set()
    finally:
        waiting.cancel()
        await asyncio.wait({waiting})


async def _watch(
    upstream: Upstream,
    kind: ResourceKind,
    changed: asyncio.Event,
    newborn: Callable[[str], bool],
) -> None:
    """Set the event at each change after the first complete list, and for what is newborn in that list.

    Ends when the kind cannot be watched.
    """
    settled = False
    async with aclosing(follow(upstream, Wish(kind, Scope.all()))) as steps:
        async for step in steps:
            if isinstance(step, Freshness):
                if step.phase is Phase.POLLING:
                    return
                settled = settled or step.phase is Phase.LIVE
            elif settled or any(newborn(row.name) for row in step.put):
                changed.set()
