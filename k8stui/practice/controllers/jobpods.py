"""The Pods of Jobs: what they have beside the template, and how long to wait after failures."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.indexes import INDEX
from k8stui.practice.controllers.template import pod_from
from k8stui.practice.controllers.world import World

TRACKING = "batch.kubernetes.io/job-tracking"
_FAILURES = "batch.kubernetes.io/job-index-failure-count"
_IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count"
_FIRST_WAIT, _LONGEST_WAIT = 10.0, 600.0
_LONGEST_PREFIX = 58


def job_pod(
    world: World, obj: JsonObject, index: int | None, before: JsonObject | None, *, ignored: bool
) -> JsonObject:
    """A Pod of a Job; not stored yet.

    Args:
        world: The cluster.
        obj: The Job.
        index: Its completion index in an Indexed Job.
        before: The failed Pod that it replaces, when failures are counted by index.
        ignored: Whether that one's failure does not count.
    """
    name, template = obj["metadata"]["name"], obj["spec"]["template"]
    prefix, labels, annotations = f"{name}-", {}, {}
    spec: JsonObject = {}
    if index is not None:
        tail = f"-{index}-"
        prefix = name[: _LONGEST_PREFIX - len(tail)] + tail
        labels = annotations = {INDEX: str(index)}
        spec = {"hostname": f"{name}-{index}", **_with_index(template["spec"])}
        if dig(obj, "spec", "backoffLimitPerIndex") is not None:
            annotations = {**annotations, **_failures(before, ignored=ignored)}
    pod = pod_from(world, obj, template, prefix, labels=labels, spec=spec)
    metadata = pod["metadata"]
    if annotations:
        metadata["annotations"] = {**(metadata.get("annotations") or {}), **annotations}
    metadata["finalizers"] = [TRACKING]
    return pod


def _with_index(spec: JsonObject) -> JsonObject:
    """The containers with their index in the environment."""
    path = {"apiVersion": "v1", "fieldPath": f"metadata.labels['{INDEX}']"}
    variable = {"name": "JOB_COMPLETION_INDEX", "valueFrom": {"fieldRef": path}}
    found: JsonObject = {}
    for key in ("initContainers", "containers"):
        items = list(dicts(spec, key))
        if items:
            found[key] = [
                item
                if any(given.get("name") == variable["name"] for given in dicts(item, "env"))
                else {**item, "env": [*(item.get("env") or ()), variable]}
                for item in items
            ]
    return found


def _failures(before: JsonObject | None, *, ignored: bool) -> JsonObject:
    if before is None:
        return {_FAILURES: "0"}
    counted, passed = failures_of(before), _annotated(before, _IGNORED)
    if ignored:
        return {_FAILURES: str(counted), _IGNORED: str(passed + 1)}
    found = {_FAILURES: str(counted + 1)}
    return {**found, _IGNORED: str(passed)} if passed else found


def failures_of(pod: JsonObject) -> int:
    """How many Pods of its index had failed before this one."""
    return _annotated(pod, _FAILURES)


def _annotated(pod: JsonObject, key: str) -> int:
    text = (pod["metadata"].get("annotations") or {}).get(key, "")
    return int(text) if text.isdigit() else 0


def index_wait(pod: JsonObject, now: float) -> float:
    """Seconds until the index of a failed Pod may be tried again."""
    return waited(failures_of(pod) + _annotated(pod, _IGNORED) + 1, finished(pod)) - now


def waited(failures: int, last: float) -> float:
    """When to try again after so many failures in a row, the last of which was at a time."""
    return last + min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (failures - 1)) if failures else 0.0


def finished(pod: JsonObject) -> float:
    """When a Pod ended: by its containers, its readiness, its deletion, at the latest when it was made."""
    moments = [
        parse_time(dig(item, "state", "terminated", "finishedAt"))
        for item in dicts(pod, "status", "containerStatuses")
    ]
    known = [moment for moment in moments if moment is not None]
    if known and len(known) == len(moments):
        return max(known)
    for condition in dicts(pod, "status", "conditions"):
        if condition.get("type") == "Ready" and condition.get("status") == "False":
            moment = parse_time(condition.get("lastTransitionTime"))
            if moment is not None:
                return moment
    metadata = pod["metadata"]
    told = parse_time(metadata.get("deletionTimestamp"))
    if told is not None:
        return told - float(metadata.get("deletionGracePeriodSeconds") or 0)
    return parse_time(metadata["creationTimestamp"]) or 0.0
