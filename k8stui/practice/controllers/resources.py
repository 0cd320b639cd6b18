"""What Pods ask of a node, and what a node has to give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_quantity

Port = tuple[str, str, int]
"""Host address (``0.0.0.0`` for all), protocol, number."""

_ALL = "0.0.0.0"  # the wildcard that a Pod's spec means, nothing is bound to it


def requests(spec: JsonObject) -> Counter[str]:
    """What a Pod asks of its node, in thousandths: of CPUs, of bytes, of devices, and one place.

    Sidecars run beside the containers, and beside the init containers that start after them; these run one by
    one, so that only the largest counts.
    """
    total: Counter[str] = Counter()
    for item in spec.get("containers") or ():
        _add(total, _asked(item))
    if inits := spec.get("initContainers"):
        sidecars: Counter[str] = Counter()
        most: Counter[str] = Counter()
        for item in inits:
            if item.get("restartPolicy") == "Always":
                _add(sidecars, _asked(item))
            else:
                most |= sidecars + Counter(_asked(item))
        total = (total + sidecars) | most
    for name, value in _asked(spec).items():
        total[name] = value
    for name, value in (spec.get("overhead") or {}).items():
        total[name] += milli(value)
    total["pods"] = 1000
    return total


def _add(total: Counter[str], more: Mapping[str, int]) -> None:
    for name, value in more.items():
        total[name] = total.get(name, 0) + value


def _asked(item: JsonObject) -> dict[str, int]:
    resources = item.get("resources")
    if not resources:
        return {}
    asked = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
    return {name: milli(value) for name, value in asked.items()}


def milli(quantity: object) -> int:
    """A quantity in thousandths; 0 for what is none."""
    return round((parse_quantity(str(quantity)) or 0) * 1000)


def host_ports(spec: JsonObject) -> frozenset[Port]:
    """Ports of the node that a Pod takes."""
    shared = bool(spec.get("hostNetwork"))
    return frozenset(
        (
            port.get("hostIP") or _ALL,
            port.get("protocol", "TCP"),
            port.get("hostPort") or port["containerPort"],
        )
        for item in (*dicts(spec, "containers"), *dicts(spec, "initContainers"))
        for port in dicts(item, "ports")
        if shared or port.get("hostPort")
    )


def collide(wanted: frozenset[Port], taken: Mapping[Port, int]) -> bool:
    """Whether one of the ports is taken, on the same address or on all."""
    for address, protocol, number in wanted:
        for other in taken:
            if other[1:] == (protocol, number) and (address == other[0] or _ALL in (address, other[0])):
                return True
    return False


def allocatable(node: JsonObject) -> dict[str, int]:
    """What a node has to give, in thousandths."""
    return {name: milli(value) for name, value in (dig(node, "status", "allocatable") or {}).items()}


def tolerates(pod: JsonObject, taint: JsonObject) -> bool:
    """Whether one of a Pod's tolerations covers a taint."""
    return any(_covers(item, taint) for item in pod["spec"].get("tolerations") or ())


def _covers(toleration: JsonObject, taint: JsonObject) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint.get("effect"):
        return False
    if toleration.get("operator") == "Exists":
        return not toleration.get("key") or toleration["key"] == taint.get("key")
    same = (toleration.get("value") or "") == (taint.get("value") or "")
    return toleration.get("key") == taint.get("key") and same


def toleration_seconds(pod: JsonObject, taint: JsonObject) -> float | None:
    """How long a Pod stays in spite of a NoExecute taint: 0 for not at all, None for ever."""
    found = [item for item in pod["spec"].get("tolerations") or () if _covers(item, taint)]
    if not found:
        return 0.0
    limits = [item["tolerationSeconds"] for item in found if item.get("tolerationSeconds") is not None]
    return max(0.0, float(min(limits))) if limits else None


def repelled_by(pod: JsonObject, node: JsonObject) -> JsonObject | None:
    """The first taint of a node that keeps a new Pod away."""
    taints: list[JsonObject] = (node.get("spec") or {}).get("taints") or []
    for taint in taints:
        if taint.get("effect") in ("NoSchedule", "NoExecute") and not tolerates(pod, taint):
            return taint
    return None
