"""Which Pod goes first when there are too many: what is worth least to who uses them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import cmp_to_key

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import deleting, ended, is_true

_COST = "controller.kubernetes.io/pod-deletion-cost"
_PHASES = ("Pending", "Unknown", "Running")


def first_to_go(pods: Iterable[JsonObject], related: Iterable[JsonObject], now: float) -> list[JsonObject]:
    """Pods in the order in which a ReplicaSet deletes them.

    Without a node before those with one, pending before running, unready before ready, a lower deletion cost
    before a higher one, those on nodes that have more related Pods, those ready for a shorter time (by orders
    of magnitude, then by uid), those with more restarts, the younger.

    Args:
        pods: The Pods of one ReplicaSet.
        related: Those of every ReplicaSet of the same Deployment.
        now: Seconds since the epoch.
    """
    crowd = Counter(_node(pod) for pod in related if not deleting(pod) and not ended(pod))

    def compare(a: JsonObject, b: JsonObject) -> int:
        for before, after in zip(_worth(a, crowd), _worth(b, crowd), strict=True):
            if before != after:
                return -1 if before < after else 1
        if is_true(a, "Ready"):
            by_time = _younger(_ready_since(a), _ready_since(b), a, b, now)
            if by_time:
                return by_time
        by_restarts = _restarts(b) - _restarts(a)
        return by_restarts or _younger(_born(a), _born(b), a, b, now)

    return sorted(pods, key=cmp_to_key(compare))


def _worth(pod: JsonObject, crowd: Counter[str]) -> tuple[bool, int, bool, int, int]:
    phase = dig(pod, "status", "phase")
    rank = _PHASES.index(phase) if phase in _PHASES else 0
    return bool(_node(pod)), rank, is_true(pod, "Ready"), _deletion_cost(pod), -crowd[_node(pod)]


def _younger(one: float, two: float, a: JsonObject, b: JsonObject, now: float) -> int:
    """Negative when the first is younger by an order of magnitude, or as old and before the other by uid."""
    if one == two:
        return 0
    by_magnitude = _magnitude(now - one) - _magnitude(now - two)
    if by_magnitude:
        return by_magnitude
    return -1 if a["metadata"]["uid"] < b["metadata"]["uid"] else 1


def _magnitude(age: float) -> int:
    return int(math.log10(age * 1e9)) if age > 0 else -1


def _node(pod: JsonObject) -> str:
    return str(pod["spec"].get("nodeName") or "")


def _deletion_cost(pod: JsonObject) -> int:
    text = str((pod["metadata"].get("annotations") or {}).get(_COST, "0"))
    try:
        return int(text)
    except ValueError:
        return 0


def _restarts(pod: JsonObject) -> int:
    return max(
        (int(item.get("restartCount") or 0) for item in dicts(pod, "status", "containerStatuses")), default=0
    )


def _born(pod: JsonObject) -> float:
    return parse_time(pod["metadata"]["creationTimestamp"]) or 0.0


def _ready_since(pod: JsonObject) -> float:
    for condition in dicts(pod, "status", "conditions"):
        if condition.get("type") == "Ready":
            return parse_time(condition.get("lastTransitionTime")) or 0.0
    return 0.0
