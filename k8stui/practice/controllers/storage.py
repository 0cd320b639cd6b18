"""Claims and volumes: binding what fits, and making volumes where a StorageClass says how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_quantity
from k8stui.practice.controllers.base import (
    CLAIMS,
    PODS,
    STORAGE_CLASSES,
    VOLUMES,
    Controller,
    Key,
    Keys,
    deleting,
    own,
    own_key,
)

_PROTECTION = ["kubernetes.io/pvc-protection"]


class Claims(Controller):
    """Binds every claim to a volume, sooner or later."""

    name = "persistentvolume-controller"
    kind = CLAIMS

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The claims, the Pods that use them, volumes that turn up."""
        return {CLAIMS: own_key, PODS: _used_by, VOLUMES: self._wanting}

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
            return self._let_go(claim)
        if _PROTECTION[0] not in (claim["metadata"].get("finalizers") or ()):
            claim = self.world.set_metadata(CLAIMS, claim, finalizers=_PROTECTION)
        if dig(claim, "status", "phase") == "Bound":
            return None
        if not dig(claim, "status", "phase"):
            claim = self.world.set_status(CLAIMS, claim, {"phase": "Pending"})
        volume = self._free_volume(claim)
        if volume is not None:
            self._bind(claim, volume)
            return None
        return self._provision(claim)

    def _free_volume(self, claim: JsonObject) -> JsonObject | None:
        """The smallest free volume that fits."""
        wanted = _bytes(dig(claim, "spec", "resources", "requests", "storage"))
        modes = set(dig(claim, "spec", "accessModes") or ())
        best: JsonObject | None = None
        for volume in self.world.store.list(VOLUMES):
            ref = dig(volume, "spec", "claimRef")
            mine = ref and (ref.get("namespace"), ref.get("name")) == own(claim)
            free = dig(volume, "status", "phase") in (None, "Pending", "Available") and (not ref or mine)
            if not free or (dig(volume, "spec", "storageClassName") or "") != _class(claim):
                continue
            size = _bytes(dig(volume, "spec", "capacity", "storage"))
            fits = size >= wanted and modes <= set(dig(volume, "spec", "accessModes") or ())
            if fits and (best is None or size < _bytes(dig(best, "spec", "capacity", "storage"))):
                best = volume
        return best

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
        bound = {**volume, "spec": {**volume["spec"], "claimRef": ref}, "status": {"phase": "Bound"}}
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

    def _provision(self, claim: JsonObject) -> float | None:
        """Make a volume by the claim's StorageClass, or say why there is none."""
        name = _class(claim)
        found = self.world.find(STORAGE_CLASSES, "", name) if name else None
        if found is None:
            message = (
                f'storageclass.storage.k8s.io "{name}" not found'
                if name
                else "no persistent volumes available for this claim and no storage class is set"
            )
            reason = "ProvisioningFailed" if name else "FailedBinding"
            self.world.say(claim, reason, message, by=self.name, warning=bool(name))
            return 60.0
        if found.get("provisioner") == "kubernetes.io/no-provisioner":
            return None
        if found.get("volumeBindingMode") == "WaitForFirstConsumer" and not self._has_consumer(claim):
            message = "waiting for first consumer to be created before binding"
            self.world.say(claim, "WaitForFirstConsumer", message, by=self.name)
            return 60.0
        volume = self._make(claim, found)
        message = f"Successfully provisioned volume {volume['metadata']['name']}"
        self.world.say(claim, "ProvisioningSucceeded", message, by=found["provisioner"])
        self._bind(claim, volume)
        return None

    def _make(self, claim: JsonObject, found: JsonObject) -> JsonObject:
        name = f"pvc-{claim['metadata']['uid']}"
        metadata = {
            "name": name,
            "annotations": {"pv.kubernetes.io/provisioned-by": found["provisioner"]},
            "finalizers": ["kubernetes.io/pv-protection"],
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

    def _has_consumer(self, claim: JsonObject) -> bool:
        return any(pod["spec"].get("nodeName") for pod in self._users(claim))

    def _let_go(self, claim: JsonObject) -> float | None:
        """A claim that is being deleted stays as long as a Pod uses it."""
        left = [f for f in claim["metadata"].get("finalizers") or () if f not in _PROTECTION]
        if next(self._users(claim), None) is not None:
            return 5.0
        namespace, name = own(claim)
        if left:
            self.world.set_metadata(CLAIMS, claim, finalizers=left)
        else:
            self.world.store.delete(CLAIMS, namespace, name)
        return None

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
                self.world.set_status(VOLUMES, volume, {"phase": "Released"})


class Volumes(Controller):
    """Tells which volumes are free, and lets deleted ones go."""

    name = "persistentvolume-controller"
    kind = VOLUMES

    def reconcile(self, namespace: str, name: str) -> float | None:
        """A volume without a claim is available."""
        volume = self.world.find(VOLUMES, "", name)
        if volume is None:
            return None
        if deleting(volume):
            if dig(volume, "status", "phase") != "Bound":
                self.world.store.delete(VOLUMES, "", name)
            return None
        if dig(volume, "status", "phase") in (None, "Pending") and not dig(volume, "spec", "claimRef"):
            self.world.set_status(VOLUMES, volume, {"phase": "Available"})
        return None


def _used_by(pod: JsonObject) -> Iterator[Key]:
    for volume in dicts(pod, "spec", "volumes"):
        name = dig(volume, "persistentVolumeClaim", "claimName")
        if name:
            yield pod["metadata"]["namespace"], name


def _class(claim: JsonObject) -> str:
    return str(dig(claim, "spec", "storageClassName") or "")


def _bytes(quantity: object) -> float:
    return parse_quantity(str(quantity or "0")) or 0.0
