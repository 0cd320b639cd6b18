"""What an object counts for in a ResourceQuota. Amounts are thousandths, as whole numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_quantity, parse_time
from k8stui.practice.kinds import BUILTIN_KINDS

Amounts = dict[str, int]
"""Thousandths by the name of the resource."""

_BY_NAME = frozenset(
    (
        *("pods", "services", "configmaps", "secrets", "persistentvolumeclaims", "replicationcontrollers"),
        "resourcequotas",
    )
)
_SIZES = ("memory", "storage", "ephemeral-storage")
_PLAIN = ("cpu", "memory", "ephemeral-storage")
_BY_CLASS = ".storageclass.storage.k8s.io/"
_UNITS = (("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10))


def milli(quantity: object) -> int:
    """A quantity in thousandths, rounded up."""
    return math.ceil((parse_quantity(str(quantity)) or 0) * 1000 - 1e-6)


def add(total: Amounts, more: Mapping[str, object]) -> None:
    """Add quantities to amounts."""
    for name, value in more.items():
        total[name] = total.get(name, 0) + milli(value)


def written(resource: str, amount: int) -> str:
    """An amount as a canonical quantity: sizes in powers of 1024, everything else in decimals."""
    if amount % 1000:
        return f"{amount}m"
    whole = amount // 1000
    if resource.endswith(_SIZES) and whole:
        for suffix, bits in _UNITS:
            if whole % (1 << bits) == 0:
                return f"{whole >> bits}{suffix}"
    if whole and not resource.endswith(_SIZES):
        for suffix, zeros in (("M", 6), ("k", 3)):
            if whole % 10**zeros == 0:
                return f"{whole // 10**zeros}{suffix}"
    return str(whole)


def usage(kind: ResourceKind, obj: JsonObject) -> Amounts:
    """What an object of a kind uses of all that a quota may limit; a Pod that has ended, hardly anything."""
    name = f"count/{kind.name}"
    found: Amounts = {name: 1000}
    if kind.group == "" and kind.plural in _BY_NAME:
        found[kind.plural] = 1000
    match kind.group, kind.plural:
        case "", "pods":
            # A Pod that has ended still is an object, but holds nothing any more.
            return (
                {name: 1000}
                if dig(obj, "status", "phase") in ("Succeeded", "Failed")
                else _of_pod(obj, found)
            )
        case "", "services":
            _of_service(obj, found)
        case "", "persistentvolumeclaims":
            _of_claim(obj, found)
    return found


def _of_pod(pod: JsonObject, found: Amounts) -> Amounts:
    for side in ("requests", "limits"):
        for name, amount in _pod_amounts(pod, side).items():
            if side == "requests" and (name in _PLAIN or name.startswith("hugepages-")):
                found[name] = amount
            if side == "requests" or name in _PLAIN:
                found[f"{side}.{name}"] = amount
    return found


def _pod_amounts(pod: JsonObject, side: str) -> Amounts:
    """What a Pod needs: its containers and sidecars together, or more while one of its first ones runs."""
    together: Amounts = {}
    for item in dicts(pod, "spec", "containers"):
        add(together, dig(item, "resources", side) or {})
    sidecars: Amounts = {}
    most: Amounts = {}
    for item in dicts(pod, "spec", "initContainers"):
        now = dict(sidecars)
        add(now, dig(item, "resources", side) or {})
        if item.get("restartPolicy") == "Always":
            sidecars = now
        most = {name: max(most.get(name, 0), now.get(name, 0)) for name in {**most, **now}}
    for name, amount in sidecars.items():
        together[name] = together.get(name, 0) + amount
    total = {name: max(together.get(name, 0), most.get(name, 0)) for name in {**together, **most}}
    if side == "requests" or total:
        add(total, dig(pod, "spec", "overhead") or {})
    return total


def _of_service(service: JsonObject, found: Amounts) -> None:
    spec = service.get("spec") or {}
    ports = len(list(dicts(spec, "ports")))
    if spec.get("type") == "LoadBalancer":
        found["services.loadbalancers"] = 1000
        if spec.get("allocateLoadBalancerNodePorts") is False:
            ports = sum(1 for port in dicts(spec, "ports") if port.get("nodePort"))
    if spec.get("type") in ("NodePort", "LoadBalancer"):
        found["services.nodeports"] = 1000 * ports


def _of_claim(claim: JsonObject, found: Amounts) -> None:
    asked = milli(dig(claim, "spec", "resources", "requests", "storage") or 0)
    found["requests.storage"] = asked
    name = dig(claim, "spec", "storageClassName")
    if name:
        found[f"{name}{_BY_CLASS}requests.storage"] = asked
        found[f"{name}{_BY_CLASS}persistentvolumeclaims"] = 1000


def counted(resources: Iterable[str]) -> list[ResourceKind]:
    """The kinds whose objects count for some of the resources of a quota."""
    names = set(resources)
    pods = any(n.startswith(("requests.", "limits.", "hugepages-")) or n in _PLAIN for n in names)
    claims = any(_BY_CLASS in n or n == "requests.storage" for n in names)
    found = []
    seen = set()
    for kind in BUILTIN_KINDS:
        if not kind.namespaced or not kind.listable or kind.name in seen:
            continue
        seen.add(kind.name)
        wanted = f"count/{kind.name}" in names or (kind.group == "" and kind.plural in names)
        if (kind.group, kind.plural) == ("", "pods"):
            wanted = wanted or pods
        elif (kind.group, kind.plural) == ("", "persistentvolumeclaims"):
            wanted = wanted or claims
        elif (kind.group, kind.plural) == ("", "services"):
            wanted = wanted or any(n.startswith("services.") for n in names)
        if wanted:
            found.append(kind)
    return found


def in_scope(quota: JsonObject, kind: ResourceKind, obj: JsonObject, now: float | None = None) -> bool:
    """Whether an object is in the scopes of a quota; only Pods can be, where there are any."""
    spec = quota.get("spec") or {}
    scopes = [{"scopeName": name, "operator": "Exists"} for name in spec.get("scopes") or ()]
    scopes += list(dicts(spec, "scopeSelector", "matchExpressions"))
    if not scopes:
        return True
    if (kind.group, kind.plural) != ("", "pods"):
        return False
    return all(_in(scope, obj) for scope in scopes)


def _in(scope: JsonObject, pod: JsonObject) -> bool:
    spec = pod.get("spec") or {}
    match scope.get("scopeName"):
        case "Terminating":
            return spec.get("activeDeadlineSeconds") is not None
        case "NotTerminating":
            return spec.get("activeDeadlineSeconds") is None
        case "BestEffort":
            return _best_effort(pod)
        case "NotBestEffort":
            return not _best_effort(pod)
        case "PriorityClass":
            return _meets(scope, spec.get("priorityClassName"))
        case "CrossNamespacePodAffinity":
            return _crosses(spec)
        case _:
            return False


def _best_effort(pod: JsonObject) -> bool:
    for item in (*dicts(pod, "spec", "containers"), *dicts(pod, "spec", "initContainers")):
        resources = item.get("resources") or {}
        if any(
            name in ("cpu", "memory") for key in ("requests", "limits") for name in resources.get(key) or ()
        ):
            return False
    return True


def _meets(scope: JsonObject, value: object) -> bool:
    values = scope.get("values") or ()
    match scope.get("operator"):
        case "In":
            return value in values
        case "NotIn":
            return bool(value) and value not in values
        case "DoesNotExist":
            return not value
        case _:
            return bool(value)


def _crosses(spec: JsonObject) -> bool:
    """Whether an affinity term looks into other namespaces."""
    for key in ("podAffinity", "podAntiAffinity"):
        rules = dig(spec, "affinity", key) or {}
        terms = list(dicts(rules, "requiredDuringSchedulingIgnoredDuringExecution"))
        preferred = dicts(rules, "preferredDuringSchedulingIgnoredDuringExecution")
        terms += [each.get("podAffinityTerm") or {} for each in preferred]
        if any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in terms):
            return True
    return False


def gone_by(pod: JsonObject, now: float) -> bool:
    """Whether a Pod should have ended by now: what is stuck on a lost node is not counted for ever."""
    deleted = parse_time(pod["metadata"].get("deletionTimestamp"))
    return deleted is not None and deleted < now
