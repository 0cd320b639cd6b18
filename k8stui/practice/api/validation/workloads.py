"""What keeps Pods running: the kinds of the groups apps and batch, and ReplicationControllers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.api.validation.pods import check_spec
from k8stui.practice.api.validation.said import (
    Cause,
    amount,
    forbidden,
    invalid,
    labels,
    not_negative,
    one_of,
    required,
    selector,
    unsupported,
)
from k8stui.practice.controllers.base import matches

_SELECTED_AS = {"StatefulSet": "statefulset", "DaemonSet": "daemonset"}
_RECREATED_AS = {"StatefulSet": "StatefulSet", "DaemonSet": "DaemonSet"}
_NEVER = 'valid values: "OnFailure", "Never"'


def check_workload(obj: JsonObject) -> Iterator[Cause]:
    """Deployment, ReplicaSet, StatefulSet or DaemonSet."""
    kind, spec = str(obj["kind"]), obj.get("spec") or {}
    yield from not_negative("spec", spec, "replicas")
    yield from _selector(kind, spec)
    yield from _template(kind, spec)
    match kind:
        case "Deployment":
            yield from _deployment(spec)
        case "StatefulSet":
            yield from _stateful_set(spec)
        case "DaemonSet":
            yield from _daemon_set(spec)
    yield from not_negative("spec", spec, "minReadySeconds", "revisionHistoryLimit")
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= (spec.get("minReadySeconds") or 0):
        yield invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def _selector(kind: str, spec: JsonObject) -> Iterator[Cause]:
    found = spec.get("selector")
    if found is None:
        if kind != "DaemonSet":
            yield required("spec.selector")
        return
    mistakes = list(selector("spec.selector", found))
    yield from mistakes
    if not found.get("matchLabels") and not found.get("matchExpressions"):
        name = _SELECTED_AS.get(kind, "deployment")
        yield invalid("spec.selector", found, f"empty selector is invalid for {name}")
    elif mistakes and kind != "DaemonSet":
        yield invalid("spec.selector", found, "invalid label selector")


def _template(kind: str, spec: JsonObject) -> Iterator[Cause]:
    found = spec.get("selector")
    own = dig(spec, "template", "metadata", "labels")
    usable = found is None or not list(selector("", found))
    empty = found is not None and not found.get("matchLabels") and not found.get("matchExpressions")
    if usable and not empty and (found is None or not matches(found, own or {})):
        yield mismatch(own)
    pod = dig(spec, "template", "spec") or {}
    yield from labels("spec.template.labels", own)
    claims = [str(dig(claim, "metadata", "name")) for claim in dicts(spec, "volumeClaimTemplates")]
    yield from check_spec(pod, "spec.template.spec", claims)
    policy = pod.get("restartPolicy")
    if policy in ("Never", "OnFailure"):
        yield unsupported("spec.template.spec.restartPolicy", policy, ("Always",))
    if pod.get("activeDeadlineSeconds") is not None:
        name = _RECREATED_AS.get(kind, "ReplicaSet")
        why = f"activeDeadlineSeconds in {name} is not Supported"
        yield forbidden("spec.template.spec.activeDeadlineSeconds", why)


def mismatch(own: Any) -> Cause:
    """A template whose labels its owner does not select."""
    return invalid("spec.template.metadata.labels", own, "`selector` does not match template `labels`")


def _strategy(strategy: JsonObject) -> JsonObject:
    """A strategy as messages show it: by the server's own names of the fields."""
    return {"Type": strategy.get("type") or "", "RollingUpdate": strategy.get("rollingUpdate")}


def _deployment(spec: JsonObject) -> Iterator[Cause]:
    strategy = spec.get("strategy") or {}
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    at = "spec.strategy"
    if kind not in ("Recreate", "RollingUpdate"):
        yield unsupported(at, _strategy(strategy), ("Recreate", "RollingUpdate"))
    elif kind == "Recreate":
        if rolling:
            why = "may not be specified when strategy `type` is 'Recreate'"
            yield forbidden(f"{at}.rollingUpdate", why)
    elif isinstance(rolling, dict):
        yield from amount(f"{at}.rollingUpdate.maxUnavailable", rolling.get("maxUnavailable"))
        yield from amount(f"{at}.rollingUpdate.maxSurge", rolling.get("maxSurge"), whole=False)
        if _nothing(rolling.get("maxUnavailable")) and _nothing(rolling.get("maxSurge")):
            why = "may not be 0 when `maxSurge` is 0"
            yield invalid(f"{at}.rollingUpdate.maxUnavailable", rolling.get("maxUnavailable"), why)


def _nothing(value: Any) -> bool:
    return value in (0, "0%", None)


