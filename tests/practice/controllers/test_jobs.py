"""Jobs: how they end."""

from __future__ import annotations

from k8stui.practice.printers.workloads import job_status
from tests.practice.controllers.lab import JOBS, Lab, status, template


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
