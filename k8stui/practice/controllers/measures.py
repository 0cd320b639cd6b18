"""What the metrics of an autoscaler say: how many replicas each asks for, or why it cannot tell."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import deleting
from k8stui.practice.metrics.usage import Sample, Usage, amount

_TOLERANCE = 0.1
_INITIALIZATION = 300.0
_FIRST_READY = 30.0


class Unmeasured(Exception):
    """A metric says nothing.

    Args:
        reason: Of the condition ScalingActive and of the event.
        message: What is the matter.
        context: What the controller puts before the message where it speaks of all metrics.
    """

    def __init__(self, reason: str, message: str, context: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.context = context


class Measured(msgspec.Struct, frozen=True):
    """What one metric says."""

    replicas: int
    """How many replicas it asks for."""
    name: str
    """How the controller calls it."""
    status: JsonObject
    """Its entry in currentMetrics."""


class Scope(msgspec.Struct, frozen=True):
    """What a metric is measured on.

    Args:
        pods: The Pods of the target.
        samples: What is known of them, by uid.
        current: The replicas that the target asks for.
        now: Seconds since the epoch.
        unavailable: Why there are no samples at all, empty when there are.
    """

    pods: list[JsonObject]
    samples: Mapping[str, Sample]
    current: int
    now: float
    unavailable: str


def measure(metric: JsonObject, scope: Scope) -> Measured:
    """What a metric of an autoscaler's spec says.

    Raises:
        Unmeasured: it cannot be measured.
    """
    kind = str(metric.get("type", ""))
    if kind in ("Resource", "ContainerResource"):
        key = kind[0].lower() + kind[1:]
        return _resource(kind, key, metric.get(key) or {}, scope)
    return _foreign(kind, metric)


def _foreign(kind: str, metric: JsonObject) -> Measured:
    """Metrics that come from adapters, which this cluster does not have."""
    custom = (
        "unable to fetch metrics from custom metrics API: "
        "no custom metrics API (custom.metrics.k8s.io) registered"
    )
    name = str(dig(metric, kind.lower(), "metric", "name") or "")
    match kind:
        case "Pods":
            context = "failed to get pods metric value: "
            raise Unmeasured("FailedGetPodsMetric", f"unable to get metric {name}: {custom}", context)
        case "Object":
            ref = dig(metric, "object", "describedObject") or {}
            where = f"{ref.get('kind')} on {ref.get('name')}"
            message = f"unable to get metric {name}: {where}/{custom}"
            raise Unmeasured("FailedGetObjectMetric", message, "failed to get object metric value: ")
        case "External":
            message = (
                f"unable to get external metric {name}: unable to fetch metrics from external metrics API: "
                "no external metrics API (external.metrics.k8s.io) registered"
            )
            raise Unmeasured(
                "FailedGetExternalMetric", message, f"failed to get {name} external metric value: "
            )
        case _:
            message = f'unknown metric source type "{kind}"'
            raise Unmeasured("InvalidMetricSourceType", message, "")


def _resource(kind: str, key: str, source: JsonObject, scope: Scope) -> Measured:
    resource, container = str(source.get("name", "")), str(source.get("container", ""))
    by_share = dig(source, "target", "averageUtilization") is not None
    reason = f"FailedGet{kind}Metric"
    part = f"{resource} container" if kind == "ContainerResource" else f"{resource} resource"
    context = f"failed to get {part} metric value: "
    said = f"failed to get {resource} {'utilization' if by_share else 'usage'}: "
    try:
        used = _used(resource, container, scope)
        grouped = _group(resource, scope, used)
        if by_share:
            goal = float(source["target"]["averageUtilization"])
            asked = {pod["metadata"]["uid"]: _request(pod, resource, container) for pod in scope.pods}
        else:
            goal = amount(dig(source, "target", "averageValue")) or 1.0
            asked = {}
    except LookupError as error:
        raise Unmeasured(reason, said + str(error.args[0]), context) from None
    replicas, mean, share = _wanted(scope.current, grouped, used, asked, goal)
    current: JsonObject = {"averageValue": _quantity(mean)}
    if by_share:
        current = {"averageUtilization": share, **current}
    status: JsonObject = {"name": resource, "current": current}
    if container:
        status = {"name": resource, "container": container, "current": current}
    name = f"{part} utilization (percentage of request)" if by_share else part
    if kind == "ContainerResource" and by_share:
        name = f"{resource} container resource utilization (percentage of request)"
    return Measured(replicas, name, {"type": kind, key: status})


def _used(resource: str, container: str, scope: Scope) -> dict[str, float]:
    """What each Pod uses, by uid."""
    said = f"unable to get metrics for resource {resource}: "
    if scope.unavailable:
        why = f"unable to fetch metrics from resource metrics API: {scope.unavailable}"
        raise LookupError(said + why)
    if not scope.samples:
        raise LookupError(said + "no metrics returned from resource metrics API")
    found = {}
    for uid, sample in scope.samples.items():
        uses = [use for name, use in sample.usage if not container or name == container]
        if not uses:
            metadata = sample.subject["metadata"]
            where = f"{metadata['namespace']}/{metadata['name']}"
            raise LookupError(f"{said}container {container} not present in metrics for pod {where}")
        found[uid] = sum(_of(use, resource) for use in uses)
    return found


def _of(use: Usage, resource: str) -> float:
    return use.cpu if resource == "cpu" else use.memory if resource == "memory" else 0.0


class _Groups(msgspec.Struct, frozen=True):
    """The Pods by what is known of them; ready ones are counted, the others listed by uid."""

    ready: int
    unready: frozenset[str]
    missing: frozenset[str]
    ignored: frozenset[str]


def _group(resource: str, scope: Scope, used: Mapping[str, float]) -> _Groups:
    ready = 0
    unready, missing, ignored = set(), set(), set()
    for pod in scope.pods:
        uid = pod["metadata"]["uid"]
        phase = dig(pod, "status", "phase")
        if deleting(pod) or phase == "Failed":
            ignored.add(uid)
        elif phase == "Pending":
            unready.add(uid)
        elif uid not in used:
            missing.add(uid)
        elif resource == "cpu" and _starting(pod, scope.samples[uid], scope.now):
            unready.add(uid)
        else:
            ready += 1
    if not used.keys() - unready - ignored:
        raise LookupError("did not receive metrics for targeted pods (pods might be unready)")
    return _Groups(ready, frozenset(unready), frozenset(missing), frozenset(ignored))


def _starting(pod: JsonObject, sample: Sample, now: float) -> bool:
    """Whether a Pod's CPU usage is still that of its start."""
    started = parse_time(dig(pod, "status", "startTime"))
    ready = next((c for c in dicts(pod, "status", "conditions") if c.get("type") == "Ready"), None)
    if started is None or ready is None:
        return True
    since = parse_time(ready.get("lastTransitionTime")) or 0.0
    if started + _INITIALIZATION > now:
        return ready.get("status") == "False" or sample.at < since + sample.window
    return ready.get("status") == "False" and started + _FIRST_READY > since


