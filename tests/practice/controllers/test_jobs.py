"""Jobs: how they end."""

from __future__ import annotations

from itertools import pairwise

import pytest

from k8stui.core.units import parse_time
from k8stui.practice.printers.pods import pod_status
from k8stui.practice.printers.workloads import job_status
from tests.practice.controllers.lab import (
    JOBS,
    PODS,
    Lab,
    conditions,
    failing,
    said,
    sleeping,
    status,
    template,
)


def test_a_job_runs_to_its_end_and_one_gives_up(lab: Lab) -> None:
    good = template("good", "busybox:1.37", restartPolicy="Never")
    lab.make(JOBS, "good", spec={"completions": 3, "parallelism": 2, "template": good})
    bad = template("bad", "busybox:1.37", restartPolicy="Never")
    bad["spec"]["containers"][0]["command"] = ["sh", "-c", "sleep 1; exit 4"]
    lab.make(JOBS, "bad", spec={"backoffLimit": 1, "template": bad})
    lab.wait(120)
    assert job_status(lab.store.get(JOBS, "shop", "good")) == "Complete"
    assert job_status(lab.store.get(JOBS, "shop", "bad")) == "Failed"
    assert status(lab, JOBS, "bad")["failed"] == 2
    assert status(lab, JOBS, "good")["succeeded"] == 3


def job(lab: Lab, **spec: object) -> None:
    lab.make(JOBS, "job", spec={"template": sleeping(2), **spec})


def at_once(lab: Lab) -> int:
    alive = [pod for pod in lab.pods() if not pod["metadata"].get("deletionTimestamp")]
    return sum(pod_status(pod) in ("Running", "ContainerCreating") for pod in alive)


def reason(lab: Lab, kind: str = "Failed") -> str:
    return conditions(lab, JOBS, "job")[kind][1]


def test_no_more_pods_run_at_once_than_asked_for(lab: Lab) -> None:
    job(lab, completions=5, parallelism=2)
    most = 0
    for _ in range(40):
        lab.wait(0.5)
        most = max(most, at_once(lab))
    assert most == 2
    found = status(lab, JOBS, "job")
    assert (found["succeeded"], found["ready"], found["terminating"]) == (5, 0, 0)
    assert conditions(lab, JOBS, "job").keys() == {"SuccessCriteriaMet", "Complete"}
    assert "active" not in found and found["completionTime"] >= found["startTime"]
    assert said(lab, "Job", "Completed") == ["Job completed"]


def test_pods_are_held_until_they_are_counted(lab: Lab) -> None:
    job(lab)
    lab.wait(1)
    assert lab.pods()[0]["metadata"]["finalizers"] == ["batch.kubernetes.io/job-tracking"]
    lab.wait(5)
    assert "finalizers" not in lab.pods()[0]["metadata"]


def test_each_failure_makes_the_next_try_wait_longer(lab: Lab) -> None:
    job(lab, template=failing(), backoffLimit=3)
    lab.wait(150)
    assert status(lab, JOBS, "job")["failed"] == 4
    born = sorted(parse_time(p["metadata"]["creationTimestamp"]) or 0.0 for p in lab.pods())
    pauses = [later - earlier for earlier, later in pairwise(born)]
    assert len(pauses) == 3 and all(b > 1.5 * a for a, b in pairwise(pauses))
    assert conditions(lab, JOBS, "job")["Failed"] == (
        *("True", "BackoffLimitExceeded"),
        "Job has reached the specified backoff limit",
    )
    assert conditions(lab, JOBS, "job")["FailureTarget"][0] == "True"


def test_pods_that_restart_in_place_count_their_restarts(lab: Lab) -> None:
    job(lab, template=failing(restartPolicy="OnFailure"), backoffLimit=2)
    lab.wait(200)
    assert reason(lab) == "BackoffLimitExceeded"
    assert lab.pods() == [], "the Pod that restarted is deleted"


def test_a_deadline_ends_what_runs(lab: Lab) -> None:
    job(lab, template=sleeping(500), parallelism=2, completions=2, activeDeadlineSeconds=10)
    lab.wait(20)
    assert reason(lab) == "DeadlineExceeded"
    assert status(lab, JOBS, "job")["failed"] == 2
    assert lab.pods() == []


def test_an_indexed_job_gives_each_pod_its_index(lab: Lab) -> None:
    job(lab, completions=4, parallelism=4, completionMode="Indexed")
    lab.wait(1)
    pods = sorted(lab.pods(), key=lambda pod: pod["metadata"]["name"])
    assert [pod["spec"]["hostname"] for pod in pods] == [f"job-{n}" for n in range(4)]
    label = "batch.kubernetes.io/job-completion-index"
    assert [pod["metadata"]["labels"][label] for pod in pods] == ["0", "1", "2", "3"]
    variable = pods[0]["spec"]["containers"][0]["env"][0]
    assert variable["name"] == "JOB_COMPLETION_INDEX"
    assert variable["valueFrom"]["fieldRef"]["fieldPath"] == f"metadata.labels['{label}']"
    lab.wait(9)
    assert status(lab, JOBS, "job")["completedIndexes"] == "0-3"


