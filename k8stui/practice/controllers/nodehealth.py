"""How a node fares: what its annotations let it suffer, and what its conditions say of it."""

from __future__ import annotations

from k8stui.core.objects import JsonObject
from k8stui.practice.controllers.programs import DOMAIN

KUBELET = f"{DOMAIN}/kubelet"
"""Annotation of a Node: ``stopped`` stops its kubelet, as if the machine were down."""
PRESSURE = f"{DOMAIN}/pressure"
"""Annotation of a Node: ``memory``, ``disk`` or ``pid``, of which it runs short."""


def kubelet_runs(node: JsonObject | None) -> bool:
    """Whether a node is there and its kubelet works."""
    return node is not None and _said(node, KUBELET) != "stopped"


def pressure(node: JsonObject) -> str:
    """What a node runs short of; empty for nothing."""
    said = _said(node, PRESSURE)
    return said if said in ("memory", "disk", "pid") else ""


def _said(node: JsonObject, key: str) -> str:
    return str((node["metadata"].get("annotations") or {}).get(key, ""))
