"""ResourceQuota: how much of it is used, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterable

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.admission.usage import Amounts, counted, gone_by, in_scope, milli, usage, written
from k8stui.practice.store import Store


def used(store: Store, quota: JsonObject, now: float) -> Amounts:
    """How much of each resource of a quota is used now."""
    hard = dig(quota, "spec", "hard") or {}
    namespace = quota["metadata"]["namespace"]
    total: Amounts = dict.fromkeys(hard, 0)
    for kind in counted(hard):
        for obj in store.list(kind, namespace):
            if kind.plural == "pods" and gone_by(obj, now):
                continue
            if not in_scope(quota, kind, obj):
                continue
            for name, amount in usage(kind, obj).items():
                if name in total:
                    total[name] += amount
    return total


def refusal(
    store: Store,
    quotas: Iterable[JsonObject],
    kind: ResourceKind,
    new: JsonObject,
    old: JsonObject | None,
    now: float,
) -> str:
    """Why a quota of the namespace does not allow a new object, or a change; empty when all do."""
    after, before = usage(kind, new), {} if old is None else usage(kind, old)
    for quota in quotas:
        hard = dig(quota, "spec", "hard") or {}
        name = quota["metadata"]["name"]
        if not in_scope(quota, kind, new):
            continue
        if old is None and (missing := _missing(hard, kind, new)):
            return f"failed quota: {name}: must specify {missing}"
        held = before if old is not None and in_scope(quota, kind, old) else {}
        more = {key: after[key] - held.get(key, 0) for key in after if key in hard}
        more = {key: amount for key, amount in more.items() if amount > 0}
        if not more:
            continue
        now_used = used(store, quota, now)
        over = sorted(key for key, amount in more.items() if now_used[key] + amount > milli(hard[key]))
        if over:
            said = [
                ",".join(f"{key}={value}" for key, value in values)
                for values in (
                    [(key, written(key, more[key])) for key in over],
                    [(key, written(key, now_used[key])) for key in over],
                    [(key, str(hard[key])) for key in over],
                )
            ]
            return f"exceeded quota: {name}, requested: {said[0]}, used: {said[1]}, limited: {said[2]}"
    return ""


def _missing(hard: JsonObject, kind: ResourceKind, obj: JsonObject) -> str:
    """The resources that every container has to name because they are limited: ``limits.cpu for: a,b``."""
    if (kind.group, kind.plural) != ("", "pods"):
        return ""
    found: dict[str, list[str]] = {}
    for resource in sorted(hard):
        side, name = _part(resource)
        if not side:
            continue
        for item in (*dicts(obj, "spec", "containers"), *dicts(obj, "spec", "initContainers")):
            if name not in (dig(item, "resources", side) or {}):
                found.setdefault(resource, []).append(str(item.get("name", "")))
    return "; ".join(f"{resource} for: {','.join(sorted(names))}" for resource, names in found.items())


def _part(resource: str) -> tuple[str, str]:
    """Whether a resource is of requests or limits, and which; empty for what containers need not name."""
    if resource in ("cpu", "memory"):
        return "requests", resource
    side, dot, name = resource.partition(".")
    if dot and side in ("requests", "limits") and name in ("cpu", "memory"):
        return side, name
    return "", ""
