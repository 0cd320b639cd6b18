"""ReplicaSet and ReplicationController: as many Pods of one template as are asked for."""

from __future__ import annotations

from collections.abc import Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.base import (
    PODS,
    REPLICA_SETS,
    REPLICATION_CONTROLLERS,
    ByStanding,
    Controller,
    Keys,
    available_in,
    controller_of,
    deleting,
    ended,
    is_true,
    labels_of,
    own,
    own_key,
    ready,
    with_condition,
)
from k8stui.practice.controllers.ownership import claim, claimants
from k8stui.practice.controllers.ranking import first_to_go
from k8stui.practice.controllers.retries import Retries
from k8stui.practice.controllers.template import pod_from
from k8stui.practice.controllers.world import World
from k8stui.practice.errors import StatusError

_BURST = 500
"""Pods made or deleted in one go."""


class ReplicaSets(Controller):
    """Makes and removes the Pods of every ReplicaSet."""

    name = "replicaset-controller"
    kind = REPLICA_SETS
    thorough = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._retries = Retries()

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The ReplicaSets, the Pods they made, and Pods that they could adopt."""
        return {self.kind: own_key, PODS: ByStanding(claimants(self.world, self.kind, self.selector))}

    def selector(self, obj: JsonObject) -> JsonObject:
        """Its selector as a LabelSelector."""
        return dig(obj, "spec", "selector") or {}

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Bring the number of Pods to that asked for, then the status up to date."""
        obj = self.world.find(self.kind, namespace, name)
        if obj is None:
            self._retries.forget((namespace, name))
            return None
        mine = claim(self.world, obj, PODS, self.selector(obj))
        pods = [pod for pod in mine if not ended(pod) and not deleting(pod)]
        going = [pod for pod in mine if not ended(pod) and deleting(pod)]
        if deleting(obj):
            return self._tell(obj, pods, going, "", None)
        wanted = dig(obj, "spec", "replicas")
        surplus = len(pods) - (1 if wanted is None else wanted)
        trouble, again = "", None
        if surplus < 0:
            trouble, again = self._grow(obj, pods, min(-surplus, _BURST))
        elif surplus > 0:
            self._shrink(obj, pods, going, surplus)
        if not trouble:
            self._retries.forget((namespace, name))
        return self._tell(obj, pods, going, trouble, again)

    def _grow(self, obj: JsonObject, pods: list[JsonObject], missing: int) -> tuple[str, float | None]:
        """Make Pods until one is refused: what the server says, and when to try again."""
        name = obj["metadata"]["name"]
        wait = self._retries.wait(own(obj), self.world.clock())
        if wait > 0:
            return self._said(obj), wait
        for _ in range(missing):
            try:
                pod = self.world.create(PODS, pod_from(self.world, obj, obj["spec"]["template"], f"{name}-"))
            except StatusError as error:
                message = f"Error creating: {error.message}"
                self.world.say(obj, "FailedCreate", message, by=self.name, warning=True)
                return error.message, self._retries.failed(own(obj), self.world.clock())
            pods.append(pod)
            self.world.say(obj, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}", by=self.name)
        return "", None

    def _said(self, obj: JsonObject) -> str:
        """What the server said last when it refused a Pod."""
        for condition in dicts(obj, "status", "conditions"):
            if condition.get("type") == "ReplicaFailure":
                return str(condition.get("message", ""))
        return ""

    def _shrink(self, obj: JsonObject, pods: list[JsonObject], going: list[JsonObject], surplus: int) -> None:
        order = first_to_go(pods, self._related(obj), self.world.clock())
        for pod in order[: min(surplus, _BURST)]:
            self.world.delete(PODS, pod)
            self.world.say(obj, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}", by=self.name)
            pods.remove(pod)
            left = self.world.find(PODS, *own(pod))
            if left is not None:
                going.append(left)

    def _related(self, obj: JsonObject) -> list[JsonObject]:
        """The Pods of every ReplicaSet that has the same controller."""
        ref = controller_of(obj)
        if ref is None:
            return self.world.owned(PODS, obj)
        sets = self.world.owned(self.kind, {"metadata": ref})
        return [pod for found in sets for pod in self.world.owned(PODS, found)]

    def _tell(
        self,
        obj: JsonObject,
        pods: list[JsonObject],
        going: list[JsonObject],
        trouble: str,
        again: float | None,
    ) -> float | None:
        least = dig(obj, "spec", "minReadySeconds") or 0
        up = [pod for pod in pods if ready(pod)]
        waits = [available_in(pod, least, self.world.clock()) for pod in up]
        template = dig(obj, "spec", "template", "metadata", "labels") or {}
        status: JsonObject = {"replicas": len(pods)}
        labelled = sum(template.items() <= labels_of(pod).items() for pod in pods)
        for key, value in (
            ("fullyLabeledReplicas", labelled),
            ("readyReplicas", len(up)),
            ("availableReplicas", sum(wait <= 0 for wait in waits)),
        ):
            if value:
                status[key] = value
        if self.kind is REPLICA_SETS:
            status["terminatingReplicas"] = len(going)
        status["observedGeneration"] = obj["metadata"].get("generation", 1)
        if conditions := self._conditions(obj, trouble):
            status["conditions"] = conditions
        self.world.set_status(self.kind, obj, status)
        return min((wait for wait in (*waits, again) if wait is not None and wait > 0), default=None)

    def _conditions(self, obj: JsonObject, trouble: str) -> list[JsonObject]:
        conditions = list(dicts(obj, "status", "conditions"))
        if not trouble:
            return [found for found in conditions if found.get("type") != "ReplicaFailure"]
        if is_true(obj, "ReplicaFailure"):
            return conditions
        failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": trouble}
        return with_condition(conditions, failure, self.world.now())


class ReplicationControllers(ReplicaSets):
    """The same for ReplicationControllers, whose selector is a plain map of labels."""

    name = "replication-controller"
    kind = REPLICATION_CONTROLLERS

    def selector(self, obj: JsonObject) -> JsonObject:
        """Its selector as a LabelSelector."""
        return {"matchLabels": dig(obj, "spec", "selector") or {}}
