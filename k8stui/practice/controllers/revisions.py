"""ControllerRevisions: the history of DaemonSets and StatefulSets."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dig
from k8stui.practice.controllers.base import REVISIONS, labels_of, reference
from k8stui.practice.controllers.template import template_hash
from k8stui.practice.controllers.world import World


def current_revision(world: World, obj: JsonObject, label: str) -> str:
    """The hash of the object's Pod template; its ControllerRevision is made when there is none.

    Args:
        world: The cluster.
        obj: A DaemonSet or StatefulSet.
        label: Label under which the hash stands on the revision.

    Returns:
        The hash: the revision is called by the object's name and it.
    """
    template = obj["spec"]["template"]
    mark = world.remembered(obj["metadata"]["uid"], template, template_hash)
    name = f"{obj['metadata']['name']}-{mark}"
    namespace = obj["metadata"]["namespace"]
    revisions = world.owned(REVISIONS, obj)
    newest = max((found["revision"] for found in revisions), default=0)
    found = world.find(REVISIONS, namespace, name)
    if found is None:
        labels = {**(dig(template, "metadata", "labels") or {}), label: mark}
        metadata: JsonObject = {
            "name": name,
            "namespace": namespace,
            "labels": labels,
            "ownerReferences": [reference(obj)],
        }
        said = obj["metadata"].get("annotations")
        if said:
            metadata["annotations"] = said
        data = {"spec": {"template": {**template, "$patch": "replace"}}}
        world.create(REVISIONS, {"metadata": metadata, "data": data, "revision": newest + 1})
    elif found["revision"] < newest:
        world.store.update(REVISIONS, {**found, "revision": newest + 1})
    return mark


def template_of(world: World, namespace: str, name: str) -> JsonObject | None:
    """The Pod template that a ControllerRevision keeps; None when there is no such revision."""
    found = dig(world.find(REVISIONS, namespace, name), "data", "spec", "template")
    return None if found is None else {key: value for key, value in found.items() if key != "$patch"}


def forget_revisions(world: World, obj: JsonObject, label: str, in_use: set[str]) -> None:
    """Remove the oldest revisions beyond the history limit that no Pod has."""
    limit = dig(obj, "spec", "revisionHistoryLimit")
    idle = [r for r in world.owned(REVISIONS, obj) if labels_of(r).get(label) not in in_use]
    idle.sort(key=lambda found: int(found["revision"]))
    for found in idle[: max(0, len(idle) - (10 if limit is None else limit))]:
        world.delete(REVISIONS, found)
