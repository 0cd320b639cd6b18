"""CronJobs: schedules and what becomes of the Jobs."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from k8stui.core.objects import dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.cron import Schedule
from k8stui.practice.printers.workloads import job_status
from tests.practice.controllers.lab import CRON_JOBS, JOBS, START, Lab, said, sleeping, status, template


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


def cron(lab: Lab, seconds: int = 2, **spec: object) -> None:
    template = {"spec": {"template": sleeping(seconds)}}
    lab.make(CRON_JOBS, "tick", spec={"schedule": "* * * * *", "jobTemplate": template, **spec})


def running(lab: Lab) -> list[str]:
    return [job["metadata"]["name"] for job in lab.store.list(JOBS) if job_status(job) == "Running"]


@pytest.mark.parametrize(
    ("text", "zone", "after", "due"),
    [
        ("30 9 * * *", "Asia/Tokyo", "2026-05-01T00:00:00Z", "2026-05-01T00:30:00Z"),
        ("30 2 * * *", "America/New_York", "2026-03-08T00:00:00Z", "2026-03-09T06:30:00Z"),
        ("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", "2026-11-01T05:30:00Z"),
        ("@every 90s", "UTC", "2026-05-01T00:00:00Z", "2026-05-01T00:01:30Z"),
        ("0 0 */2 * 1", "UTC", "2026-05-01T12:00:00Z", "2026-05-03T00:00:00Z"),
    ],
)
def test_schedules_in_time_zones(text: str, zone: str, after: str, due: str) -> None:
    assert Schedule(text, ZoneInfo(zone)).after(parse_time(after) or 0.0) == parse_time(due)


def test_the_latest_moment_that_was_missed() -> None:
    begin = parse_time("2026-05-01T00:00:00Z") or 0.0
    assert Schedule("0 * * * *").latest(begin, begin + 5 * 3600 + 60) == (begin + 5 * 3600, False)
    assert Schedule("* * * * *").latest(begin, begin + 200 * 60 + 5) == (begin + 200 * 60, True)
    assert Schedule("0 0 1 1 *").latest(begin, begin + 86_400) == (None, False)


def test_jobs_may_run_side_by_side(lab: Lab) -> None:
    cron(lab, 150)
    lab.wait(130)
    assert len(running(lab)) == 2
    assert len(status(lab, CRON_JOBS, "tick")["active"]) == 2


def test_forbid_waits_for_the_last_one_and_then_catches_up(lab: Lab) -> None:
    cron(lab, 90, concurrencyPolicy="Forbid")
    lab.wait(125)
    first = running(lab)
    assert len(first) == 1
    assert said(lab, "CronJob", "JobAlreadyActive")
    lab.wait(60)
    assert len(running(lab)) == 1 and running(lab) != first


def test_replace_ends_the_last_one(lab: Lab) -> None:
    cron(lab, 90, concurrencyPolicy="Replace")
    lab.wait(65)
    first = running(lab)
    lab.wait(60)
    assert len(running(lab)) == 1 and running(lab) != first
    assert said(lab, "CronJob", "SuccessfulDelete") == [f"Deleted job {first[0]}"]


def test_a_suspended_one_makes_nothing_and_then_the_last_one_missed(lab: Lab) -> None:
    cron(lab, suspend=True)
    lab.wait(300)
    assert lab.store.count(JOBS) == 0
    lab.change(CRON_JOBS, "tick", suspend=False)
    lab.wait(1)
    assert lab.store.count(JOBS) == 1


def test_what_is_missed_for_too_long_is_not_made_up_for(lab: Lab) -> None:
    cron(lab, suspend=True, startingDeadlineSeconds=10, schedule="*/5 * * * *")
    lab.wait(350)
    lab.change(CRON_JOBS, "tick", suspend=False)
    lab.wait(1)
    assert lab.store.count(JOBS) == 0


def test_a_zone_that_does_not_exist_is_told(lab: Lab) -> None:
    cron(lab, timeZone="Europe/Nowhere")
    lab.wait(120)
    assert lab.store.count(JOBS) == 0
    assert said(lab, "CronJob", "UnknownTimeZone") == [
        'invalid timeZone: "Europe/Nowhere": unknown time zone Europe/Nowhere'
    ]


def test_completed_jobs_are_told_and_dated(lab: Lab) -> None:
    cron(lab)
    lab.wait(75)
    name = lab.store.list(JOBS)[0]["metadata"]["name"]
    assert said(lab, "CronJob", "SawCompletedJob") == [f"Saw completed job: {name}, condition: Complete"]
    found = status(lab, CRON_JOBS, "tick")
    assert found["lastSuccessfulTime"] > found["lastScheduleTime"] and "active" not in found
