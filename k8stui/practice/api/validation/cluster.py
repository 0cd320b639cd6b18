"""What an administrator sets: nodes, quotas, limits, priorities, rights; also autoscalers and budgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.api.validation.said import (
    Cause,
    amount,
    duplicate,
    forbidden,
    invalid,
    number,
    one_of,
    qualified,
    quantity,
    required,
    selector,
    unsupported,
)

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_COUNTED = frozenset(
    (
        *("cpu", "memory", "ephemeral-storage", "pods", "services", "replicationcontrollers", "storage"),
        *("resourcequotas", "secrets", "configmaps", "persistentvolumeclaims"),
        *("services.nodeports", "services.loadbalancers"),
    )
)
_SCOPES = frozenset(
    (
        *("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass"),
        *("CrossNamespacePodAffinity", "VolumeAttributesClass"),
    )
)
_LIMITED = frozenset(("Pod", "Container", "PersistentVolumeClaim"))
_HIGHEST = 1_000_000_000
_RBAC = "rbac.authorization.k8s.io"
_METRICS = {
    "ContainerResource": "containerResource",
    "External": "external",
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
}


def check_node(obj: JsonObject) -> Iterator[Cause]:
    """Node."""
    seen: set[tuple[Any, Any]] = set()
    for index, taint in enumerate(dicts(obj, "spec", "taints")):
        at, key, effect = f"metadata.taints[{index}]", taint.get("key"), taint.get("effect")
        yield from qualified(f"{at}.key", str(key or ""))
        yield from one_of(f"{at}.effect", effect or "", _EFFECTS)
        if (key, effect) in seen:
            shown = {"Key": key, "Value": taint.get("value") or "", "Effect": effect, "TimeAdded": None}
            yield duplicate(at, shown, "taints must be unique by key and effect pair")
        seen.add((key, effect))


def check_quota(obj: JsonObject) -> Iterator[Cause]:
    """ResourceQuota."""
    spec = obj.get("spec") or {}
    for name, value in (spec.get("hard") or {}).items():
        at = f"spec.hard[{name}]"
        yield from qualified(at, name)
        if "/" not in name and not _counted(name):
            if " " not in name:
                yield invalid(at, name, "must be a standard resource type or fully qualified")
            yield invalid(at, name, "must be a standard resource for quota")
        yield from quantity(at, value)
    scopes = spec.get("scopes") or []
    if any(scope not in _SCOPES for scope in scopes):
        yield invalid("spec.scopes", scopes, "unsupported scope")


def _counted(name: str) -> bool:
    plain = name.removeprefix("requests.").removeprefix("limits.")
    return plain in _COUNTED or plain.startswith(("count/", "hugepages-"))


def check_limits(obj: JsonObject) -> Iterator[Cause]:
    """LimitRange."""
    seen: set[str] = set()
    for index, limit in enumerate(dicts(obj, "spec", "limits")):
        at, kind = f"spec.limits[{index}]", str(limit.get("type") or "")
        if kind not in _LIMITED and "/" not in kind:
            yield invalid(f"{at}.type", kind, "must be a standard limit type or fully qualified")
        if kind in seen:
            yield duplicate(f"{at}.type", kind)
        seen.add(kind)
        if kind == "Pod":
            for field in ("default", "defaultRequest"):
                if limit.get(field):
                    yield forbidden(f"{at}.{field}", "may not be specified when `type` is 'Pod'")
        yield from _order(limit, at)


def _order(limit: JsonObject, at: str) -> Iterator[Cause]:
    """See that min <= defaultRequest <= default <= max, of each resource."""
    fields = ("min", "defaultRequest", "default", "max")
    names = {name: None for field in fields for name in limit.get(field) or {}}
    for name in names:
        least, asked, usual, most = ((limit.get(field) or {}).get(name) for field in fields)
        small = ("min", least, "min value"), ("defaultRequest", asked, "default request value")
        large = ("max", most, "max value"), ("default", usual, "default limit value")
        pairs = (
            ("min", least, small[0], large[0]),
            ("defaultRequest", asked, small[0], small[1]),
            ("defaultRequest", asked, small[1], large[0]),
            ("defaultRequest", asked, small[1], large[1]),
            # Of these two the server shows the other value as the wrong one.
            ("default", least, small[0], ("default", usual, "default value")),
            ("default", most, ("default", usual, "default value"), large[0]),
        )
        for field, value, (_, low, less), (_, high, more) in pairs:
            if low is not None and high is not None and (number(low) or 0) > (number(high) or 0):
                yield invalid(
                    f"{at}.{field}[{name}]", str(value), f"{less} {low} is greater than {more} {high}"
                )


def check_priority(obj: JsonObject) -> Iterator[Cause]:
    """PriorityClass."""
    name = obj["metadata"]["name"]
    if name.startswith("system-"):
        if name not in ("system-cluster-critical", "system-node-critical"):
            why = (
                "priority class names with 'system-' prefix are reserved for system use only. "
                f"error: {name} is not a known system priority class"
            )
            yield forbidden("metadata.name", why)
    elif (obj.get("value") or 0) > _HIGHEST:
        yield forbidden("value", f"maximum allowed value of a user defined priority is {_HIGHEST}")
    yield from one_of("preemptionPolicy", obj.get("preemptionPolicy"), ("PreemptLowerPriority", "Never"))


def check_role(obj: JsonObject) -> Iterator[Cause]:
    """Role or ClusterRole."""
    namespaced = obj["kind"] == "Role"
    for index, rule in enumerate(dicts(obj, "rules")):
        at = f"rules[{index}]"
        if not rule.get("verbs"):
            yield required(f"{at}.verbs")
        urls = rule.get("nonResourceURLs")
        if urls:
            if namespaced:
                why = "namespaced rules cannot apply to non-resource URLs"
                yield invalid(f"{at}.nonResourceURLs", urls, why)
            if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
                why = "rules cannot apply to both regular resources and non-resource URLs"
                yield invalid(f"{at}.nonResourceURLs", urls, why)
            continue
        if not rule.get("apiGroups"):
            yield required(f"{at}.apiGroups", "resource rules must supply at least one api group")
        if not rule.get("resources"):
            yield required(f"{at}.resources", "resource rules must supply at least one resource")


def check_binding(obj: JsonObject) -> Iterator[Cause]:
    """RoleBinding or ClusterRoleBinding."""
    reference = obj.get("roleRef") or {}
    if (group := reference.get("apiGroup") or _RBAC) != _RBAC:
        yield unsupported("roleRef.apiGroup", group, (_RBAC,))
    kinds = ("Role", "ClusterRole") if obj["kind"] == "RoleBinding" else ("ClusterRole",)
    yield from one_of("roleRef.kind", reference.get("kind") or "", kinds)
    if not reference.get("name"):
        yield required("roleRef.name")
    for index, subject in enumerate(dicts(obj, "subjects")):
        yield from _subject(subject, f"subjects[{index}]", clusterwide=obj["kind"] != "RoleBinding")


def _subject(subject: JsonObject, at: str, *, clusterwide: bool) -> Iterator[Cause]:
    if not subject.get("name"):
        yield required(f"{at}.name")
    kind, group = subject.get("kind") or "", subject.get("apiGroup") or ""
    if kind == "ServiceAccount":
        if group:
            yield unsupported(f"{at}.apiGroup", group, ("",))
        if clusterwide and not subject.get("namespace"):
            yield required(f"{at}.namespace")
    elif kind in ("User", "Group"):
        if group != _RBAC:
            yield unsupported(f"{at}.apiGroup", group, (_RBAC,))
    else:
        yield unsupported(f"{at}.kind", kind, ("ServiceAccount", "User", "Group"))


def check_autoscaler(obj: JsonObject) -> Iterator[Cause]:
    """HorizontalPodAutoscaler (autoscaling/v2)."""
    spec = obj.get("spec") or {}
    metrics = list(dicts(spec, "metrics"))
    least, most = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    if least is not None and least < 0:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 0")
    if most < (1 if least is None else least):
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    if not most:
        yield required("spec.maxReplicas")
    target = spec.get("scaleTargetRef") or {}
    for field in ("kind", "name"):
        if not target.get(field):
            yield required(f"spec.scaleTargetRef.{field}")
    if target.get("apiVersion") in (None, "") and not (target.get("kind") and target.get("name")):
        yield invalid("spec.scaleTargetRef.apiVersion", "", "apiVersion must specify API group")
    for index, metric in enumerate(metrics):
        yield from _metric(metric, f"spec.metrics[{index}]")
    if least == 0 and not any(metric.get("type") in ("Object", "External") for metric in metrics):
        why = "must specify at least one Object or External metric to support scaling to zero replicas"
        yield forbidden("spec.metrics", why)


def _metric(metric: JsonObject, at: str) -> Iterator[Cause]:
    kind = metric.get("type") or ""
    if kind not in _METRICS:
        yield unsupported(f"{at}.type", kind, _METRICS)
        return
    source = metric.get(_METRICS[kind])
    if not isinstance(source, dict):
        yield required(f"{at}.{_METRICS[kind]}", "must populate information for the given metric source")
        return
    if kind not in ("Resource", "ContainerResource"):
        return
    if not source.get("name"):
        yield required(f"{at}.{_METRICS[kind]}.name", "must specify a resource name")
    where = f"{at}.{_METRICS[kind]}.target"
    share, value = dig(source, "target", "averageUtilization"), dig(source, "target", "averageValue")
    if share is not None and share < 1:
        yield invalid(f"{where}.averageUtilization", share, "must be greater than 0")
    elif share is None and value is None:
        why = "must set either a target raw value or a target utilization"
        yield required(f"{where}.averageUtilization", why)
    elif share is not None and value is not None:
        yield forbidden(
            f"{where}.averageValue", "may not set both a target raw value and a target utilization"
        )


def check_budget(obj: JsonObject) -> Iterator[Cause]:
    """PodDisruptionBudget."""
    spec = obj.get("spec") or {}
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        shown = {"MinAvailable": least, "Selector": spec.get("selector"), "MaxUnavailable": most}
        why = "minAvailable and maxUnavailable cannot be both set"
        yield invalid("spec", {**shown, "UnhealthyPodEvictionPolicy": None}, why)
    yield from amount("spec.minAvailable", least)
    yield from amount("spec.maxUnavailable", most)
    yield from selector("spec.selector", spec.get("selector"))
