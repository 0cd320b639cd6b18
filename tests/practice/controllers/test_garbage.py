"""What goes, and what stays, when an owner goes."""

from __future__ import annotations

from tests.practice.controllers.lab import DEPLOYMENTS, REPLICA_SETS, Lab, deployment


def test_deleting_the_owner_deletes_everything_below(lab: Lab) -> None:
    lab.delete(DEPLOYMENTS, deployment(lab))
    lab.wait(3)
    deployment(lab)
    lab.wait(3)
    lab.delete(DEPLOYMENTS, lab.store.get(DEPLOYMENTS, "shop", "web"))
    lab.wait(5)
    assert lab.store.count(REPLICA_SETS) == 0
    assert lab.pods() == []


def test_dependents_can_be_left_as_orphans(lab: Lab) -> None:
    deployment(lab)
    lab.wait(3)
    obj = lab.store.get(DEPLOYMENTS, "shop", "web")
    lab.world.set_metadata(DEPLOYMENTS, obj, finalizers=["orphan"], deletionTimestamp=lab.world.now())
    lab.wait(3)
    assert lab.store.count(DEPLOYMENTS) == 0
    assert lab.words() == {"Running": 3}
    assert "ownerReferences" not in lab.store.list(REPLICA_SETS)[0]["metadata"]


def test_foreground_deletion_waits_for_the_dependents(lab: Lab) -> None:
    deployment(lab)
    lab.wait(3)
    obj = lab.store.get(DEPLOYMENTS, "shop", "web")
    finalizers = ["foregroundDeletion"]
    lab.world.set_metadata(DEPLOYMENTS, obj, finalizers=finalizers, deletionTimestamp=lab.world.now())
    lab.wait(10)
    assert (lab.store.count(DEPLOYMENTS), lab.store.count(REPLICA_SETS), lab.pods()) == (0, 0, [])
