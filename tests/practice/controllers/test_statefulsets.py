"""StatefulSets: order, revisions and claims."""

from __future__ import annotations

import pytest

from k8stui.core.objects import JsonObject
from k8stui.practice.kinds import builtin
from tests.practice.controllers.lab import CLAIMS, PODS, STATEFUL_SETS, Lab, said, status, template

REVISIONS = builtin("controllerrevisions", "apps")


def test_a_stateful_set_starts_in_order_and_keeps_its_claims(lab: Lab) -> None:
    lab.make(
        builtin("storageclasses", "storage.k8s.io"),
        "disks",
        provisioner="csi.disks.example",
        volumeBindingMode="WaitForFirstConsumer",
    )
    claim = {
        "metadata": {"name": "data"},
        "spec": {
            "storageClassName": "disks",
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    spec = {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "db"}},
        "template": template("db"),
        "serviceName": "db",
    }
    lab.make(STATEFUL_SETS, "db", spec={**spec, "volumeClaimTemplates": [claim]})
    lab.wait(0)
    assert [pod["metadata"]["name"] for pod in lab.pods()] == ["db-0"]
    lab.wait(5)
    assert lab.words() == {"Running": 2}
    assert {c["status"]["phase"] for c in lab.store.list(CLAIMS)} == {"Bound"}
    before = lab.store.get(PODS, "shop", "db-1")["metadata"]["uid"]
    lab.delete(PODS, lab.store.get(PODS, "shop", "db-1"))
    lab.wait(5)
    assert lab.store.get(PODS, "shop", "db-1")["metadata"]["uid"] != before
    lab.change(STATEFUL_SETS, "db", replicas=1)
    lab.wait(5)
    assert [pod["metadata"]["name"] for pod in lab.pods()] == ["db-0"]
    assert lab.store.count(CLAIMS) == 2


def database(lab: Lab, replicas: int = 3, **spec: object) -> None:
    said = {"replicas": replicas, "selector": {"matchLabels": {"app": "db"}}, "serviceName": "db"}
    lab.make(STATEFUL_SETS, "db", spec={**said, "template": template("db"), **spec})
    lab.wait(10)


def images(lab: Lab) -> list[str]:
    return [pod["spec"]["containers"][0]["image"] for pod in lab.pods(app="db")]


def roll(lab: Lab, image: str = "nginx:1.28-alpine", **spec: object) -> None:
    lab.change(STATEFUL_SETS, "db", template=template("db", image=image), **spec)


def partition(number: int) -> JsonObject:
    return {"type": "RollingUpdate", "rollingUpdate": {"partition": number}}


def test_parallel_pods_do_not_wait_for_each_other(lab: Lab) -> None:
    spec = {"replicas": 3, "selector": {"matchLabels": {"app": "db"}}, "template": template("db")}
    lab.make(STATEFUL_SETS, "db", spec={**spec, "podManagementPolicy": "Parallel"})
    lab.wait(0)
    assert [pod["metadata"]["name"] for pod in lab.pods()] == ["db-0", "db-1", "db-2"]


def test_numbers_may_start_elsewhere(lab: Lab) -> None:
    database(lab, 2, ordinals={"start": 5})
    assert [pod["metadata"]["name"] for pod in lab.pods()] == ["db-5", "db-6"]
    assert lab.pods()[0]["metadata"]["labels"]["apps.kubernetes.io/pod-index"] == "5"


def test_a_partition_holds_the_lower_numbers_back(lab: Lab) -> None:
    database(lab, updateStrategy=partition(2))
    roll(lab)
    lab.wait(20)
    assert images(lab) == ["nginx:1.29", "nginx:1.29", "nginx:1.28-alpine"]
    found = status(lab, STATEFUL_SETS, "db")
    assert (found["currentReplicas"], found["updatedReplicas"]) == (2, 1)
    assert found["currentRevision"] != found["updateRevision"]
    lab.delete(PODS, lab.store.get(PODS, "shop", "db-0"))
    lab.wait(10)
    assert images(lab)[0] == "nginx:1.29", "it comes back with the template that it had"
    lab.change(STATEFUL_SETS, "db", updateStrategy=partition(0))
    lab.wait(30)
    assert images(lab) == ["nginx:1.28-alpine"] * 3
    found = status(lab, STATEFUL_SETS, "db")
    assert found["currentRevision"] == found["updateRevision"]


