"""Rows of the kinds that act on other kinds: limits, scaling, budgets, extensions, events."""

from __future__ import annotations

import json
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.printers.base import (
    AGE,
    CREATED,
    NAME,
    NONE,
    UNKNOWN,
    UNSET,
    Printer,
    age,
    column,
    containers,
    default_cells,
    labels,
    name_of,
    number,
    since,
    whole,
    wide,
)

_METRIC_SOURCE = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}


def _metric(spec: JsonObject, status: JsonObject | None) -> str:
    """One metric as ``now/target``."""
    kind = spec.get("type", "")
    source = _METRIC_SOURCE.get(kind)
    if source is None:
        return "<unknown type>"
    target = dig(spec, source, "target") or {}
    current = dig(status, source, "current") or {}
    average = target.get("averageValue")
    if kind in ("Resource", "ContainerResource"):
        name = dig(spec, source, "name")
        if average is not None:
            return f"{name}: {current.get('averageValue', UNKNOWN)}/{average}"
        wanted, found = target.get("averageUtilization"), current.get("averageUtilization")
        goal = "<auto>" if wanted is None else f"{wanted}%"
        return f"{name}: {UNKNOWN if found is None else f'{found}%'}/{goal}"
    if average is not None:
        text = f"{current.get('averageValue', UNKNOWN)}/{average}"
        return text if kind == "Pods" else f"{text} (avg)"
    return f"{current.get('value', UNKNOWN)}/{target.get('value', '0')}"


