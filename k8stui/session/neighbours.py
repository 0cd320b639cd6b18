"""An object's neighbours: asked for politely, kept for a moment, and left out where they may not be read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from k8stui.core.errors import ExplorerError
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef, Scope
from k8stui.session.relations import Wish, wishes

if TYPE_CHECKING:
    from k8stui.kube.client import Client

AT_ONCE = 4
"""Requests under way at the same time."""
MOST_READ = 200
"""Objects read of one list; where there are more, what is known would be a guess."""
KEPT_SECONDS = 5.0
"""How long an answer is good: the cursor goes from row to row of one namespace."""
REFUSED_SECONDS = 60.0
"""How long a refusal is believed."""
MOST_KEPT = 64
"""Answers kept."""

Answer = tuple[JsonObject, ...] | None
"""The objects; None when they could not be read, or not all."""


class Neighbours:
    """Asks one cluster for the neighbours of its objects."""

    def __init__(
        self,
        client: Client,
        kinds: Callable[[], Sequence[ResourceKind]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.client = client
        self._kinds = kinds
        self._clock = clock
        self._kept: dict[Wish, tuple[float, Answer]] = {}
        self._under_way: dict[Wish, asyncio.Lock] = {}
        self._door = asyncio.Semaphore(AT_ONCE)

    async def of(
        self, obj: JsonObject, kind: ResourceKind, relations: Collection[str]
    ) -> dict[str, tuple[JsonObject, ...]]:
        """The neighbours of an object by relation; a relation that cannot be told is not in it."""
        names = sorted(relations)
        answers = await asyncio.gather(*(self._relation(name, obj, kind) for name in names))
        return {name: answer for name, answer in zip(names, answers, strict=True) if answer is not None}

    async def _relation(self, name: str, obj: JsonObject, kind: ResourceKind) -> Answer:
        wanted = wishes(name, obj, kind)
        if wanted is None:
            return None
        found: list[JsonObject] = []
        for answer, wish in zip(
            await asyncio.gather(*(self._answer(wish) for wish in wanted)), wanted, strict=True
        ):
            if answer is None:
                return None
            found += [one for one in answer if wish.keep is None or wish.keep(one)]
        return tuple(found)

    async def _answer(self, wish: Wish) -> Answer:
        """The answer to a wish: the one that is kept, else the server's; asked once at a time."""
        lock = self._under_way.setdefault(wish, asyncio.Lock())
        try:
            async with lock:
                kept = self._kept.get(wish)
                if kept is not None and self._clock() < kept[0]:
                    return kept[1]
                async with self._door:
                    answer = await self._ask(wish)
                self._keep(wish, answer)
                return answer
        finally:
            if not lock.locked():
                self._under_way.pop(wish, None)

    def _keep(self, wish: Wish, answer: Answer) -> None:
        now = self._clock()
        self._kept.pop(wish, None)
        self._kept[wish] = (now + (KEPT_SECONDS if answer is not None else REFUSED_SECONDS), answer)
        for old in [known for known, (until, _) in self._kept.items() if until <= now]:
            del self._kept[old]
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]

    async def _ask(self, wish: Wish) -> Answer:
        from k8stui.kube.errors import NotFound

        kind = next((k for k in self._kinds() if (k.group, k.kind) == (wish.group, wish.kind)), None)
        if kind is None:
            return None
        namespace = wish.namespace if kind.namespaced else ""
        try:
            if wish.name:
                return (await self.client.get(ObjectRef(kind, namespace, wish.name)),)
            most = wish.most or MOST_READ + 1
            found = await self.client.list(
                kind,
                Scope.of(namespace) if namespace else Scope.all(),
                label_selector=wish.labels,
                field_selector=wish.fields,
                limit=most,
            )
        except NotFound:
            return () if wish.name else None
        except ExplorerError:
            return None
        return tuple(found) if wish.most or len(found) <= MOST_READ else None
