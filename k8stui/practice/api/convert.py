"""Kinds that are served twice and kept once: autoscalers (v1, v2) and events (core, events.k8s.io).

Objects are kept as ``autoscaling/v2`` and core ``v1``; the others are made of them and turned into them here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig

_TO_EVENTS = (
    *(("message", "note"), ("involvedObject", "regarding"), ("source", "deprecatedSource")),
    *(("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp")),
    *(("count", "deprecatedCount"), ("reportingComponent", "reportingController")),
)
_SELECTABLE = MappingProxyType({"regarding": "involvedObject", "reportingController": "reportingComponent"})
EVENTS = ("events.k8s.io", "events")


def view(kind: ResourceKind, obj: JsonObject) -> JsonObject:
    """A stored object in the version of a kind; itself when that is how it is kept."""
    if obj.get("apiVersion") == kind.api_version:
        return obj
    change = _VIEWS.get((kind.group, kind.version, kind.plural), dict)
    return {**change(obj), "apiVersion": kind.api_version}


def kept(kind: ResourceKind, obj: JsonObject) -> JsonObject:
    """An object of a request in the version in which its kind is kept."""
    found = _KEPT.get((kind.group, kind.version, kind.plural))
    if found is None:
        return obj
    version, change = found
    return {**change(obj), "apiVersion": version}


def stored_kind(kind: ResourceKind) -> tuple[str, str, str]:
    """Group, version and plural of the kind in which the objects of a kind are kept."""
    found = _KEPT.get((kind.group, kind.version, kind.plural))
    if found is None:
        return kind.group, kind.version, kind.plural
    group, _, version = found[0].rpartition("/")
    return group, version, kind.plural


def stored_field(kind: ResourceKind, path: str) -> str:
    """The path in stored objects of a field that a selector names."""
    if (kind.group, kind.plural) != EVENTS:
        return path
    first, dot, rest = path.partition(".")
    return _SELECTABLE.get(first, first) + dot + rest


def _renamed(obj: JsonObject, names: Mapping[str, str]) -> JsonObject:
    return {names.get(key, key): value for key, value in obj.items()}


def _to_events(obj: JsonObject) -> JsonObject:
    return _renamed(obj, dict(_TO_EVENTS))


def _from_events(obj: JsonObject) -> JsonObject:
    return _renamed(obj, {new: old for old, new in _TO_EVENTS})


def _to_v1(obj: JsonObject) -> JsonObject:
    spec = dict(obj.get("spec") or {})
    for metric in dicts({"metrics": spec.pop("metrics", None)}, "metrics"):
        target = dig(metric, "resource", "target", "averageUtilization")
        if dig(metric, "resource", "name") == "cpu" and target is not None:
            spec["targetCPUUtilizationPercentage"] = target
    spec.pop("behavior", None)
    status = dict(obj.get("status") or {})
    for metric in dicts({"metrics": status.pop("currentMetrics", None)}, "metrics"):
        current = dig(metric, "resource", "current", "averageUtilization")
        if dig(metric, "resource", "name") == "cpu" and current is not None:
            status["currentCPUUtilizationPercentage"] = current
    status.pop("conditions", None)
    return {**obj, "spec": spec, "status": {"currentReplicas": 0, "desiredReplicas": 0, **status}}


def _to_v2(obj: JsonObject) -> JsonObject:
    spec = dict(obj.get("spec") or {})
    percentage = spec.pop("targetCPUUtilizationPercentage", None)
    if percentage is not None:
        target = {"type": "Utilization", "averageUtilization": percentage}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    return {**obj, "spec": spec}


_AUTOSCALERS = ("autoscaling", "v1", "horizontalpodautoscalers")
_VIEWS: Mapping[tuple[str, str, str], Callable[[JsonObject], JsonObject]] = MappingProxyType(
    {_AUTOSCALERS: _to_v1, ("events.k8s.io", "v1", "events"): _to_events}
)
_KEPT: Mapping[tuple[str, str, str], tuple[str, Callable[[JsonObject], JsonObject]]] = MappingProxyType(
    {_AUTOSCALERS: ("autoscaling/v2", _to_v2), ("events.k8s.io", "v1", "events"): ("v1", _from_events)}
)
