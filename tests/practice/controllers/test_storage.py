"""Claims and volumes: what is bound to what, when, and what becomes of it."""

from __future__ import annotations

import pytest

from k8stui.core.objects import JsonObject
from k8stui.practice.kinds import builtin
from tests.practice.controllers.lab import CLAIMS, PODS, Lab, said, status, template

VOLUMES = builtin("persistentvolumes")
CLASSES = builtin("storageclasses", "storage.k8s.io")


def a_class(lab: Lab, name: str = "disks", **parts: object) -> None:
    lab.make(CLASSES, name, **{"provisioner": "csi.disks.example", "reclaimPolicy": "Delete", **parts})


def claim(lab: Lab, name: str = "data", size: str = "1Gi", **spec: object) -> None:
    asked = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    lab.make(CLAIMS, name, spec={**asked, **spec})
    lab.wait(1)


def volume(lab: Lab, name: str, size: str = "1Gi", labels: JsonObject | None = None, **spec: object) -> None:
    said = {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], **spec}
    made = lab.make(VOLUMES, name, spec=said)
    lab.world.set_metadata(VOLUMES, made, labels=labels or {})
    lab.wait(1)


def user(lab: Lab, name: str = "user") -> None:
    source = {"name": "v", "persistentVolumeClaim": {"claimName": "data"}}
    lab.make(PODS, name, spec={**template()["spec"], "volumes": [source]})
    lab.wait(5)


def phase(lab: Lab, name: str = "data") -> str:
    return str(status(lab, CLAIMS, name)["phase"])


def bound_to(lab: Lab, name: str = "data") -> str:
    return str(lab.store.get(CLAIMS, "shop", name)["spec"].get("volumeName", ""))


def test_the_smallest_volume_that_fits_is_taken(lab: Lab) -> None:
    for name, size in (("small", "1Gi"), ("large", "10Gi"), ("middle", "5Gi")):
        volume(lab, name, size)
    claim(lab, size="2Gi", storageClassName="")
    assert (phase(lab), bound_to(lab)) == ("Bound", "middle")
    assert status(lab, CLAIMS, "data")["capacity"] == {"storage": "5Gi"}


def test_a_selector_and_a_name_choose(lab: Lab) -> None:
    volume(lab, "one", labels={"tier": "gold"})
    volume(lab, "two")
    claim(lab, storageClassName="", selector={"matchLabels": {"tier": "gold"}})
    claim(lab, "named", storageClassName="", volumeName="two")
    assert (bound_to(lab), bound_to(lab, "named")) == ("one", "two")
    assert phase(lab, "named") == "Bound"


def test_a_volume_may_be_kept_for_a_claim(lab: Lab) -> None:
    volume(lab, "kept", claimRef={"namespace": "shop", "name": "later"})
    claim(lab, storageClassName="")
    assert phase(lab) == "Pending"
    claim(lab, "later", storageClassName="")
    assert bound_to(lab, "later") == "kept"


def test_without_volume_and_class_it_waits_and_says_so(lab: Lab) -> None:
    claim(lab, storageClassName="")
    message = "no persistent volumes available for this claim and no storage class is set"
    assert (phase(lab), said(lab, "PersistentVolumeClaim", "FailedBinding")) == ("Pending", [message])
    volume(lab, "late")
    assert phase(lab) == "Bound"


def test_a_claim_without_class_gets_the_default_one(lab: Lab) -> None:
    claim(lab)
    assert phase(lab) == "Pending"
    a_class(lab)
    found = lab.store.get(CLASSES, "", "disks")
    marks = {"storageclass.kubernetes.io/is-default-class": "true"}
    lab.world.set_metadata(CLASSES, found, annotations=marks)
    lab.wait(90)
    assert lab.store.get(CLAIMS, "shop", "data")["spec"]["storageClassName"] == "disks"
    assert phase(lab) == "Bound"


def test_the_first_consumer_decides_when(lab: Lab) -> None:
    a_class(lab, volumeBindingMode="WaitForFirstConsumer")
    claim(lab, storageClassName="disks")
    assert said(lab, "PersistentVolumeClaim", "WaitForFirstConsumer") == [
        "waiting for first consumer to be created before binding"
    ]
    user(lab)
    assert phase(lab) == "Bound" and lab.words() == {"Running": 1}
    annotations = lab.store.get(CLAIMS, "shop", "data")["metadata"]["annotations"]
    node = lab.pods()[0]["spec"]["nodeName"]
    assert annotations["volume.kubernetes.io/selected-node"] == node
    assert said(lab, "PersistentVolumeClaim", "ProvisioningSucceeded")


def test_a_class_that_does_not_exist_is_told(lab: Lab) -> None:
    claim(lab, storageClassName="nowhere")
    found = said(lab, "PersistentVolumeClaim", "ProvisioningFailed")
    assert found == ['storageclass.storage.k8s.io "nowhere" not found']


@pytest.mark.parametrize(("policy", "after"), [("Delete", None), ("Retain", "Released")])
def test_the_reclaim_policy_says_what_becomes_of_the_volume(lab: Lab, policy: str, after: str | None) -> None:
    a_class(lab, reclaimPolicy=policy)
    claim(lab, storageClassName="disks")
    name = bound_to(lab)
    lab.delete(CLAIMS, lab.store.get(CLAIMS, "shop", "data"))
    lab.wait(5)
    left = lab.store.find(VOLUMES, "", name)
    assert (left["status"]["phase"] if left else None) == after


def test_a_claim_in_use_is_protected_until_its_pod_has_gone(lab: Lab) -> None:
    a_class(lab)
    claim(lab, storageClassName="disks")
    user(lab)
    lab.delete(CLAIMS, lab.store.get(CLAIMS, "shop", "data"))
    lab.wait(60)
    assert lab.store.get(CLAIMS, "shop", "data")["metadata"]["deletionTimestamp"]
    lab.delete(PODS, lab.store.get(PODS, "shop", "user"))
    lab.wait(5)
    assert lab.store.find(CLAIMS, "shop", "data") is None


def test_a_bound_volume_is_protected_and_a_lost_one_is_told(lab: Lab) -> None:
    volume(lab, "one")
    claim(lab, storageClassName="")
    lab.delete(VOLUMES, lab.store.get(VOLUMES, "", "one"))
    lab.wait(5)
    assert lab.store.get(VOLUMES, "", "one")["metadata"]["deletionTimestamp"]
    lab.store.delete(VOLUMES, "", "one")
    lab.wait(1)
    assert phase(lab) == "Lost"
    assert said(lab, "PersistentVolumeClaim", "ClaimLost") == [
        "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
    ]


@pytest.mark.parametrize(("may", "size"), [(True, "3Gi"), (False, "1Gi")])
def test_a_claim_may_grow_if_its_class_allows_it(lab: Lab, may: bool, size: str) -> None:
    a_class(lab, allowVolumeExpansion=may)
    claim(lab, storageClassName="disks")
    lab.change(CLAIMS, "data", resources={"requests": {"storage": "3Gi"}})
    lab.wait(5)
    assert status(lab, CLAIMS, "data")["capacity"]["storage"] == size
