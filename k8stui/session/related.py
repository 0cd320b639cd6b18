"""What an object has to do with others: upwards to its owners, downwards to what it owns, and sideways.

Each neighbour comes with its evidence, the field that ties the two together. One level at a time: whoever
wants to know what a neighbour has to do with others asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from k8stui.core import selectors
from k8stui.core.errors import ExplorerError
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.paths import Path, dotted
from k8stui.core.refs import ObjectRef, Scope
from k8stui.core.text import clean
from k8stui.session.mentions import mentions
from k8stui.session.relations import Wish, wishes
from k8stui.session.wellbeing import Mood, state_of

if TYPE_CHECKING:
    from k8stui.kube.client import Client

MOST_READ = 1_000
"""Objects read of one list."""
MOST_SHOWN = 50
"""Neighbours shown of one relation."""
MOST_PROBED = 6
"""Members of one relation that are read to see how they fare."""
AT_ONCE = 4
_DEFINITIONS = "apiextensions.k8s.io"


class Way(Enum):
    """In which direction a relation leads."""

    UP = "up"
    DOWN = "down"
    SIDE = "side"


@dataclass(frozen=True, slots=True)
class Relative:
    """One neighbour."""

    ref: ObjectRef
    evidence: tuple[str, str]
    """Path and value of the field that ties the two; a path in the neighbour begins with its kind."""
    obj: JsonObject | None = None
    """The neighbour, where it has been read."""
    missing: bool = False
    """It is named, and the server has none of that name."""


@dataclass(frozen=True, slots=True)
class Relation:
    """The neighbours of one relation."""

    name: str
    title: Text
    way: Way
    members: tuple[Relative, ...] = ()
    more: int = 0
    """Neighbours beyond those shown."""
    partial: bool = False
    """Not every object could be looked at: there may be more."""
    denied: Text | None = None
    """Why they could not be read: a whole sentence."""


_TITLES: dict[str, tuple[Way, Text]] = {
    "owner": (Way.UP, Text("Owned by", "所有者")),
    "replicasets": (Way.DOWN, Text("Owns ReplicaSets", "所有するReplicaSet")),
    "jobs": (Way.DOWN, Text("Owns Jobs", "所有するJob")),
    "owned-pods": (Way.DOWN, Text("Owns Pods", "所有するPod")),
    "pods": (Way.SIDE, Text("Selects Pods", "選択するPod")),
    "running": (Way.SIDE, Text("Runs Pods", "動かしているPod")),
    "users": (Way.SIDE, Text("Used by Pods", "使っているPod")),
    "services": (Way.SIDE, Text("Services", "Service")),
    "endpointslices": (Way.SIDE, Text("Endpoints", "エンドポイント")),
    "ingresses": (Way.SIDE, Text("Ingresses that lead here", "ここへ導くIngress")),
    "hpas": (Way.SIDE, Text("Scaled by", "スケールするもの")),
    "target": (Way.SIDE, Text("Scales", "スケール対象")),
    "pdbs": (Way.SIDE, Text("Disruption budgets", "中断を制限するもの")),
    "networkpolicies": (Way.SIDE, Text("Network policies", "NetworkPolicy")),
    "pvcs": (Way.SIDE, Text("Claims", "PersistentVolumeClaim")),
    "role": (Way.SIDE, Text("Grants", "与える権限")),
    "bindings": (Way.SIDE, Text("Bound by", "結び付けるBinding")),
    "uses": (Way.SIDE, Text("Uses", "使うもの")),
    "definition": (Way.SIDE, Text("Defined by", "定義")),
}
_OWNERS_OF_PODS = frozenset(("ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController"))
_USED = frozenset(("ConfigMap", "Secret", "PersistentVolumeClaim", "ServiceAccount", "PriorityClass"))
_ASKED: dict[str, tuple[str, ...]] = {
    "Pod": ("services", "pdbs", "networkpolicies"),
    "Deployment": ("replicasets", "services", "hpas", "pdbs", "networkpolicies"),
    "ReplicaSet": ("owned-pods", "services", "hpas", "pdbs"),
    "StatefulSet": ("owned-pods", "pvcs", "services", "hpas", "pdbs"),
    "DaemonSet": ("owned-pods", "services"),
    "ReplicationController": ("owned-pods", "services", "hpas"),
    "Job": ("owned-pods",),
    "CronJob": ("jobs",),
    "Service": ("endpointslices", "pods", "ingresses"),
    "Ingress": (),
    "HorizontalPodAutoscaler": ("target",),
    "PodDisruptionBudget": ("pods",),
    "NetworkPolicy": ("pods",),
    "Role": ("bindings",),
    "ClusterRole": ("bindings",),
    "ServiceAccount": ("bindings", "users"),
    "ConfigMap": ("users",),
    "Secret": ("users", "ingresses"),
    "PersistentVolumeClaim": ("users",),
    "PersistentVolume": (),
    "StorageClass": (),
    "Node": ("running",),
    "PriorityClass": ("users",),
}  # fmt: skip
"""Of each kind, what the server is asked for. What the object names itself is not asked for at all."""


class Related:
    """Asks one cluster for relations."""

    def __init__(self, client: Client, kinds: Sequence[ResourceKind]) -> None:
        self._client = client
        self._kinds = kinds
        self._door = asyncio.Semaphore(AT_ONCE)

    async def of(self, obj: JsonObject, kind: ResourceKind) -> list[Relation]:
        """The relations of an object, owners first; those without a neighbour are left out."""
        found = [*self._owners(obj), *self._named(obj, kind)]
        names = _ASKED.get(kind.kind, ()) if _is_built_in(kind) else ("definition",)
        asked = await asyncio.gather(*(self._asked(name, obj, kind) for name in names))
        found += [relation for relation in asked if relation is not None]
        order = {Way.UP: 0, Way.DOWN: 1, Way.SIDE: 2}
        return sorted(found, key=lambda relation: order[relation.way])

    async def read(self, ref: ObjectRef) -> JsonObject:
        """One object.

        Raises:
            ExplorerError: it could not be read, or is not there.
        """
        return await self._client.get(ref)

    async def probed(self, relation: Relation) -> Relation:
        """The same with its first members read: how they fare, and whether they are there at all.

        A member that may not be read stays as it is.
        """
        found = await asyncio.gather(*(self._probed(one) for one in relation.members[:MOST_PROBED]))
        return replace(relation, members=(*found, *relation.members[MOST_PROBED:]))

    async def _probed(self, one: Relative) -> Relative:
        from k8stui.kube.errors import NotFound

        if one.obj is not None:
            return one
        try:
            async with self._door:
                return replace(one, obj=await self._client.get(one.ref))
        except NotFound:
            return replace(one, missing=True)
        except ExplorerError:
            return one

    # What the object says itself

    def _owners(self, obj: JsonObject) -> Iterator[Relation]:
        members = []
        for at, owner in enumerate(dicts(obj, "metadata", "ownerReferences")):
            group = str(owner.get("apiVersion", "")).rpartition("/")[0]
            kind = self._kind(str(owner.get("kind", "")), group)
            if kind is not None:
                namespace = str(dig(obj, "metadata", "namespace") or "") if kind.namespaced else ""
                name = str(owner.get("name", ""))
                evidence = (f"metadata.ownerReferences[{at}].name", clean(name))
                members.append(Relative(ObjectRef(kind, namespace, name), evidence))
        if members:
            yield Relation("owner", _TITLES["owner"][1], Way.UP, tuple(members))

    def _named(self, obj: JsonObject, kind: ResourceKind) -> Iterator[Relation]:
        """What an object names in its fields, each once."""
        members: dict[ObjectRef, Relative] = {}
        for mention in mentions(obj) if _is_built_in(kind) else ():
            target = self._kind(mention.kind, mention.group)
            if target is not None and mention.name:
                namespace = mention.namespace if target.namespaced else ""
                ref = ObjectRef(target, namespace, mention.name)
                evidence = (dotted(mention.path), clean(mention.name))
                members.setdefault(ref, Relative(ref, evidence))
        if members:
            shown = tuple(members.values())
            more = max(0, len(shown) - MOST_SHOWN)
            yield Relation("uses", _TITLES["uses"][1], Way.SIDE, shown[:MOST_SHOWN], more)

    # What the server is asked

    async def _asked(self, name: str, obj: JsonObject, kind: ResourceKind) -> Relation | None:
        way, title = _TITLES[name]
        members: list[Relative] = []
        partial = False
        try:
            for wish, objects, cut in await self._answers(_wishes(name, obj, kind)):
                partial = partial or cut
                target = self._kind(wish.kind, wish.group)
                members += [self._relative(obj, one, target) for one in objects if target is not None]
        except ExplorerError as error:
            return Relation(name, title, way, denied=error.message)
        if not members and not partial:
            return None
        # What is at rest comes last: the ReplicaSets of old revisions, Pods that have ended.
        members.sort(key=lambda one: one.obj is not None and state_of(one.obj).mood is Mood.DIM)
        return Relation(
            name, title, way, tuple(members[:MOST_SHOWN]), max(0, len(members) - MOST_SHOWN), partial
        )

    async def _answers(self, wanted: Sequence[Wish]) -> list[tuple[Wish, list[JsonObject], bool]]:
        answers = await asyncio.gather(*(self._answer(wish) for wish in wanted))
        return [(wish, *answer) for wish, answer in zip(wanted, answers, strict=True)]

    async def _answer(self, wish: Wish) -> tuple[list[JsonObject], bool]:
        """The objects of a wish, and whether there were too many to look at all.

        Raises:
            ExplorerError: the server refused.
        """
        from k8stui.kube.errors import NotFound

        kind = self._kind(wish.kind, wish.group)
        if kind is None:
            return [], False
        namespace = wish.namespace if kind.namespaced else ""
        async with self._door:
            if wish.name:
                try:
                    return [await self._client.get(ObjectRef(kind, namespace, wish.name))], False
                except NotFound:
                    return [], False
            scope = Scope.of(namespace) if namespace else Scope.all()
            found = await self._client.list(
                kind, scope, label_selector=wish.labels, field_selector=wish.fields, limit=MOST_READ
            )
        cut = len(found) >= MOST_READ
        for one in found:
            one.setdefault("kind", kind.kind)
            one.setdefault("apiVersion", kind.api_version)
        return [one for one in found if wish.keep is None or wish.keep(one)], cut

    def _relative(self, obj: JsonObject, other: JsonObject, kind: ResourceKind) -> Relative:
        namespace = str(dig(other, "metadata", "namespace") or "")
        name = str(dig(other, "metadata", "name") or "")
        return Relative(ObjectRef(kind, namespace, name), evidence(obj, other), other)

    def _kind(self, kind: str, group: str) -> ResourceKind | None:
        return next((k for k in self._kinds if k.kind == kind and k.group == group), None)


def _is_built_in(kind: ResourceKind) -> bool:
    return "." not in kind.group or kind.group.endswith(".k8s.io")


def _wishes(name: str, obj: JsonObject, kind: ResourceKind) -> tuple[Wish, ...]:
    own = str(dig(obj, "metadata", "name") or "")
    if name == "owned-pods":
        selector = selectors.pod_selector(obj)
        uid = dig(obj, "metadata", "uid")
        namespace = str(dig(obj, "metadata", "namespace") or "")

        def owned(pod: JsonObject) -> bool:
            return any(owner.get("uid") == uid for owner in dicts(pod, "metadata", "ownerReferences"))

        return (Wish("Pod", namespace=namespace, labels=selector, keep=owned),) if selector else ()
    if name == "users" and kind.kind == "PriorityClass":
        return (Wish("Pod", keep=lambda pod: dig(pod, "spec", "priorityClassName") == own),)
    if name == "definition":
        return (Wish("CustomResourceDefinition", _DEFINITIONS, name=kind.name),)
    asked = "pods" if name in ("users", "running") else name
    return wishes(asked, obj, kind) or ()


def evidence(obj: JsonObject, other: JsonObject) -> tuple[str, str]:
    """The field that ties two objects together, and its value; one of the other begins with its kind."""
    whose = f"{other.get('kind')} "
    if other.get("kind") == "CustomResourceDefinition":
        return f"{whose}spec.names.kind", clean(str(obj.get("kind")))
    for child, parent, prefix in ((obj, other, ""), (other, obj, whose)):
        uid = dig(parent, "metadata", "uid")
        for at, owner in enumerate(dicts(child, "metadata", "ownerReferences")):
            if uid and owner.get("uid") == uid:
                return f"{prefix}metadata.ownerReferences[{at}].name", clean(str(owner.get("name")))
    for here, there, prefix in ((obj, other, ""), (other, obj, whose)):
        labels = selectors.pod_labels(there)
        if labels and here.get("kind") != "Pod" and selectors.picks(here, labels):
            steps = "spec.podSelector" if here.get("kind") == "NetworkPolicy" else "spec.selector"
            return f"{prefix}{steps}", clean(selectors.pod_selector(here) or "*")
    for here, there, prefix in ((obj, other, ""), (other, obj, whose)):
        place = _named_in(here, there)
        if place is not None:
            return f"{prefix}{dotted(place)}", clean(str(dig(there, "metadata", "name")))
    for here, there, prefix in ((obj, other, ""), (other, obj, whose)):
        name = dig(there, "metadata", "name")
        place = _where(here, name) if isinstance(name, str) else None
        if place is not None:
            return f"{prefix}{dotted(place)}", clean(str(name))
    return "", ""


def _named_in(obj: JsonObject, other: JsonObject) -> Path | None:
    """The field by which an object names another one of its kind and name."""
    kind, name = other.get("kind"), dig(other, "metadata", "name")
    target = dig(obj, "spec", "scaleTargetRef")
    if isinstance(target, dict) and (target.get("kind"), target.get("name")) == (kind, name):
        return ("spec", "scaleTargetRef", "name")
    return next((m.path for m in mentions(obj) if (m.kind, m.name) == (kind, name)), None)


def _where(obj: JsonObject, name: str) -> Path | None:
    """The first field below spec, roleRef, subjects or labels that has a name for its value."""
    waiting: list[tuple[Path, Any]] = [
        ((part,), obj.get(part)) for part in ("spec", "roleRef", "subjects", "metadata", "secrets")
    ]
    while waiting:
        path, value = waiting.pop(0)
        if value == name and path != ("metadata", "name"):
            return path
        if isinstance(value, dict):
            waiting += [((*path, key), below) for key, below in value.items() if key != "managedFields"]
        elif isinstance(value, list):
            waiting += [((*path, at), below) for at, below in enumerate(value)]
    return None
