"""PodDisruptionBudget and ResourceQuota: what may go, and what is used up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import parse_time
from k8stui.practice.admission.quota import used
from k8stui.practice.admission.usage import written
from k8stui.practice.controllers.base import (
    BUDGETS,
    DEPLOYMENTS,
    PODS,
    QUOTAS,
    REPLICA_SETS,
    STATEFUL_SETS,
    ByEvent,
    ByStanding,
    Controller,
    Key,
    Keys,
    controller_of,
    deleting,
    ended,
    labels_of,
    matches,
    own,
    own_key,
    ready,
    with_condition,
)
from k8stui.practice.controllers.template import scaled
from k8stui.practice.kinds import BUILTIN_KINDS
from k8stui.practice.store import Event

_RESTLESS = frozenset(("events", "leases", "endpoints", "endpointslices"))


_EVICTED_FOR = 120.0
"""Seconds within which an evicted Pod has to be told to end."""


class DisruptionBudgets(Controller):
    """Tells how many Pods of each budget may be evicted."""

    name = "controllermanager"
    kind = BUDGETS
    turn = 2
    thorough = True

    def sources(self) -> Mapping[ResourceKind, Keys | ByEvent]:
        """The budgets, the Pods that they cover, and what says how many of these there are to be."""
        sized = ByEvent(self._of_sized)
        scaled_by = dict.fromkeys((DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS), sized)
        return {BUDGETS: own_key, PODS: ByStanding(self._covering), **scaled_by}

    def _of_sized(self, event: Event) -> Iterator[Key]:
        """A size does not change with a status."""
        obj, before = event.entry.object, event.previous
        if before is None or event.type == "DELETED" or obj.get("spec") is not before.object.get("spec"):
            yield from self._neighbours(obj)

    def _neighbours(self, obj: JsonObject) -> Iterator[Key]:
        """A change of size concerns the budgets whose Pods it may make."""
        labels = dig(obj, "spec", "template", "metadata", "labels") or {}
        for budget in self.world.store.list(BUDGETS, obj["metadata"]["namespace"]):
            if matches(dig(budget, "spec", "selector"), labels):
                yield own(budget)

    def _covering(self, pod: JsonObject) -> Iterator[Key]:
        for budget in self.world.store.list(BUDGETS, pod["metadata"]["namespace"]):
            if matches(dig(budget, "spec", "selector"), labels_of(pod)):
                yield own(budget)

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Count the healthy Pods of one budget."""
        budget = self.world.find(BUDGETS, namespace, name)
        if budget is None or deleting(budget):
            return None
        spec = budget.get("spec") or {}
        pods = [
            pod
            for pod in self.world.store.list(PODS, namespace)
            if matches(spec.get("selector"), labels_of(pod)) and not ended(pod)
        ]
        if not pods:
            self.world.say(budget, "NoPods", "No matching pods found", by=self.name)
        evicted = self._evicted(budget, pods)
        healthy = sum(ready(pod) and pod["metadata"]["name"] not in evicted for pod in pods)
        expected, least = self._expected(budget, pods)
        allowed = max(0, healthy - least) if expected else 0
        generation = budget["metadata"].get("generation", 1)
        said = {
            "type": "DisruptionAllowed",
            "status": "True" if allowed else "False",
            "reason": "SufficientPods" if allowed else "InsufficientPods",
            "message": "",
            "observedGeneration": generation,
        }
        conditions = with_condition(dig(budget, "status", "conditions") or (), said, self.world.now())
        status: JsonObject = {"observedGeneration": generation}
        if evicted:
            status["disruptedPods"] = evicted
        status.update(
            disruptionsAllowed=allowed,
            currentHealthy=healthy,
            desiredHealthy=least,
            expectedPods=expected,
            conditions=conditions,
        )
        self.world.set_status(BUDGETS, budget, status)
        return _EVICTED_FOR if evicted else None

    def _evicted(self, budget: JsonObject, pods: list[JsonObject]) -> JsonObject:
        """Pods whose eviction was allowed and that have not been told to end yet; for two minutes at most."""
        now = self.world.clock()
        there = {pod["metadata"]["name"] for pod in pods if not deleting(pod)}
        return {
            name: moment
            for name, moment in (dig(budget, "status", "disruptedPods") or {}).items()
            if name in there and (parse_time(moment) or 0.0) + _EVICTED_FOR > now
        }

    def _expected(self, budget: JsonObject, pods: list[JsonObject]) -> tuple[int, int]:
        """How many Pods there should be as their controllers say, and how many have to be healthy."""
        spec = budget.get("spec") or {}
        most, least = spec.get("maxUnavailable"), spec.get("minAvailable")
        if most is None and not isinstance(least, str):
            return len(pods), int(1 if least is None else least)
        sizes: dict[str, int] = {}
        alone = []
        for pod in pods:
            owner = self._scaled_owner(pod)
            if owner is None:
                alone.append(pod)
            else:
                sizes[owner["metadata"]["uid"]] = int(dig(owner, "spec", "replicas") or 0)
        if alone:
            self._tell_alone(budget)
        expected = sum(sizes.values())
        if most is not None:
            return expected, max(0, expected - scaled(most, expected, up=True))
        return expected, scaled(least, expected, up=True)

    def _scaled_owner(self, pod: JsonObject) -> JsonObject | None:
        """What says how many of a Pod there are to be: its ReplicaSet's Deployment, or its own controller."""
        found: JsonObject | None = pod
        ref = controller_of(pod)
        while ref is not None:
            kind = self.world.kinds.get((ref["apiVersion"], ref["kind"]))
            if kind is None or "scale" not in kind.subresources:
                return None
            found = self.world.find(kind, pod["metadata"]["namespace"], ref["name"])
            ref = None if found is None else controller_of(found)
        return None if found is pod else found

    def _tell_alone(self, budget: JsonObject) -> None:
        labels = dig(budget, "spec", "selector", "matchLabels") or {}
        selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
        message = (
            f"Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. "
            "As a result, the status of the PDB cannot be calculated correctly, which may result in "
            'undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB '
            "to an integer value."
        )
        self.world.say(budget, "UnmanagedPods", message, by=self.name, warning=True)


