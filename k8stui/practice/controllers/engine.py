"""Runs controllers: a queue of objects to look at, and a list of when to look again."""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.controllers.base import (
    ByEvent,
    ByLabels,
    ByStanding,
    Controller,
    Key,
    Keys,
    same_standing,
)
from k8stui.practice.controllers.world import NamespaceTerminatingError, World
from k8stui.practice.errors import StatusError
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Event

_REFUSED = 10.0
"""Seconds after which a controller tries again what the server has refused."""

_TURNS = 3
_DEFINITIONS = builtin("customresourcedefinitions", "apiextensions.k8s.io")
Item = tuple[int, Key]
"""A controller by its number, and the object that it is to look at."""


class Engine:
    """All controllers of one cluster, driven by the store's changes and by one clock.

    It never waits: ``run`` does what is due and says when to come back, so the same code runs in real time
    and, for the seed, through a past that never happened.
    """

    def __init__(self, world: World, controllers: Iterable[type[Controller]]) -> None:
        self.world = world
        self.controllers = [make(world) for make in controllers]
        self.wake: Callable[[], None] = lambda: None
        """Called when there is something to do; must not do it itself."""
        self._turns: tuple[OrderedDict[Item, None], ...] = tuple(OrderedDict() for _ in range(_TURNS))
        self._queues = [self._turns[each.turn] for each in self.controllers]
        self._timers: list[tuple[float, int, Item]] = []
        self._due: dict[Item, float] = {}
        self._patience = 0.0
        self._looked: dict[Item, float] = {}
        """When each item was looked at last, while there is patience."""
        self._put_off: set[Item] = set()
        self._count = 0
        self._ends: list[Callable[[], None]] = []
        self._followed: set[ResourceKind] = set()

    def attach(self) -> None:
        """Listen to the store, and look at everything there is once."""
        for _ in self.attaching():
            pass

    def attaching(self) -> Iterator[None]:
        """The same in steps; the store may change in between, but ``run`` has to wait for the last one."""
        yield from self.world.attaching()
        sources: dict[ResourceKind, list[tuple[int, Keys, bool]]] = {}
        events: dict[ResourceKind, list[tuple[int, ByEvent]]] = {}
        for number, controller in enumerate(self.controllers):
            for kind, keys in controller.sources().items():
                if isinstance(keys, ByEvent):
                    events.setdefault(kind, []).append((number, keys))
                else:
                    sources.setdefault(kind, []).append((number, keys, isinstance(keys, ByLabels)))
        for kind in dict.fromkeys((*sources, *events)):
            listener = self._listener(sources.get(kind, ()), events.get(kind, ()))
            self._ends.append(self.world.store.subscribe(kind, listener))
        for definition in self.world.store.list(_DEFINITIONS):
            self._define(definition)
        told = self.world.store.subscribe(_DEFINITIONS, lambda event: self._define(event.entry.object))
        self._ends.append(told)
        for number, controller in enumerate(self.controllers):
            for key in controller.start():
                self._queues[number][number, key] = None
            yield

    def _define(self, _definition: JsonObject) -> None:
        """Listen to custom kinds that are new; the world has learned of them before."""
        customs = [(number, keys) for number, c in enumerate(self.controllers) if (keys := c.custom())]
        sources = [(number, keys, isinstance(keys, ByLabels)) for number, keys in customs]
        for kind in self.world.customs():
            if kind not in self._followed:
                self._followed.add(kind)
                self._ends.append(self.world.store.subscribe(kind, self._listener(sources, ())))

    def detach(self) -> None:
        """Stop listening to the store."""
        for end in self._ends:
            end()
        self._ends.clear()
        self.world.detach()

    def put_off(self, seconds: float) -> None:
        """From now on, let so many seconds pass between two looks at an object, but for urgent ones.

        Somebody who lives through a past wants to see what became of something, not each step on the way.
        With no seconds everything that was put off is to be done.
        """
        self._patience = seconds
        if not seconds:
            for item in sorted(self._put_off):
                self._queues[item[0]][item] = None
            self._put_off.clear()
            self._looked.clear()

    def _too_soon(self, item: Item, now: float) -> bool:
        """Whether an object was looked at just before; if not, it is looked at now."""
        if self.controllers[item[0]].turn == 0:
            return False
        again = self._looked.get(item, 0.0) + self._patience
        if again > now:
            self._put_off.add(item)
            self._remind(item, again)
            return True
        self._put_off.discard(item)
        self._looked[item] = now
        return False

    def run(self, most: int = 1_000) -> float | None:
        """Do what is due at the world's time, at most so many steps.

        Returns:
            When to come back (seconds since the epoch; now or earlier when there is more to do), or None when
            only a change can bring new work.
        """
        now = self.world.clock()
        self._ring(now)
        first, second, third = self._turns
        while most and (queue := first or second or third):
            most -= 1
            item, _ = queue.popitem(last=False)
            if self._patience and self._too_soon(item, now):
                continue
            number, (namespace, name) = item
            controller = self.controllers[number]
            self.world.store.manager = controller.manager
            try:
                again = controller.reconcile(namespace, name)
            except NamespaceTerminatingError:
                again = None
            except StatusError:
                # The server refuses what the controller wants, such as one more object than a quota allows.
                again = _REFUSED
            finally:
                self.world.store.manager = ""
            if controller.thorough:
                self._queues[number].pop(item, None)
            if again is None:
                self._due.pop(item, None)
            else:
                self._remind(item, now + max(again, 0.05))
        if any(self._turns):
            return now
        return self._timers[0][0] if self._timers else None

    def next_due(self) -> float | None:
        """When the next timer rings; None when there is none."""
        return self._timers[0][0] if self._timers else None

    def _remind(self, item: Item, due: float) -> None:
        self._due[item] = due
        self._count += 1
        heapq.heappush(self._timers, (due, self._count, item))

    def _ring(self, now: float) -> None:
        while self._timers and self._timers[0][0] <= now:
            due, _, item = heapq.heappop(self._timers)
            if self._due.get(item) == due:
                del self._due[item]
                self._queues[item[0]][item] = None

    def _listener(
        self, sources: Sequence[tuple[int, Keys, bool]], events: Sequence[tuple[int, ByEvent]]
    ) -> Callable[[Event], None]:
        """Queues whatever the changes of one kind concern, by controller."""
        watchful = [source for source in sources if not isinstance(source[1], ByStanding)]
        counted = len(watchful) < len(sources)

        def listen(event: Event) -> None:
            queues = self._queues
            idle = not any(self._turns)
            new = event.entry.object
            old = new if event.previous is None else event.previous.object
            alike = _alike(old["metadata"], new["metadata"])
            moved = old is new or event.type == "DELETED" or not counted or not same_standing(old, new)
            for number, keys, by_labels in sources if moved else watchful:
                for key in keys(new):
                    queues[number][number, key] = None
                if old is not new and not (by_labels and alike):
                    for key in keys(old):
                        queues[number][number, key] = None
            for number, by_event in events:
                for key in by_event.keys(event):
                    queues[number][number, key] = None
            if idle and any(self._turns):
                self.wake()

        return listen


def _alike(old: JsonObject, new: JsonObject) -> bool:
    """Whether labels and owners of two versions of an object are the same."""
    for field in ("labels", "ownerReferences"):
        a, b = old.get(field), new.get(field)
        if a is not b and a != b:
            return False
    return True
