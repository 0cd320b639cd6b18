"""Claims and volumes: binding what fits, and making volumes where a StorageClass says how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_quantity, parse_time
from k8stui.practice.controllers.base import (
    CLAIMS,
    PODS,
    STORAGE_CLASSES,
    VOLUMES,
    ByEvent,
    Controller,
    Key,
    Keys,
    deleting,
    ended,
    labels_of,
    matches,
    own,
    own_key,
)
from k8stui.practice.store import Event

_CLAIM_PROTECTION, _VOLUME_PROTECTION = "kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"
_RESYNC = 60.0
"""Seconds between two looks at a claim that waits."""
_DEFAULT = "storageclass.kubernetes.io/is-default-class"
_NO_VOLUME = "no persistent volumes available for this claim and no storage class is set"
_EXTERNAL = (
    "Waiting for a volume to be created either by the external provisioner '{}' or manually by the system "
    "administrator. If volume creation is delayed, please verify that the provisioner is running and "
    "correctly registered."
)


class Claims(Controller):
    """Binds every claim to a volume, sooner or later."""

    name = "persistentvolume-controller"
    kind = CLAIMS

    def sources(self) -> Mapping[ResourceKind, Keys | ByEvent]:
        """The claims, the Pods that use them, volumes that turn up."""
        return {CLAIMS: own_key, PODS: ByEvent(_of_pod), VOLUMES: self._wanting}

    def _wanting(self, volume: JsonObject) -> Iterator[Key]:
        ref = dig(volume, "spec", "claimRef")
        if ref:
            yield ref.get("namespace", ""), ref.get("name", "")
        elif dig(volume, "status", "phase") in (None, "Pending", "Available"):
            yield from (
                own(c) for c in self.world.store.list(CLAIMS) if dig(c, "status", "phase") == "Pending"
            )

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Bind one claim, say what it waits for, or let it go."""
        claim = self.world.find(CLAIMS, namespace, name)
        if claim is None:
            self._release(namespace, name)
            return None
        if deleting(claim):
            self._let_go(claim)
            return None
        if _CLAIM_PROTECTION not in (claim["metadata"].get("finalizers") or ()):
            finalizers = [*(claim["metadata"].get("finalizers") or ()), _CLAIM_PROTECTION]
            claim = self.world.set_metadata(CLAIMS, claim, finalizers=finalizers)
        phase = dig(claim, "status", "phase")
        if phase == "Bound":
            return self._bound(claim)
        if phase == "Lost":
            return None
        if not phase:
            claim = self.world.set_status(CLAIMS, claim, {"phase": "Pending"})
        claim = self._classed(claim)
        if self._named(claim):
            return None
        found = self.world.find(STORAGE_CLASSES, "", _class(claim)) if _class(claim) else None
        later = (found or {}).get("volumeBindingMode") == "WaitForFirstConsumer"
        node = self._consumer_node(claim) if later else ""
        volume = None if later and not node else self._free_volume(claim)
        if volume is not None:
            self._bind(claim, volume)
            return None
        if later and not node:
            message = "waiting for first consumer to be created before binding"
            return self._waits(claim, "WaitForFirstConsumer", message)
        return self._provision(claim, found, node)

    def _waits(self, claim: JsonObject, reason: str, message: str, *, warning: bool = False) -> float:
        """Say what a claim waits for; when to do so again."""
        self.world.say(claim, reason, message, by=self.name, warning=warning, every=_RESYNC)
        return self.world.pause(_RESYNC, parse_time(claim["metadata"]["creationTimestamp"]) or 0.0)

    def _classed(self, claim: JsonObject) -> JsonObject:
        """A claim that names no class gets the default one, as soon as there is one."""
        if "storageClassName" in claim["spec"] or "volumeName" in claim["spec"]:
            return claim
        usual = [
            found
            for found in self.world.store.list(STORAGE_CLASSES)
            if (found["metadata"].get("annotations") or {}).get(_DEFAULT) == "true"
        ]
        if not usual:
            return claim
        newest = max(usual, key=lambda found: str(found["metadata"]["creationTimestamp"]))
        spec = {**claim["spec"], "storageClassName": newest["metadata"]["name"]}
        return self.world.store.update(CLAIMS, {**claim, "spec": spec})

    def _named(self, claim: JsonObject) -> bool:
        """Whether a claim names its volume; it is bound to it if that is free."""
        name = claim["spec"].get("volumeName")
        if not name:
            return False
        volume = self.world.find(VOLUMES, "", name)
        if volume is not None and self._is_free(volume, claim):
            self._bind(claim, volume)
        return True

    def _bound(self, claim: JsonObject) -> float | None:
        """A bound claim may lose its volume, or ask for a larger one."""
        volume = self.world.find(VOLUMES, "", claim["spec"].get("volumeName") or "")
        if volume is None:
            self.world.set_status(CLAIMS, claim, {**claim["status"], "phase": "Lost"})
            message = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
            self.world.say(claim, "ClaimLost", message, by=self.name, warning=True)
            return None
        wanted = dig(claim, "spec", "resources", "requests", "storage")
        if _bytes(wanted) > _bytes(dig(claim, "status", "capacity", "storage")):
            self._grow(claim, volume, wanted)
        return None

    def _grow(self, claim: JsonObject, volume: JsonObject, size: object) -> None:
        """Make a volume larger, if its class allows it."""
        found = self.world.find(STORAGE_CLASSES, "", _class(claim))
        if found is None or not found.get("allowVolumeExpansion"):
            return
        name, driver = volume["metadata"]["name"], found["provisioner"]
        message = f"External resizer is resizing volume {name}"
        self.world.say(claim, "Resizing", message, by=f"external-resizer {driver}")
        capacity = {**(volume["spec"].get("capacity") or {}), "storage": size}
        self.world.store.update(VOLUMES, {**volume, "spec": {**volume["spec"], "capacity": capacity}})
        status = {key: value for key, value in claim["status"].items() if key != "conditions"}
        claim = self.world.set_status(CLAIMS, claim, {**status, "capacity": capacity})
        node = self._consumer_node(claim)
        if node:
            message = f'MountVolume.NodeExpandVolume succeeded for volume "{name}"'
            self.world.say(claim, "FileSystemResizeSuccessful", message, by="kubelet", host=node)
        else:
            self.world.say(claim, "VolumeResizeSuccessful", "Resize volume succeeded", by="external-resizer")

    def _free_volume(self, claim: JsonObject) -> JsonObject | None:
        """The smallest free volume that fits."""
        wanted = _bytes(dig(claim, "spec", "resources", "requests", "storage"))
        modes = set(dig(claim, "spec", "accessModes") or ())
        best: JsonObject | None = None
        for volume in self.world.store.list(VOLUMES):
            if not self._is_free(volume, claim) or _class_of(volume) != _class(claim):
                continue
            if dig(volume, "spec", "claimRef"):
                return volume
            if not self._selected(volume, claim):
                continue
            size = _bytes(dig(volume, "spec", "capacity", "storage"))
            fits = size >= wanted and modes <= set(dig(volume, "spec", "accessModes") or ())
            if fits and (best is None or size < _bytes(dig(best, "spec", "capacity", "storage"))):
                best = volume
        return best

    def _is_free(self, volume: JsonObject, claim: JsonObject) -> bool:
        """Whether a volume is to be had by a claim: nobody's, or kept for this one."""
        ref = dig(volume, "spec", "claimRef")
        if deleting(volume) or dig(volume, "status", "phase") not in (None, "Pending", "Available"):
            return False
        mine = ref and (ref.get("namespace"), ref.get("name")) == own(claim)
        return not ref or (bool(mine) and ref.get("uid") in (None, "", claim["metadata"]["uid"]))

    def _selected(self, volume: JsonObject, claim: JsonObject) -> bool:
        selector = dig(claim, "spec", "selector")
        same = (dig(volume, "spec", "volumeMode") or "Filesystem") == (
            dig(claim, "spec", "volumeMode") or "Filesystem"
        )
        return same and (selector is None or matches(selector, labels_of(volume)))

    def _bind(self, claim: JsonObject, volume: JsonObject) -> None:
        metadata = claim["metadata"]
        ref = {
            "kind": "PersistentVolumeClaim",
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
            "apiVersion": "v1",
            "resourceVersion": metadata["resourceVersion"],
        }
        bound = {
            **volume,
            "spec": {**volume["spec"], "claimRef": ref},
            "status": {"phase": "Bound", "lastPhaseTransitionTime": self.world.now()},
        }
        self.world.store.update(VOLUMES, bound)
        annotations = {
            **(metadata.get("annotations") or {}),
            "pv.kubernetes.io/bind-completed": "yes",
            "pv.kubernetes.io/bound-by-controller": "yes",
        }
        status = {
            "phase": "Bound",
            "accessModes": volume["spec"].get("accessModes"),
            "capacity": volume["spec"].get("capacity"),
        }
        spec = {**claim["spec"], "volumeName": volume["metadata"]["name"]}
        self.world.store.update(
            CLAIMS,
            {**claim, "metadata": {**metadata, "annotations": annotations}, "spec": spec, "status": status},
        )

    def _provision(self, claim: JsonObject, found: JsonObject | None, node: str) -> float | None:
        """Make a volume by the claim's StorageClass, or say why there is none."""
        name = _class(claim)
        if found is None:
            message = f'storageclass.storage.k8s.io "{name}" not found' if name else _NO_VOLUME
            reason = "ProvisioningFailed" if name else "FailedBinding"
            return self._waits(claim, reason, message, warning=bool(name))
        driver = found.get("provisioner", "")
        if driver == "kubernetes.io/no-provisioner":
            return None
        said = {
            **(claim["metadata"].get("annotations") or {}),
            "volume.beta.kubernetes.io/storage-provisioner": driver,
            "volume.kubernetes.io/storage-provisioner": driver,
        }
        if node:
            said["volume.kubernetes.io/selected-node"] = node
        claim = self.world.set_metadata(CLAIMS, claim, annotations=said)
        self.world.say(claim, "ExternalProvisioning", _EXTERNAL.format(driver), by=self.name)
        message = f'External provisioner is provisioning volume for claim "{"/".join(own(claim))}"'
        self.world.say(claim, "Provisioning", message, by=driver)
        volume = self._make(claim, found)
        message = f"Successfully provisioned volume {volume['metadata']['name']}"
        self.world.say(claim, "ProvisioningSucceeded", message, by=driver)
        self._bind(claim, volume)
        return None

    def _make(self, claim: JsonObject, found: JsonObject) -> JsonObject:
        name = f"pvc-{claim['metadata']['uid']}"
        metadata = {
            "name": name,
            "annotations": {"pv.kubernetes.io/provisioned-by": found["provisioner"]},
            "finalizers": [_VOLUME_PROTECTION],
        }
        spec = {
            "capacity": {"storage": dig(claim, "spec", "resources", "requests", "storage") or "1Gi"},
            "accessModes": dig(claim, "spec", "accessModes") or ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": found.get("reclaimPolicy", "Delete"),
            "storageClassName": found["metadata"]["name"],
            "volumeMode": dig(claim, "spec", "volumeMode") or "Filesystem",
            "csi": {"driver": found["provisioner"], "volumeHandle": name, "fsType": "ext4"},
        }
        return self.world.create(
            VOLUMES, {"metadata": metadata, "spec": spec, "status": {"phase": "Pending"}}
        )

    def _users(self, claim: JsonObject) -> Iterator[JsonObject]:
        namespace, name = own(claim)
        for pod in self.world.store.list(PODS, namespace):
            if any(
                dig(v, "persistentVolumeClaim", "claimName") == name for v in dicts(pod, "spec", "volumes")
            ):
                yield pod

    def _consumer_node(self, claim: JsonObject) -> str:
        """The node of a Pod that uses a claim; empty while no such Pod has one."""
        nodes = (str(pod["spec"].get("nodeName") or "") for pod in self._users(claim))
        return next((node for node in nodes if node), "")

    def _let_go(self, claim: JsonObject) -> None:
        """A claim that is being deleted stays as long as a Pod that runs uses it."""
        if not any(pod["spec"].get("nodeName") and not ended(pod) for pod in self._users(claim)):
            self.world.release(CLAIMS, claim, _CLAIM_PROTECTION)

    def _release(self, namespace: str, name: str) -> None:
        """The volume of a claim that has gone is deleted or kept, as its policy says."""
        for volume in self.world.store.list(VOLUMES):
            ref = dig(volume, "spec", "claimRef") or {}
            if (ref.get("namespace"), ref.get("name")) != (namespace, name):
                continue
            if dig(volume, "status", "phase") != "Bound":
                continue
            if dig(volume, "spec", "persistentVolumeReclaimPolicy") == "Delete":
                self.world.store.delete(VOLUMES, "", volume["metadata"]["name"])
            else:
                status = {"phase": "Released", "lastPhaseTransitionTime": self.world.now()}
                self.world.set_status(VOLUMES, volume, status)


