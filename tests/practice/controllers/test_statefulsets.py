"""StatefulSets: order, revisions and claims."""

from __future__ import annotations

from k8stui.practice.kinds import builtin
from tests.practice.controllers.lab import CLAIMS, PODS, STATEFUL_SETS, Lab, template


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
