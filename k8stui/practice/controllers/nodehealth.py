"""How a node fares: what its annotations let it suffer, and what its conditions say of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.base import with_condition
from k8stui.practice.controllers.programs import DOMAIN

KUBELET = f"{DOMAIN}/kubelet"
"""Annotation of a Node: ``stopped``, as if it were down, or ``not-ready``: its runtime does not answer."""
PRESSURE = f"{DOMAIN}/pressure"
"""Annotation of a Node: ``memory``, ``disk`` or ``pid``, of which it runs short."""

_PRESSURES = {
    "memory": ("MemoryPressure", "Memory", "sufficient memory available", "insufficient memory available"),
    "disk": ("DiskPressure", "Disk", "no disk pressure", "disk pressure"),
    "pid": ("PIDPressure", "PID", "sufficient PID available", "insufficient PID available"),
}
_TAINTS = {
    "MemoryPressure": "memory-pressure",
    "DiskPressure": "disk-pressure",
    "PIDPressure": "pid-pressure",
    "NetworkUnavailable": "network-unavailable",
}
_OURS = frozenset((*_TAINTS.values(), "not-ready", "unreachable", "unschedulable"))
_PREFIX = "node.kubernetes.io/"
_FOUND = ("nodeInfo", "daemonEndpoints")
"""What only the kubelet itself can tell of its machine."""
_RUNTIME_DOWN = "container runtime is down"


def kubelet_runs(node: JsonObject | None) -> bool:
    """Whether a node is there and its kubelet works."""
    return node is not None and _said(node, KUBELET) != "stopped"


def pressure(node: JsonObject) -> str:
    """What a node is told to run short of; empty for nothing."""
    said = _said(node, PRESSURE)
    return said if said in _PRESSURES else ""


def _said(node: JsonObject, key: str) -> str:
    return str((node["metadata"].get("annotations") or {}).get(key, ""))


def conditions_of(node: JsonObject) -> list[JsonObject]:
    """status.conditions."""
    return list(dicts(node, "status", "conditions"))


def first_report(node: JsonObject, nodes: Sequence[JsonObject], now: str, relieved: str = "") -> JsonObject:
    """The status of a node whose kubelet works; the same object when there is nothing new to say.

    Args:
        node: The node.
        nodes: All nodes: a new one is like the others.
        now: The time as conditions have it.
        relieved: What it no longer runs short of.
    """
    status: JsonObject = node.get("status") or {}
    before = conditions_of(node)
    unknown = not before or any(c.get("status") == "Unknown" for c in before)
    short = pressure(node)
    healthy = _said(node, KUBELET) != "not-ready"
    conditions = before
    for word in _PRESSURES:
        if unknown or word in (short, relieved):
            conditions = _put(conditions, _pressed(word, word == short), now)
    if unknown or _changed(before, healthy):
        conditions = _put(conditions, _ready(healthy), now)
    if conditions == before:
        return status
    found = {key: value for key, value in status.items() if key not in _FOUND}
    machine = {} if dig(status, "nodeInfo", "kubeletVersion") else _machine(node, nodes)
    return {**status, **machine, **found, "conditions": conditions}


def _changed(conditions: Sequence[JsonObject], healthy: bool) -> bool:
    found = next((c for c in conditions if c["type"] == "Ready"), {})
    return (found.get("status") == "True") != healthy


def _put(conditions: Sequence[JsonObject], new: JsonObject, now: str) -> list[JsonObject]:
    found = with_condition(conditions, new, now)
    return [
        {**c, "lastHeartbeatTime": now} if c["type"] == new["type"] and "lastHeartbeatTime" not in c else c
        for c in found
    ]


def _pressed(word: str, is_so: bool) -> JsonObject:
    kind, name, calm, short = _PRESSURES[word]
    if word == "disk":
        reason = "KubeletHasDiskPressure" if is_so else "KubeletHasNoDiskPressure"
    else:
        reason = f"KubeletHas{'Insufficient' if is_so else 'Sufficient'}{name}"
    text = f"kubelet has {short if is_so else calm}"
    return {"type": kind, "status": str(is_so), "reason": reason, "message": text}


def _ready(healthy: bool) -> JsonObject:
    if healthy:
        text = "kubelet is posting ready status"
        return {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": text}
    return {"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": _RUNTIME_DOWN}


def silent(node: JsonObject, now: str, last: str) -> list[JsonObject]:
    """The conditions of a node of which nothing is heard any more.

    Args:
        node: The node.
        now: The time as conditions have it.
        last: The last time that it can have been heard of.
    """
    found: Sequence[JsonObject] = conditions_of(node)
    never = not found
    reason = "NodeStatusNeverUpdated" if never else "NodeStatusUnknown"
    text = "Kubelet never posted node status." if never else "Kubelet stopped posting node status."
    for kind in ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready"):
        heard = min(last, next((c.get("lastHeartbeatTime", last) for c in found if c["type"] == kind), last))
        said = {"type": kind, "status": "Unknown", "reason": reason, "message": text}
        found = with_condition(found, said, now)
        found = [{**c, "lastHeartbeatTime": heard} if c["type"] == kind else c for c in found]
    return list(found)


def tainted(node: JsonObject, now: str) -> list[JsonObject]:
    """The taints that a node should have: those that people gave it, and those that follow from its state."""
    old = list(dicts(node, "spec", "taints"))
    wanted: list[tuple[str, str]] = []
    for condition in conditions_of(node):
        kind, state = condition["type"], condition.get("status")
        if kind == "Ready" and state != "True":
            word = "unreachable" if state == "Unknown" else "not-ready"
            wanted += [(word, "NoSchedule"), (word, "NoExecute")]
        elif kind in _TAINTS and state == "True":
            wanted.append((_TAINTS[kind], "NoSchedule"))
    if (node.get("spec") or {}).get("unschedulable"):
        wanted.append(("unschedulable", "NoSchedule"))
    kept = [
        taint
        for taint in old
        if not str(taint.get("key", "")).startswith(_PREFIX)
        or taint["key"].removeprefix(_PREFIX) not in _OURS
        or (taint["key"].removeprefix(_PREFIX), taint.get("effect")) in wanted
    ]
    there = {(taint.get("key"), taint.get("effect")) for taint in kept}
    new = [
        {"key": _PREFIX + word, "effect": effect, "timeAdded": now}
        for word, effect in wanted
        if (_PREFIX + word, effect) not in there
    ]
    return kept + new


def _machine(node: JsonObject, nodes: Sequence[JsonObject]) -> JsonObject:
    """What the kubelet of a new node finds: a machine like the others."""
    name = node["metadata"]["name"]
    taken = {a.get("address") for other in nodes for a in dicts(other, "status", "addresses")}
    address = next((a for n in range(31, 250) if (a := f"192.168.10.{n}") not in taken), "192.168.10.250")
    size = {"cpu": "4", "ephemeral-storage": "56403987978", "memory": "8046232Ki", "pods": "110"}
    given = dig(node, "status", "capacity") or dig(node, "status", "allocatable") or size
    known = (dig(other, "status", "nodeInfo") or {} for other in nodes)
    like = next((info for info in known if info.get("kubeletVersion")), None) or {
        "architecture": "amd64",
        "containerRuntimeVersion": "containerd://2.2.0",
        "kernelVersion": "6.12.48-1-amd64",
        "kubeProxyVersion": "",
        "kubeletVersion": "v1.37.2",
        "operatingSystem": "linux",
        "osImage": "Debian GNU/Linux 13 (trixie)",
    }
    marks = {key: _mark(name, key) for key in ("bootID", "machineID", "systemUUID")}
    return {
        "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
        "capacity": given,
        "allocatable": given,
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {**like, **marks},
    }


def _mark(name: str, key: str) -> str:
    digits = hashlib.sha256(f"{name}/{key}".encode()).hexdigest()
    if key == "machineID":
        return digits[:32]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))