def test_a_rollout_goes_from_the_last_to_the_first_one_at_a_time(lab: Lab) -> None:
    database(lab)
    roll(lab)
    order: list[str] = []
    for _ in range(100):
        lab.wait(0.25)
        assert status(lab, STATEFUL_SETS, "db").get("availableReplicas", 0) >= 2
        new = [p["metadata"]["name"] for p in lab.pods() if "1.28" in p["spec"]["containers"][0]["image"]]
        order += [name for name in new if name not in order]
    assert order == ["db-2", "db-1", "db-0"]


def test_a_broken_pod_stops_the_rollout_and_stays_even_when_it_is_undone(lab: Lab) -> None:
    database(lab)
    roll(lab, "nginx:1.29-typo!")
    lab.wait(60)
    assert images(lab) == ["nginx:1.29", "nginx:1.29", "nginx:1.29-typo!"]
    roll(lab, "nginx:1.29")
    lab.wait(60)
    assert images(lab)[2] == "nginx:1.29-typo!", "it has to be deleted by hand"
    lab.delete(PODS, lab.store.get(PODS, "shop", "db-2"))
    lab.wait(10)
    assert images(lab) == ["nginx:1.29"] * 3 and lab.words() == {"Running": 3}


def test_on_delete_waits_for_somebody_to_delete_pods(lab: Lab) -> None:
    database(lab, updateStrategy={"type": "OnDelete"})
    roll(lab)
    lab.wait(20)
    assert images(lab) == ["nginx:1.29"] * 3
    lab.delete(PODS, lab.store.get(PODS, "shop", "db-1"))
    lab.wait(10)
    assert images(lab) == ["nginx:1.29", "nginx:1.28-alpine", "nginx:1.29"]


@pytest.mark.parametrize(
    ("policy", "scaled_down", "gone"),
    [
        ({"whenScaled": "Retain", "whenDeleted": "Retain"}, 3, 3),
        ({"whenScaled": "Delete", "whenDeleted": "Retain"}, 2, 2),
        ({"whenScaled": "Retain", "whenDeleted": "Delete"}, 3, 0),
        ({"whenScaled": "Delete", "whenDeleted": "Delete"}, 2, 0),
    ],
)
def test_claims_go_as_the_retention_policy_says(
    lab: Lab, policy: JsonObject, scaled_down: int, gone: int
) -> None:
    kind = builtin("storageclasses", "storage.k8s.io")
    lab.make(kind, "disks", provisioner="csi.disks.example", volumeBindingMode="WaitForFirstConsumer")
    asked = {"storageClassName": "disks", "resources": {"requests": {"storage": "1Gi"}}}
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], **asked}}
    database(lab, volumeClaimTemplates=[claim], persistentVolumeClaimRetentionPolicy=policy)
    lab.wait(10)
    assert lab.store.count(CLAIMS, "shop") == 3
    lab.change(STATEFUL_SETS, "db", replicas=2)
    lab.wait(10)
    assert lab.store.count(CLAIMS, "shop") == scaled_down
    lab.delete(STATEFUL_SETS, lab.store.get(STATEFUL_SETS, "shop", "db"))
    lab.wait(10)
    assert lab.store.count(CLAIMS, "shop") == gone


def test_revisions_are_kept_and_counted(lab: Lab) -> None:
    database(lab, 1, revisionHistoryLimit=1)
    for image in ("nginx:1.28-alpine", "nginx:1.27", "nginx:1.28-alpine"):
        roll(lab, image)
        lab.wait(10)
    numbers = sorted(r["revision"] for r in lab.store.list(REVISIONS, "shop"))
    assert numbers == [3, 4]
    assert "Create Pod db-0 in StatefulSet db successful" in said(lab, "StatefulSet", "SuccessfulCreate")
