"""Several namespaces as one view, and people who may not see everything."""

from __future__ import annotations

from typing import Any

from k8stui.core.freshness import Phase
from k8stui.core.refs import Scope
from tests.kube.scripted import (
    COLUMNS,
    PODS,
    FakeTime,
    Feed,
    Receiver,
    Reply,
    Request,
    client_of,
    row,
    settle,
    status,
    table,
    unreachable,
    until,
)
from tests.kube.stage import Say

WIDER: list[dict[str, Any]] = [*COLUMNS, {"name": "Zone"}]


class Spaces:
    """A server of pods in namespaces, some of them forbidden."""

    def __init__(self, *names: str) -> None:
        self.time = FakeTime()
        self.pods = {name: ["p"] for name in names}
        self.forbidden: set[str] = set()
        self.everywhere = False
        self.namespaces: Say | None = None
        self.columns = COLUMNS
        self.feeds: dict[str, Feed] = {}
        self.hold: Feed | None = None
        self.client, self.transport = client_of(self.answer, self.time)

    def answer(self, request: Request) -> Say:
        if request.path == "/api/v1/namespaces":
            return self.namespaces or Reply(table(*[row("", name) for name in self.pods]))
        name = request.path.split("/")[4] if "/namespaces/" in request.path else ""
        if name in self.forbidden or (not name and not self.everywhere):
            return status(403, "Forbidden", f"no pods in {name or 'the cluster'} for you")
        if request.watching:
            self.feeds[name] = Feed()
            return Reply(feed=self.feeds[name])
        if self.hold is not None:
            return Reply(feed=self.hold)
        cells = ["Running", "eu"][: len(self.columns) - 1]
        return Reply(table(*[row(name, pod, *cells) for pod in self.pods[name]], columns=self.columns))

    def follow(self, scope: Scope) -> Receiver:
        return Receiver(self.client.follow(PODS, scope))


async def test_namespaces_are_merged_and_a_refusal_is_partial() -> None:
    server = Spaces("a", "b", "c")
    server.forbidden = {"b"}
    view = server.follow(Scope.of("a", "b", "c", "a"))
    await view.reaches(Phase.LIVE)
    assert view.names == ["a/p", "c/p"]
    assert view.last.partial == ("b",)
    assert "no pods in b" in (view.last.message or "").en  # type: ignore[union-attr]
    assert [r.path for r in server.transport.asked(watch="1")] == [
        "/api/v1/namespaces/a/pods",
        "/api/v1/namespaces/c/pods",
    ]
    assert {r.include for r in server.transport.requests} == {"None"}
    server.feeds["c"].event("ADDED", table(row("c", "q"), version="2", columns=None))
    await until(lambda: view.names == ["a/p", "c/p", "c/q"])
    await view.close()
    assert server.transport.open_streams == 0


async def test_a_namespace_refused_later_loses_its_rows() -> None:
    server = Spaces("a", "b")
    view = server.follow(Scope.of("a", "b"))
    await view.reaches(Phase.LIVE)
    await server.time.advance(10)
    server.forbidden = {"b"}
    server.feeds["b"].event("ERROR", {"kind": "Status", "code": 410})
    await until(lambda: view.last.partial == ("b",))
    assert view.names == ["a/p"]
    assert view.phase is Phase.LIVE
    await view.close()


async def test_refused_in_every_namespace_is_denied() -> None:
    server = Spaces("a", "b")
    server.forbidden = {"a", "b"}
    view = server.follow(Scope.of("a", "b"))
    await until(lambda: view.ended)
    assert view.phase is Phase.DENIED
    assert view.last.partial == ("a", "b")


async def test_the_whole_is_as_fresh_as_its_worst_part() -> None:
    server = Spaces("a", "b")
    view = server.follow(Scope.of("a", "b"))
    await view.reaches(Phase.LIVE)
    live_at = server.time.now
    await server.time.advance(40)
    server.feeds["a"].event("BOOKMARK", table(version="9", columns=None))
    await settle()
    server.feeds["b"].raw(b"")
    server.feeds["b"].cut()
    await view.reaches(Phase.RECONNECTING)
    assert view.last.current_at == live_at
    assert view.last.retry_at is not None
    await server.time.advance(5)
    await view.reaches(Phase.LIVE)
    assert view.last.retry_at is None
    await view.close()


async def test_no_more_than_eight_lists_at_a_time() -> None:
    server = Spaces(*[f"n{i}" for i in range(20)])
    server.hold = Feed()
    view = server.follow(Scope.of(*server.pods))
    await settle(200)
    assert server.transport.open_streams == 8
    await view.close()
    assert server.transport.open_streams == 0


async def test_who_may_not_list_the_cluster_sees_the_namespaces() -> None:
    server = Spaces("a", "b", "c")
    server.forbidden = {"b"}
    view = server.follow(Scope.all())
    await view.reaches(Phase.LIVE)
    assert view.names == ["a/p", "c/p"]
    assert view.last.partial == ("b",)
    assert "no pods in the cluster" in (view.last.message or "").en  # type: ignore[union-attr]
    await view.close()


async def test_who_may_not_list_namespaces_either_is_denied() -> None:
    for says in (status(403, "Forbidden"), unreachable()):
        server = Spaces("a")
        server.namespaces = says
        view = server.follow(Scope.all())
        await until(lambda view=view: view.ended)  # type: ignore[misc]
        assert view.phase is Phase.DENIED
        assert "no pods in the cluster" in (view.last.message or "").en  # type: ignore[union-attr]


async def test_new_columns_in_one_namespace_reach_the_others() -> None:
    server = Spaces("a", "b")
    view = server.follow(Scope.of("a", "b"))
    await view.reaches(Phase.LIVE)
    await server.time.advance(60)
    server.columns = WIDER
    server.feeds["a"].event("ERROR", {"kind": "Status", "code": 410})
    await until(lambda: view.columns is not None and len(view.columns) == 3)
    await until(lambda: all(cells == ("p", "Running", "eu") for cells in view.cells.values()))
    await view.reaches(Phase.LIVE)
    assert view.names == ["a/p", "b/p"]
    await view.close()


async def test_servers_of_two_versions_behind_one_address_are_no_reason_to_list_for_ever() -> None:
    server = Spaces("a", "b")
    view = server.follow(Scope.of("a", "b"))
    await view.reaches(Phase.LIVE)
    for turn in range(10):
        server.columns = WIDER if turn % 2 else COLUMNS
        for feed in list(server.feeds.values()):
            feed.event("ERROR", {"kind": "Status", "code": 410})
        await server.time.advance(5)
    lists = [r for r in server.transport.requests if not r.watching]
    assert len(lists) <= 2 * 10 + 2 + 4
    await view.close()