class Quotas(Controller):
    """Adds up what each namespace with a quota uses."""

    name = "resourcequota-controller"
    kind = QUOTAS
    turn = 2
    thorough = True

    def sources(self) -> Mapping[ResourceKind, Keys | ByEvent]:
        """The quotas, and everything that they may count but changes all the time."""
        kinds = {kind.name: kind for kind in BUILTIN_KINDS if kind.namespaced and kind.listable}
        found: dict[ResourceKind, Keys | ByEvent] = {
            kind: ByEvent(self._of_counted) for kind in kinds.values() if kind.plural not in _RESTLESS
        }
        return {**found, PODS: ByStanding(self._neighbours), QUOTAS: own_key}

    def _of_counted(self, event: Event) -> Iterator[Key]:
        """What is counted does not change with a status."""
        obj, before = event.entry.object, event.previous
        if before is None or event.type == "DELETED" or obj.get("spec") is not before.object.get("spec"):
            yield from self._neighbours(obj)

    def _neighbours(self, obj: JsonObject) -> Iterator[Key]:
        namespace = obj["metadata"]["namespace"]
        if self.world.store.count(QUOTAS, namespace):
            yield from (own(quota) for quota in self.world.store.list(QUOTAS, namespace))

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Write what is used of one quota."""
        quota = self.world.find(QUOTAS, namespace, name)
        if quota is None or deleting(quota):
            return None
        hard = dig(quota, "spec", "hard") or {}
        amounts = used(self.world.store, quota, self.world.clock())
        status = {"hard": hard, "used": {name: written(name, amounts[name]) for name in hard}}
        self.world.set_status(QUOTAS, quota, status)
        return None
