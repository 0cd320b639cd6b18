"""LimitRange: what containers get that ask for nothing, and the bounds of what they may ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_quantity
from k8stui.practice.admission.usage import add, written

_ANNOTATION = "kubernetes.io/limit-ranger"


def with_defaults(pod: JsonObject, ranges: Iterable[JsonObject]) -> JsonObject:
    """A Pod whose containers have what the LimitRanges of its namespace give to those that do not say."""
    said: list[str] = []
    for found in ranges:
        requests, limits = _defaults(found)
        if not requests and not limits:
            continue
        spec = dict(pod["spec"])
        for key, word in (("initContainers", "init container"), ("containers", "container")):
            if spec.get(key):
                spec[key] = [_filled(item, word, requests, limits, said) for item in spec[key]]
        pod = {**pod, "spec": spec}
    if not said:
        return pod
    metadata = pod["metadata"]
    note = "LimitRanger plugin set: " + "; ".join(said)
    annotations = {**(metadata.get("annotations") or {}), _ANNOTATION: note}
    return {**pod, "metadata": {**metadata, "annotations": annotations}}


def _filled(
    item: JsonObject, word: str, requests: JsonObject, limits: JsonObject, said: list[str]
) -> JsonObject:
    resources = dict(item.get("resources") or {})
    for key, usual in (("requests", requests), ("limits", limits)):
        own = resources.get(key) or {}
        new = sorted(name for name in usual if name not in own)
        if new:
            resources[key] = {**own, **{name: usual[name] for name in new}}
            said.append(f"{', '.join(new)} {key[:-1]} for {word} {item['name']}")
    return {**item, "resources": resources} if resources != (item.get("resources") or {}) else item


def _defaults(found: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Requests and limits for containers that have none."""
    requests: JsonObject = {}
    limits: JsonObject = {}
    for item in dicts(found, "spec", "limits"):
        if item.get("type") == "Container":
            limits |= item.get("default") or {}
            requests |= item.get("defaultRequest") or {}
    return requests, limits


def pod_mistakes(pod: JsonObject, found: JsonObject) -> list[str]:
    """How a Pod breaks a LimitRange."""
    mistakes: list[str] = []
    containers = [*dicts(pod, "spec", "initContainers"), *dicts(pod, "spec", "containers")]
    for item in dicts(found, "spec", "limits"):
        kind = item.get("type")
        if kind == "Container":
            for container in containers:
                mistakes += _broken(kind, item, container.get("resources") or {})
        elif kind == "Pod":
            sums = {key: _sum(pod, key) for key in ("requests", "limits")}
            mistakes += _broken(kind, item, sums)
    return mistakes


def claim_mistakes(claim: JsonObject, found: JsonObject) -> list[str]:
    """How a PersistentVolumeClaim breaks a LimitRange."""
    kind = "PersistentVolumeClaim"
    requests = dig(claim, "spec", "resources", "requests") or {}
    mistakes: list[str] = []
    for item in dicts(found, "spec", "limits"):
        if item.get("type") != kind:
            continue
        for name, least in sorted((item.get("min") or {}).items()):
            mistakes += _least(kind, name, least, requests.get(name), None)
        for name, most in sorted((item.get("max") or {}).items()):
            asked = requests.get(name)
            if asked is None:
                mistakes.append(f"maximum {name} usage per {kind} is {most}.  No request is specified")
            elif _number(asked) > _number(most):
                mistakes.append(f"maximum {name} usage per {kind} is {most}, but request is {asked}")
    return mistakes


def _broken(kind: str, item: JsonObject, resources: JsonObject) -> Iterator[str]:
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    for name, least in sorted((item.get("min") or {}).items()):
        yield from _least(kind, name, least, requests.get(name), limits.get(name))
    for name, most in sorted((item.get("max") or {}).items()):
        yield from _most(kind, name, most, requests.get(name), limits.get(name))
    for name, ratio in sorted((item.get("maxLimitRequestRatio") or {}).items()):
        yield from _ratio(kind, name, ratio, requests.get(name), limits.get(name))


def _least(kind: str, name: str, least: object, request: object, limit: object) -> Iterator[str]:
    said = f"minimum {name} usage per {kind} is {least}"
    if request is None:
        yield f"{said}.  No request is specified"
    elif _number(request) < _number(least):
        yield f"{said}, but request is {request}"
    elif limit is not None and _number(limit) < _number(least):
        yield f"{said}, but limit is {limit}"


def _most(kind: str, name: str, most: object, request: object, limit: object) -> Iterator[str]:
    said = f"maximum {name} usage per {kind} is {most}"
    if limit is None:
        yield f"{said}.  No limit is specified"
    elif _number(limit) > _number(most):
        yield f"{said}, but limit is {limit}"
    elif request is not None and _number(request) > _number(most):
        yield f"{said}, but request is {request}"


def _ratio(kind: str, name: str, most: object, request: object, limit: object) -> Iterator[str]:
    said = f"{name} max limit to request ratio per {kind} is {most}"
    if request is None or not _number(request):
        yield f"{said}, but no request is specified or request is 0"
    elif limit is None or not _number(limit):
        yield f"{said}, but no limit is specified or limit is 0"
    elif (ratio := _number(limit) / _number(request)) > _number(most):
        yield f"{said}, but provided ratio is {ratio:.6f}"


def _number(quantity: object) -> float:
    return parse_quantity(str(quantity)) or 0.0


def _sum(pod: JsonObject, side: str) -> JsonObject:
    """The sum over a Pod's containers of each resource that one of them names."""
    total: dict[str, int] = {}
    for item in dicts(pod, "spec", "containers"):
        add(total, dig(item, "resources", side) or {})
    return {name: written(name, value) for name, value in total.items()}
