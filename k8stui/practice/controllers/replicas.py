"""ReplicaSet and ReplicationController: as many Pods of one template as are asked for."""

from __future__ import annotations

from collections.abc import Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import (
    PODS,
    REPLICA_SETS,
    REPLICATION_CONTROLLERS,
    Controller,
    Keys,
    controller_of,
    deleting,
    ended,
    labels_of,
    matches,
    own_key,
    owner_key,
    ready,
    reference,
)
from k8stui.practice.controllers.template import pod_from


class ReplicaSets(Controller):
    """Makes and removes the Pods of every ReplicaSet."""

    name = "replicaset-controller"
    kind = REPLICA_SETS
    thorough = True

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The ReplicaSets, and the Pods they made."""
        return {self.kind: own_key, PODS: owner_key(self.kind.kind)}

    def selector(self, obj: JsonObject) -> JsonObject:
        """Its selector as a LabelSelector."""
        return dig(obj, "spec", "selector") or {}

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Bring the number of Pods to that asked for, then the status up to date."""
        obj = self.world.find(self.kind, namespace, name)
        if obj is None or deleting(obj):
            return None
        pods = [pod for pod in self.world.owned(PODS, obj) if not ended(pod)]
        pods = [pod for pod in pods if not deleting(pod)]
        wanted = dig(obj, "spec", "replicas")
        missing = (1 if wanted is None else wanted) - len(pods)
        if missing > 0:
            adopted = self._adopt(obj, missing)
            pods += adopted
            missing -= len(adopted)
        for _ in range(min(missing, 500)):
            pod = pod_from(self.world, obj, obj["spec"]["template"], f"{name}-")
            pod = self.world.create(PODS, pod)
            pods.append(pod)
            self.world.say(obj, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}", by=self.name)
        if missing < 0:
            for pod in sorted(pods, key=_worth)[:-missing]:
                self.world.delete(PODS, pod)
                self.world.say(
                    obj, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}", by=self.name
                )
                pods.remove(pod)
        return self._tell(obj, pods)

    def _adopt(self, obj: JsonObject, most: int) -> list[JsonObject]:
        """Take over Pods that match and belong to nobody."""
        found: list[JsonObject] = []
        namespace = obj["metadata"]["namespace"]
        if self.world.store.count(PODS, namespace) > 1_000:
            return found
        for pod in self.world.store.list(PODS, namespace):
            if len(found) == most:
                break
            free = controller_of(pod) is None and not deleting(pod) and not ended(pod)
            if free and matches(self.selector(obj), labels_of(pod)):
                refs = [*(pod["metadata"].get("ownerReferences") or ()), reference(obj)]
                found.append(self.world.set_metadata(PODS, pod, ownerReferences=refs))
        return found

    def _tell(self, obj: JsonObject, pods: list[JsonObject]) -> float | None:
        now = self.world.clock()
        least = dig(obj, "spec", "minReadySeconds") or 0
        up = [pod for pod in pods if ready(pod)]
        since = [_ready_since(pod) for pod in up]
        available = sum(1 for moment in since if moment is None or moment + least <= now)
        template = dig(obj, "spec", "template", "metadata", "labels") or {}
        status: JsonObject = {"replicas": len(pods)}
        labelled = sum(template.items() <= labels_of(pod).items() for pod in pods)
        for key, value in (
            ("fullyLabeledReplicas", labelled),
            ("readyReplicas", len(up)),
            ("availableReplicas", available),
        ):
            if value:
                status[key] = value
        if self.kind is REPLICA_SETS:
            status["terminatingReplicas"] = sum(deleting(pod) for pod in self.world.owned(PODS, obj))
        status["observedGeneration"] = obj["metadata"].get("generation", 1)
        if conditions := dig(obj, "status", "conditions"):
            status["conditions"] = conditions
        self.world.set_status(self.kind, obj, status)
        waits = [moment + least - now for moment in since if moment is not None and moment + least > now]
        return min(waits, default=None)


class ReplicationControllers(ReplicaSets):
    """The same for ReplicationControllers, whose selector is a plain map of labels."""

    name = "replication-controller"
    kind = REPLICATION_CONTROLLERS

    def selector(self, obj: JsonObject) -> JsonObject:
        """Its selector as a LabelSelector."""
        return {"matchLabels": dig(obj, "spec", "selector") or {}}


def _ready_since(pod: JsonObject) -> float | None:
    for condition in dig(pod, "status", "conditions") or ():
        if condition.get("type") == "Ready":
            return parse_time(condition.get("lastTransitionTime"))
    return None


def _worth(pod: JsonObject) -> tuple[bool, bool, float]:
    """What goes first: what has no node, what is not ready, what is youngest."""
    born = parse_time(pod["metadata"]["creationTimestamp"]) or 0.0
    return bool(pod["spec"].get("nodeName")), ready(pod), -born
