"""Pods that have to leave: from tainted nodes, from nodes that run short, from nodes that are gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import (
    NODES,
    PODS,
    ByEvent,
    Controller,
    Key,
    Keys,
    deleting,
    ended,
    own,
    with_condition,
)
from k8stui.practice.controllers.nodehealth import kubelet_runs, pressure
from k8stui.practice.controllers.resources import toleration_seconds
from k8stui.practice.controllers.world import World
from k8stui.practice.store import Event

_QUARANTINE = 40.0
"""Seconds after which the Pods of a node that is gone are gone too."""
_EVERY = 10.0
_CRITICAL = 2_000_000_000
_TAINTED = "Taint manager: deleting due to NoExecute taint"
_QUALITIES = ("BestEffort", "Burstable")
_SHORT = {
    "memory": ("memory", "100Mi", "68Mi"),
    "disk": ("ephemeral-storage", "6012340Ki", "5123120Ki"),
    "pid": ("pids", "1638", "1204"),
}


def _strong(node: JsonObject | None) -> list[JsonObject]:
    """The taints of a node that make Pods leave."""
    return [taint for taint in dicts(node, "spec", "taints") if taint.get("effect") == "NoExecute"]


def disrupted(
    world: World, pod: JsonObject, reason: str, message: str, more: JsonObject | None = None
) -> JsonObject:
    """A Pod that says why it is about to go; ``more`` are further fields of its status."""
    said = {"type": "DisruptionTarget", "status": "True", "reason": reason, "message": message}
    old = pod.get("status") or {}
    new = {**said, "lastProbeTime": None}
    conditions = with_condition(old.get("conditions") or (), new, world.now())
    return world.set_status(PODS, pod, {**old, **(more or {}), "conditions": conditions})


class TaintEviction(Controller):
    """Deletes Pods that do not tolerate a NoExecute taint of their node, or not for so long."""

    name = "taint-eviction-controller"
    kind = PODS

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._since: dict[Key, float] = {}
        """Since when a Pod stands under taints that it will not tolerate for ever."""

    def sources(self) -> Mapping[ResourceKind, Keys | ByEvent]:
        """Nodes whose taints have changed, and Pods that have come to tainted nodes."""
        return {PODS: ByEvent(self._of_pod), NODES: ByEvent(self._of_node)}

    def start(self) -> Iterator[Key]:
        """The Pods of tainted nodes."""
        bad = {node["metadata"]["name"] for node in self.world.store.list(NODES) if _strong(node)}
        if bad:
            yield from (own(p) for p in self.world.store.list(PODS) if p["spec"].get("nodeName") in bad)

    def _of_pod(self, event: Event) -> Iterator[Key]:
        pod = event.entry.object
        name = pod["spec"].get("nodeName")
        new = event.previous is None or event.previous.object["spec"] is not pod["spec"]
        if event.type == "DELETED":
            self._since.pop(own(pod), None)
        elif name and new and _strong(self.world.find(NODES, "", name)):
            yield own(pod)

    def _of_node(self, event: Event) -> Iterator[Key]:
        node = event.entry.object
        before = None if event.previous is None else event.previous.object
        if event.type != "DELETED" and _strong(node) != _strong(before):
            name = node["metadata"]["name"]
            yield from (own(p) for p in self.world.store.list(PODS) if p["spec"].get("nodeName") == name)

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Let one Pod stay, wait, or go."""
        pod = self.world.find(PODS, namespace, name)
        if pod is None or deleting(pod) or ended(pod) or not pod["spec"].get("nodeName"):
            self._since.pop((namespace, name), None)
            return None
        taints = _strong(self.world.find(NODES, "", pod["spec"]["nodeName"]))
        limits = [s for taint in taints if (s := toleration_seconds(pod, taint)) is not None]
        if not limits:
            if self._since.pop((namespace, name), None) is not None:
                self._say(pod, f"Cancelling deletion of Pod {namespace}/{name}")
            return None
        now = self.world.clock()
        added = [parse_time(taint.get("timeAdded")) for taint in taints]
        known = [moment for moment in added if moment is not None]
        since = self._since.setdefault((namespace, name), max(known, default=now))
        wait = since + min(limits) - now
        if wait > 0:
            return wait
        self._since.pop((namespace, name), None)
        pod = disrupted(self.world, pod, "DeletionByTaintManager", _TAINTED)
        self._say(pod, f"Marking for deletion Pod {namespace}/{name}")
        self.world.delete(PODS, pod)
        return None

    def _say(self, pod: JsonObject, text: str) -> None:
        self.world.say(pod, "TaintManagerEviction", text, by=self.name)


