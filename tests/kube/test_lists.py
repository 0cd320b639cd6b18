from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from k8stui.core.refs import Scope
from k8stui.kube.errors import Forbidden, InvalidAnswer, ServerTrouble
from k8stui.kube.lists import Count, Target, count, in_parallel, namespace_names, objects
from k8stui.kube.timing import Timing
from k8stui.kube.transport import Transport
from tests.kube.scripted import (
    NODES,
    PODS,
    FakeTransport,
    Handler,
    Reply,
    Request,
    metadata,
    row,
    status,
    table,
)


def server(handler: Handler) -> tuple[Transport, FakeTransport]:
    fake = FakeTransport(handler)
    return cast(Transport, fake), fake


def counted(here: int, remaining: int | None, more: str) -> Reply:
    rows = [row("", f"p{i}") for i in range(here)]
    meta: dict[str, Any] = {} if remaining is None else {"remainingItemCount": remaining}
    return Reply(table(*rows, more=more, **meta))


@pytest.mark.parametrize(
    ("here", "remaining", "more", "value"),
    [(0, None, "", 0), (1, None, "", 1), (1, 41, "t", 42), (1, None, "t", None), (3, None, "", 3)],
)
async def test_a_count_is_one_row_and_what_remains(
    here: int, remaining: int | None, more: str, value: int | None
) -> None:
    transport, fake = server(lambda _: counted(here, remaining, more))
    assert await count(transport, PODS, Scope.all()) == Count(value, None)
    assert [(r.path, r.query) for r in fake.requests] == [
        ("/api/v1/pods", {"limit": "1", "includeObject": "None"})
    ]


async def test_a_count_of_namespaces_is_their_sum_and_keeps_a_refusal() -> None:
    def handler(request: Request) -> Reply:
        if "/secret/" in request.path:
            return status(403, "Forbidden", "no")
        return counted(1, 4, "t") if "/a/" in request.path else counted(0, None, "")

    transport, _ = server(handler)
    assert await count(transport, PODS, Scope.of("a", "b")) == Count(5, None)
    found = await count(transport, PODS, Scope.of("a", "secret"))
    assert found.value == 5
    assert isinstance(found.denied, Forbidden)
    found = await count(transport, PODS, Scope.of("secret"))
    assert found.value is None
    assert isinstance(found.denied, Forbidden)


async def test_a_cluster_scoped_count_ignores_the_scope() -> None:
    transport, fake = server(lambda _: counted(1, 2, "t"))
    assert await count(transport, NODES, Scope.of("a", "b")) == Count(3, None)
    assert [r.path for r in fake.requests] == ["/api/v1/nodes"]


async def test_a_kind_that_cannot_be_a_table_is_counted_plainly() -> None:
    def handler(request: Request) -> Reply:
        if "as=Table" in request.accept:
            return status(406, "NotAcceptable")
        assert "includeObject" not in request.query
        meta = {"remainingItemCount": 6, "continue": "x"}
        return Reply({"kind": "PodList", "metadata": meta, "items": [metadata("a", "b")]})

    transport, _ = server(handler)
    assert await count(transport, PODS, Scope.all()) == Count(7, None)


async def test_counting_raises_what_is_no_refusal() -> None:
    transport, _ = server(lambda _: status(500, "InternalError"))
    with pytest.raises(ServerTrouble):
        await count(transport, PODS, Scope.all())
    transport, _ = server(lambda _: Reply(b'{"kind":"Status"}'))
    with pytest.raises(InvalidAnswer):
        await count(transport, PODS, Scope.all())


async def test_objects_come_page_by_page_with_kind_and_version() -> None:
    def handler(request: Request) -> Reply:
        at = int(request.query.get("continue", "0"))
        items = [{"metadata": {"name": f"p{at + i}"}} for i in range(2)]
        meta = {"continue": str(at + 2)} if at < 4 else {}
        return Reply({"kind": "PodList", "metadata": meta, "items": items})

    transport, fake = server(handler)
    target = Target(PODS, "a", label_selector="app=x")
    found = await objects(transport, target)
    assert [obj["metadata"]["name"] for obj in found] == [f"p{i}" for i in range(6)]
    assert {(obj["kind"], obj["apiVersion"]) for obj in found} == {("Pod", "v1")}
    assert all(r.query["labelSelector"] == "app=x" for r in fake.requests)
    assert len(await objects(transport, target, limit=3)) == 4  # the server decides how much a page is
    assert fake.requests[-1].query["limit"] == "1"


async def test_namespace_names_even_from_a_server_without_tables() -> None:
    timing = Timing()
    transport, _ = server(lambda _: Reply(table(row("", "a"), row("", "b"))))
    assert await namespace_names(transport, timing) == ["a", "b"]
    plain = {"kind": "NamespaceList", "metadata": {}, "items": [metadata("", "c")]}
    transport, _ = server(lambda _: Reply(plain))
    assert await namespace_names(transport, timing) == ["c"]
    transport, _ = server(lambda _: status(403, "Forbidden"))
    with pytest.raises(Forbidden):
        await namespace_names(transport, timing)


async def test_work_in_parallel_is_bounded_and_in_order() -> None:
    running, most, order = 0, 0, []

    async def work(name: str) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        order.append(name)
        await asyncio.sleep(0)
        running -= 1

    names = [str(i) for i in range(20)]
    await in_parallel(names, work, 4)
    assert (most, order) == (4, names)


async def test_the_first_failure_cancels_the_rest_and_is_raised_as_it_is() -> None:
    cancelled = []

    async def work(name: str) -> None:
        if name == "bad":
            raise Broken()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(name)
            raise

    with pytest.raises(Broken):
        await in_parallel(["a", "b", "bad", "never"], work, 3)
    assert sorted(cancelled) == ["a", "b"]


class Broken(Exception):
    pass
