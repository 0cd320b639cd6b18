"""The door through which live data comes: rows of a kind in a scope, or one object, while anyone listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from k8stui.core.errors import ExplorerError
from k8stui.core.freshness import Freshness, Phase
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef, Scope
from k8stui.core.rows import RowDelta
from k8stui.kube.cells import Marks
from k8stui.kube.collectionsource import CollectionSource
from k8stui.kube.errors import Forbidden
from k8stui.kube.lists import AT_ONCE, Target, namespace_names
from k8stui.kube.objectsource import ObjectSource
from k8stui.kube.reflector import PROGRESS, Ending, Reflector
from k8stui.kube.rowsource import RowSource, Sheet, Upstream
from k8stui.kube.wire import Include

ROOM = 32
"""Items that may wait for the receiver before the server is made to wait."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be followed."""

    kind: ResourceKind
    scope: Scope
    label_selector: str = ""
    field_selector: str = ""
    include: Include = Include.NONE
    marks: Marks | None = None

    def target(self, namespace: str = "") -> Target:
        """The collection in one namespace, or everywhere."""
        return Target(self.kind, namespace, self.label_selector, self.field_selector)

    @property
    def watchable(self) -> bool:
        """Whether the kind can be watched, as far as its verbs are known."""
        return not self.kind.verbs or "watch" in self.kind.verbs


