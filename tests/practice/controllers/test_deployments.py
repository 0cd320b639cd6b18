"""Deployments: rollouts, their progress and their history."""

from __future__ import annotations

import pytest

from tests.practice.controllers.lab import (
    DEPLOYMENTS,
    REPLICA_SETS,
    Lab,
    conditions,
    deployment,
    said,
    status,
    template,
)


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


def sizes(lab: Lab) -> dict[str, int]:
    """The size of each ReplicaSet by its image."""
    return {
        s["spec"]["template"]["spec"]["containers"][0]["image"]: s["spec"]["replicas"]
        for s in lab.store.list(REPLICA_SETS, "shop")
    }


def roll(lab: Lab, image: str) -> None:
    lab.change(DEPLOYMENTS, "web", template=template(image=image))


@pytest.mark.parametrize(
    ("surge", "lack", "most", "least"),
    [(1, 0, 5, 4), ("50%", 0, 6, 4), (0, 1, 4, 3), (0, "50%", 4, 2), ("25%", "25%", 5, 3), (0, 0, 4, 3)],
)
def test_a_rollout_keeps_within_its_bounds(
    lab: Lab, surge: object, lack: object, most: int, least: int
) -> None:
    deployment(lab, replicas=4)
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": lack}}
    lab.change(DEPLOYMENTS, "web", strategy=strategy)
    lab.wait(5)
    roll(lab, "nginx:1.28-alpine")
    seen = []
    for _ in range(120):
        lab.wait(0.25)
        found = status(lab, DEPLOYMENTS, "web")
        seen.append((found.get("replicas", 0), found.get("availableReplicas", 0)))
    assert max(total for total, _ in seen) == most
    assert min(up for _, up in seen) == least
    assert sizes(lab) == {"nginx:1.29": 0, "nginx:1.28-alpine": 4}


def test_recreate_ends_all_old_pods_before_it_makes_new_ones(lab: Lab) -> None:
    deployment(lab, replicas=3)
    lab.change(DEPLOYMENTS, "web", strategy={"type": "Recreate"})
    lab.wait(5)
    roll(lab, "nginx:1.28-alpine")
    for _ in range(40):
        lab.wait(0.25)
        images = {pod["spec"]["containers"][0]["image"] for pod in lab.pods()}
        assert len(images) <= 1
    assert images == {"nginx:1.28-alpine"} and lab.words() == {"Running": 3}
    downs = [m for m in said(lab, "Deployment", "ScalingReplicaSet") if m.startswith("Scaled down")]
    assert len(downs) == 1 and downs[0].endswith("from 3 to 0")


def test_a_paused_deployment_follows_its_size_but_not_its_template(lab: Lab) -> None:
    deployment(lab, replicas=2)
    lab.wait(5)
    lab.change(DEPLOYMENTS, "web", paused=True, template=template(image="nginx:1.28-alpine"), replicas=4)
    lab.wait(5)
    assert sizes(lab) == {"nginx:1.29": 4}
    progress = conditions(lab, DEPLOYMENTS, "web")["Progressing"]
    assert progress == ("Unknown", "DeploymentPaused", "Deployment is paused")
    lab.change(DEPLOYMENTS, "web", paused=False)
    lab.wait(20)
    assert sizes(lab) == {"nginx:1.29": 0, "nginx:1.28-alpine": 4}
    assert conditions(lab, DEPLOYMENTS, "web")["Progressing"][:2] == ("True", "NewReplicaSetAvailable")


def test_scaling_in_the_middle_of_a_rollout_keeps_the_proportions(lab: Lab) -> None:
    deployment(lab, replicas=10)
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 3, "maxUnavailable": 2}}
    lab.change(DEPLOYMENTS, "web", strategy=strategy)
    lab.wait(5)
    roll(lab, "nginx:1.29-typo!")
    lab.wait(10)
    assert sizes(lab) == {"nginx:1.29": 8, "nginx:1.29-typo!": 5}
    lab.change(DEPLOYMENTS, "web", replicas=15)
    lab.wait(0)
    assert sizes(lab) == {"nginx:1.29": 11, "nginx:1.29-typo!": 7}


