"""The objects of the practice cluster: kept by kind, namespace and name, with a history for watches.

One thread only (the event loop's); nothing here waits. Stored objects are never changed in place: a writer
hands in a new object, which may share parts with the old one.
"""

from __future__ import annotations

import builtins
import random
import uuid
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice import errors
from k8stui.practice.shelf import Entry, Event, Key, Shelf, sort_key
from k8stui.practice.times import stamp
from k8stui.practice.writes import Writes, changed, made

__all__ = ["Entry", "Event", "Key", "Store", "has_generation", "sort_key"]

_HISTORY = 20_000
_NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_WITH_GENERATION = frozenset(
    (
        *("pods", "podtemplates", "replicationcontrollers", "deployments", "replicasets", "daemonsets"),
        *("statefulsets", "jobs", "cronjobs", "horizontalpodautoscalers", "poddisruptionbudgets"),
        *("ingresses", "ingressclasses", "networkpolicies", "endpointslices", "priorityclasses"),
        *("customresourcedefinitions", "flowschemas", "prioritylevelconfigurations"),
        *("mutatingwebhookconfigurations", "validatingwebhookconfigurations"),
        *("validatingadmissionpolicies", "validatingadmissionpolicybindings"),
        *("deviceclasses", "resourceslices"),
    )
)
_METADATA_ORDER = (
    *("name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp"),
    *("deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences"),
    *("finalizers", "managedFields"),
)
_REVISION = "deployment.kubernetes.io/revision"
"""An annotation that the controller of Deployments writes, as if it were a part of the status."""
_NO_SPEC = frozenset(("metadata", "status", "kind", "apiVersion"))
_CORE_GROUPS = frozenset(("", "apps", "batch", "autoscaling", "policy"))