class Outbox(Generic[T]):
    """Hands items from the tasks that follow to the one that receives, a few at a time."""

    def __init__(self, room: int = ROOM) -> None:
        self._items: asyncio.Queue[tuple[T] | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(room)

    async def put(self, item: T) -> None:
        """Put an item; waits while there is no room. When cancelled the item has not been put."""
        await self._room.acquire()
        self._items.put_nowait((item,))

    def close(self) -> None:
        """Nothing more will come."""
        self._items.put_nowait(None)

    async def get(self) -> tuple[T] | None:
        """The next item; None after the last."""
        item = await self._items.get()
        if item is not None:
            self._room.release()
        return item


def follow(upstream: Upstream, wish: Wish) -> AsyncGenerator[RowDelta | Freshness, None]:
    """Rows of a kind and their freshness; ends after a Freshness that is DENIED or FAILED.

    Closing the generator closes its connections at once.
    """
    box: Outbox[RowDelta | Freshness] = Outbox()
    return _produce(upstream, box, lambda: _rows(upstream, wish, box))


def follow_object(upstream: Upstream, ref: ObjectRef) -> AsyncGenerator[JsonObject | Freshness | None, None]:
    """One object at each change, None when it is not there, and the freshness of that."""
    box: Outbox[JsonObject | Freshness | None] = Outbox()

    async def work() -> None:
        watchable = not ref.kind.verbs or "watch" in ref.kind.verbs
        reflector = Reflector(upstream, ObjectSource(upstream, ref, box.put), box.put, watchable=watchable)
        await box.put((await reflector.run()).freshness)

    return _produce(upstream, box, work)


def follow_objects(
    upstream: Upstream, wish: Wish
) -> AsyncGenerator[tuple[JsonObject, ...] | Freshness, None]:
    """All whole objects of a small collection at each change, and the freshness of that."""
    box: Outbox[tuple[JsonObject, ...] | Freshness] = Outbox()

    async def work() -> None:
        target = wish.target(wish.scope.namespaces[0] if wish.scope.namespaces else "")
        source = CollectionSource(upstream, target, box.put)
        ending = await Reflector(upstream, source, box.put, watchable=wish.watchable).run()
        await box.put(ending.freshness)

    return _produce(upstream, box, work)


async def _produce(
    upstream: Upstream, box: Outbox[T], work: Callable[[], Awaitable[None]]
) -> AsyncGenerator[T, None]:
    """Give out what the work puts into the box, until it is done; end the work when nobody wants more."""

    async def guarded() -> None:
        try:
            await work()
        finally:
            box.close()

    async with upstream.pulse:
        task = asyncio.create_task(guarded(), name="kube-follow")
        try:
            while (item := await box.get()) is not None:
                yield item[0]
            await task
        finally:
            task.cancel()
            await asyncio.wait({task})


async def _rows(upstream: Upstream, wish: Wish, box: Outbox[RowDelta | Freshness]) -> None:
    namespaces = wish.scope.namespaces if wish.kind.namespaced else ()
    if len(namespaces) > 1:
        await box.put(await FanOut(upstream, wish, namespaces, box.put).run())
        return
    target = wish.target(namespaces[0] if namespaces else "")
    source = RowSource(upstream, target, wish.include, wish.marks, Sheet(), box.put)
    ending = await Reflector(upstream, source, box.put, watchable=wish.watchable).run()
    if target.everywhere and not ending.synced and isinstance(ending.error, Forbidden):
        try:
            names = await namespace_names(upstream.transport, upstream.timing)
        except ExplorerError:
            names = []
        if names:
            fan = FanOut(upstream, wish, tuple(names), box.put, ending.error)
            await box.put(await fan.run())
            return
    await box.put(ending.freshness)


class FanOut:
    """Several namespaces as one view: each with its own list and watch."""

    def __init__(
        self,
        upstream: Upstream,
        wish: Wish,
        namespaces: tuple[str, ...],
        put: Callable[[RowDelta | Freshness], Awaitable[None]],
        instead_of: ExplorerError | None = None,
    ) -> None:
        """Prepare.

        Args:
            upstream: the server.
            wish: what is wanted.
            namespaces: where.
            put: takes rows and freshness.
            instead_of: the refusal of the list for all namespaces, when this is done in its place.
        """
        self._upstream = upstream
        self._wish = wish
        self._namespaces = tuple(dict.fromkeys(namespaces))
        self._put = put
        self._instead_of = instead_of
        self._parts: dict[str, Freshness] = {}
        self._endings: dict[str, Ending] = {}
        self._last: Freshness | None = None
        self._told_at = 0.0
        self._sources: dict[str, RowSource] = {}

    async def run(self) -> Freshness:
        """Follow them all; ends when each has been refused."""
        sheet, lists = Sheet(), asyncio.Semaphore(AT_ONCE)
        sheet.changed = self._columns_changed
        for name in self._namespaces:
            self._parts[name] = Freshness(Phase.CONNECTING)
            target = self._wish.target(name)
            self._sources[name] = RowSource(
                self._upstream, target, self._wish.include, self._wish.marks, sheet, self._put, lists
            )
        await self._tell()
        async with asyncio.TaskGroup() as group:
            for name in self._namespaces:
                group.create_task(self._one(name))
        error = self._instead_of or next(iter(self._endings.values())).error
        phases = {ending.freshness.phase for ending in self._endings.values()}
        phase = Phase.FAILED if phases == {Phase.FAILED} else Phase.DENIED
        current = min(
            (e.freshness.current_at for e in self._endings.values() if e.freshness.current_at), default=None
        )
        return Freshness(phase, current, message=error.message, hint=error.hint, partial=self._namespaces)

    async def _one(self, name: str) -> None:
        async def report(freshness: Freshness) -> None:
            self._parts[name] = freshness
            await self._tell()

        source = self._sources[name]
        reflector = Reflector(self._upstream, source, report, watchable=self._wish.watchable)
        ending = await reflector.run()
        self._endings[name] = ending
        self._parts[name] = ending.freshness
        if len(self._endings) < len(self._namespaces):
            await source.forget()
            await self._tell()

    def _columns_changed(self, by: RowSource) -> None:
        for source in self._sources.values():
            if source is not by:
                source.relist()

    async def _tell(self) -> None:
        """Put the freshness of the whole when it has changed."""
        whole, last, now = self._whole(), self._last, self._upstream.timing.monotonic()
        if whole == last:
            return
        progress = last is not None and last.phase is whole.phase is Phase.SYNCING
        if progress and now - self._told_at < PROGRESS:
            return
        self._last, self._told_at = whole, now
        await self._put(whole)

    def _whole(self) -> Freshness:
        """The freshness of all parts together: the one that needs most attention, the oldest truth."""
        parts = [part for name, part in self._parts.items() if name not in self._endings]
        partial = tuple(name for name in self._namespaces if name in self._endings)
        phases = {part.phase for part in parts}
        order = (Phase.RECONNECTING, Phase.SYNCING, Phase.CONNECTING, Phase.POLLING, Phase.LIVE)
        phase = next((phase for phase in order if phase in phases), Phase.LIVE)
        if phase is Phase.CONNECTING and len(phases) > 1:
            phase = Phase.SYNCING
        times = [part.current_at for part in parts]
        current = None if None in times or not times else min(time for time in times if time is not None)
        retries = [part.retry_at for part in parts if part.retry_at is not None]
        spoken = next((part for part in parts if part.phase is phase and part.message), None)
        message, hint = (spoken.message, spoken.hint) if spoken is not None else (None, None)
        if message is None and self._instead_of is not None:
            message = self._instead_of.message
        elif message is None and partial:
            message = self._endings[partial[0]].error.message
        syncing = [part for part in parts if part.phase is Phase.SYNCING]
        known = all(part.total is not None for part in syncing)
        return replace(
            Freshness(phase, current, message=message, hint=hint, partial=partial),
            done=sum(part.done for part in syncing),
            total=sum(part.total or 0 for part in syncing) if syncing and known else None,
            retry_at=min(retries, default=None) if phase is Phase.RECONNECTING else None,
        )
