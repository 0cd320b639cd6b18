"""PodDisruptionBudgets: how many Pods may go, and what evictions do to that."""

from __future__ import annotations

import pytest

from k8stui.core.objects import JsonObject
from k8stui.practice.api import eviction
from k8stui.practice.controllers.base import BUDGETS
from k8stui.practice.errors import StatusError
from tests.practice.controllers.lab import PODS, Lab, conditions, deployment, said, status, template


def budget(lab: Lab, name: str = "web", **spec: object) -> None:
    lab.make(BUDGETS, name, spec={"selector": {"matchLabels": {"app": "web"}}, **spec})
    lab.wait(1)


def counts(lab: Lab) -> tuple[int, int, int, int]:
    found = status(lab, BUDGETS, "web")
    keys = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    allowed, healthy, wanted, expected = (found[key] for key in keys)
    return allowed, healthy, wanted, expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"minAvailable": 3}, (2, 5, 3, 5)),
        ({"minAvailable": "50%"}, (2, 5, 3, 5)),
        ({"maxUnavailable": 1}, (1, 5, 4, 5)),
        ({"maxUnavailable": "30%"}, (2, 5, 3, 5)),
        ({"minAvailable": 5}, (0, 5, 5, 5)),
    ],
)
def test_counts(lab: Lab, spec: JsonObject, expected: tuple[int, int, int, int]) -> None:
    deployment(lab, replicas=5)
    lab.wait(5)
    budget(lab, **spec)
    assert counts(lab) == expected
    reason = "SufficientPods" if expected[0] else "InsufficientPods"
    assert conditions(lab, BUDGETS, "web")["DisruptionAllowed"][1] == reason


def test_a_percentage_is_of_what_is_asked_for_not_of_what_is_there(lab: Lab) -> None:
    deployment(lab, replicas=4, image="nginx:1.29-typo!")
    lab.wait(5)
    for pod in lab.pods()[:2]:
        lab.store.delete(PODS, "shop", pod["metadata"]["name"])
    budget(lab, maxUnavailable="50%")
    assert counts(lab) == (0, 0, 2, 4)


def test_pods_that_nobody_scales_are_told(lab: Lab) -> None:
    pod = lab.make(PODS, "lonely", spec=template()["spec"])
    lab.world.set_metadata(PODS, pod, labels={"app": "web"})
    budget(lab, maxUnavailable=1)
    assert counts(lab)[3] == 0
    assert (
        "(selector: app=web) were found to be unmanaged"
        in said(lab, "PodDisruptionBudget", "UnmanagedPods")[0]
    )


def test_each_eviction_uses_up_what_is_allowed(lab: Lab) -> None:
    deployment(lab, replicas=3)
    lab.wait(5)
    budget(lab, minAvailable=2)
    first, second, _ = lab.pods()
    eviction.check(lab.store, first, dry_run=True)
    assert counts(lab)[0] == 1
    eviction.check(lab.store, first, dry_run=False)
    assert counts(lab)[0] == 0
    assert list(status(lab, BUDGETS, "web")["disruptedPods"]) == [first["metadata"]["name"]]
    with pytest.raises(StatusError) as caught:
        eviction.check(lab.store, second, dry_run=False)
    assert caught.value.code == 429
    assert caught.value.details is not None
    why = caught.value.details["causes"][0]["message"]
    assert why == "The disruption budget web needs 2 healthy pods and has 3 currently"
    lab.wait(150)
    assert counts(lab)[0] == 1, "it was never told to end"


def test_an_unhealthy_pod_may_go_as_the_policy_says(lab: Lab) -> None:
    deployment(lab, replicas=2)
    lab.wait(5)
    budget(lab, minAvailable=2)
    pod = {**lab.pods()[0]}
    pod["status"] = {**pod["status"], "conditions": [{"type": "Ready", "status": "False"}]}
    lab.world.set_status(PODS, pod, pod["status"])
    found = lab.store.get(BUDGETS, "shop", "web")
    sick = {**found, "status": {**found["status"], "currentHealthy": 1}}
    lab.store.update(BUDGETS, sick)
    with pytest.raises(StatusError):
        eviction.check(lab.store, pod, dry_run=True)
    found = lab.store.get(BUDGETS, "shop", "web")
    spec = {**found["spec"], "unhealthyPodEvictionPolicy": "AlwaysAllow"}
    lab.store.update(BUDGETS, {**found, "spec": spec})
    eviction.check(lab.store, pod, dry_run=True)


def test_two_budgets_for_one_pod_are_not_supported(lab: Lab) -> None:
    deployment(lab, replicas=1)
    lab.wait(5)
    for name in ("web", "web2"):
        budget(lab, name, minAvailable=0)
    with pytest.raises(StatusError, match="more than one PodDisruptionBudget") as caught:
        eviction.check(lab.store, lab.pods()[0], dry_run=False)
    assert caught.value.code == 500
