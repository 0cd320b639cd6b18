"""What goes with what: dependents of owners that are gone, the contents of namespaces, old events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import (
    CONFIG_MAPS,
    DAEMON_SETS,
    DEPLOYMENTS,
    ENDPOINTS,
    JOBS,
    NAMESPACES,
    NODES,
    PODS,
    REPLICA_SETS,
    REPLICATION_CONTROLLERS,
    SERVICE_ACCOUNTS,
    SERVICES,
    STATEFUL_SETS,
    Controller,
    Key,
    Keys,
    deleting,
    own,
)
from k8stui.practice.controllers.base import CRON_JOBS as _CRON_JOBS
from k8stui.practice.controllers.world import EVENT_LIFETIME, World, kinds_by_name
from k8stui.practice.kinds import BUILTIN_KINDS, builtin

_OWNERS = (
    *(DEPLOYMENTS, REPLICA_SETS, REPLICATION_CONTROLLERS, STATEFUL_SETS, DAEMON_SETS),
    *(JOBS, _CRON_JOBS, SERVICES, NODES),
)
_EVENTS = builtin("events")
_ALIASES = ("events.k8s.io",)


class GarbageCollector(Controller):
    """Deletes what is owned by something that no longer exists; keyed by the uid of the owner."""

    name = "garbage-collector"
    kind = PODS

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._kinds = kinds_by_name()

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """Everything that owns something, when it goes or begins to."""
        return dict.fromkeys(_OWNERS, self._going)

    def start(self) -> Iterable[Key]:
        """Every owner that something names."""
        return [("", uid) for uid in self.world.owner_uids()]

    def _going(self, obj: JsonObject) -> Iterator[Key]:
        namespace, name = own(obj)
        kind = self._kinds.get((obj["apiVersion"], obj["kind"]))
        if kind is not None and (deleting(obj) or self._gone(kind, namespace, name, obj["metadata"]["uid"])):
            yield "", obj["metadata"]["uid"]

    def _gone(self, kind: ResourceKind, namespace: str, name: str, uid: str) -> bool:
        found = self.world.find(kind, namespace, name)
        return found is None or found["metadata"]["uid"] != uid

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Deal with everything that one owner leaves behind; ``name`` is its uid."""
        dependents = self.world.dependents(name)
        owner = self._owner(name, dependents)
        if owner is None:
            return self._waiting(name)
        kind, obj = owner
        if obj is None:
            for child_kind, space, child in dependents:
                found = self.world.find(child_kind, space, child)
                if found is not None and not self._other_owner(found, name):
                    self.world.delete(child_kind, found)
            return None
        finalizers = obj["metadata"].get("finalizers") or ()
        if not deleting(obj):
            return None
        if "orphan" in finalizers:
            self._orphan(name, dependents)
            self._release(kind, obj, "orphan")
        elif "foregroundDeletion" in finalizers:
            for child_kind, space, child in dependents:
                found = self.world.find(child_kind, space, child)
                if found is not None:
                    self.world.delete(child_kind, found)
            if self.world.dependents(name):
                return 1.0
            self._release(kind, obj, "foregroundDeletion")
        return None

    def _waiting(self, uid: str) -> float | None:
        """An owner without dependents that still waits for us to let it go."""
        for kind in _OWNERS:
            for obj in self.world.store.list(kind):
                if obj["metadata"]["uid"] == uid and deleting(obj):
                    for finalizer in ("foregroundDeletion", "orphan"):
                        if finalizer in (obj["metadata"].get("finalizers") or ()):
                            self._release(kind, obj, finalizer)
                    return None
        return None

    def _owner(
        self, uid: str, dependents: list[tuple[ResourceKind, str, str]]
    ) -> tuple[ResourceKind, JsonObject | None] | None:
        """The owner as a dependent's reference names it: None inside when it does not exist."""
        for child_kind, namespace, child in dependents:
            found = self.world.find(child_kind, namespace, child)
            for ref in (found or {}).get("metadata", {}).get("ownerReferences") or ():
                if ref["uid"] != uid:
                    continue
                kind = self._kinds.get((ref["apiVersion"], ref["kind"]))
                if kind is None:
                    return None
                space = namespace if kind.namespaced else ""
                gone = self._gone(kind, space, ref["name"], uid)
                return kind, None if gone else self.world.find(kind, space, ref["name"])
        return None

    def _other_owner(self, obj: JsonObject, uid: str) -> bool:
        """Whether another owner is still there."""
        namespace = obj["metadata"].get("namespace", "")
        for ref in obj["metadata"].get("ownerReferences") or ():
            kind = self._kinds.get((ref["apiVersion"], ref["kind"]))
            if ref["uid"] != uid and kind is not None:
                space = namespace if kind.namespaced else ""
                if not self._gone(kind, space, ref["name"], ref["uid"]):
                    return True
        return False

    def _orphan(self, uid: str, dependents: list[tuple[ResourceKind, str, str]]) -> None:
        for child_kind, namespace, child in dependents:
            found = self.world.find(child_kind, namespace, child)
            if found is not None:
                refs = [ref for ref in found["metadata"].get("ownerReferences") or () if ref["uid"] != uid]
                self.world.set_metadata(child_kind, found, ownerReferences=refs or None)

    def _release(self, kind: ResourceKind, obj: JsonObject, finalizer: str) -> None:
        left = [found for found in obj["metadata"].get("finalizers") or () if found != finalizer]
        namespace, name = own(obj)
        if left:
            self.world.set_metadata(kind, obj, finalizers=left)
        elif self.world.find(kind, namespace, name) is not None:
            self.world.store.delete(kind, namespace, name)


