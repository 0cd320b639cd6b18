"""Who controls what: controllers take over what matches their selector, and let go of what no longer does."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.controllers.base import (
    ByLabels,
    Key,
    Keys,
    controller_of,
    deleting,
    labels_of,
    matches,
    own,
    reference,
)
from k8stui.practice.controllers.world import World

Selector = Callable[[JsonObject], JsonObject | None]
"""The LabelSelector of a controlling object."""


def claim(
    world: World, owner: JsonObject, kind: ResourceKind, selector: JsonObject | None
) -> list[JsonObject]:
    """The objects of a kind that an owner controls.

    Those that match its selector and have no controller are adopted; those of its own that do not match any
    more are released. An owner that is being deleted does neither.
    """
    uid, alive = owner["metadata"]["uid"], not deleting(owner)
    found: list[JsonObject] = []
    for obj in world.owned(kind, owner):
        ref = controller_of(obj)
        if ref is None or ref["uid"] != uid:
            continue
        if matches(selector, labels_of(obj)):
            found.append(obj)
        elif alive:
            left = [ref for ref in obj["metadata"]["ownerReferences"] if ref["uid"] != uid]
            world.set_metadata(kind, obj, ownerReferences=left or None)
    if alive:
        for obj in world.free(kind, owner["metadata"]["namespace"]):
            if not deleting(obj) and matches(selector, labels_of(obj)):
                refs = [*(obj["metadata"].get("ownerReferences") or ()), reference(owner)]
                found.append(world.set_metadata(kind, obj, ownerReferences=refs))
    return found


def claimants(world: World, kind: ResourceKind, selector: Selector) -> Keys:
    """A mapping from an object to the one of a kind that controls it, or those that could adopt it."""

    def keys(obj: JsonObject) -> Iterable[Key]:
        ref = controller_of(obj)
        namespace = obj["metadata"]["namespace"]
        if ref is not None:
            mine = ref.get("kind") == kind.kind and ref.get("apiVersion") == kind.api_version
            return ((namespace, ref["name"]),) if mine else ()
        if not world.store.count(kind, namespace):
            return ()
        labels = labels_of(obj)
        return [own(each) for each in world.store.list(kind, namespace) if matches(selector(each), labels)]

    return ByLabels(keys)
