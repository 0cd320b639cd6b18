"""What runs to an end: Jobs, and the CronJobs that make them."""

from __future__ import annotations

from collections.abc import Iterator

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import format_age, parse_time
from k8stui.session.describe.beside import Answer, Beside, listed
from k8stui.session.describe.marks import state_piece
from k8stui.session.describe.model import (
    MOST_LINES,
    Section,
    Writer,
    age,
    joined,
    leaves,
    link,
    moment,
    number,
    own_namespace,
    phrase,
    quiet,
    string,
)
from k8stui.session.describe.pods import template
from k8stui.session.describe.workloads import AGE, NAME, PODS, STATE, pods_of, seconds, selector
from k8stui.session.wellbeing import state_of


def job(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A Job."""
    writer = Writer()
    writer.fact(Text("Parallelism", "並列数"), dig(obj, "spec", "parallelism"))
    writer.fact(Text("Completions", "必要な成功数"), dig(obj, "spec", "completions"))
    writer.fact(Text("Completion mode", "完了の数え方"), dig(obj, "spec", "completionMode"))
    writer.fact(Text("Suspended", "一時停止"), dig(obj, "spec", "suspend"))
    writer.fact(Text("Backoff limit", "再試行の上限"), dig(obj, "spec", "backoffLimit"))
    writer.fact(Text("Per index", "番号ごとの上限"), dig(obj, "spec", "backoffLimitPerIndex"))
    seconds(writer, Text("Time limit", "制限時間"), dig(obj, "spec", "activeDeadlineSeconds"))
    seconds(writer, Text("Kept after end", "終了後の保持"), dig(obj, "spec", "ttlSecondsAfterFinished"))
    start, end = dig(obj, "status", "startTime"), dig(obj, "status", "completionTime")
    writer.fact(Text("Started", "開始"), moment(start, now))
    writer.fact(Text("Completed", "完了"), moment(end, now))
    began, ended = (parse_time(time) if isinstance(time, str) else None for time in (start, end))
    if began is not None and ended is not None:
        writer.fact(Text("Duration", "所要時間"), format_age(ended - began))
    counts = (
        phrase(number(obj, "status", field), " ", quiet(title))
        for field, title in (
            ("active", Text("active", "実行中")),
            ("ready", Text("ready", "準備完了")),
            ("succeeded", Text("succeeded", "成功")),
            ("failed", Text("failed", "失敗")),
            ("terminating", Text("terminating", "終了中")),
        )
        if field != "terminating" or number(obj, "status", field)
    )
    writer.fact(PODS, joined(counts))
    writer.fact(Text("Done indexes", "完了した番号"), dig(obj, "status", "completedIndexes"))
    writer.fact(Text("Failed indexes", "失敗した番号"), dig(obj, "status", "failedIndexes"))
    selector(writer, obj)
    rules = (
        joined(phrase(quiet(f"{path}: "), value) for path, value in leaves(rule))
        for rule in dicts(obj, "spec", "podFailurePolicy", "rules")
    )
    writer.fact(Text("Failure policy", "失敗時の方針"), *rules)
    yield from writer.section(Text("Run", "実行"))
    yield from pods_of(obj, beside["pods"])
    yield from template(obj, own_namespace(obj), now)


def cron_job(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A CronJob with the Jobs that it has made."""
    writer = Writer()
    writer.fact(Text("Schedule", "スケジュール"), dig(obj, "spec", "schedule"))
    writer.fact(Text("Time zone", "タイムゾーン"), dig(obj, "spec", "timeZone"))
    writer.fact(Text("Concurrency", "同時実行"), dig(obj, "spec", "concurrencyPolicy"))
    writer.fact(Text("Suspended", "一時停止"), dig(obj, "spec", "suspend"))
    seconds(writer, Text("Start deadline", "開始の期限"), dig(obj, "spec", "startingDeadlineSeconds"))
    writer.fact(Text("Kept successes", "成功Jobの保持数"), dig(obj, "spec", "successfulJobsHistoryLimit"))
    writer.fact(Text("Kept failures", "失敗Jobの保持数"), dig(obj, "spec", "failedJobsHistoryLimit"))
    for field, title in (
        ("parallelism", Text("Parallelism", "並列数")),
        ("completions", Text("Completions", "必要な成功数")),
        ("backoffLimit", Text("Backoff limit", "再試行の上限")),
    ):
        writer.fact(title, dig(obj, "spec", "jobTemplate", "spec", field))
    limit = dig(obj, "spec", "jobTemplate", "spec", "activeDeadlineSeconds")
    seconds(writer, Text("Time limit", "制限時間"), limit)
    selector(writer, {"spec": dig(obj, "spec", "jobTemplate", "spec")})
    writer.fact(Text("Last schedule", "前回の実行"), moment(dig(obj, "status", "lastScheduleTime"), now))
    writer.fact(Text("Last success", "前回の成功"), moment(dig(obj, "status", "lastSuccessfulTime"), now))
    space = own_namespace(obj)
    active = [link("Job", one.get("name"), space, "batch") for one in dicts(obj, "status", "active")]
    writer.or_none(Text("Active", "実行中"), active)
    yield from writer.section(Text("Schedule", "スケジュール"))
    yield from _jobs(beside["jobs"], now)
    inner = dig(obj, "spec", "jobTemplate", "spec", "template")
    yield from template({"spec": {"template": inner}}, space, now)


def _jobs(answer: Answer | None, now: float) -> Iterator[Section]:
    writer = Writer()
    found = listed(writer, answer)
    latest = sorted(found, key=lambda one: string(one, "metadata", "creationTimestamp"), reverse=True)
    rows = (
        [
            link("Job", string(one, "metadata", "name"), own_namespace(one), "batch"),
            state_piece(state_of(one)),
            age(dig(one, "metadata", "creationTimestamp"), now),
        ]
        for one in latest[:MOST_LINES]
    )
    writer.grid((NAME, STATE, AGE), rows, count=len(latest))
    yield from writer.section(Text("Jobs", "Job"))
