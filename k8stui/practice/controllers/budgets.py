"""PodDisruptionBudget and ResourceQuota: what may go, and what is used up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_quantity
from k8stui.practice.controllers.base import (
    BUDGETS,
    CLAIMS,
    CONFIG_MAPS,
    PODS,
    QUOTAS,
    SECRETS,
    SERVICES,
    ByLabels,
    Controller,
    Key,
    Keys,
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
from k8stui.practice.kinds import builtin

_COUNTED = {
    "pods": PODS,
    "services": SERVICES,
    "configmaps": CONFIG_MAPS,
    "secrets": SECRETS,
    "persistentvolumeclaims": CLAIMS,
    "count/deployments.apps": builtin("deployments", "apps"),
    "count/jobs.batch": builtin("jobs", "batch"),
    "count/cronjobs.batch": builtin("cronjobs", "batch"),
}


class DisruptionBudgets(Controller):
    """Tells how many Pods of each budget may be evicted."""

    name = "controllermanager"
    kind = BUDGETS

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The budgets, and the Pods that they cover."""
        return {BUDGETS: own_key, PODS: ByLabels(self._covering)}

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
        healthy = sum(ready(pod) for pod in pods)
        if spec.get("maxUnavailable") is not None:
            least = len(pods) - scaled(spec["maxUnavailable"], len(pods), up=True)
        else:
            least = scaled(spec.get("minAvailable", 1), len(pods), up=True)
        allowed = max(0, healthy - least) if pods else 0
        said = {
            "type": "DisruptionAllowed",
            "status": "True" if allowed else "False",
            "reason": "SufficientPods" if allowed else "InsufficientPods",
            "message": "",
            "observedGeneration": budget["metadata"].get("generation", 1),
        }
        conditions = with_condition(dig(budget, "status", "conditions") or (), said, self.world.now())
        status = {
            "observedGeneration": budget["metadata"].get("generation", 1),
            "disruptionsAllowed": allowed,
            "currentHealthy": healthy,
            "desiredHealthy": max(0, least),
            "expectedPods": len(pods),
            "conditions": conditions,
        }
        self.world.set_status(BUDGETS, budget, status)
        return None


class Quotas(Controller):
    """Adds up what each namespace with a quota uses."""

    name = "resourcequota-controller"
    kind = QUOTAS

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The quotas, and everything they count."""
        return {QUOTAS: own_key, **dict.fromkeys(_COUNTED.values(), ByLabels(self._neighbours))}

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
        sums = self._sums(namespace)
        used = {}
        for resource in hard:
            if resource in _COUNTED and resource != "pods":
                used[resource] = str(self.world.store.count(_COUNTED[resource], namespace))
            else:
                used[resource] = quantity(resource, sums[_full(resource)])
        self.world.set_status(QUOTAS, quota, {"hard": hard, "used": used})
        return None

    def _sums(self, namespace: str) -> Counter[str]:
        total: Counter[str] = Counter()
        for pod in self.world.store.list(PODS, namespace):
            if ended(pod):
                continue
            total["pods"] += 1
            for item in dicts(pod, "spec", "containers"):
                for side in ("requests", "limits"):
                    for resource, value in (dig(item, "resources", side) or {}).items():
                        milli = round((parse_quantity(str(value)) or 0) * 1000)
                        total[f"{side}.{resource}"] += milli
        for claim in self.world.store.list(CLAIMS, namespace):
            size = parse_quantity(str(dig(claim, "spec", "resources", "requests", "storage") or "0")) or 0
            total["requests.storage"] += round(size * 1000)
        return total


def _full(resource: str) -> str:
    return f"requests.{resource}" if resource in ("cpu", "memory") else resource


def quantity(resource: str, amount: int) -> str:
    """An amount as a canonical quantity: counts as such, everything else from thousandths."""
    if resource == "pods":
        return str(amount)
    if amount % 1000:
        return f"{amount}m"
    whole = amount // 1000
    if resource.endswith(("memory", "storage")):
        for suffix, factor in (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10)):
            if whole and whole % factor == 0:
                return f"{whole // factor}{suffix}"
    return str(whole)