def _stateful_set(spec: JsonObject) -> Iterator[Cause]:
    policy = spec.get("podManagementPolicy")
    if policy not in ("OrderedReady", "Parallel"):
        yield invalid("spec.podManagementPolicy", policy or "", "must be 'OrderedReady' or 'Parallel'")
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") not in ("RollingUpdate", "OnDelete"):
        why = "must be 'RollingUpdate' or 'OnDelete'"
        yield invalid("spec.updateStrategy", _strategy(strategy), why)
    elif isinstance(strategy.get("rollingUpdate"), dict):
        at = "spec.updateStrategy.rollingUpdate"
        yield from not_negative(at, strategy["rollingUpdate"], "partition")
        yield from amount(f"{at}.maxUnavailable", strategy["rollingUpdate"].get("maxUnavailable"))


def _daemon_set(spec: JsonObject) -> Iterator[Cause]:
    strategy = spec.get("updateStrategy") or {}
    rolling = strategy.get("rollingUpdate")
    if strategy.get("type") not in ("RollingUpdate", "OnDelete"):
        yield unsupported("spec.updateStrategy", _strategy(strategy), ("RollingUpdate", "OnDelete"))
    elif isinstance(rolling, dict):
        at = "spec.updateStrategy.rollingUpdate"
        yield from amount(f"{at}.maxUnavailable", rolling.get("maxUnavailable"))
        yield from amount(f"{at}.maxSurge", rolling.get("maxSurge"))
        surges, lacks = not _nothing(rolling.get("maxSurge")), not _nothing(rolling.get("maxUnavailable"))
        if surges and lacks:
            why = "may not be set when maxUnavailable is non-zero"
            yield invalid(f"{at}.maxSurge", rolling["maxSurge"], why)
        elif not surges and not lacks:
            why = "cannot be 0 when maxSurge is 0"
            yield invalid(f"{at}.maxUnavailable", rolling.get("maxUnavailable"), why)


def check_replication_controller(obj: JsonObject) -> Iterator[Cause]:
    """ReplicationController, whose selector is a map of labels."""
    spec = obj.get("spec") or {}
    yield from not_negative("spec", spec, "minReadySeconds")
    chosen = spec.get("selector")
    if not chosen:
        yield required("spec.selector")
    yield from not_negative("spec", spec, "replicas")
    template = spec.get("template") or {}
    if not dig(template, "spec", "containers"):
        yield required("spec.template")
        return
    own = dig(template, "metadata", "labels")
    if chosen and any((own or {}).get(key) != value for key, value in chosen.items()):
        yield mismatch(own)
    yield from check_spec(template["spec"], "spec.template.spec")
    policy = template["spec"].get("restartPolicy")
    if policy in ("Never", "OnFailure"):
        yield unsupported("spec.template.spec.restartPolicy", policy, ("Always",))


def check_job(obj: JsonObject) -> Iterator[Cause]:
    """Job."""
    spec = obj.get("spec") or {}
    yield from _job_spec(spec, "spec")
    uid, own = obj["metadata"].get("uid"), dig(spec, "template", "metadata", "labels")
    chosen = spec.get("selector")
    if chosen is None or spec.get("manualSelector"):
        return
    if uid and chosen != {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}:
        yield invalid("spec.selector", chosen, "`selector` not auto-generated")
    if not matches(chosen, own or {}):
        yield mismatch(own)


def check_cron_job(obj: JsonObject) -> Iterator[Cause]:
    """CronJob; its schedule is read by whoever keeps time, in ``causes``."""
    spec = obj.get("spec") or {}
    policies = ("Allow", "Forbid", "Replace")
    yield from not_negative("spec", spec, "startingDeadlineSeconds")
    yield from one_of("spec.concurrencyPolicy", spec.get("concurrencyPolicy"), policies)
    yield from _job_spec(dig(spec, "jobTemplate", "spec") or {}, "spec.jobTemplate.spec")
    yield from not_negative("spec", spec, "successfulJobsHistoryLimit", "failedJobsHistoryLimit")


def _job_spec(spec: JsonObject, at: str) -> Iterator[Cause]:
    names = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished")
    yield from not_negative(at, spec, *names)
    mode = spec.get("completionMode")
    yield from one_of(f"{at}.completionMode", mode, ("NonIndexed", "Indexed"))
    if mode == "Indexed" and spec.get("completions") is None:
        yield required(f"{at}.completions", "when completion mode is Indexed")
    pod = dig(spec, "template", "spec") or {}
    yield from labels(f"{at}.template.labels", dig(spec, "template", "metadata", "labels"))
    yield from check_spec(pod, f"{at}.template.spec")
    if pod.get("restartPolicy") not in ("OnFailure", "Never"):
        yield required(f"{at}.template.spec.restartPolicy", _NEVER)
