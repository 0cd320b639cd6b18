"""CronJobs: schedules and what becomes of the Jobs."""

from __future__ import annotations

import pytest

from k8stui.core.objects import dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.cron import Schedule
from tests.practice.controllers.lab import CRON_JOBS, JOBS, START, Lab, status, template


def test_a_cron_job_keeps_only_some_of_its_jobs(lab: Lab) -> None:
    job = {"spec": {"template": template("tick", "busybox:1.37", restartPolicy="Never")}}
    lab.make(
        CRON_JOBS, "tick", spec={"schedule": "* * * * *", "successfulJobsHistoryLimit": 2, "jobTemplate": job}
    )
    lab.wait(600)
    jobs = lab.store.list(JOBS)
    assert 2 <= len(jobs) <= 3
    assert {dig(j, "metadata", "ownerReferences", 0, "name") for j in jobs} == {"tick"}
    assert len(lab.pods()) == len(jobs)
    last = parse_time(status(lab, CRON_JOBS, "tick")["lastScheduleTime"]) or 0.0
    assert lab.time - 60 <= last <= lab.time


@pytest.mark.parametrize(
    ("text", "after", "due"),
    [
        ("*/5 * * * *", "2026-05-01T12:03:10Z", "2026-05-01T12:05:00Z"),
        ("0 3 * * *", "2026-05-01T03:00:00Z", "2026-05-02T03:00:00Z"),
        ("0 3 1 1 *", "2026-05-01T03:00:00Z", "2027-01-01T03:00:00Z"),
        ("30 9 * * mon-fri", "2026-05-02T00:00:00Z", "2026-05-04T09:30:00Z"),
        ("0 0 13 * 5", "2026-05-02T00:00:00Z", "2026-05-08T00:00:00Z"),
        ("@hourly", "2026-05-01T23:59:59Z", "2026-05-02T00:00:00Z"),
    ],
)
def test_schedules(text: str, after: str, due: str) -> None:
    assert Schedule(text).after(parse_time(after) or 0.0) == parse_time(due)


def test_a_schedule_that_never_comes() -> None:
    assert Schedule("0 0 30 2 *").after(START) is None


@pytest.mark.parametrize("text", ["* * * *", "61 * * * *", "* * * * * *", "a * * * *", "*/0 * * * *"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Schedule(text)
