"""The descheduler: now and then it evicts a Pod of a healthy Deployment, which a new one replaces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice.controllers.base import (
    DEPLOYMENTS,
    PODS,
    REPLICA_SETS,
    Controller,
    Key,
    Keys,
    labels_of,
    ready,
)

_EVERY = 45.0
_MARK = "descheduler.kumo-coffee.example/rebalance"


class Descheduler(Controller):
    """Evicts one Pod at a time, of Deployments that are labelled for it and complete."""

    name = "descheduler"
    manager = "descheduler"
    kind = DEPLOYMENTS

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """Nothing but time."""
        return {}

    def start(self) -> Iterable[Key]:
        """One key stands for its one round."""
        return [("", "round")]

    def reconcile(self, namespace: str, name: str) -> float | None:
        """One round."""
        willing = [obj for obj in self.world.store.list(DEPLOYMENTS) if self._willing(obj)]
        if willing:
            obj = self.world.rng.choice(willing)
            pods = [
                pod
                for found in self.world.owned(REPLICA_SETS, obj)
                for pod in self.world.owned(PODS, found)
                if ready(pod)
            ]
            if pods:
                pod = self.world.rng.choice(pods)
                node = pod["spec"]["nodeName"]
                message = f"pod eviction from {node} node by sigs.k8s.io/descheduler"
                self.world.say(
                    pod, "Descheduled", message, by="sigs.k8s.io/descheduler", action="Descheduled"
                )
                self.world.delete(PODS, pod)
        return _EVERY * (0.75 + 0.5 * self.world.rng.random())

    def _willing(self, obj: JsonObject) -> bool:
        wanted = dig(obj, "spec", "replicas")
        complete = dig(obj, "status", "availableReplicas") == wanted == dig(obj, "status", "replicas")
        return complete and wanted > 1 and labels_of(obj).get(_MARK) == "true"
