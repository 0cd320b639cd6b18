"""ReplicaSets and ReplicationControllers: who belongs to whom, and who goes first."""

from __future__ import annotations

from tests.practice.controllers.lab import PODS, Lab, deployment


def test_a_deleted_pod_is_replaced(lab: Lab) -> None:
    deployment(lab)
    lab.wait(3)
    first = lab.pods()[0]
    lab.delete(PODS, first)
    lab.wait(0)
    assert lab.words()["Terminating"] == 1
    lab.wait(3)
    assert lab.words() == {"Running": 3}
    assert first["metadata"]["uid"] not in {pod["metadata"]["uid"] for pod in lab.pods()}
