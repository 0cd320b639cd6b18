"""Namespaces: what every new one gets, and how one that is being deleted is emptied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import (
    CONFIG_MAPS,
    NAMESPACES,
    PODS,
    SERVICE_ACCOUNTS,
    Controller,
    Key,
    Keys,
    deleting,
    own_key,
)
from k8stui.practice.controllers.world import World
from k8stui.practice.kinds import BUILTIN_KINDS

_ALIASES = ("events.k8s.io",)
_AUTHORITY = "kube-root-ca.crt"
_SOON, _LATER, _PATIENCE = 1.0, 5.0, 20.0
_FINE = (
    ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    (
        *("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions"),
        "All legacy kube types successfully parsed",
    ),
    (
        *("NamespaceDeletionContentFailure", "ContentDeleted"),
        "All content successfully deleted, may be waiting on finalization",
    ),
    ("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"),
    (
        *("NamespaceFinalizersRemaining", "ContentHasNoFinalizers"),
        "All content-preserving finalizers finished",
    ),
)


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

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The namespaces, and what every one of them has."""
        return {NAMESPACES: own_key, SERVICE_ACCOUNTS: _furniture, CONFIG_MAPS: _furniture}

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Look after one namespace."""
        obj = self.world.find(NAMESPACES, "", name)
        if obj is None:
            return None
        if not deleting(obj):
            self._furnish(name)
            return None
        status = {**(obj.get("status") or {}), "phase": "Terminating"}
        for kind in self._kinds(name):
            for found in self.world.store.list(kind, name):
                self.world.delete(kind, found)
        left = self._left(name)
        status["conditions"] = self._conditions(obj, left)
        obj = self.world.set_status(NAMESPACES, obj, status)
        if left:
            told = parse_time(obj["metadata"]["deletionTimestamp"]) or 0.0
            return _SOON if self.world.clock() - told < _PATIENCE else _LATER
        self._finish(obj)
        return None

    def _kinds(self, name: str) -> list[ResourceKind]:
        """What is deleted now: Pods, and once they have gone everything else."""
        if self.world.store.count(PODS, name):
            return [PODS]
        return [*self._contents, *(kind for kind in self.world.customs() if kind.namespaced)]

    def _left(self, name: str) -> dict[ResourceKind, list[JsonObject]]:
        found = {kind: self.world.store.list(kind, name) for kind in self._kinds(name)}
        return {kind: objects for kind, objects in found.items() if objects}

    def _finish(self, obj: JsonObject) -> None:
        """Let an empty namespace go, unless somebody else holds it too."""
        finalizers = [each for each in dig(obj, "spec", "finalizers") or () if each != "kubernetes"]
        if finalizers or obj["metadata"].get("finalizers"):
            spec = {key: value for key, value in (obj.get("spec") or {}).items() if key != "finalizers"}
            spec = {**spec, "finalizers": finalizers} if finalizers else spec
            self.world.store.update(NAMESPACES, {**obj, "spec": spec})
        else:
            self.world.store.delete(NAMESPACES, "", obj["metadata"]["name"])

    def _conditions(self, obj: JsonObject, left: Mapping[ResourceKind, list[JsonObject]]) -> list[JsonObject]:
        """What keeps the namespace, as five conditions."""
        trouble: dict[str, tuple[str, str]] = {}
        if left and PODS not in left:
            said = ", ".join(
                sorted(f"{k.plural}.{k.group} has {len(f)} resource instances" for k, f in left.items())
            )
            message = f"Some resources are remaining: {said}"
            trouble["NamespaceContentRemaining"] = "SomeResourcesRemain", message
            held = Counter(
                each
                for objects in left.values()
                for found in objects
                for each in found["metadata"].get("finalizers") or ()
            )
            if held:
                said = ", ".join(
                    sorted(f"{name} in {count} resource instances" for name, count in held.items())
                )
                message = f"Some content in the namespace has finalizers remaining: {said}"
                trouble["NamespaceFinalizersRemaining"] = "SomeFinalizersRemain", message
        before = {c.get("type"): c for c in dicts(obj, "status", "conditions")}
        found = []
        for kind, reason, message in _FINE:
            status = "True" if kind in trouble else "False"
            reason, message = trouble.get(kind, (reason, message))
            old = before.get(kind) or {}
            since = old["lastTransitionTime"] if old.get("status") == status else self.world.now()
            found.append(
                {
                    "type": kind,
                    "status": status,
                    "lastTransitionTime": since,
                    "reason": reason,
                    "message": message,
                }
            )
        return found

    def _furnish(self, name: str) -> None:
        if self.world.find(SERVICE_ACCOUNTS, name, "default") is None:
            self.world.create(SERVICE_ACCOUNTS, {"metadata": {"name": "default", "namespace": name}})
        if self.world.find(CONFIG_MAPS, name, _AUTHORITY) is None:
            source = self.world.find(CONFIG_MAPS, "kube-system", _AUTHORITY)
            said = "Contains a CA bundle that can be used to verify the kube-apiserver."
            self.world.create(
                CONFIG_MAPS,
                {
                    "metadata": {
                        "name": _AUTHORITY,
                        "namespace": name,
                        "annotations": {"kubernetes.io/description": said},
                    },
                    "data": dict((source or {}).get("data") or {"ca.crt": ""}),
                },
            )


def _furniture(obj: JsonObject) -> Iterator[Key]:
    metadata = obj["metadata"]
    if metadata["name"] in ("default", _AUTHORITY):
        yield "", metadata["namespace"]
