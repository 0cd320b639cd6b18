"""What following does when a server or the way to it is in trouble; time is passed by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest

from k8stui.core.freshness import Phase
from k8stui.core.kinds import ResourceKind
from k8stui.kube.errors import Cause
from tests.kube.scripted import (
    Reply,
    row,
    settle,
    status,
    unreachable,
    until,
)
from tests.kube.stage import Say, Stage

GONE = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}


async def test_half_a_line_at_the_end_is_not_a_row() -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        stage.feed.raw(b'{"type":"ADDED","object":{"kind":"Table","rows":[{"cells":["ghost","Run"')
        stage.feed.cut()
        await view.reaches(Phase.RECONNECTING)
        await stage.time.advance(5)
        await view.reaches(Phase.LIVE)
        assert view.names == ["a", "b"]
        assert stage.watches[-1].query["resourceVersion"] == "10"


async def test_a_watch_that_ends_as_soon_as_it_opens_is_not_opened_in_a_rage() -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        stage.feed.end()
        await view.reaches(Phase.RECONNECTING)
        await settle(500)
        assert len(stage.feeds) == 1
        await stage.time.advance(1.2)
        await view.reaches(Phase.LIVE)
        assert len(stage.feeds) == 2


@pytest.mark.parametrize("way", ["http", "in-band", "too large"])
async def test_a_version_of_no_use_means_listing_again_without_ghosts(way: str) -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        await stage.time.advance(10)
        stage.rows, stage.version = [row("", "b", "New"), row("", "c")], "50"
        if way == "in-band":
            stage.feed.event("ERROR", GONE)
        else:
            large = status(504, "Timeout", "Too large resource version: 10, current: 5")
            stage.watch_says = [status(410, "Expired") if way == "http" else large]
            stage.feed.end()
        await until(lambda: len(stage.feeds) == 2)
        assert view.names == ["b", "c"]
        assert view.cells["", "b"] == ("b", "New")
        assert stage.watches[-1].query["resourceVersion"] == "50"
        gone = [delta for delta in view.deltas if delta.drop]
        assert [delta.drop for delta in gone] == [(("", "a"),)]
        assert view.deltas.index(gone[0]) == len(view.deltas) - 1, "drops come after the new rows"


async def test_events_before_an_error_in_the_same_chunk_count() -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        stage.happen("ADDED", "c", "11")
        stage.feed.event("ERROR", {"kind": "Status", "code": 500, "message": "etcd is unwell"})
        await view.reaches(Phase.RECONNECTING)
        assert view.names == ["a", "b", "c"]
        assert "etcd is unwell" in (view.last.message or "").en  # type: ignore[union-attr]
        await stage.time.advance(5)
        await until(lambda: len(stage.watches) == 2)
        assert stage.watches[-1].query["resourceVersion"] == "11"


async def test_a_history_that_went_back_is_listed_again() -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        await stage.time.advance(10)
        stage.rows, stage.version = [row("", "z")], "4"
        stage.bookmark("3")
        await until(lambda: view.names == ["z"])
        await until(lambda: len(stage.feeds) == 2)
        assert stage.watches[-1].query["resourceVersion"] == "4"


async def test_410_after_410_does_not_become_a_storm_of_lists() -> None:
    stage = Stage()
    stage.watch_says = [status(410, "Expired") for _ in range(100)]
    async with stage.follow() as view:
        await until(lambda: view.rows)
        await settle(500)
        assert len(stage.lists) <= 2
        await stage.time.advance(60)
        assert 3 <= len(stage.lists) <= 8


@pytest.mark.parametrize(
    ("code", "reason", "phase"),
    [(401, "Unauthorized", Phase.FAILED), (403, "Forbidden", Phase.DENIED)],
    ids=["401", "403"],
)
async def test_a_refused_list_is_the_end(code: int, reason: str, phase: Phase) -> None:
    stage = Stage()
    stage.list_says = [status(code, reason, "nodes is not for you")]
    async with stage.follow() as view:
        await until(lambda: view.ended)
        assert view.phase is phase
        assert view.last.hint is not None
        assert "nodes is not for you" in (view.last.message or "").en  # type: ignore[union-attr]
        assert len(stage.transport.requests) == 1


@pytest.mark.parametrize("says", [status(404, "NotFound"), status(400, "BadRequest"), Reply(b"<html>")])
async def test_what_will_not_mend_is_the_end(says: Say) -> None:
    stage = Stage()
    stage.list_says = [says]
    async with stage.follow() as view:
        await until(lambda: view.ended)
        assert view.phase is Phase.FAILED
        assert view.last.message is not None


async def test_a_view_that_was_live_bears_rubbish_for_a_while() -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        await stage.time.advance(10)
        stage.list_says = [status(404), Reply(b"<html>login</html>"), status(404)]
        stage.feed.event("ERROR", GONE)
        await view.reaches(Phase.RECONNECTING)
        await stage.time.advance(20)
        await view.reaches(Phase.LIVE)
        stage.list_says = [status(404) for _ in range(9)]
        stage.feed.event("ERROR", GONE)
        await view.reaches(Phase.RECONNECTING)
        await stage.time.advance(200)
        await until(lambda: view.ended)
        assert view.phase is Phase.FAILED
        assert view.names == ["a", "b"]


async def test_a_refused_watch_means_polling() -> None:
    stage = Stage()
    stage.watch_says = [status(403, "Forbidden")]
    async with stage.follow() as view:
        await view.reaches(Phase.POLLING)
        listed = len(stage.lists)
        stage.rows = [row("", "b"), row("", "d")]
        await stage.time.advance(4)
        assert len(stage.lists) == listed
        await stage.time.advance(6.5)
        assert len(stage.lists) == listed + 1
        assert view.names == ["b", "d"]
        assert view.last.message is not None
        assert len(stage.watches) == 1
        stage.list_says = [status(403, "Forbidden")]
        await stage.time.advance(10)
        await until(lambda: view.ended)
        assert view.phase is Phase.DENIED


@pytest.mark.parametrize("code", [405, 404, 422])
async def test_a_watch_that_is_not_served_means_polling(code: int) -> None:
    stage = Stage()
    stage.watch_says = [status(code) for _ in range(3)]
    async with stage.follow() as view:
        await view.reaches(Phase.POLLING)
        await stage.time.advance(30)
        assert len(stage.watches) <= 2
        assert Phase.RECONNECTING not in view.phases


async def test_a_kind_without_the_verb_watch_or_a_version_is_polled() -> None:
    metrics = ResourceKind("m", "v1", "M", "ms", namespaced=False, verbs=frozenset({"get", "list"}))
    stage = Stage()
    async with stage.follow(metrics) as view:
        await view.reaches(Phase.POLLING)
        assert stage.watches == []
    stage = Stage()
    stage.version = ""
    async with stage.follow() as view:
        await view.reaches(Phase.POLLING)
        assert stage.watches == []


async def test_trouble_backs_off_with_the_rows_kept_and_says_when_it_tries_again() -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        live_at = stage.time.now
        await stage.time.advance(30)
        stage.watch_says = [unreachable() for _ in range(6)]
        stage.feed.cut()
        await view.reaches(Phase.RECONNECTING)
        assert view.last.current_at == live_at
        assert view.last.retry_at == pytest.approx(stage.time.now + 1.2)
        await stage.time.advance(100)
        await view.reaches(Phase.LIVE)
        waits = [f.retry_at for f in view.fresh if f.retry_at]
        gaps = [b - a for a, b in pairwise(waits)]
        assert gaps == pytest.approx([2.4, 4.8, 9.6, 19.2, 30.0, 30.0])
        assert view.names == ["a", "b"]
        assert len(stage.lists) == 1


async def test_a_first_list_that_fails_is_tried_again() -> None:
    stage = Stage()
    stage.list_says = [unreachable(), status(503, "ServiceUnavailable"), status(500)]
    async with stage.follow() as view:
        await view.reaches(Phase.RECONNECTING)
        assert view.last.current_at is None
        await stage.time.advance(20)
        await view.reaches(Phase.LIVE)
        assert view.names == ["a", "b"]


async def test_retry_after_is_obeyed_and_retry_now_cuts_the_wait() -> None:
    stage = Stage()
    stage.list_says = [status(429, "TooManyRequests", retryAfterSeconds=17)] * 2
    async with stage.follow() as view:
        await view.reaches(Phase.RECONNECTING)
        assert view.last.retry_at == stage.time.now + 17
        await stage.time.advance(16)
        assert len(stage.lists) == 1
        await stage.time.advance(2)
        await until(lambda: len(stage.lists) == 2)
        await settle()
        stage.client.retry_now()
        await view.reaches(Phase.LIVE)


async def test_a_stream_that_misses_its_bookmarks_is_opened_anew() -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        await stage.time.advance(200)
        assert len(stage.feeds) == 1, "silence is nothing while the server lives"
        stage.bookmark("30")
        await settle()
        await stage.time.advance(80)
        stage.bookmark("31")
        await settle()
        await stage.time.advance(80)
        assert len(stage.feeds) == 1
        await stage.time.advance(11.5)
        await until(lambda: len(stage.feeds) == 2, "a new stream on the living server")
        assert stage.feeds[0].closed
        assert view.phase is Phase.LIVE
        assert stage.watches[-1].query["resourceVersion"] == "31"


async def test_a_server_that_hangs_is_noticed_before_any_bookmark() -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        stage.livez = [unreachable(Cause.TIMEOUT)] * 2
        await stage.time.advance(19)
        assert view.phase is Phase.LIVE
        await stage.time.advance(3)
        await view.reaches(Phase.RECONNECTING)
        assert stage.feeds[0].closed
        await stage.time.advance(5)
        await view.reaches(Phase.LIVE)


async def test_after_the_machines_sleep_the_watch_is_opened_anew_at_once() -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        await stage.time.advance(3)
        stage.time.suspend(7200)
        await stage.time.advance(1.5)
        await until(lambda: len(stage.feeds) == 2)
        assert stage.feeds[0].closed
        assert stage.watches[-1].query["resourceVersion"] == "10"
        assert len(stage.lists) == 1


async def test_a_closed_client_ends_what_is_followed() -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        stage.watch_says = [unreachable(Cause.CLOSED)]
        stage.feed.cut()
        await stage.time.advance(3)
        await until(lambda: view.ended)
        assert view.phase is Phase.FAILED