class Store:
    """Every object of the cluster.

    Args:
        clock: Seconds since the epoch; stamps creationTimestamp and is where resourceVersions start, so that
            they grow across restarts too.
        rng: All chance of the server: uids, generated names, addresses; give a seeded one for a cluster that
            is the same every time.
        history: How many changes of each resource are remembered for watches and pages.
    """

    def __init__(
        self, clock: Callable[[], float], *, rng: random.Random | None = None, history: int = _HISTORY
    ) -> None:
        self.clock = clock
        self.rng = rng or random.Random()
        self._history = history
        self._shelves: dict[tuple[str, str], Shelf] = {}
        self._revision = int(clock() * 1_000_000)
        self._start = self._revision
        self._second = 0, stamp(0)
        self.manager = ""
        """The component of the cluster that writes now; empty for clients, who keep managedFields."""

    @contextmanager
    def written_by(self, manager: str) -> Iterator[None]:
        """What is written meanwhile is noted as a component's."""
        before, self.manager = self.manager, manager
        try:
            yield
        finally:
            self.manager = before

    @property
    def revision(self) -> int:
        """The resourceVersion of the last write."""
        return self._revision

    def new_uid(self) -> str:
        """A random uid (version 4)."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def suffix(self, length: int = 5) -> str:
        """The end of a generated name."""
        return "".join(self.rng.choices(_NAME_LETTERS, k=length))

    def now(self) -> str:
        """The time as metadata has it: RFC 3339 in UTC, whole seconds."""
        second = int(self.clock())
        if self._second[0] != second:
            self._second = second, stamp(second)
        return self._second[1]

    def create(self, kind: ResourceKind, obj: JsonObject, writes: Writes = ()) -> JsonObject:
        """Keep a new object.

        Stamps resourceVersion, and uid, creationTimestamp and generation where the object has none.

        Args:
            kind: Its kind.
            obj: The object.
            writes: Who wrote it; the ``manager``, if there is one, when empty.

        Returns:
            The object as stored.

        Raises:
            StatusError: 409 AlreadyExists; 400 without a name, or without a namespace where one is needed.
        """
        given = obj.get("metadata") or {}
        namespace, name = _key(kind, given)
        shelf = self._shelf(kind)
        if name in shelf.namespaces.get(namespace, ()):
            raise errors.already_exists(kind, name)
        self._revision += 1
        metadata: JsonObject = {
            **given,
            "uid": given.get("uid") or self.new_uid(),
            "resourceVersion": str(self._revision),
            "creationTimestamp": given.get("creationTimestamp") or self.now(),
        }
        if has_generation(kind):
            metadata.setdefault("generation", 1)
        if not writes and self.manager:
            writes = made(self.manager, kind, obj, metadata["creationTimestamp"])
        entry = Entry(namespace, name, self._revision, _arranged(kind, obj, metadata), writes)
        shelf.put(entry)
        shelf.record(Event("ADDED", entry, None))
        return entry.object

    def find(self, kind: ResourceKind, namespace: str, name: str) -> JsonObject | None:
        """The object, or None."""
        shelf = self._shelves.get(_shelf_key(kind))
        names = None if shelf is None else shelf.namespaces.get(namespace if kind.namespaced else "")
        entry = None if names is None else names.get(name)
        return None if entry is None else entry.object

    def get(self, kind: ResourceKind, namespace: str, name: str) -> JsonObject:
        """The object.

        Raises:
            StatusError: 404 NotFound.
        """
        obj = self.find(kind, namespace, name)
        if obj is None:
            raise errors.not_found(kind, name)
        return obj

    def list(self, kind: ResourceKind, namespace: str | None = None) -> builtins.list[JsonObject]:
        """Every object of the kind, or those of one namespace, in the order in which a server lists."""
        return [entry.object for entry in self.entries(kind, namespace)]

    def update(self, kind: ResourceKind, obj: JsonObject) -> JsonObject:
        """Replace an object, found by its metadata; the old one stays as it was for who still holds it.

        uid and creationTimestamp are kept from the old object; generation grows when anything but metadata
        and status changed. An object equal to the stored one is not written (no event), as on a real server.

        Returns:
            The object as stored.

        Raises:
            StatusError: 404 NotFound; 409 Conflict when it has a resourceVersion that is not the stored one.
        """
        given = obj.get("metadata") or {}
        namespace, name = _key(kind, given)
        shelf = self._shelf(kind)
        old = shelf.namespaces.get(namespace, {}).get(name)
        if old is None:
            raise errors.not_found(kind, name)
        wanted = given.get("resourceVersion")
        if wanted and wanted != str(old.revision):
            raise errors.conflict(kind, name)
        before: JsonObject = old.object["metadata"]
        metadata: JsonObject = {
            **given,
            "uid": before["uid"],
            "resourceVersion": before["resourceVersion"],
            "creationTimestamp": before["creationTimestamp"],
        }
        if "generation" in before:
            metadata["generation"] = before["generation"]
        new = _arranged(kind, obj, metadata, like=before)
        if new == old.object:
            return old.object
        self._revision += 1
        stamped = new["metadata"]
        stamped["resourceVersion"] = str(self._revision)
        if "generation" in before and (_spec_differs(old.object, new) or _noted(kind, before, stamped)):
            stamped["generation"] = before["generation"] + 1
        writes = old.writes
        if self.manager:
            writes = changed(writes, self.manager, kind, old.object, new, self.now())
        elif stamped.get("managedFields") is not before.get("managedFields"):
            writes = ()
        entry = Entry(namespace, name, self._revision, new, writes)
        shelf.put(entry)
        shelf.record(Event("MODIFIED", entry, old))
        return new

    def delete(self, kind: ResourceKind, namespace: str, name: str) -> JsonObject:
        """Remove an object at once, whatever finalizers it has.

        Returns:
            The last version, with the resourceVersion of the deletion.

        Raises:
            StatusError: 404 NotFound.
        """
        shelf = self._shelf(kind)
        old = self.entry(kind, namespace, name)
        if old is None:
            raise errors.not_found(kind, name)
        shelf.remove(old)
        self._revision += 1
        last = {
            **old.object,
            "metadata": {**old.object["metadata"], "resourceVersion": str(self._revision)},
        }
        entry = Entry(old.namespace, name, self._revision, last, old.writes)
        shelf.record(Event("DELETED", entry, old))
        return last

    def entry(self, kind: ResourceKind, namespace: str, name: str) -> Entry | None:
        """The stored version with its caches, or None."""
        shelf = self._shelves.get(_shelf_key(kind))
        if shelf is None:
            return None
        return shelf.namespaces.get(namespace if kind.namespaced else "", {}).get(name)

    def count(self, kind: ResourceKind, namespace: str | None = None) -> int:
        """How many objects there are of the kind, or in one namespace."""
        shelf = self._shelf(kind)
        if namespace is None or not kind.namespaced:
            return shelf.count
        return len(shelf.namespaces.get(namespace, ()))

    def entries(
        self, kind: ResourceKind, namespace: str | None = None, *, after: Key | None = None
    ) -> Iterator[Entry]:
        """The stored versions in the order of a list; ``after`` starts behind a key (which need not exist).

        The iterator must be used up before the next write.
        """
        shelf = self._shelf(kind)
        spaces = shelf.spaces() if namespace is None or not kind.namespaced else [namespace]
        for space in spaces:
            names = shelf.namespaces.get(space)
            if names is None:
                continue
            order = shelf.order(space)
            if after is not None:
                if sort_key(space) < sort_key(after[0]):
                    continue
                if space == after[0]:
                    order = order[bisect_left(order, after[1] + "\0") :]
            for name in order:
                yield names[name]

    def undo(self, kind: ResourceKind, revision: int) -> Mapping[Key, Entry | None]:
        """What was different at an earlier revision: by key the version of then, None where there was none.

        Raises:
            StatusError: 410 Expired when the history does not reach back that far.
        """
        differences: dict[Key, Entry | None] = {}
        for event in reversed(self.since(kind, revision)):
            differences[event.entry.key] = event.previous
        return differences

    def since(self, kind: ResourceKind, revision: int) -> Sequence[Event]:
        """The changes of the kind after a revision, oldest first.

        Raises:
            StatusError: 410 Expired when the history does not reach back that far.
        """
        shelf = self._shelf(kind)
        if revision < max(shelf.forgotten, self._start):
            raise errors.expired(
                f"too old resource version: {revision} ({max(shelf.forgotten, self._start)})"
            )
        found = deque[Event]()
        for event in reversed(shelf.log):
            if event.revision <= revision:
                break
            found.appendleft(event)
        return tuple(found)

    def compact(self, revision: int | None = None) -> None:
        """Forget the history up to a revision, or all of it: what is older answers 410 from now on."""
        limit = self._revision if revision is None else revision
        self._start = max(self._start, limit)
        for shelf in self._shelves.values():
            while shelf.log and shelf.log[0].revision <= limit:
                shelf.log.popleft()

    def subscribe(self, kind: ResourceKind, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call the listener with every change of the kind, at once and in order.

        Returns:
            What ends it.
        """
        listeners = self._shelf(kind).listeners
        listeners.append(listener)

        def end() -> None:
            if listener in listeners:
                listeners.remove(listener)

        return end

    def _shelf(self, kind: ResourceKind) -> Shelf:
        key = _shelf_key(kind)
        shelf = self._shelves.get(key)
        if shelf is None:
            shelf = self._shelves[key] = Shelf(self._history)
        return shelf


