"""What comes of following a kind on a healthy server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8stui.core.freshness import Phase
from k8stui.core.refs import Scope
from k8stui.kube.client import Include
from tests.kube.scripted import (
    COLUMNS,
    NODES,
    Feed,
    Reply,
    metadata,
    row,
    settle,
    status,
    table,
    unreachable,
    until,
)
from tests.kube.stage import Stage


async def test_a_list_and_then_its_changes() -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        assert view.names == ["a", "b"]
        assert [column.name for column in view.columns or ()] == ["Name", "Status"]
        assert view.phases == [Phase.CONNECTING, Phase.SYNCING, Phase.LIVE]
        assert stage.watches[0].query["resourceVersion"] == "10"
        assert stage.watches[0].query["allowWatchBookmarks"] == "true"
        assert {r.include for r in stage.transport.requests} == {"None"}
        stage.time.now += 5
        stage.happen("ADDED", "c", "11", "Pending", columns=COLUMNS)
        stage.happen("DELETED", "a", "12")
        await until(lambda: view.names == ["b", "c"])
        assert view.rows["", "c"].seen == stage.time.now
        assert view.rows["", "b"].seen == stage.time.now - 5


async def test_events_of_one_chunk_are_one_change_and_the_last_word_counts() -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        before = len(view.deltas)
        burst = Feed()
        for i in range(50):
            burst.event("MODIFIED", table(row("", "a", f"s{i}"), version=str(11 + i), columns=None))
        burst.event("DELETED", table(row("", "b"), version="90", columns=None))
        burst.end()
        stage.feed.raw(b"".join([piece async for piece in burst.chunks()]))
        await until(lambda: view.names == ["a"])
        assert view.cells["", "a"] == ("a", "s49")
        assert len(view.deltas) == before + 1


async def test_a_clean_end_is_no_trouble_and_nothing_is_listed_again() -> None:
    stage = Stage()
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        stage.happen("ADDED", "c", "15")
        stage.bookmark("22")
        await until(lambda: view.names == ["a", "b", "c"])
        stage.feed.end()
        await until(lambda: len(stage.feeds) == 2)
        assert stage.watches[1].query["resourceVersion"] == "22"
        await settle()
        assert Phase.RECONNECTING not in view.phases
        assert len(stage.lists) == 1


async def test_new_columns_come_with_all_rows_at_once() -> None:
    stage = Stage()
    wider = [*COLUMNS, {"name": "Zone", "type": "string", "format": ""}]
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        await stage.time.advance(60)
        rows = [{"cells": [name, "Running", "eu"], "object": None} for name in ("a", "b", "c")]
        stage.list_says = [Reply(table(*rows, version="60", columns=wider))]
        stage.feed.event("ADDED", table(rows[2], version="59", columns=wider))
        await until(lambda: len(stage.feeds) == 2)
        assert [column.name for column in view.columns or ()] == ["Name", "Status", "Zone"]
        last = view.deltas[-1]
        assert last.columns is not None
        assert [r.cells for r in last.put] == [(n, "Running", "eu") for n in ("a", "b", "c")]


async def test_other_columns_right_after_a_list_are_fitted_by_name() -> None:
    stage = Stage()
    turned = [COLUMNS[1], {"name": "Zone"}, COLUMNS[0]]
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        event = table({"cells": ["Failed", "eu", "c"], "object": None}, version="11", columns=turned)
        stage.feed.event("ADDED", event)
        await until(lambda: view.names == ["a", "b", "c"])
        assert view.cells["", "c"] == ("c", "Failed")
        assert len(stage.lists) == 1


async def test_a_server_that_knows_no_tables() -> None:
    stage = Stage()
    born = {"creationTimestamp": "2023-11-14T22:12:20Z"}
    items = [{"metadata": {"name": "w1"} | born}]
    plain = Reply({"kind": "NodeList", "metadata": {"resourceVersion": "7"}, "items": items})
    stage.list_says = [status(406, "NotAcceptable"), plain]
    async with stage.follow(include=Include.OBJECT, marks=lambda obj: frozenset(obj["metadata"])) as view:
        await view.reaches(Phase.LIVE)
        assert view.cells == {("", "w1"): ("w1", "60s")}
        assert stage.watches[-1].accept == "application/json"
        meta = {"name": "w2", "resourceVersion": "8"} | born
        stage.feed.event("ADDED", {"kind": "Node", "metadata": meta})
        stage.feed.event("DELETED", {"kind": "Node", "metadata": {"name": "w1", "resourceVersion": "9"}})
        stage.feed.event("BOOKMARK", {"kind": "Node", "metadata": {"resourceVersion": "12"}})
        await until(lambda: view.names == ["w2"])
        assert view.rows["", "w2"].marks == set(meta)
        stage.feed.cut()
        await view.reaches(Phase.RECONNECTING)
        await stage.time.advance(5)
        await view.reaches(Phase.LIVE)
        assert stage.watches[-1].query["resourceVersion"] == "12"


async def test_metadata_and_objects_come_when_asked_for() -> None:
    for include in (Include.METADATA, Include.OBJECT):
        stage = Stage()
        full = metadata("", "a", labels={"app": "x"}) | {"spec": {"podCIDR": "10/8"}}
        stage.rows = [{"cells": ["a", "Ready"], "object": full}]
        async with stage.follow(
            include=include, marks=lambda obj: frozenset(obj.get("spec", ())), label_selector="app=x"
        ) as view:
            await view.reaches(Phase.LIVE)
            found = view.rows["", "a"]
            assert (found.labels, found.created) == ({"app": "x"}, 1_700_000_000.0)
            assert found.marks == ({"podCIDR"} if include is Include.OBJECT else set())
            for request in stage.transport.requests:
                assert request.include == include.value
                assert request.query["labelSelector"] == "app=x"


async def test_progress_is_told_with_the_total_and_not_too_often() -> None:
    stage = Stage()
    names = [f"n{i}" for i in range(600)]
    first = table(*[row("", n) for n in names[:500]], version="5", more="t", remainingItemCount=100)
    whole = Feed()
    stage.list_says = [Reply(first), Reply(feed=whole)]
    data = Reply(table(*[row("", n) for n in names], version="6")).data
    async with stage.follow() as view:
        await until(lambda: len(view.rows) == 500)
        whole.raw(data[: len(data) // 2])
        await settle()
        await stage.time.advance(0.2)
        whole.raw(data[len(data) // 2 :])
        whole.end()
        await view.reaches(Phase.LIVE)
        syncing = [f for f in view.fresh if f.phase is Phase.SYNCING]
        assert syncing[-1].total == 600
        assert 500 < syncing[-1].done <= 600
        assert len(syncing) <= 3
        assert len(view.rows) == 600


async def test_leaving_closes_the_connections_at_once_wherever_it_stands() -> None:
    moments: list[Callable[[Stage], None]] = [
        lambda stage: stage.list_says.append(Reply(feed=Feed())),
        lambda stage: stage.list_says.append(unreachable()),
        lambda stage: stage.watch_says.append(status(403)),
        lambda stage: None,
    ]
    for prepare in moments:
        stage = Stage()
        prepare(stage)
        async with stage.follow():
            await settle()
        assert all(feed.closed for feed in stage.feeds)


async def test_a_slow_receiver_makes_the_server_wait_and_loses_nothing() -> None:
    stage = Stage()
    steps = stage.client.follow(NODES, Scope.all())
    seen = set()
    await anext(steps)
    await until(lambda: len(stage.feeds) == 1)
    for i in range(300):
        stage.happen("ADDED", f"n{i}", str(100 + i))
        await settle(3)
    assert stage.transport.open_streams == 1
    while "n299" not in seen:
        step = await anext(steps)
        seen |= {r.name for r in getattr(step, "put", ())}
    assert {f"n{i}" for i in range(300)} <= seen
    await steps.aclose()
    assert stage.transport.open_streams == 0


async def test_names_that_say_more_than_the_name_are_asked_for_with_metadata() -> None:
    """A default StorageClass is printed as "standard (default)"."""
    stage = Stage()

    def full(name: str, cell: str) -> dict[str, Any]:
        return {"cells": [cell, "csi"], "object": metadata("", name)}

    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        assert stage.watches[0].include == "None"
        await stage.time.advance(10)
        stage.rows = [full("a", "a (default)"), full("b", "b")]
        stage.feed.event("MODIFIED", table({"cells": ["a (default)", "csi"], "object": None}, version="12"))
        await until(lambda: len(stage.feeds) == 2)
        assert view.cells == {("", "a"): ("a (default)", "csi"), ("", "b"): ("b", "csi")}
        assert stage.watches[1].include == "Metadata"
    stage = Stage()
    stage.rows = [full("a", "a (default)")]
    async with stage.follow() as view:
        await view.reaches(Phase.LIVE)
        assert view.names == ["a"]
        assert [r.include for r in stage.lists] == ["None", "Metadata"]