class Namespaces(Controller):
    """Furnishes new namespaces, and empties those that are being deleted."""

    name = "namespace-controller"
    kind = NAMESPACES

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._contents = [
            kind
            for kind in BUILTIN_KINDS
            if kind.namespaced and kind.listable and kind.group not in _ALIASES and kind.version != "v1beta1"
        ]

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Look after one namespace."""
        obj = self.world.find(NAMESPACES, "", name)
        if obj is None:
            return None
        if not deleting(obj):
            self._furnish(name)
            return None
        if dig(obj, "status", "phase") != "Terminating":
            obj = self.world.set_status(NAMESPACES, obj, {"phase": "Terminating"})
        for kind in self._contents:
            for found in self.world.store.list(kind, name):
                self.world.delete(kind, found)
        if any(self.world.store.count(kind, name) for kind in self._contents):
            return 1.0
        self.world.store.delete(NAMESPACES, "", name)
        return None

    def _furnish(self, name: str) -> None:
        if self.world.find(SERVICE_ACCOUNTS, name, "default") is None:
            self.world.create(SERVICE_ACCOUNTS, {"metadata": {"name": "default", "namespace": name}})
        if self.world.find(CONFIG_MAPS, name, "kube-root-ca.crt") is None:
            source = self.world.find(CONFIG_MAPS, "kube-system", "kube-root-ca.crt")
            said = "Contains a CA bundle that can be used to verify the kube-apiserver."
            self.world.create(
                CONFIG_MAPS,
                {
                    "metadata": {
                        "name": "kube-root-ca.crt",
                        "namespace": name,
                        "annotations": {"kubernetes.io/description": said},
                    },
                    "data": dict((source or {}).get("data") or {"ca.crt": ""}),
                },
            )


class Forgetting(Controller):
    """Deletes events an hour after they last happened, and Endpoints whose Service has gone."""

    name = "apiserver"
    kind = _EVENTS

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """Events that turn up; Services that go."""
        return {_EVENTS: self._new, SERVICES: self._gone}

    def _new(self, event: JsonObject) -> Iterator[Key]:
        yield own(event)

    def _gone(self, service: JsonObject) -> Iterator[Key]:
        namespace, name = own(service)
        left = self.world.find(ENDPOINTS, namespace, name) is not None
        if left and self.world.find(SERVICES, namespace, name) is None:
            self.world.store.delete(ENDPOINTS, namespace, name)
        yield from ()

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Delete one event when its hour is over."""
        event = self.world.find(_EVENTS, namespace, name)
        if event is None:
            return None
        said = event.get("lastTimestamp") or event.get("eventTime") or event["metadata"]["creationTimestamp"]
        left = (parse_time(said) or 0.0) + EVENT_LIFETIME - self.world.clock()
        if left > 0:
            return left
        self.world.store.delete(_EVENTS, namespace, name)
        return None