def _shelf_key(kind: ResourceKind) -> tuple[str, str]:
    """Where objects of a kind are kept: versions share a shelf, and so do the two groups of events."""
    return ("" if kind.group == "events.k8s.io" else kind.group, kind.plural)


def has_generation(kind: ResourceKind) -> bool:
    """Whether objects of the kind count changes of their spec: all custom resources, some built-in kinds."""
    if kind.plural in _WITH_GENERATION:
        return True
    return kind.group not in _CORE_GROUPS and not kind.group.endswith(".k8s.io")


def _key(kind: ResourceKind, metadata: JsonObject) -> Key:
    name = metadata.get("name")
    if not name:
        raise errors.bad_request(f"{kind.name}: name must be provided")
    if not kind.namespaced:
        return "", name
    namespace = metadata.get("namespace")
    if not namespace:
        raise errors.bad_request("an empty namespace may not be set during creation")
    return namespace, name


def _arranged(
    kind: ResourceKind, obj: JsonObject, metadata: JsonObject, *, like: JsonObject | None = None
) -> JsonObject:
    """The object with its type and metadata first, and these in the order in which servers write them.

    The metadata must be the caller's own; ``like`` are some that have the order already.
    """
    ordered = metadata
    if like is None or list(like) != list(metadata):
        ordered = {key: metadata[key] for key in _METADATA_ORDER if key in metadata}
        if len(ordered) != len(metadata):
            ordered |= {key: value for key, value in metadata.items() if key not in ordered}
    new: JsonObject = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": ordered}
    for key, value in obj.items():
        if key not in new:
            new[key] = value
    return new


def _noted(kind: ResourceKind, before: JsonObject, after: JsonObject) -> bool:
    """Whether somebody has changed annotations of a kind that counts these like its spec."""
    if kind.plural != "deployments":
        return False
    old, new = before.get("annotations") or {}, after.get("annotations") or {}
    return {**old, _REVISION: ""} != {**new, _REVISION: ""}


def _spec_differs(old: JsonObject, new: JsonObject) -> bool:
    for key, value in new.items():
        if key in _NO_SPEC:
            continue
        before = old.get(key)
        if before is not value and before != value:
            return True
    return any(value is not None and key not in new and key not in _NO_SPEC for key, value in old.items())
