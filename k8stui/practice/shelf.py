"""One shelf of the store: all objects of one resource, their order and their history."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable

from k8stui.core.objects import JsonObject
from k8stui.practice.writes import Writes

Key = tuple[str, str]
"""Namespace (empty for a cluster-scoped kind) and name."""


class Entry:
    """One version of one object.

    ``writes`` notes who wrote it, as far as its own managedFields do not tell; ``cells`` caches a print:
    (until when it holds, JSON, printer).
    """

    __slots__ = ("cells", "name", "namespace", "object", "revision", "writes")

    def __init__(
        self, namespace: str, name: str, revision: int, obj: JsonObject, writes: Writes = ()
    ) -> None:
        self.namespace = namespace
        self.name = name
        self.revision = revision
        self.object = obj
        self.writes = writes
        self.cells: tuple[float, bytes, object] | None = None

    @property
    def key(self) -> Key:
        """Namespace and name."""
        return self.namespace, self.name


class Event:
    """One change: what a watch tells of. ``encoded`` holds the lines already made of it, by form."""

    __slots__ = ("encoded", "entry", "previous", "revision", "type")

    def __init__(self, kind: str, entry: Entry, previous: Entry | None) -> None:
        self.type = kind
        """ADDED, MODIFIED or DELETED."""
        self.entry = entry
        """The new version; for DELETED the last one, with the resourceVersion of the deletion."""
        self.previous = previous
        self.revision = entry.revision
        self.encoded: dict[object, bytes] = {}


class Shelf:
    """All objects of one resource, with sorted names per namespace and the log of changes."""

    __slots__ = ("_spaces", "count", "forgotten", "listeners", "log", "namespaces", "orders")

    def __init__(self, history: int) -> None:
        self.namespaces: dict[str, dict[str, Entry]] = {}
        self.orders: dict[str, list[str]] = {}
        self._spaces: list[str] | None = None
        self.count = 0
        self.log: deque[Event] = deque(maxlen=history)
        self.forgotten = 0
        self.listeners: list[Callable[[Event], None]] = []

    def put(self, entry: Entry) -> None:
        """Keep a version in place of the older one, if any."""
        names = self.namespaces.get(entry.namespace)
        if names is None:
            names = self.namespaces[entry.namespace] = {}
            self._spaces = None
        if entry.name not in names:
            self.count += 1
            if (order := self.orders.get(entry.namespace)) is not None:
                insort(order, entry.name)
        names[entry.name] = entry

    def remove(self, entry: Entry) -> None:
        """Take an object off the shelf."""
        names = self.namespaces[entry.namespace]
        del names[entry.name]
        self.count -= 1
        if not names:
            del self.namespaces[entry.namespace]
            self.orders.pop(entry.namespace, None)
            self._spaces = None
        elif (order := self.orders.get(entry.namespace)) is not None:
            del order[bisect_left(order, entry.name)]

    def order(self, namespace: str) -> list[str]:
        """The names in a namespace, sorted; kept sorted from the first question on."""
        order = self.orders.get(namespace)
        if order is None:
            order = self.orders[namespace] = sorted(self.namespaces.get(namespace, ()))
        return order

    def spaces(self) -> list[str]:
        """The namespaces that hold something, in the order of etcd's keys (``team-a/`` before ``team/``)."""
        if self._spaces is None:
            self._spaces = sorted(self.namespaces, key=sort_key)
        return self._spaces

    def record(self, event: Event) -> None:
        """Remember a change and tell the listeners."""
        if self.log.maxlen is not None and len(self.log) == self.log.maxlen and self.log:
            self.forgotten = self.log[0].revision
        self.log.append(event)
        for listener in tuple(self.listeners):
            listener(event)


def sort_key(namespace: str) -> str:
    """What a namespace sorts by in lists over all namespaces."""
    return namespace + "/"