def test_indexes_fail_for_themselves(lab: Lab) -> None:
    job(
        lab,
        completions=2,
        parallelism=2,
        completionMode="Indexed",
        backoffLimitPerIndex=1,
        template=failing(),
    )
    lab.wait(60)
    found = status(lab, JOBS, "job")
    assert (found["failedIndexes"], found["failed"], reason(lab)) == ("0,1", 4, "FailedIndexes")


def test_too_many_failed_indexes_end_the_job(lab: Lab) -> None:
    limits = {"backoffLimitPerIndex": 0, "maxFailedIndexes": 1}
    job(lab, completions=5, parallelism=2, completionMode="Indexed", template=failing(), **limits)
    lab.wait(60)
    assert reason(lab) == "MaxFailedIndexesExceeded"


def test_enough_indexes_may_be_success(lab: Lab) -> None:
    policy = {"rules": [{"succeededIndexes": "0-1", "succeededCount": 1}]}
    job(lab, completions=4, parallelism=1, completionMode="Indexed", successPolicy=policy)
    lab.wait(20)
    assert conditions(lab, JOBS, "job")["Complete"] == ("True", "SuccessPolicy", "Matched rules at index 0")
    assert status(lab, JOBS, "job")["succeeded"] < 4


@pytest.mark.parametrize(
    ("action", "why", "failed"),
    [
        ("FailJob", "PodFailurePolicy", 1),
        ("Ignore", "BackoffLimitExceeded", 3),
        ("Count", "BackoffLimitExceeded", 3),
    ],
)
def test_a_policy_says_what_an_exit_code_means(lab: Lab, action: str, why: str, failed: int) -> None:
    rule = {"action": action, "onExitCodes": {"operator": "In", "values": [42]}}
    job(lab, template=failing(42), backoffLimit=2, podFailurePolicy={"rules": [rule]})
    lab.wait(300)
    found = status(lab, JOBS, "job")
    if action == "Ignore":
        assert "failed" not in found and len(lab.pods()) > 3, "it is tried on and on"
        return
    assert (reason(lab), found["failed"]) == (why, failed)
    if action == "FailJob":
        message = conditions(lab, JOBS, "job")["Failed"][2]
        assert message.startswith("Container c for pod shop/job-")
        assert message.endswith("failed with exit code 42 matching FailJob rule at index 0")


def test_a_suspended_job_runs_nothing_until_it_is_resumed(lab: Lab) -> None:
    job(lab, suspend=True)
    lab.wait(5)
    assert lab.pods() == [] and "startTime" not in status(lab, JOBS, "job")
    assert conditions(lab, JOBS, "job")["Suspended"] == ("True", "JobSuspended", "Job suspended")
    lab.change(JOBS, "job", suspend=False)
    lab.wait(0)
    assert len(lab.pods()) == 1
    lab.change(JOBS, "job", suspend=True)
    lab.wait(5)
    assert lab.pods() == [] and "failed" not in status(lab, JOBS, "job")
    lab.change(JOBS, "job", suspend=False)
    lab.wait(10)
    assert job_status(lab.store.get(JOBS, "shop", "job")) == "Complete"
    assert [*said(lab, "Job", "Suspended"), *said(lab, "Job", "Resumed")] == ["Job suspended", "Job resumed"]


def test_a_deleted_pod_counts_as_failed_and_is_replaced(lab: Lab) -> None:
    job(lab, template=sleeping(60))
    lab.wait(3)
    lab.delete(PODS, lab.pods()[0])
    lab.wait(30)
    assert status(lab, JOBS, "job")["failed"] == 1
    assert len(lab.pods()) == 1


def test_a_finished_job_lives_on_as_long_as_it_says(lab: Lab) -> None:
    job(lab, ttlSecondsAfterFinished=30)
    lab.wait(20)
    assert lab.store.count(JOBS) == 1
    lab.wait(30)
    assert lab.store.count(JOBS) == 0 and lab.pods() == []


def test_pods_of_a_job_that_has_gone_are_let_go(lab: Lab) -> None:
    job(lab, template=sleeping(60))
    lab.wait(3)
    lab.delete(JOBS, lab.store.get(JOBS, "shop", "job"))
    lab.wait(5)
    assert lab.pods() == []


def test_another_controllers_job_is_left_alone(lab: Lab) -> None:
    job(lab, managedBy="example.com/other")
    lab.wait(5)
    assert lab.pods() == []