class PodCollector(Controller):
    """Removes the Pods of nodes that are gone."""

    name = "pod-garbage-collector"
    kind = PODS

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._orphaned: dict[Key, float] = {}

    def sources(self) -> Mapping[ResourceKind, Keys | ByEvent]:
        """Nodes that go, and Pods that are bound to nodes that are not there."""
        return {NODES: ByEvent(self._of_node), PODS: ByEvent(self._of_pod)}

    def start(self) -> Iterator[Key]:
        """Pods whose node is not there."""
        there = {node["metadata"]["name"] for node in self.world.store.list(NODES)}
        yield from (
            own(pod)
            for pod in self.world.store.list(PODS)
            if pod["spec"].get("nodeName") and pod["spec"]["nodeName"] not in there
        )

    def _of_node(self, event: Event) -> Iterator[Key]:
        if event.type == "DELETED":
            name = event.entry.object["metadata"]["name"]
            yield from (own(p) for p in self.world.store.list(PODS) if p["spec"].get("nodeName") == name)

    def _of_pod(self, event: Event) -> Iterator[Key]:
        pod = event.entry.object
        name = pod["spec"].get("nodeName")
        if event.previous is None and name and self.world.find(NODES, "", name) is None:
            yield own(pod)

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Remove one Pod once its node has been gone for long enough."""
        key = namespace, name
        pod = self.world.find(PODS, namespace, name)
        if pod is None or self.world.find(NODES, "", pod["spec"].get("nodeName", "")) is not None:
            self._orphaned.pop(key, None)
            return None
        now = self.world.clock()
        wait = self._orphaned.setdefault(key, now) + _QUARANTINE - now
        if wait > 0:
            return wait
        self._orphaned.pop(key, None)
        phase = pod["status"].get("phase") if ended(pod) else "Failed"
        pod = disrupted(self.world, pod, "DeletionByPodGC", "PodGC: node no longer exists", {"phase": phase})
        if not pod["metadata"].get("finalizers"):
            self.world.store.delete(PODS, namespace, name)
        return None


class PressureEviction(Controller):
    """Evicts Pods from nodes that are told to run short of something, the least important first."""

    name = "kubelet"
    manager = "kubelet"
    kind = NODES

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Evict one Pod, and look again later."""
        node = self.world.find(NODES, "", name)
        short = "" if node is None or not kubelet_runs(node) else pressure(node)
        if node is None or not short:
            return None
        what, threshold, available = _SHORT[short]
        self.world.say(
            node,
            "EvictionThresholdMet",
            f"Attempting to reclaim {what}",
            by=self.name,
            warning=True,
            host=name,
        )
        pods = [p for p in self.world.store.list(PODS) if p["spec"].get("nodeName") == name]
        victims = sorted((p for p in pods if _may_go(p)), key=_rank)
        if victims:
            self._evict(victims[0], what, threshold, available)
        return _EVERY

    def _evict(self, pod: JsonObject, what: str, threshold: str, available: str) -> None:
        text = (
            f"The node was low on resource: {what}. Threshold quantity: {threshold}, available: {available}. "
        )
        for item in dicts(pod, "spec", "containers"):
            asked = dig(item, "resources", "requests", what) or "0"
            text += (
                f"Container {item['name']} was using more than it asked for, request is {asked}, "
                f"has larger consumption of {what}. "
            )
        status: JsonObject = {"phase": "Failed", "reason": "Evicted", "message": text}
        statuses = [
            {**s, "ready": False, "started": False, "state": {"terminated": _ended(s, self.world.now())}}
            for s in dicts(pod, "status", "containerStatuses")
        ]
        if statuses:
            status["containerStatuses"] = statuses
        short = text.partition(" Container ")[0]
        node = pod["spec"]["nodeName"]
        pod = disrupted(self.world, pod, "TerminationByKubelet", short, status)
        self.world.say(pod, "Evicted", text, by=self.name, warning=True, host=node)


def _ended(status: JsonObject, now: str) -> JsonObject:
    began = dig(status, "state", "running", "startedAt") or now
    return {"exitCode": 137, "reason": "Error", "startedAt": began, "finishedAt": now}


def _may_go(pod: JsonObject) -> bool:
    critical = (pod["spec"].get("priority") or 0) >= _CRITICAL
    return not critical and not ended(pod) and not deleting(pod) and _quality(pod) in _QUALITIES


def _rank(pod: JsonObject) -> tuple[int, int]:
    return _QUALITIES.index(_quality(pod)), pod["spec"].get("priority") or 0


def _quality(pod: JsonObject) -> str:
    return str(dig(pod, "status", "qosClass") or "BestEffort")
