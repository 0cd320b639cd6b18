"""Whether a Pod can go to a node, by the scheduler's filters in their order, and in their words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.affinity import (
    Placed,
    Spread,
    Term,
    domains,
    node_fits,
    node_names,
    spreads,
    term_fits,
    terms,
)
from k8stui.practice.controllers.base import (
    CLAIMS,
    NAMESPACES,
    NODES,
    PODS,
    STORAGE_CLASSES,
    VOLUMES,
    Key,
    deleting,
    ended,
    labels_of,
    own,
)
from k8stui.practice.controllers.resources import Port, collide, milli, repelled_by, tolerates
from k8stui.practice.controllers.world import World

_CORDON = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
_ONE_POD = "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"


class Refusal(msgspec.Struct, frozen=True):
    """Why a Pod cannot go to a node."""

    plugin: str
    reasons: tuple[str, ...]
    final: bool = False
    """Whether it would not help to evict other Pods."""


class Room(msgspec.Struct):
    """A node, and what is left of it."""

    node: JsonObject
    whole: Mapping[str, int]
    used: Counter[str]
    ports: Counter[Port]

    @property
    def name(self) -> str:
        """The node's name."""
        return str(self.node["metadata"]["name"])


@dataclass
class Question:
    """Where one Pod can go."""

    world: World
    pod: JsonObject
    wanted: Counter[str]
    ports: frozenset[Port]
    repelling: Mapping[Key, JsonObject]
    """Pods that want some others far."""
    without: frozenset[Key] = frozenset()
    """Pods that are taken as gone."""
    claims: list[JsonObject] = field(default_factory=list)

    def blocked(self) -> str:
        """What keeps the Pod from every node, found before the nodes are looked at; empty for nothing."""
        namespace = self.pod["metadata"]["namespace"]
        for volume in dicts(self.pod, "spec", "volumes"):
            name = dig(volume, "persistentVolumeClaim", "claimName")
            if not name and "ephemeral" in volume:
                name = f"{self.pod['metadata']['name']}-{volume['name']}"
            if not name:
                continue
            claim = self.world.find(CLAIMS, namespace, name)
            if claim is None:
                maker = (
                    "waiting for ephemeral volume controller to create the " if "ephemeral" in volume else ""
                )
                return f'{maker}persistentvolumeclaim "{name}"{"" if maker else " not found"}'
            if why := self._unusable(claim):
                return why
            self.claims.append(claim)
        return ""

    def _unusable(self, claim: JsonObject) -> str:
        """Why no Pod can have a claim now, wherever it goes."""
        name, phase = claim["metadata"]["name"], dig(claim, "status", "phase")
        if deleting(claim):
            return f'persistentvolumeclaim "{name}" is being deleted'
        if phase == "Lost":
            gone = dig(claim, "spec", "volumeName")
            return f'persistentvolumeclaim "{name}" bound to non-existent persistentvolume "{gone}"'
        if phase != "Bound" and self._binding(claim) != "WaitForFirstConsumer":
            return "pod has unbound immediate PersistentVolumeClaims"
        return ""

    def refusal(self, room: Room) -> Refusal | None:
        """Why the Pod cannot go to a node; None when it can."""
        spec, node = self.pod["spec"], room.node
        if (node.get("spec") or {}).get("unschedulable") and not tolerates(self.pod, _CORDON):
            return Refusal("NodeUnschedulable", ("node(s) were unschedulable",), final=True)
        if repelled_by(self.pod, node) is not None:
            return Refusal("TaintToleration", ("node(s) had untolerated taint(s)",), final=True)
        if self._named is not None and room.name not in self._named:
            return Refusal("NodeAffinity", ("node(s) didn't satisfy plugin(s) [NodeAffinity]",), final=True)
        if not node_fits(spec, node):
            why = "node(s) didn't match Pod's node affinity/selector"
            return Refusal("NodeAffinity", (why,), final=True)
        if collide(self.ports, room.ports):
            return Refusal("NodePorts", ("node(s) didn't have free ports for the requested pod ports",))
        return self._short(room) or self._volumes(node) or self._far(node) or self._company(node)

    def _short(self, room: Room) -> Refusal | None:
        """What the node has too little of."""
        reasons, final = [], False
        for name, amount in self.wanted.items():
            whole = room.whole.get(name, 0)
            if amount and room.used[name] + amount > whole:
                reasons.append("Too many pods" if name == "pods" else f"Insufficient {name}")
                final = final or amount > whole
        return Refusal("NodeResourcesFit", tuple(reasons), final=final) if reasons else None

    def _binding(self, claim: JsonObject) -> str:
        name = dig(claim, "spec", "storageClassName") or ""
        found = self.world.find(STORAGE_CLASSES, "", name)
        return "" if found is None else str(found.get("volumeBindingMode", "Immediate"))

    def _volumes(self, node: JsonObject) -> Refusal | None:
        for claim in self.claims:
            if "ReadWriteOncePod" in (dig(claim, "spec", "accessModes") or ()) and self._used(claim):
                return Refusal("VolumeRestrictions", (_ONE_POD,))
            bound = dig(claim, "status", "phase") == "Bound"
            if bound:
                volume = self.world.find(VOLUMES, "", dig(claim, "spec", "volumeName") or "")
                if volume is not None and not _reaches(volume, node):
                    why = "node(s) didn't match PersistentVolume's node affinity"
                    return Refusal("VolumeBinding", (why,), final=True)
            elif not self._bindable(claim, node):
                why = "node(s) didn't find available persistent volumes to bind"
                return Refusal("VolumeBinding", (why,), final=True)
        return None

    def _used(self, claim: JsonObject) -> bool:
        """Whether another Pod that has a node uses a claim."""
        space, name = own(claim)
        return any(
            other["metadata"].get("namespace") == space
            and any(
                dig(v, "persistentVolumeClaim", "claimName") == name for v in dicts(other, "spec", "volumes")
            )
            for other, _ in self._placed
        )

    def _bindable(self, claim: JsonObject, node: JsonObject) -> bool:
        """Whether a volume for a claim is there, or can be made, where the node can reach it."""
        name = dig(claim, "spec", "storageClassName") or ""
        found = self.world.find(STORAGE_CLASSES, "", name) or {}
        if found.get("provisioner") != "kubernetes.io/no-provisioner":
            return True
        size = milli(dig(claim, "spec", "resources", "requests", "storage") or "0")
        modes = set(dig(claim, "spec", "accessModes") or ())
        return any(
            (dig(volume, "spec", "storageClassName") or "") == name
            and dig(volume, "status", "phase") in (None, "Pending", "Available")
            and _kept_for(volume) in (None, own(claim))
            and milli(dig(volume, "spec", "capacity", "storage") or "0") >= size
            and modes <= set(dig(volume, "spec", "accessModes") or ())
            and _reaches(volume, node)
            for volume in self.world.store.list(VOLUMES)
        )

    def _far(self, node: JsonObject) -> Refusal | None:
        """A hard constraint on how Pods are spread that this node would break."""
        why = "node(s) didn't match pod topology spread constraints"
        for spread in self.spreads:
            if not spread.hard:
                continue
            value = labels_of(node).get(spread.key)
            if value is None:
                return Refusal("PodTopologySpread", (f"{why} (missing required label)",), final=True)
            if not spread.allows(value):
                return Refusal("PodTopologySpread", (why,))
        return None

    def _company(self, node: JsonObject) -> Refusal | None:
        """What the Pod, and those that are there, say about each other."""
        labels = labels_of(node)
        near, counts = self._near
        if near and not all(labels.get(t.key) in c for t, c in zip(near, counts, strict=True)):
            first = not any(counts) and all(
                t.selects(self.pod, self.space_labels) and t.key in labels for t in near
            )
            if not first:
                return Refusal("InterPodAffinity", ("node(s) didn't match pod affinity rules",), final=True)
        apart, counts = self._apart
        if any(labels.get(t.key) in c for t, c in zip(apart, counts, strict=True)):
            return Refusal("InterPodAffinity", ("node(s) didn't match pod anti-affinity rules",))
        if any(labels.get(key) == value for key, value in self._unwelcome):
            why = "node(s) didn't satisfy existing pods anti-affinity rules"
            return Refusal("InterPodAffinity", (why,))
        return None

    @cached_property
    def _named(self) -> set[str] | None:
        """Names that affinity by field allows, where none of them is there; None for no such rule."""
        names = node_names(self.pod["spec"])
        there = names is not None and any(self.world.find(NODES, "", name) for name in names)
        return None if there else names

    @cached_property
    def _placed(self) -> Sequence[Placed]:
        """Every Pod that has a node and has not ended."""
        nodes = {node["metadata"]["name"]: labels_of(node) for node in self.world.store.list(NODES)}
        return [
            (pod, nodes.get(pod["spec"]["nodeName"], {}))
            for pod in self.world.store.list(PODS)
            if pod["spec"].get("nodeName") and not ended(pod) and own(pod) not in self.without
        ]

    @property
    def placed(self) -> Sequence[Placed]:
        """Every Pod that has a node, with the labels of the node."""
        return self._placed

    @cached_property
    def spreads(self) -> list[Spread]:
        """The Pod's constraints on how it is spread."""
        if not self.pod["spec"].get("topologySpreadConstraints"):
            return []
        return list(spreads(self.pod, self.world.store.list(NODES), self._placed, _counts))

    @cached_property
    def _near(self) -> tuple[list[Term], list[Counter[str]]]:
        return self._found("podAffinity")

    @cached_property
    def _apart(self) -> tuple[list[Term], list[Counter[str]]]:
        return self._found("podAntiAffinity")

    def _found(self, kind: str) -> tuple[list[Term], list[Counter[str]]]:
        wanted = terms(self.pod, kind)
        return wanted, domains(wanted, self._placed, self.space_labels) if wanted else []

    @cached_property
    def _unwelcome(self) -> set[tuple[str, str]]:
        """Labels of nodes near which some Pod does not want this one."""
        found = set()
        for key, other in self.repelling.items():
            if key in self.without or key == own(self.pod):
                continue
            for term in terms(other, "podAntiAffinity"):
                if term.selects(self.pod, self.space_labels):
                    node = self.world.find(NODES, "", other["spec"].get("nodeName", ""))
                    value = labels_of(node).get(term.key) if node else None
                    if value is not None:
                        found.add((term.key, value))
        return found

    @cached_property
    def space_labels(self) -> Callable[[str], Mapping[str, str]]:
        """The labels of a namespace, by its name."""

        def look(name: str) -> Mapping[str, str]:
            space = self.world.find(NAMESPACES, "", name)
            return {} if space is None else labels_of(space)

        return look


def _counts(pod: JsonObject, node: JsonObject, affinity: bool, taints: bool) -> bool:
    """Whether a node is one of those over which a Pod is spread."""
    return (not affinity or node_fits(pod["spec"], node)) and (not taints or repelled_by(pod, node) is None)


def _kept_for(volume: JsonObject) -> Key | None:
    """The claim that a volume is kept for."""
    ref = dig(volume, "spec", "claimRef")
    return (ref.get("namespace", ""), ref.get("name", "")) if ref else None


def _reaches(volume: JsonObject, node: JsonObject) -> bool:
    required = dig(volume, "spec", "nodeAffinity", "required")
    return required is None or term_fits(required, node)
