"""Which way a kind in all namespaces is listed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from k8stui.core.freshness import Phase
from k8stui.core.refs import Scope
from k8stui.kube.client import Client
from tests.kube.scripted import (
    PODS,
    FakeTime,
    FakeTransport,
    Feed,
    Receiver,
    Reply,
    Request,
    client_of,
    row,
    status,
    table,
    until,
)
from tests.kube.stage import Say


def pods_everywhere(handler: Callable[[Request], Say | None], time: FakeTime) -> tuple[Client, FakeTransport]:
    def answer(request: Request) -> Say:
        found = handler(request)
        if found is not None:
            return found
        return Reply(feed=Feed()) if request.watching else Reply(table(version="100"))

    return client_of(answer, time)


@pytest.mark.parametrize(
    ("namespaces", "left", "by_namespace"),
    [
        (3, 900, False),
        (3, 5000, True),
        (60, 2000, False),
        (60, 3000, True),
        (100, 9000, False),
        (100, 20000, True),
    ],
)
async def test_the_way_of_listing_everything_goes_by_the_numbers(
    namespaces: int, left: int, by_namespace: bool
) -> None:
    def handler(request: Request) -> Say | None:
        if request.path == "/api/v1/namespaces":
            return Reply(table(*[row("", f"ns{i}") for i in range(namespaces)], version="200"))
        if request.watching:
            return None
        if request.path == "/api/v1/pods" and "continue" not in request.query:
            first = row("ns0", "p", include="Metadata")
            return Reply(table(first, version="100", more="t", remainingItemCount=left))
        return Reply(table(row("", "q", include=request.include), version="150"))

    time = FakeTime()
    client, transport = pods_everywhere(handler, time)
    view = Receiver(client.follow(PODS, Scope.all()))
    await view.reaches(Phase.LIVE)
    each = [r for r in transport.requests if r.path.startswith("/api/v1/namespaces/")]
    assert (len(each) == namespaces) is by_namespace
    assert all(r.include == "None" for r in each)
    watch = transport.asked(watch="1")[0]
    assert (watch.path, watch.include) == ("/api/v1/pods", "Metadata")
    assert watch.query["resourceVersion"] == ("100" if by_namespace else "150")
    await view.close()


async def test_namespaces_that_may_not_be_listed_mean_pages_that_grow() -> None:
    def handler(request: Request) -> Say | None:
        if request.path == "/api/v1/namespaces":
            return status(403, "Forbidden")
        if request.watching:
            return None
        at = int(request.query.get("continue", "0"))
        limit = int(request.query["limit"])
        rows = [row("a", f"p{i}", include="Metadata") for i in range(at, min(at + limit, 9000))]
        left = 9000 - at - len(rows)
        return Reply(table(*rows, version="5", more=str(at + limit) if left else "", remainingItemCount=left))

    client, transport = pods_everywhere(handler, FakeTime())
    view = Receiver(client.follow(PODS, Scope.all()))
    await view.reaches(Phase.LIVE)
    limits = [int(r.query["limit"]) for r in transport.requests if "limit" in r.query]
    assert limits == [100, 500, 1000, 2000, 4000, 4000]
    assert len(view.rows) == 9000
    assert max(f.total or 0 for f in view.fresh) == 9000
    await view.close()


async def test_versions_that_are_no_numbers_mean_pages() -> None:
    def handler(request: Request) -> Say | None:
        if request.watching or request.path != "/api/v1/pods":
            return None
        more = "" if "continue" in request.query else "t"
        found = row("a", f"p{more}", include="Metadata")
        return Reply(table(found, version="v-7", more=more, remainingItemCount=50_000))

    client, transport = pods_everywhere(handler, FakeTime())
    view = Receiver(client.follow(PODS, Scope.all()))
    await view.reaches(Phase.LIVE)
    assert {r.path for r in transport.requests} == {"/api/v1/pods"}
    assert transport.asked(watch="1")[0].query["resourceVersion"] == "v-7"
    await view.close()


@pytest.mark.parametrize(("pods", "by_namespace"), [(400, False), (5000, True)])
async def test_with_a_selector_the_second_page_decides(pods: int, by_namespace: bool) -> None:
    def handler(request: Request) -> Say | None:
        if request.path == "/api/v1/namespaces":
            return Reply(table(row("", "a"), row("", "b"), version="200"))
        if request.watching:
            return None
        assert request.query["labelSelector"] == "app=x"
        if request.path != "/api/v1/pods":
            return Reply(table(*[row("", f"p{i}") for i in range(pods // 2)], version="150"))
        at = int(request.query.get("continue", "0"))
        end = min(pods, at + int(request.query["limit"]))
        rows = [row("ab"[i * 2 // pods], f"p{i % (pods // 2)}", include="Metadata") for i in range(at, end)]
        return Reply(table(*rows, version="100", more=str(end) if end < pods else ""))

    client, transport = pods_everywhere(handler, FakeTime())
    view = Receiver(client.follow(PODS, Scope.all(), label_selector="app=x"))
    await view.reaches(Phase.LIVE)
    assert len(view.rows) == pods
    assert any("/namespaces/" in r.path for r in transport.requests) is by_namespace
    assert transport.asked(watch="1")[0].query["resourceVersion"] == "100"
    await view.close()


async def test_a_namespace_born_before_the_namespaces_were_listed_is_not_missed() -> None:
    """What it has came after the first look, so the watch from there brings it."""
    events: list[Feed] = []

    def handler(request: Request) -> Say | None:
        if request.path == "/api/v1/namespaces":
            return Reply(table(row("", "a"), version="300"))
        if request.watching:
            events.append(Feed())
            if int(request.query["resourceVersion"]) < 210:
                born = row("new", "q", include="Metadata", version="210")
                events[-1].event("ADDED", table(born, version="210"))
            return Reply(feed=events[-1])
        if request.path == "/api/v1/pods":
            first = row("a", "p", include="Metadata")
            return Reply(table(first, version="205", more="t", remainingItemCount=5000))
        return Reply(table(row("", "p"), version="290"))

    client, _ = pods_everywhere(handler, FakeTime())
    view = Receiver(client.follow(PODS, Scope.all()))
    await until(lambda: view.names == ["a/p", "new/q"])
    await view.close()


@pytest.mark.parametrize("in_band", [False, True])
async def test_namespace_lists_that_were_too_old_at_once_give_way_to_pages(in_band: bool) -> None:
    """A kind kept in another etcd has versions of its own: what is too old there is so every time."""
    watched: list[str] = []

    def handler(request: Request) -> Say | None:
        if request.path == "/api/v1/namespaces":
            return Reply(table(row("", "a"), version="300"))
        if request.watching:
            watched.append(request.query["resourceVersion"])
            if len(watched) == 1 and not in_band:
                return status(410, "Expired")
            feed = Feed()
            if len(watched) == 1:
                feed.event("ERROR", {"kind": "Status", "code": 410})
            return Reply(feed=feed)
        found = row("a", "p", include=request.include)
        if request.path == "/api/v1/pods" and "continue" not in request.query:
            return Reply(table(found, version="5", more="t", remainingItemCount=5000))
        return Reply(table(found, version="900"))

    time = FakeTime()
    client, transport = pods_everywhere(handler, time)
    view = Receiver(client.follow(PODS, Scope.all()))
    await until(lambda: watched)
    await time.advance(5)
    await view.reaches(Phase.LIVE)
    assert watched == ["5", "900"]
    assert len([r for r in transport.requests if "/namespaces/" in r.path]) == 1
    await view.close()
