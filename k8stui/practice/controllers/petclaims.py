"""The claims of a StatefulSet's Pods: made for each Pod, and kept or dropped as the set's policy says."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice import errors
from k8stui.practice.controllers.base import CLAIMS, deleting, reference
from k8stui.practice.controllers.template import filled
from k8stui.practice.controllers.world import World


def number_of(pod: JsonObject, name: str) -> int | None:
    """The number at the end of a Pod's name; None when it is not named as the set's Pods are."""
    head, _, tail = pod["metadata"]["name"].rpartition("-")
    return int(tail) if head == name and tail.isdigit() else None


def claim_names(obj: JsonObject, pod: str) -> list[str]:
    """The names of a Pod's claims."""
    return [f"{item['metadata']['name']}-{pod}" for item in dicts(obj, "spec", "volumeClaimTemplates")]


def volumes(obj: JsonObject, template: JsonObject, pod: str) -> list[JsonObject]:
    """A Pod's volumes: its own claims, in place of what the template has of the same name, and the others."""
    names = [item["metadata"]["name"] for item in dicts(obj, "spec", "volumeClaimTemplates")]
    mine: list[JsonObject] = [
        {"name": name, "persistentVolumeClaim": {"claimName": f"{name}-{pod}"}} for name in names
    ]
    return [*mine, *(item for item in dicts(template, "spec", "volumes") if item["name"] not in names)]


def make_claims(world: World, obj: JsonObject, pod: JsonObject, by: str) -> None:
    """Make the claims of a Pod that are not there.

    Raises:
        StatusError: one is still there and being deleted, or the server refuses one.
    """
    namespace, name = obj["metadata"]["namespace"], pod["metadata"]["name"]
    for template in dicts(obj, "spec", "volumeClaimTemplates"):
        said = template["metadata"]
        claim = f"{said['name']}-{name}"
        found = world.find(CLAIMS, namespace, claim)
        if found is not None:
            if deleting(found):
                raise errors.StatusError(409, "Conflict", f"pvc {claim} is being deleted")
            continue
        labels = {**(said.get("labels") or {}), **(dig(obj, "spec", "selector", "matchLabels") or {})}
        metadata: JsonObject = {"name": claim, "namespace": namespace, "labels": labels}
        if said.get("annotations"):
            metadata["annotations"] = said["annotations"]
        world.create(CLAIMS, filled(world, CLAIMS, {"metadata": metadata, "spec": template["spec"]}))
        message = f"Create Claim {claim} Pod {name} in StatefulSet {obj['metadata']['name']} success"
        world.say(obj, "SuccessfulCreate", message, by=by)


def own_claims(world: World, obj: JsonObject, pod: JsonObject, *, condemned: bool) -> None:
    """Give a Pod's claims the owner with which they are to go: the set, the Pod when it is one too many.

    Args:
        world: The cluster.
        obj: The StatefulSet with its persistentVolumeClaimRetentionPolicy.
        pod: One of its Pods.
        condemned: Whether the Pod goes because the set has become smaller.
    """
    policy = dig(obj, "spec", "persistentVolumeClaimRetentionPolicy") or {}
    with_set, with_pod = policy.get("whenDeleted") == "Delete", policy.get("whenScaled") == "Delete"
    wanted: list[JsonObject] = []
    if condemned and with_pod:
        wanted = [reference(pod)]
    elif with_set:
        wanted = [reference(obj)]
    ours = {obj["metadata"]["uid"], pod["metadata"]["uid"]}
    for name in claim_names(obj, pod["metadata"]["name"]):
        claim = world.find(CLAIMS, obj["metadata"]["namespace"], name)
        if claim is None:
            continue
        refs = claim["metadata"].get("ownerReferences") or []
        new = [*(ref for ref in refs if ref["uid"] not in ours), *wanted]
        if new != refs:
            world.set_metadata(CLAIMS, claim, ownerReferences=new or None)
