"""Pods made from a template, and the hashes that tell templates apart."""

from __future__ import annotations

import json
from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.api.defaults import fill
from k8stui.practice.controllers.base import reference
from k8stui.practice.controllers.world import World

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def pod_from(
    world: World,
    owner: JsonObject,
    template: JsonObject,
    name: str,
    *,
    labels: JsonObject | None = None,
    spec: JsonObject | None = None,
    generate: bool = True,
) -> JsonObject:
    """A Pod as a controller would create it; neither admitted nor stored yet.

    Args:
        world: Where names and chance come from.
        owner: The controlling object.
        template: Its Pod template (``metadata`` and ``spec``).
        name: The Pod's name, or its beginning when ``generate``.
        labels: Labels beside the template's.
        spec: Fields of the spec that replace the template's.
        generate: Whether a random end is added to the name.
    """
    said = template.get("metadata") or {}
    metadata: JsonObject = {"name": name + world.suffix() if generate else name}
    if generate:
        metadata["generateName"] = name
    metadata["namespace"] = owner["metadata"]["namespace"]
    metadata["labels"] = {**(said.get("labels") or {}), **(labels or {})}
    if said.get("annotations"):
        metadata["annotations"] = said["annotations"]
    metadata["ownerReferences"] = [reference(owner)]
    return {"metadata": metadata, "spec": {**template["spec"], **(spec or {})}}


def filled(world: World, kind: ResourceKind, obj: JsonObject) -> JsonObject:
    """A copy of an object with its type and the defaults of its kind."""
    whole = {"kind": kind.kind, "apiVersion": kind.api_version, **_copied(obj)}
    fill(kind, whole, world.store)
    return whole


def _copied(value: Any) -> Any:
    """A copy of JSON values, several times as fast as a general one."""
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def template_hash(template: Any) -> str:
    """The value of the label pod-template-hash: ten letters that differ when the template does."""
    text = json.dumps(template, sort_keys=True, separators=(",", ":"))
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFF_FFFF_FFFF_FFFF
    letters = []
    for _ in range(10):
        value, rest = divmod(value, len(_LETTERS))
        letters.append(_LETTERS[rest])
    return "".join(letters)


def is_of(template: JsonObject, wanted: JsonObject) -> bool:
    """Whether a ReplicaSet's template is what its Deployment wants: the same but for the hash label."""
    if template.get("spec") is not wanted.get("spec") and template.get("spec") != wanted.get("spec"):
        return False
    metadata = template.get("metadata") or {}
    labels = {k: v for k, v in (metadata.get("labels") or {}).items() if k != "pod-template-hash"}
    return {**template, "metadata": {**metadata, "labels": labels}} == wanted


def scaled(value: Any, replicas: int, *, up: bool) -> int:
    """A number of Pods given as such or in percent of the replicas, rounded up or down."""
    if isinstance(value, str) and value.endswith("%"):
        share = replicas * int(value[:-1])
        return -(-share // 100) if up else share // 100
    return int(value or 0)