class Volumes(Controller):
    """Tells which volumes are free, and lets deleted ones go once no claim has them."""

    name = "persistentvolume-controller"
    kind = VOLUMES

    def reconcile(self, namespace: str, name: str) -> float | None:
        """A volume without a claim is available; one that is bound is protected."""
        volume = self.world.find(VOLUMES, "", name)
        if volume is None:
            return None
        phase = dig(volume, "status", "phase")
        finalizers = volume["metadata"].get("finalizers") or []
        if deleting(volume):
            if phase != "Bound":
                self.world.release(VOLUMES, volume, _VOLUME_PROTECTION)
            return None
        if _VOLUME_PROTECTION not in finalizers:
            volume = self.world.set_metadata(VOLUMES, volume, finalizers=[*finalizers, _VOLUME_PROTECTION])
        if phase in (None, "Pending") and not dig(volume, "spec", "claimRef", "uid"):
            status = {"phase": "Available", "lastPhaseTransitionTime": self.world.now()}
            self.world.set_status(VOLUMES, volume, status)
        return None


def _of_pod(event: Event) -> Iterator[Key]:
    """The claims of a Pod that comes, gets its node, ends or goes."""
    pod = event.entry.object
    if event.type == "MODIFIED" and event.previous is not None:
        before = event.previous.object
        if before["spec"] is pod["spec"] and (ended(before), deleting(before)) == (ended(pod), deleting(pod)):
            return
        yield from _used_by(before)
    yield from _used_by(pod)


def _used_by(pod: JsonObject) -> Iterator[Key]:
    for volume in dicts(pod, "spec", "volumes"):
        name = dig(volume, "persistentVolumeClaim", "claimName")
        if name:
            yield pod["metadata"]["namespace"], name


def _class(claim: JsonObject) -> str:
    return str(dig(claim, "spec", "storageClassName") or "")


def _class_of(volume: JsonObject) -> str:
    return str(dig(volume, "spec", "storageClassName") or "")


def _bytes(quantity: object) -> float:
    return parse_quantity(str(quantity or "0")) or 0.0
