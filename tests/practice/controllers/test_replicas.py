"""ReplicaSets and ReplicationControllers: who belongs to whom, and who goes first."""

from __future__ import annotations

from itertools import pairwise

import pytest

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice import errors
from k8stui.practice.controllers.world import World
from k8stui.practice.kinds import builtin
from tests.practice.controllers.lab import (
    PODS,
    REPLICA_SETS,
    Lab,
    conditions,
    deployment,
    said,
    status,
    template,
)

CONTROLLERS = builtin("replicationcontrollers")


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


def replica_set(lab: Lab, replicas: int = 3) -> None:
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template()}
    lab.make(REPLICA_SETS, "web", spec=spec)


def owners(pod: JsonObject) -> list[str]:
    return [ref["name"] for ref in pod["metadata"].get("ownerReferences") or ()]


def test_a_pod_that_matches_and_is_free_is_adopted(lab: Lab) -> None:
    lab.make(PODS, "lonely", spec=template()["spec"])
    pod = lab.store.get(PODS, "shop", "lonely")
    lab.world.set_metadata(PODS, pod, labels={"app": "web"})
    replica_set(lab, 2)
    lab.wait(3)
    assert len(lab.pods()) == 2
    assert owners(lab.store.get(PODS, "shop", "lonely")) == ["web"]


def test_one_pod_too_many_is_adopted_and_goes(lab: Lab) -> None:
    replica_set(lab, 2)
    lab.wait(3)
    pod = lab.make(PODS, "extra", spec=template()["spec"])
    lab.world.set_metadata(PODS, pod, labels={"app": "web"})
    lab.wait(3)
    assert len(lab.pods()) == 2
    assert lab.store.find(PODS, "shop", "extra") is None


def test_a_pod_that_no_longer_matches_is_released_and_replaced(lab: Lab) -> None:
    replica_set(lab, 2)
    lab.wait(3)
    first = lab.pods()[0]
    lab.world.set_metadata(PODS, first, labels={"app": "debug"})
    lab.wait(3)
    assert owners(lab.store.get(PODS, "shop", first["metadata"]["name"])) == []
    assert len(lab.pods(app="web")) == 2 and len(lab.pods()) == 3


def annotate(lab: Lab, name: str, cost: int) -> None:
    pod = lab.store.get(PODS, "shop", name)
    said = {"controller.kubernetes.io/pod-deletion-cost": str(cost)}
    lab.world.set_metadata(PODS, pod, annotations=said)


def test_the_cheapest_pod_goes_first(lab: Lab) -> None:
    replica_set(lab, 3)
    lab.wait(3)
    names = [pod["metadata"]["name"] for pod in lab.pods()]
    for name, cost in zip(names, (5, -10, 100), strict=True):
        annotate(lab, name, cost)
    lab.change(REPLICA_SETS, "web", replicas=2)
    lab.wait(3)
    assert [pod["metadata"]["name"] for pod in lab.pods()] == [names[0], names[2]]
    lab.change(REPLICA_SETS, "web", replicas=1)
    lab.wait(3)
    assert [pod["metadata"]["name"] for pod in lab.pods()] == [names[2]]


def test_what_is_not_ready_goes_before_what_is_cheap(lab: Lab) -> None:
    replica_set(lab, 2)
    lab.wait(3)
    healthy = [pod["metadata"]["name"] for pod in lab.pods()]
    lab.change(REPLICA_SETS, "web", replicas=3, template=template(image="nginx:1.29-typo!"))
    lab.wait(3)
    for name in healthy:
        annotate(lab, name, -100)
    lab.change(REPLICA_SETS, "web", replicas=2)
    lab.wait(3)
    assert sorted(pod["metadata"]["name"] for pod in lab.pods()) == sorted(healthy)


def test_refused_pods_are_told_and_tried_again_ever_later(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[float] = []
    create = World.create

    def refuse(world: World, kind: ResourceKind, obj: JsonObject) -> JsonObject:
        if kind is not PODS:
            return create(world, kind, obj)
        tries.append(lab.time)
        raise errors.StatusError(403, "Forbidden", "pods are forbidden: exceeded quota")

    with monkeypatch.context() as patch:
        patch.setattr(World, "create", refuse)
        replica_set(lab, 2)
        lab.wait(30)
    pauses = [later - earlier for earlier, later in pairwise(tries)]
    assert pauses == [1.0, 2.0, 4.0, 8.0]
    failure = conditions(lab, REPLICA_SETS, "web")["ReplicaFailure"]
    assert failure == ("True", "FailedCreate", "pods are forbidden: exceeded quota")
    assert set(said(lab, "ReplicaSet", "FailedCreate")) == {
        "Error creating: pods are forbidden: exceeded quota"
    }
    lab.wait(30)
    assert lab.words() == {"Running": 2}
    assert "conditions" not in status(lab, REPLICA_SETS, "web")


def test_terminating_pods_are_counted_apart(lab: Lab) -> None:
    replica_set(lab, 2)
    lab.wait(3)
    lab.change(REPLICA_SETS, "web", replicas=1)
    lab.wait(0)
    found = status(lab, REPLICA_SETS, "web")
    assert (found["replicas"], found["terminatingReplicas"]) == (1, 1)
    lab.wait(3)
    assert status(lab, REPLICA_SETS, "web")["terminatingReplicas"] == 0


def test_a_replication_controller_selects_by_a_map_of_labels(lab: Lab) -> None:
    lab.make(CONTROLLERS, "old", spec={"replicas": 2, "selector": {"app": "web"}, "template": template()})
    lab.wait(3)
    assert lab.words() == {"Running": 2}
    found = status(lab, CONTROLLERS, "old")
    assert found["readyReplicas"] == 2 and "terminatingReplicas" not in found
