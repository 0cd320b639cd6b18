"""Deployments: rollouts, their progress and their history."""

from __future__ import annotations

from tests.practice.controllers.lab import DEPLOYMENTS, REPLICA_SETS, Lab, deployment, status, template


def test_a_deployment_gets_its_pods_within_seconds(lab: Lab) -> None:
    deployment(lab)
    lab.wait(0)
    assert lab.words() == {"ContainerCreating": 3}
    assert {pod["spec"]["nodeName"] for pod in lab.pods()} == {"node-a", "node-b"}
    lab.wait(2)
    assert lab.words() == {"Running": 3}
    found = status(lab, DEPLOYMENTS, "web")
    assert (found["replicas"], found["readyReplicas"], found["updatedReplicas"]) == (3, 3, 3)
    assert [c["status"] for c in found["conditions"]] == ["True", "True"]
    addresses = {pod["status"]["podIP"] for pod in lab.pods()}
    assert len(addresses) == 3


def test_scaling_down_and_up(lab: Lab) -> None:
    deployment(lab)
    lab.wait(3)
    lab.change(DEPLOYMENTS, "web", replicas=1)
    lab.wait(3)
    assert lab.words() == {"Running": 1}
    lab.change(DEPLOYMENTS, "web", replicas=0)
    lab.wait(3)
    assert lab.words() == {}
    lab.change(DEPLOYMENTS, "web", replicas=4)
    lab.wait(3)
    assert lab.words() == {"Running": 4}


def test_a_rolling_update_never_has_too_few_pods(lab: Lab) -> None:
    deployment(lab, replicas=4)
    lab.wait(3)
    lab.change(DEPLOYMENTS, "web", template=template(image="nginx:1.28-alpine"))
    least = 4
    for _ in range(40):
        lab.wait(0.5)
        least = min(least, status(lab, DEPLOYMENTS, "web").get("availableReplicas", 0))
    assert least >= 3
    assert {p["spec"]["containers"][0]["image"] for p in lab.pods()} == {"nginx:1.28-alpine"}
    assert lab.words() == {"Running": 4}
    assert sorted(s["spec"]["replicas"] for s in lab.store.list(REPLICA_SETS)) == [0, 4]
    revision = lab.store.get(DEPLOYMENTS, "shop", "web")["metadata"]["annotations"]
    assert revision["deployment.kubernetes.io/revision"] == "2"


def test_going_back_uses_the_old_replica_set_again(lab: Lab) -> None:
    deployment(lab, replicas=2)
    lab.wait(3)
    for image in ("nginx:1.28-alpine", "nginx:1.29"):
        lab.change(DEPLOYMENTS, "web", template=template(image=image))
        lab.wait(10)
    assert lab.store.count(REPLICA_SETS) == 2
    found = lab.store.get(DEPLOYMENTS, "shop", "web")["metadata"]["annotations"]
    assert found["deployment.kubernetes.io/revision"] == "3"


def test_an_image_that_does_not_exist_can_be_mended(lab: Lab) -> None:
    deployment(lab, replicas=2)
    lab.wait(3)
    lab.change(DEPLOYMENTS, "web", template=template(image="nginx:typo"))
    lab.wait(30)
    assert lab.words()["Running"] == 2
    assert lab.words().keys() & {"ErrImagePull", "ImagePullBackOff"}
    lab.wait(700)
    progress = next(c for c in status(lab, DEPLOYMENTS, "web")["conditions"] if c["type"] == "Progressing")
    assert progress["reason"] == "ProgressDeadlineExceeded"
    lab.change(DEPLOYMENTS, "web", template=template(image="nginx:1.28-alpine"))
    lab.wait(20)
    assert lab.words() == {"Running": 2}