def _modern(obj: JsonObject) -> tuple[list[JsonObject], list[JsonObject]]:
    """Metrics and their values as autoscaling/v2 has them.

    autoscaling/v1 has a field for the share of CPU alone, and everything else as JSON in annotations.
    """
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    if obj.get("apiVersion") != "autoscaling/v1":
        return list(dicts(spec, "metrics")), list(dicts(status, "currentMetrics"))
    wanted: list[JsonObject] = []
    if (goal := spec.get("targetCPUUtilizationPercentage")) is not None:
        wanted.append(
            {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": goal}}}
        )
    wanted += [_renamed(item, "target") for item in _noted(obj, "metrics")]
    current = [_renamed(item, "current") for item in _noted(obj, "current-metrics")]
    if not current and (found := status.get("currentCPUUtilizationPercentage")) is not None:
        current = [
            {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": found}}}
        ]
    return wanted, current


def _noted(obj: JsonObject, name: str) -> list[JsonObject]:
    text = dig(obj, "metadata", "annotations", f"autoscaling.alpha.kubernetes.io/{name}")
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return list(dicts({"found": found}, "found"))


def _renamed(metric: JsonObject, side: str) -> JsonObject:
    """A metric of the older form (``targetAverageUtilization``) in the newer one."""
    source = _METRIC_SOURCE.get(metric.get("type", ""), "")
    given = metric.get(source) or {}
    values = {
        key.removeprefix(side)[0].lower() + key.removeprefix(side)[1:]: value
        for key, value in given.items()
        if key.startswith(side) and key != side
    }
    return {**metric, source: {**given, side: values}}


def _metrics(obj: JsonObject) -> str:
    """The first two metrics."""
    wanted, current = _modern(obj)
    said = [_metric(item, current[i] if i < len(current) else None) for i, item in enumerate(wanted)]
    if not said:
        return NONE
    text = ", ".join(said[:2])
    return f"{text} + {len(said) - 2} more..." if len(said) > 2 else text


def _autoscaler(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    target = spec.get("scaleTargetRef") or {}
    least = spec.get("minReplicas")
    return [
        name_of(obj),
        f"{target.get('kind', '')}/{target.get('name', '')}",
        _metrics(obj),
        UNSET if least is None else str(least),
        number(spec.get("maxReplicas")),
        number(dig(obj, "status", "currentReplicas")),
        age(obj, now),
    ]


def _budget(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    return [
        name_of(obj),
        "N/A" if least is None else str(least),
        "N/A" if most is None else str(most),
        number(dig(obj, "status", "disruptionsAllowed")),
        age(obj, now),
    ]


def _revision(obj: JsonObject, now: float) -> list[Any]:
    owner = next((o for o in dicts(obj, "metadata", "ownerReferences") if o.get("controller")), None)
    controller = NONE
    if owner is not None:
        group = owner.get("apiVersion", "").rpartition("/")[0]
        kind = f"{owner.get('kind', '')}.{group}" if group else owner.get("kind", "")
        controller = f"{kind.lower()}/{owner.get('name', '')}"
    return [name_of(obj), controller, number(obj.get("revision")), age(obj, now)]


def _pod_template(obj: JsonObject, now: float) -> list[Any]:
    template = obj.get("template") or {}
    return [name_of(obj), *containers(template.get("spec")), labels(dig(template, "metadata", "labels"))]


def _event(obj: JsonObject, now: float) -> list[Any]:
    """An event of the core group or of events.k8s.io, which call the same things differently."""
    about = obj.get("involvedObject") or obj.get("regarding") or {}
    source = obj.get("source") or obj.get("deprecatedSource") or {}
    began = obj.get("firstTimestamp") or obj.get("deprecatedFirstTimestamp") or obj.get("eventTime")
    first = since(began, now)
    latest = obj.get("lastTimestamp") or obj.get("deprecatedLastTimestamp")
    last = since(latest, now) if latest else first
    count = obj.get("count") or obj.get("deprecatedCount") or 1
    if series := obj.get("series"):
        last, count = since(series.get("lastObservedTime"), now), series.get("count", 0)
    component = (
        source.get("component") or obj.get("reportingComponent") or obj.get("reportingController") or ""
    )
    instance = source.get("host") or obj.get("reportingInstance") or ""
    kind = str(about.get("kind", "")).lower()
    return [
        last,
        obj.get("type", ""),
        obj.get("reason", ""),
        f"{kind}/{about['name']}" if about.get("name") else kind,
        about.get("fieldPath", ""),
        f"{component}, {instance}" if instance else component,
        str(obj.get("message") or obj.get("note") or "").strip(),
        first,
        count,
        name_of(obj),
    ]


def _priority_class(obj: JsonObject, now: float) -> list[Any]:
    return [
        name_of(obj),
        number(obj.get("value")),
        bool(obj.get("globalDefault")),
        age(obj, now),
        obj.get("preemptionPolicy") or "",
    ]


_EVENT = Printer(
    (
        column("Last Seen", "Time since it happened last."),
        column("Type", "Normal or Warning."),
        column("Reason", "Why it was reported, in one word."),
        column("Object", "Object that it is about."),
        wide("Subobject", "Part of the object that it is about."),
        wide("Source", "Component that reported it, and where that runs."),
        column("Message", "What happened."),
        wide("First Seen", "Time since it happened first."),
        wide("Count", "How often it has happened."),
        column("Name", NAME["description"], form="name", priority=1),
    ),
    _event,
)
_AUTOSCALER = Printer(
    (
        NAME,
        column("Reference", "Object whose replicas it sets."),
        column("Targets", "Metrics it watches, as value/target."),
        column("MinPods", "Fewest replicas it goes down to."),
        column("MaxPods", "Most replicas it goes up to."),
        column("Replicas", "How many replicas there are."),
        AGE,
    ),
    _autoscaler,
)
PRINTERS: tuple[tuple[str, str, Printer], ...] = (
    ("", "limitranges", Printer((NAME, CREATED), default_cells)),
    ("autoscaling", "horizontalpodautoscalers", _AUTOSCALER),
    (
        "policy",
        "poddisruptionbudgets",
        Printer(
            (
                NAME,
                column("Min Available", "Fewest Pods that must stay up."),
                column("Max Unavailable", "Most Pods that may be down."),
                whole("Allowed Disruptions", "How many Pods may be evicted now."),
                AGE,
            ),
            _budget,
        ),
    ),
    (
        "apps",
        "controllerrevisions",
        Printer(
            (
                NAME,
                column("Controller", "Object whose history it belongs to."),
                column("Revision", "Number of the revision."),
                AGE,
            ),
            _revision,
        ),
    ),
    (
        "",
        "podtemplates",
        Printer(
            (
                NAME,
                column("Containers", "Names of the containers in the template."),
                column("Images", "Images of the containers in the template."),
                column("Pod Labels", "Labels that Pods made from it get."),
            ),
            _pod_template,
        ),
    ),
    ("", "events", _EVENT),
    ("events.k8s.io", "events", _EVENT),
    (
        "scheduling.k8s.io",
        "priorityclasses",
        Printer(
            (
                NAME,
                whole("Value", "Priority that its Pods get."),
                column("Global-Default", "Whether Pods without a class get it.", kind="boolean"),
                AGE,
                column("PreemptionPolicy", "Whether its Pods push others aside."),
            ),
            _priority_class,
        ),
    ),
)