def test_no_progress_within_the_deadline_is_told(lab: Lab) -> None:
    deployment(lab, replicas=2)
    lab.change(DEPLOYMENTS, "web", progressDeadlineSeconds=30)
    lab.wait(5)
    roll(lab, "nginx:1.29-typo!")
    lab.wait(25)
    assert conditions(lab, DEPLOYMENTS, "web")["Progressing"][:2] == ("True", "ReplicaSetUpdated")
    lab.wait(10)
    state, reason, message = conditions(lab, DEPLOYMENTS, "web")["Progressing"]
    assert (state, reason) == ("False", "ProgressDeadlineExceeded")
    assert message.startswith('ReplicaSet "web-') and message.endswith('" has timed out progressing.')
    assert conditions(lab, DEPLOYMENTS, "web")["Available"][0] == "True"


def test_only_so_many_old_replica_sets_are_kept(lab: Lab) -> None:
    deployment(lab, replicas=1)
    lab.change(DEPLOYMENTS, "web", revisionHistoryLimit=1)
    for image in ("nginx:1.28-alpine", "nginx:1.27", "nginx:1.26"):
        lab.wait(10)
        roll(lab, image)
    lab.wait(10)
    assert sizes(lab) == {"nginx:1.27": 0, "nginx:1.26": 1}


def test_going_back_keeps_the_history_of_revisions(lab: Lab) -> None:
    deployment(lab, replicas=1)
    lab.wait(5)
    obj = lab.store.get(DEPLOYMENTS, "shop", "web")
    cause = {**obj["metadata"]["annotations"], "kubernetes.io/change-cause": "because"}
    lab.world.set_metadata(DEPLOYMENTS, obj, annotations=cause)
    for image in ("nginx:1.28-alpine", "nginx:1.29"):
        roll(lab, image)
        lab.wait(10)
    first = next(s for s in lab.store.list(REPLICA_SETS) if s["spec"]["replicas"])
    annotations = first["metadata"]["annotations"]
    assert annotations["deployment.kubernetes.io/revision"] == "3"
    assert annotations["deployment.kubernetes.io/revision-history"] == "1"
    assert annotations["kubernetes.io/change-cause"] == "because"


def test_pods_have_to_be_ready_for_a_while_to_count_as_available(lab: Lab) -> None:
    deployment(lab, replicas=2)
    lab.change(DEPLOYMENTS, "web", minReadySeconds=20)
    lab.wait(10)
    found = status(lab, DEPLOYMENTS, "web")
    assert (found["readyReplicas"], found.get("availableReplicas", 0)) == (2, 0)
    lab.wait(20)
    assert status(lab, DEPLOYMENTS, "web")["availableReplicas"] == 2


def test_a_name_that_is_taken_leads_to_another_hash(lab: Lab) -> None:
    deployment(lab, replicas=1)
    lab.wait(5)
    mine = lab.store.list(REPLICA_SETS)[0]
    lab.delete(DEPLOYMENTS, lab.store.get(DEPLOYMENTS, "shop", "web"))
    lab.wait(5)
    lab.make(REPLICA_SETS, mine["metadata"]["name"], spec={**mine["spec"], "replicas": 0, "selector": {}})
    deployment(lab, replicas=1)
    lab.wait(5)
    assert status(lab, DEPLOYMENTS, "web")["collisionCount"] == 1
    assert lab.words() == {"Running": 1}


def test_orphans_are_adopted_with_their_pods(lab: Lab) -> None:
    obj = deployment(lab, replicas=2)
    lab.wait(5)
    before = {pod["metadata"]["uid"] for pod in lab.pods()}
    obj = lab.store.get(DEPLOYMENTS, "shop", "web")
    lab.world.set_metadata(DEPLOYMENTS, obj, finalizers=["orphan"], deletionTimestamp=lab.world.now())
    lab.wait(5)
    assert lab.store.count(DEPLOYMENTS) == 0
    deployment(lab, replicas=2)
    lab.wait(5)
    assert lab.store.count(REPLICA_SETS) == 1
    assert {pod["metadata"]["uid"] for pod in lab.pods()} == before