def _request(pod: JsonObject, resource: str, container: str) -> float:
    """What a Pod requests of a resource, or one of its containers."""
    total = 0.0
    sidecars = [
        item for item in dicts(pod, "spec", "initContainers") if item.get("restartPolicy") == "Always"
    ]
    for item in (*dicts(pod, "spec", "containers"), *sidecars):
        if container and item.get("name") != container:
            continue
        asked = dig(item, "resources", "requests", resource)
        if asked is None:
            where = f"container {item['name']} of Pod {pod['metadata']['name']}"
            raise LookupError(f"missing request for {resource} in {where}")
        total += amount(asked)
    return total


def _wanted(
    current: int, groups: _Groups, used: Mapping[str, float], asked: Mapping[str, float], goal: float
) -> tuple[int, float, int]:
    """How many replicas a metric asks for; the mean usage of a Pod; the usage in percent of the requests."""
    counted = {uid: use for uid, use in used.items() if uid not in groups.unready | groups.ignored}
    mean = sum(counted.values()) / len(counted)
    ratio, share = _ratio(counted, asked, goal)
    rising = bool(groups.unready) and ratio > 1
    if not rising and not groups.missing:
        wanted = current if abs(1 - ratio) <= _TOLERANCE else math.ceil(ratio * groups.ready - 1e-9)
        return wanted, mean, share
    for uid in groups.missing:
        # What is not known is taken to use as much as it may: nothing is scaled down in the dark.
        whole = asked[uid] * max(100.0, goal) / 100 if asked else goal
        counted[uid] = whole if ratio < 1 else 0.0
    if rising:
        counted |= dict.fromkeys(groups.unready, 0.0)
    after, _ = _ratio(counted, asked, goal)
    if abs(1 - after) <= _TOLERANCE or (ratio < 1 < after) or (after < 1 < ratio):
        return current, mean, share
    wanted = math.ceil(after * len(counted) - 1e-9)
    if (after < 1 and wanted > current) or (after > 1 and wanted < current):
        wanted = current
    return wanted, mean, share


def _ratio(used: Mapping[str, float], asked: Mapping[str, float], goal: float) -> tuple[float, int]:
    """By how much usage misses the goal, and its percentage of the requests (0 without requests)."""
    if not asked:
        return sum(used.values()) / len(used) / goal, 0
    requested = sum(asked.get(uid, 0.0) for uid in used)
    share = int(sum(used.values()) * 100 / requested) if requested else 0
    return share / goal, share


def _quantity(value: float) -> str:
    """A quantity in decimal units, with thousandths where there are any."""
    milli = round(value * 1000) if value < 1e6 else round(value) * 1000
    if milli % 1000:
        return f"{milli}m"
    whole, suffix = milli // 1000, ""
    for each in ("k", "M", "G", "T"):
        if not whole or whole % 1000:
            break
        whole, suffix = whole // 1000, each
    return f"{whole}{suffix}"
