"""DaemonSet: one Pod on every node that fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice.controllers.base import (
    DAEMON_SETS,
    NODES,
    PODS,
    Controller,
    Key,
    Keys,
    deleting,
    ended,
    labels_of,
    own,
    own_key,
    owner_key,
    ready,
)
from k8stui.practice.controllers.resources import repelled_by
from k8stui.practice.controllers.revisions import current_revision, forget_revisions
from k8stui.practice.controllers.template import pod_from

_HASH = "controller-revision-hash"
_ALWAYS = ("not-ready", "unreachable", "disk-pressure", "memory-pressure", "pid-pressure", "unschedulable")


class DaemonSets(Controller):
    """Makes, rolls and removes the Pods of every DaemonSet."""

    name = "daemonset-controller"
    kind = DAEMON_SETS

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The DaemonSets, the Pods they made, and nodes that come, go or change their labels and taints."""
        return {DAEMON_SETS: own_key, PODS: owner_key("DaemonSet"), NODES: self._everyone}

    def _everyone(self, node: JsonObject) -> Iterator[Key]:
        yield from (own(obj) for obj in self.world.store.list(DAEMON_SETS))

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Bring one DaemonSet's Pods in line with the nodes."""
        obj = self.world.find(DAEMON_SETS, namespace, name)
        if obj is None or deleting(obj):
            return None
        mark = current_revision(self.world, obj, _HASH)
        template = _tolerant(obj["spec"]["template"])
        nodes = [node["metadata"]["name"] for node in self.world.store.list(NODES) if _fits(template, node)]
        pods: dict[str, JsonObject] = {}
        for pod in self.world.owned(PODS, obj):
            if ended(pod):
                self.world.delete(PODS, pod)
            elif not deleting(pod):
                pods[_node_of(pod)] = pod
        for node in nodes:
            if node not in pods:
                pods[node] = self._make(obj, template, node, mark)
        for node in [found for found in pods if found not in nodes]:
            self._remove(obj, pods.pop(node))
        self._roll(obj, pods, mark)
        self._tell(obj, nodes, mark)
        forget_revisions(
            self.world, obj, _HASH, {mark, *(labels_of(p).get(_HASH, "") for p in pods.values())}
        )
        return None

    def _make(self, obj: JsonObject, template: JsonObject, node: str, mark: str) -> JsonObject:
        field = {"key": "metadata.name", "operator": "In", "values": [node]}
        terms = {"nodeSelectorTerms": [{"matchFields": [field]}]}
        affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
        name = f"{obj['metadata']['name']}-"
        labels = {_HASH: mark, "pod-template-generation": str(obj["metadata"].get("generation", 1))}
        pod = pod_from(self.world, obj, template, name, labels=labels, spec={"affinity": affinity})
        scheduled = {
            "type": "PodScheduled",
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": self.world.now(),
        }
        pod["spec"]["nodeName"] = node
        pod["status"] = {**pod["status"], "conditions": [scheduled]}
        pod = self.world.create(PODS, pod)
        self.world.say(obj, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}", by=self.name)
        return pod

    def _remove(self, obj: JsonObject, pod: JsonObject) -> None:
        self.world.delete(PODS, pod)
        self.world.say(obj, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}", by=self.name)

    def _roll(self, obj: JsonObject, pods: dict[str, JsonObject], mark: str) -> None:
        if dig(obj, "spec", "updateStrategy", "type") == "OnDelete":
            return
        old = [pod for pod in pods.values() if labels_of(pod).get(_HASH) != mark]
        if old and all(ready(pod) for pod in pods.values()):
            self._remove(obj, old[0])

    def _tell(self, obj: JsonObject, nodes: list[str], mark: str) -> None:
        pods = [pod for pod in self.world.owned(PODS, obj) if not ended(pod) and not deleting(pod)]
        there = [pod for pod in pods if _node_of(pod) in nodes]
        up = sum(ready(pod) for pod in there)
        status: JsonObject = {
            "currentNumberScheduled": len({_node_of(pod) for pod in there}),
            "numberMisscheduled": len(pods) - len(there),
            "desiredNumberScheduled": len(nodes),
            "numberReady": up,
            "observedGeneration": obj["metadata"].get("generation", 1),
        }
        updated = sum(labels_of(pod).get(_HASH) == mark for pod in there)
        for key, value in (
            ("updatedNumberScheduled", updated),
            ("numberAvailable", up),
            ("numberUnavailable", len(nodes) - up),
        ):
            if value:
                status[key] = value
        self.world.set_status(DAEMON_SETS, obj, status)


def _tolerant(template: JsonObject) -> JsonObject:
    """The template with the tolerations that every Pod of a DaemonSet has."""
    spec = template["spec"]
    more = [
        {
            "key": f"node.kubernetes.io/{name}",
            "operator": "Exists",
            "effect": "NoExecute" if name in ("not-ready", "unreachable") else "NoSchedule",
        }
        for name in _ALWAYS
    ]
    if spec.get("hostNetwork"):
        name = "node.kubernetes.io/network-unavailable"
        more.append({"key": name, "operator": "Exists", "effect": "NoSchedule"})
    return {**template, "spec": {**spec, "tolerations": [*(spec.get("tolerations") or ()), *more]}}


def _fits(template: JsonObject, node: JsonObject) -> bool:
    wanted = dig(template, "spec", "nodeSelector") or {}
    return wanted.items() <= labels_of(node).items() and repelled_by(template, node) is None


def _node_of(pod: JsonObject) -> str:
    return str(pod["spec"].get("nodeName") or "")
