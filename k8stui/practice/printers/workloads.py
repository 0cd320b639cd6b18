"""Rows of the kinds that run containers, but for the Pod itself."""

from __future__ import annotations

from typing import Any

from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import format_age, parse_time
from k8stui.practice.printers.base import (
    AGE,
    CONTAINERS,
    IMAGES,
    NAME,
    NONE,
    SELECTOR,
    UNSET,
    Printer,
    age,
    column,
    containers,
    holds,
    labels,
    name_of,
    number,
    selector,
    since,
    whole,
)
from k8stui.practice.printers.pods import POD

_DESIRED = whole("Desired", "How many Pods are asked for.")
_CURRENT = whole("Current", "How many Pods there are.")
_READY = whole("Ready", "How many Pods are ready.")


def _template(obj: JsonObject) -> tuple[str, str]:
    return containers(dig(obj, "spec", "template", "spec"))


def _controller(obj: JsonObject, now: float) -> list[Any]:
    plain = dig(obj, "spec", "selector")
    return [*_replicas(obj, now), *_template(obj), labels(plain)]


def _replica_set(obj: JsonObject, now: float) -> list[Any]:
    return [*_replicas(obj, now), *_template(obj), selector(dig(obj, "spec", "selector"))]


def _replicas(obj: JsonObject, now: float) -> list[Any]:
    status = obj.get("status") or {}
    return [
        name_of(obj),
        number(dig(obj, "spec", "replicas")),
        number(status.get("replicas")),
        number(status.get("readyReplicas")),
        age(obj, now),
    ]


def _ready_of(obj: JsonObject) -> str:
    ready = number(dig(obj, "status", "readyReplicas"))
    return f"{ready}/{number(dig(obj, 'spec', 'replicas'))}"


def _deployment(obj: JsonObject, now: float) -> list[Any]:
    status = obj.get("status") or {}
    return [
        name_of(obj),
        _ready_of(obj),
        number(status.get("updatedReplicas")),
        number(status.get("availableReplicas")),
        age(obj, now),
        *_template(obj),
        selector(dig(obj, "spec", "selector"), empty=""),
    ]


def _stateful_set(obj: JsonObject, now: float) -> list[Any]:
    return [name_of(obj), _ready_of(obj), age(obj, now), *_template(obj)]


def _daemon_set(obj: JsonObject, now: float) -> list[Any]:
    status = obj.get("status") or {}
    return [
        name_of(obj),
        number(status.get("desiredNumberScheduled")),
        number(status.get("currentNumberScheduled")),
        number(status.get("numberReady")),
        number(status.get("updatedNumberScheduled")),
        number(status.get("numberAvailable")),
        labels(dig(obj, "spec", "template", "spec", "nodeSelector")),
        age(obj, now),
        *_template(obj),
        selector(dig(obj, "spec", "selector")),
    ]


def job_status(obj: JsonObject) -> str:
    """The word of a Job's STATUS column."""
    for kind, word in (("Complete", "Complete"), ("Failed", "Failed")):
        if holds(obj, kind):
            return word
    if obj["metadata"].get("deletionTimestamp"):
        return "Terminating"
    for kind in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if holds(obj, kind):
            return kind
    return "Running"


def _job(obj: JsonObject, now: float) -> list[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    done = number(status.get("succeeded"))
    parallel = number(spec.get("parallelism"))
    if spec.get("completions") is not None:
        completions = f"{done}/{spec['completions']}"
    else:
        completions = f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"
    start = parse_time(status.get("startTime"))
    end = parse_time(status.get("completionTime"))
    duration = "" if start is None else format_age((now if end is None else end) - start)
    return [
        name_of(obj),
        job_status(obj),
        completions,
        duration,
        age(obj, now),
        *_template(obj),
        selector(spec.get("selector")),
    ]


def _cron_job(obj: JsonObject, now: float) -> list[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    suspended = spec.get("suspend")
    last = status.get("lastScheduleTime")
    job = dig(spec, "jobTemplate", "spec") or {}
    return [
        name_of(obj),
        spec.get("schedule", ""),
        spec.get("timeZone") or NONE,
        UNSET if suspended is None else str(bool(suspended)),
        len(status.get("active") or ()),
        since(last, now) if last else NONE,
        age(obj, now),
        *containers(dig(job, "template", "spec")),
        selector(job.get("selector")),
    ]


_PODS_WIDE = (CONTAINERS, IMAGES, SELECTOR)

PRINTERS: tuple[tuple[str, str, Printer], ...] = (
    ("", "pods", POD),
    (
        "",
        "replicationcontrollers",
        Printer((NAME, _DESIRED, _CURRENT, _READY, AGE, *_PODS_WIDE), _controller),
    ),
    (
        "apps",
        "replicasets",
        Printer((NAME, _DESIRED, _CURRENT, _READY, AGE, *_PODS_WIDE), _replica_set),
    ),
    (
        "apps",
        "deployments",
        Printer(
            (
                NAME,
                column("Ready", "How many Pods are ready, of how many asked for."),
                column("Up-to-date", "How many Pods have the newest template."),
                column("Available", "How many Pods have been ready long enough to count on."),
                AGE,
                *_PODS_WIDE,
            ),
            _deployment,
        ),
    ),
    (
        "apps",
        "statefulsets",
        Printer(
            (
                NAME,
                column("Ready", "How many Pods are ready, of how many asked for."),
                AGE,
                CONTAINERS,
                IMAGES,
            ),
            _stateful_set,
        ),
    ),
    (
        "apps",
        "daemonsets",
        Printer(
            (
                NAME,
                whole("Desired", "On how many nodes a Pod should run."),
                whole("Current", "On how many of them one does."),
                whole("Ready", "On how many of them one is ready."),
                whole("Up-to-date", "On how many of them it has the newest template."),
                whole("Available", "On how many of them it has been ready long enough."),
                column("Node Selector", "Labels that a node needs to get a Pod."),
                AGE,
                *_PODS_WIDE,
            ),
            _daemon_set,
        ),
    ),
    (
        "batch",
        "jobs",
        Printer(
            (
                NAME,
                column("Status", "How the Job stands."),
                column("Completions", "How many Pods have succeeded, of how many."),
                column("Duration", "How long the Job took, or has been running."),
                AGE,
                *_PODS_WIDE,
            ),
            _job,
        ),
    ),
    (
        "batch",
        "cronjobs",
        Printer(
            (
                NAME,
                column("Schedule", "When Jobs are made, in cron's five fields."),
                column("Timezone", "Time zone of the schedule."),
                column("Suspend", "Whether no further Jobs are made for now.", kind="boolean"),
                whole("Active", "How many of its Jobs are running."),
                column("Last Schedule", "Time since it last made a Job."),
                AGE,
                *_PODS_WIDE,
            ),
            _cron_job,
        ),
    ),
)
