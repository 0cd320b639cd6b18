"""Garbage collection: what becomes of dependents when their owners go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.controllers.base import PODS, ByEvent, Controller, Key, Keys, deleting, own
from k8stui.practice.controllers.world import OWNING, Owned, World
from k8stui.practice.store import Event

_ORPHAN, _FOREGROUND = "orphan", "foregroundDeletion"
_OF_OWNERS = ("ownerReferences", "finalizers", "deletionTimestamp")


class GarbageCollector(Controller):
    """Deletes what is owned by something that no longer exists; keyed by the uid of the owner."""

    name = "garbage-collector-controller"
    kind = PODS

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._going: dict[str, Owned] = {}
        """By uid the owners that are being deleted and wait for what they own."""

    def sources(self) -> Mapping[ResourceKind, Keys | ByEvent]:
        """Everything that owns something or is owned."""
        return dict.fromkeys(OWNING, ByEvent(self._of_change))

    def custom(self) -> Keys:
        """Custom resources own and are owned like everything else."""
        return self._concerned

    def start(self) -> Iterable[Key]:
        """Every owner that something names, and owners that wait."""
        waiting = [
            key
            for kind in (*OWNING, *self.world.customs())
            if kind is not PODS
            for obj in self.world.store.list(kind)
            if deleting(obj)
            for key in self._concerned(obj)
        ]
        return [*(("", uid) for uid in self.world.owner_uids()), *waiting]

    def _of_change(self, event: Event) -> Iterator[Key]:
        """What an object concerns before and after a change, if it has to do with owners."""
        if event.type == "MODIFIED" and event.previous is not None:
            before, after = event.previous.object, event.entry.object
            if all(before["metadata"].get(field) == after["metadata"].get(field) for field in _OF_OWNERS):
                return
            yield from self._concerned(before)
        yield from self._concerned(event.entry.object)

    def _concerned(self, obj: JsonObject) -> Iterator[Key]:
        metadata = obj["metadata"]
        uid = metadata["uid"]
        if self.world.owns(uid) or metadata.get("deletionTimestamp") or uid in self._going:
            kind = self.world.kinds.get((obj["apiVersion"], obj["kind"]))
            if kind is not None:
                yield from self._of_owner(kind, obj)
        for ref in metadata.get("ownerReferences") or ():
            if ref["uid"] in self._going or self._absent(ref, metadata.get("namespace", "")):
                yield "", ref["uid"]

    def _of_owner(self, kind: ResourceKind, obj: JsonObject) -> Iterator[Key]:
        uid, place = obj["metadata"]["uid"], own(obj)
        if self._find(kind, *place, uid) is None:
            self._going.pop(uid, None)
            yield "", uid
        elif deleting(obj):
            finalizers = obj["metadata"].get("finalizers") or ()
            if _ORPHAN in finalizers or _FOREGROUND in finalizers:
                self._going[uid] = kind, *place
                yield "", uid

    def _find(self, kind: ResourceKind, namespace: str, name: str, uid: str) -> JsonObject | None:
        found = self.world.find(kind, namespace, name)
        return found if found is not None and found["metadata"]["uid"] == uid else None

    def _owner(self, ref: JsonObject, namespace: str) -> tuple[bool, JsonObject | None]:
        """Whether an owner can be looked up, and the owner if it exists in the namespace of its dependent."""
        kind = self.world.kinds.get((ref["apiVersion"], ref["kind"]))
        if kind is None or (kind.namespaced and not namespace):
            return False, None
        return True, self._find(kind, namespace if kind.namespaced else "", ref["name"], ref["uid"])

    def _absent(self, ref: JsonObject, namespace: str) -> bool:
        known, owner = self._owner(ref, namespace)
        return known and owner is None

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Deal with everything that one owner leaves behind; ``name`` is its uid."""
        place = self._going.get(name)
        owner = None if place is None else self._find(*place, name)
        if owner is None:
            self._going.pop(name, None)
            for dependent in self.world.dependents(name):
                self._collect(dependent)
            return None
        assert place is not None
        finalizers = owner["metadata"].get("finalizers") or ()
        if _ORPHAN in finalizers:
            for dependent in self.world.dependents(name):
                self._orphan(dependent, {name})
            self.world.release(place[0], owner, _ORPHAN)
        elif _FOREGROUND in finalizers:
            for dependent in self.world.dependents(name):
                self._collect(dependent)
            if not any(self._blocks(dependent, name) for dependent in self.world.dependents(name)):
                self.world.release(place[0], owner, _FOREGROUND)
        return None

    def _blocks(self, dependent: Owned, uid: str) -> bool:
        found = self.world.find(*dependent)
        refs = (found or {}).get("metadata", {}).get("ownerReferences") or ()
        return any(ref["uid"] == uid and ref.get("blockOwnerDeletion") for ref in refs)

    def _collect(self, dependent: Owned) -> None:
        """Delete a dependent none of whose owners stays; one that keeps an owner only forgets the others."""
        found = self.world.find(*dependent)
        if found is None or deleting(found):
            return
        gone: set[str] = set()
        waiting, solid = False, False
        for ref in found["metadata"].get("ownerReferences") or ():
            known, owner = self._owner(ref, dependent[1])
            if not known:
                solid = True
            elif owner is None:
                gone.add(ref["uid"])
                self._tell_misplaced(found, ref)
            elif deleting(owner) and _FOREGROUND in (owner["metadata"].get("finalizers") or ()):
                gone.add(ref["uid"])
                waiting = True
            else:
                solid = True
        if solid:
            if gone:
                self._orphan(dependent, gone)
            return
        if waiting and self.world.owns(found["metadata"]["uid"]):
            finalizers = [*(found["metadata"].get("finalizers") or ()), _FOREGROUND]
            found = self.world.set_metadata(dependent[0], found, finalizers=finalizers)
        self.world.delete(dependent[0], found)

    def _tell_misplaced(self, found: JsonObject, ref: JsonObject) -> None:
        """Say so when a missing owner exists in another namespace: owners have to be in the same one."""
        kind = self.world.kinds.get((ref["apiVersion"], ref["kind"]))
        if kind is None or not kind.namespaced:
            return
        here = found["metadata"]["namespace"]
        for space in self.world.store.list(kind):
            if space["metadata"]["uid"] == ref["uid"] and space["metadata"]["namespace"] != here:
                named = f"{ref['apiVersion']}/{ref['kind']}, namespace: {here}, name: {ref['name']}"
                message = f'ownerRef [{named}, uid: {ref["uid"]}] does not exist in namespace "{here}"'
                self.world.say(found, "OwnerRefInvalidNamespace", message, by=self.name, warning=True)

    def _orphan(self, dependent: Owned, uids: set[str]) -> None:
        """Take owners off a dependent."""
        found = self.world.find(*dependent)
        if found is not None:
            refs = [ref for ref in found["metadata"].get("ownerReferences") or () if ref["uid"] not in uids]
            self.world.set_metadata(dependent[0], found, ownerReferences=refs or None)
