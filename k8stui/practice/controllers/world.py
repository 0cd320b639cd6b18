"""What controllers share: the store, the clock, chance, events, and who owns what."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.admission import Admission
from k8stui.practice.controllers.correlator import Said
from k8stui.practice.controllers.programs import Programs
from k8stui.practice.controllers.recorder import Recorder
from k8stui.practice.kinds import BUILTIN_KINDS, builtin
from k8stui.practice.registry import custom_kinds
from k8stui.practice.store import Event, Store
from k8stui.practice.times import micro, stamp
from k8stui.practice.writes import Writes

__all__ = [
    "EVENT_LIFETIME",
    "OWNING",
    "NamespaceTerminatingError",
    "Owned",
    "World",
    "kinds_by_name",
    "micro",
    "stamp",
]

_NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_DEFINITIONS = builtin("customresourcedefinitions", "apiextensions.k8s.io")
_NAMESPACES = builtin("namespaces")
_NEVER_OWNED = frozenset(("events",))
OWNING = tuple(
    dict.fromkeys(
        builtin(kind.plural, kind.group)
        for kind in BUILTIN_KINDS
        if kind.listable and kind.plural not in _NEVER_OWNED and not kind.group.startswith("metrics.")
    )
)
"""One version of every built-in kind that may own something or be owned."""
_ADOPTABLE = frozenset(("pods", "replicasets"))
_REMEMBERED = 1_000
_RANDOM_BITS = ~((0xC000 << 48) | (0xF000 << 64))
_VERSION_4 = (0x8000 << 48) | (0x4000 << 64)
_UNSEEN = 90.0
"""Seconds between tries that leave no trace."""
EVENT_LIFETIME = 3600.0
"""Seconds that a server keeps events."""

Owned = tuple[ResourceKind, str, str]
"""Kind, namespace and name of an object that another one owns."""
_Place = tuple[str, str, str, str]
"""The same with plural and group for the kind, which are quicker to look up."""


class NamespaceTerminatingError(Exception):
    """A namespace that is being deleted takes nothing new: whoever made it has nothing left to do there."""


class World:
    """One cluster as its controllers see it.

    Args:
        store: The objects.
        clock: Seconds since the epoch.
        rng: All chance: names, uids, jitter.
        programs: What the containers' images would do if they ran.
    """

    def __init__(
        self, store: Store, clock: Callable[[], float], rng: random.Random, programs: Programs
    ) -> None:
        self.store = store
        self.clock = clock
        self.rng = rng
        self.programs = programs
        self._admission = Admission(store, clock, self.suffix)
        self.until = 0.0
        """Up to this time it is a past that nobody watches."""
        self.quiet_before = 0.0
        """No events are reported before this time: they would have been forgotten by now."""
        self._said_now = (0.0, "")
        self._remembered: dict[str, tuple[object, str]] = {}
        self._owned: dict[str, dict[_Place, Owned]] = {}
        self._free: dict[tuple[str, str], dict[str, None]] = {}
        self.kinds = kinds_by_name()
        """Every kind by apiVersion and kind, as references name them."""
        self._customs: dict[tuple[str, str], ResourceKind] = {}
        self._ends: list[Callable[[], None]] = []
        self._recorder = Recorder(store, clock, self.create)

    def attaching(self) -> Iterator[None]:
        """Learn who owns what, and keep learning: in steps, between which the store may change."""
        self._recorder.recall()
        for kind in OWNING:
            self._learn(kind)
            yield
        for definition in self.store.list(_DEFINITIONS):
            self._define(definition)
        self.listen(_DEFINITIONS, lambda event: self._define(event.entry.object))

    def _learn(self, kind: ResourceKind) -> None:
        for entry in self.store.entries(kind):
            self._own(kind, entry.object)
        self.listen(kind, self._learner(kind))

    def _define(self, definition: JsonObject) -> None:
        """Learn of the kinds of a CustomResourceDefinition, which keep all their versions in one place."""
        for served in custom_kinds(definition):
            kind = served.kind
            self.kinds[kind.api_version, kind.kind] = kind
            if (kind.group, kind.plural) not in self._customs:
                self._customs[kind.group, kind.plural] = kind
                self._learn(kind)

    def customs(self) -> tuple[ResourceKind, ...]:
        """One version of every custom kind."""
        return tuple(self._customs.values())

    def listen(self, kind: ResourceKind, listener: Callable[[Event], None]) -> None:
        """Hear of every change of a kind until ``detach``."""
        self._ends.append(self.store.subscribe(kind, listener))

    def detach(self) -> None:
        """Stop listening to the store."""
        for end in self._ends:
            end()
        self._ends.clear()

    def now(self) -> str:
        """The time as metadata has it."""
        seconds = self.clock()
        if seconds != self._said_now[0]:
            self._said_now = seconds, stamp(seconds)
        return self._said_now[1]

    def remembered(self, uid: str, value: object, make: Callable[[object], str]) -> str:
        """What was made of a part of an object, made anew when the part is another one."""
        found = self._remembered.get(uid)
        if found is None or found[0] is not value:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            found = self._remembered[uid] = value, make(value)
        return found[1]

    def pause(self, seconds: float, since: float) -> float:
        """How long to wait before trying again what has failed since a time.

        Nobody is there in the past to see the tries that fail for long: then it is so many times the seconds
        that the next one is the last before the present, and comes when it would have come.
        """
        now = self.clock()
        left = self.until - now
        if left <= seconds or now - since < _UNSEEN:
            return seconds
        return seconds * (left // seconds)

    def new_uid(self) -> str:
        """A uid out of this world's chance."""
        # As uuid.UUID(int=…, version=4) writes it, without making one.
        digits = f"{self.rng.getrandbits(128) & _RANDOM_BITS | _VERSION_4:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def suffix(self, length: int = 5) -> str:
        """The end of a generated name."""
        return "".join(self.rng.choices(_NAME_LETTERS, k=length))

    def create(self, kind: ResourceKind, obj: JsonObject, writes: Writes = ()) -> JsonObject:
        """Keep a new object after its admission, stamped with this world's time; ``writes`` as in the store.

        Raises:
            StatusError: 403 when admission refuses it; 409 when there is one of that name.
            NamespaceTerminatingError: its namespace takes nothing new, as it is being deleted.
        """
        if kind.namespaced and self._ends_soon(obj["metadata"]["namespace"]):
            raise NamespaceTerminatingError(obj["metadata"]["namespace"])
        obj = self._admission.create(kind, obj)
        metadata = {"uid": self.new_uid(), "creationTimestamp": self.now(), **obj["metadata"]}
        return self.store.create(kind, {**obj, "metadata": metadata}, writes)

    def _ends_soon(self, namespace: str) -> bool:
        """Whether a namespace is being deleted."""
        found = self.store.find(_NAMESPACES, "", namespace)
        return found is not None and "deletionTimestamp" in found["metadata"]

    def find(self, kind: ResourceKind, namespace: str, name: str) -> JsonObject | None:
        """An object, or None."""
        return self.store.find(kind, namespace, name)

    def set_status(self, kind: ResourceKind, obj: JsonObject, status: JsonObject) -> JsonObject:
        """Replace an object's status; nothing happens when it is the same."""
        if status == obj.get("status") and self._current(kind, obj) is obj:
            return obj
        return self.store.update(kind, {**obj, "status": status})

    def set_metadata(self, kind: ResourceKind, obj: JsonObject, **fields: object) -> JsonObject:
        """Replace fields of an object's metadata; None removes one."""
        if obj["apiVersion"] != kind.api_version:
            kind = self.kinds.get((obj["apiVersion"], obj["kind"]), kind)
        metadata = {key: value for key, value in {**obj["metadata"], **fields}.items() if value is not None}
        return self.store.update(kind, {**obj, "metadata": metadata})

    def delete(self, kind: ResourceKind, obj: JsonObject) -> None:
        """Delete as the server does: Pods get time to end, what has finalizers waits for them."""
        uid, found = obj["metadata"]["uid"], self._current(kind, obj)
        if found is None or found["metadata"]["uid"] != uid or found["metadata"].get("deletionTimestamp"):
            return
        obj, metadata = found, found["metadata"]
        bound = kind.plural == "pods" and bool(obj["spec"].get("nodeName"))
        if not bound and not metadata.get("finalizers"):
            self.store.delete(kind, metadata.get("namespace", ""), metadata["name"])
            return
        over = obj.get("status", {}).get("phase") in ("Succeeded", "Failed")
        grace = obj["spec"].get("terminationGracePeriodSeconds", 30) if bound and not over else 0
        self.set_metadata(
            kind, obj, deletionTimestamp=stamp(self.clock() + grace), deletionGracePeriodSeconds=grace
        )

    def _current(self, kind: ResourceKind, obj: JsonObject) -> JsonObject | None:
        metadata = obj["metadata"]
        return self.store.find(kind, metadata.get("namespace", ""), metadata["name"])

    def release(self, kind: ResourceKind, obj: JsonObject, finalizer: str) -> None:
        """Take a finalizer off an object; what has been deleted and waited only for it goes."""
        metadata = obj["metadata"]
        before = metadata.get("finalizers") or ()
        left = [found for found in before if found != finalizer]
        if len(left) == len(before):
            return
        bound = kind.plural == "pods" and bool(obj["spec"].get("nodeName"))
        if left or bound or not metadata.get("deletionTimestamp"):
            self.set_metadata(kind, obj, finalizers=left or None)
        else:
            self.store.delete(kind, metadata.get("namespace", ""), metadata["name"])

    def owned(self, kind: ResourceKind, owner: JsonObject) -> list[JsonObject]:
        """The objects of a kind that name an owner, in the order in which they came."""
        found = []
        wanted = kind.plural, kind.group
        for plural, group, namespace, name in self._owned.get(owner["metadata"]["uid"], ()):
            if (plural, group) == wanted:
                obj = self.store.find(kind, namespace, name)
                if obj is not None:
                    found.append(obj)
        return found

    def free(self, kind: ResourceKind, namespace: str) -> list[JsonObject]:
        """The Pods or ReplicaSets of a namespace that no controller has."""
        names = self._free.get((kind.plural, namespace), ())
        found = (self.store.find(kind, namespace, name) for name in tuple(names))
        return [obj for obj in found if obj is not None]

    def dependents(self, uid: str) -> list[Owned]:
        """Everything that names a uid as an owner."""
        return list(self._owned.get(uid, {}).values())

    def owns(self, uid: str) -> bool:
        """Whether anything names a uid as an owner."""
        return uid in self._owned

    def owner_uids(self) -> Iterator[str]:
        """Every uid that something names as an owner."""
        return iter(tuple(self._owned))

    def say(
        self,
        about: JsonObject,
        reason: str,
        message: str,
        *,
        by: str,
        warning: bool = False,
        field: str = "",
        host: str = "",
        action: str = "",
        every: float = 0.0,
    ) -> None:
        """Report an Event, as components do: see ``correlator`` for what becomes of many.

        Args:
            about: The object that it is about.
            reason: One word.
            message: A sentence.
            by: The component that reports it.
            warning: Whether it is a warning.
            field: The field path of the part of the object that it is about.
            host: The node of the component.
            action: What the component did; for components that write events.k8s.io only.
            every: Seconds between two of these, where ``pause`` may have left some out.
        """
        now = self.clock()
        if now < self.quiet_before:
            return
        metadata = about["metadata"]
        namespace = metadata.get("namespace", "")
        if self._ends_soon(namespace or "default"):
            return
        key = about["apiVersion"], about["kind"], namespace, metadata["name"], metadata["uid"]
        version = metadata.get("resourceVersion", "")
        kind = "Warning" if warning else "Normal"
        said = Said(by, host, key, field, version, kind, reason, message, action)
        involved = {
            "kind": about["kind"],
            "namespace": namespace,
            "name": metadata["name"],
            "uid": metadata["uid"],
            "apiVersion": about["apiVersion"],
            "resourceVersion": version,
            "fieldPath": field,
        }
        self._recorder.record(
            said,
            {key: value for key, value in involved.items() if value},
            every if now <= self.until else 0.0,
        )

    def _learner(self, kind: ResourceKind) -> Callable[[Event], None]:
        def learn(event: Event) -> None:
            if event.previous is not None:
                before = event.previous.object["metadata"].get("ownerReferences")
                now = event.entry.object["metadata"].get("ownerReferences")
                if event.type != "DELETED" and (before is now or before == now):
                    return
                self._disown(kind, event.previous.object)
            if event.type != "DELETED":
                self._own(kind, event.entry.object)

        return learn

    def _own(self, kind: ResourceKind, obj: JsonObject) -> None:
        metadata = obj["metadata"]
        controlled = False
        for ref in metadata.get("ownerReferences") or ():
            owned = kind, metadata.get("namespace", ""), metadata["name"]
            self._owned.setdefault(ref["uid"], {})[kind.plural, kind.group, *owned[1:]] = owned
            controlled = controlled or bool(ref.get("controller"))
        if not controlled and kind.plural in _ADOPTABLE:
            self._free.setdefault((kind.plural, metadata["namespace"]), {})[metadata["name"]] = None

    def _disown(self, kind: ResourceKind, obj: JsonObject) -> None:
        metadata = obj["metadata"]
        if kind.plural in _ADOPTABLE:
            place = kind.plural, metadata["namespace"]
            names = self._free.get(place)
            if names is not None:
                names.pop(metadata["name"], None)
                if not names:
                    del self._free[place]
        for ref in metadata.get("ownerReferences") or ():
            owned = self._owned.get(ref["uid"])
            if owned is not None:
                key = kind.plural, kind.group, metadata.get("namespace", ""), metadata["name"]
                owned.pop(key, None)
                if not owned:
                    del self._owned[ref["uid"]]


def kinds_by_name() -> dict[tuple[str, str], ResourceKind]:
    """The built-in kinds by apiVersion and kind, as references name them."""
    return {(kind.api_version, kind.kind): kind for kind in BUILTIN_KINDS if kind.listable}
