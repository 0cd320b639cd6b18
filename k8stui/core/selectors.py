"""Label selectors: as kubectl writes them, and whether labels fit them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig

_MAPS = frozenset({("", "Service"), ("", "ReplicationController")})
"""Kinds whose ``spec.selector`` is a plain map of labels."""


def labels_of(value: Any) -> dict[str, str]:
    """A map of labels; what is no text in it is left out."""
    if not isinstance(value, dict):
        return {}
    return {key: said for key, said in value.items() if isinstance(said, str)}


def of_labels(labels: Mapping[str, str]) -> str:
    """The selector for objects that have all these labels: ``app=web,tier=front``."""
    return ",".join(f"{key}={value}" for key, value in labels.items())


def of_selector(selector: Any) -> str | None:
    """A ``LabelSelector`` (matchLabels, matchExpressions) in one line; empty when it selects everything.

    None when it is no selector, or has an operator that kubectl cannot write.
    """
    if not isinstance(selector, dict):
        return None
    parts = [of_labels(labels_of(selector.get("matchLabels")))]
    for expression in dicts(selector, "matchExpressions"):
        key, operator = expression.get("key"), expression.get("operator")
        values = expression.get("values")
        words = ",".join(str(value) for value in values) if isinstance(values, list) else ""
        match operator:
            case "In":
                parts.append(f"{key} in ({words})")
            case "NotIn":
                parts.append(f"{key} notin ({words})")
            case "Exists":
                parts.append(str(key))
            case "DoesNotExist":
                parts.append(f"!{key}")
            case _:
                return None
    return ",".join(part for part in parts if part)


def pod_selector(obj: JsonObject) -> str | None:
    """The selector by which an object picks Pods; None when it picks none.

    A Service without a selector picks none; a PodDisruptionBudget or NetworkPolicy with an empty one picks
    all of its namespace.
    """
    if _group_kind(obj) in _MAPS:
        return of_labels(labels_of(dig(obj, "spec", "selector"))) or None
    if obj.get("kind") == "NetworkPolicy":
        return of_selector(dig(obj, "spec", "podSelector"))
    return of_selector(dig(obj, "spec", "selector"))


def picks(obj: JsonObject, labels: Mapping[str, str]) -> bool:
    """Whether an object's selector picks a Pod with these labels."""
    if _group_kind(obj) in _MAPS:
        wanted = labels_of(dig(obj, "spec", "selector"))
        return bool(wanted) and wanted.items() <= labels.items()
    steps = ("spec", "podSelector") if obj.get("kind") == "NetworkPolicy" else ("spec", "selector")
    return _fits(dig(obj, *steps), labels)


def pod_labels(obj: JsonObject) -> dict[str, str]:
    """The labels of a Pod, or of the Pods that an object makes from its template."""
    if obj.get("kind") == "Pod":
        return labels_of(dig(obj, "metadata", "labels"))
    template = dig(obj, "spec", "jobTemplate", "spec", "template") or dig(obj, "spec", "template")
    return labels_of(dig(template, "metadata", "labels"))


def _fits(selector: Any, labels: Mapping[str, str]) -> bool:
    if not isinstance(selector, dict):
        return False
    if not labels_of(selector.get("matchLabels")).items() <= labels.items():
        return False
    return all(_expression(found, labels) for found in dicts(selector, "matchExpressions"))


def _expression(expression: JsonObject, labels: Mapping[str, str]) -> bool:
    value = labels.get(str(expression.get("key")))
    values = expression.get("values")
    listed = isinstance(values, list) and value in values
    match expression.get("operator"):
        case "In":
            return listed
        case "NotIn":
            return not listed
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case _:
            return False


def _group_kind(obj: JsonObject) -> tuple[str, str]:
    return str(obj.get("apiVersion", "")).rpartition("/")[0], str(obj.get("kind", ""))
