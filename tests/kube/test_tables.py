from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from k8stui.core.rows import Column, Row
from k8stui.kube.cells import PLAIN_COLUMNS, NoName, RowReader
from k8stui.kube.errors import InvalidAnswer
from k8stui.kube.tables import PIECE, Page, PageReader
from k8stui.kube.wire import Include
from tests.kube.scripted import COLUMNS, dumps, metadata, row, table


class Reading:
    """What came of reading one answer."""

    def __init__(self) -> None:
        self.batches: list[list[Row]] = []
        self.columns: tuple[Column, ...] = ()

    def head(self, columns: tuple[Column, ...]) -> tuple[Column, ...]:
        self.columns = columns
        return columns

    async def emit(self, rows: list[Row]) -> None:
        self.batches.append(rows)

    @property
    def keys(self) -> list[tuple[str, str]]:
        return [row.key for batch in self.batches for row in batch]


async def read(data: bytes, include: Include, size: int, marks: Any = None) -> tuple[Page, Reading]:
    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(data), size):
            yield data[at : at + size]

    got = Reading()
    reader = PageReader(include, RowReader("ns", marks), got.head, got.emit, lambda: 60.0, "GET /pods")
    return await reader.read(chunks()), got


def many(count: int, include: str) -> bytes:
    rows = [row(f"ns{i % 7}", f"pod-{i}", "Running", include=include) for i in range(count)]
    return dumps(table(*rows, version="77", remainingItemCount=5, more="tok"))


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
@pytest.mark.parametrize("include", [Include.NONE, Include.METADATA, Include.OBJECT])
async def test_rows_are_the_same_however_the_bytes_arrive(include: Include, size: int) -> None:
    page, got = await read(many(40, include.value), include, size)
    assert page == Page(version="77", more="tok", remaining=5, count=40)
    wanted = [("ns" if include is Include.NONE else f"ns{i % 7}", f"pod-{i}") for i in range(40)]
    assert got.keys == wanted
    assert [column.name for column in got.columns] == ["Name", "Status"]


async def test_the_first_rows_are_out_before_the_last_have_come() -> None:
    data = many(3000, "Metadata")
    seen: list[int] = []
    got = Reading()

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 20_000):
            yield data[at : at + 20_000]
            seen.append(len(got.keys))

    reader = PageReader(Include.METADATA, RowReader(""), got.head, got.emit, lambda: 0.0, "GET /pods")
    await reader.read(chunks())
    assert 0 < seen[0] < seen[1] < 3000
    assert len(got.keys) == 3000


async def test_one_large_chunk_is_read_in_slices_and_the_loop_goes_on_meanwhile() -> None:
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counter = asyncio.create_task(count_turns())
    data = many(20_000, "None")
    assert len(data) > 3 * PIECE
    _, got = await read(data, Include.NONE, len(data))
    counter.cancel()
    assert len(got.keys) == 20_000
    assert max(len(batch) for batch in got.batches) <= 500
    assert turns >= len(got.batches) >= 40


async def test_a_mark_inside_of_a_string_is_no_place_to_cut() -> None:
    evil = 'x","rows":[ ,{"cells":["ghost"],"object":null},{"cells":['
    rows = [row("ns", f"p{i}", evil, include="Metadata") for i in range(5)]
    rows[1]["object"]["metadata"]["annotations"] = {"last": evil, evil: ""}
    for size in (1, 50, 10_000):
        _, got = await read(dumps(table(*rows)), Include.METADATA, size)
        assert got.keys == [("ns", f"p{i}") for i in range(5)]


async def test_whole_objects_may_hold_anything() -> None:
    obj = metadata("ns", "grid") | {"rows": [{"a": 1}, {"cells": ["x"]}], "spec": [1, {"cells": [2]}]}
    rows = [{"cells": ["grid", "ok"], "object": obj}, row("ns", "b", include="Object")]
    _, got = await read(dumps(table(*rows)), Include.OBJECT, 30, marks=lambda o: frozenset(o))
    assert got.keys == [("ns", "grid"), ("ns", "b")]
    assert "spec" in got.batches[0][0].marks


@pytest.mark.parametrize("indent", [None, 2])
async def test_other_spacing_and_another_order_of_fields_are_read_too(indent: int | None) -> None:
    found = table(row("", "a"), row("", "b"), version="9")
    turned = dict(reversed(list(found.items())))
    for data in (json.dumps(found, indent=indent), json.dumps(turned, separators=(",", ":"))):
        page, got = await read(data.encode(), Include.NONE, 10)
        assert (page.version, got.keys) == ("9", [("ns", "a"), ("ns", "b")])


async def test_an_empty_table_still_tells_its_columns() -> None:
    page, got = await read(dumps(table(version="3")), Include.NONE, 100)
    assert (page.count, page.version, len(got.columns)) == (0, "3", 2)
    page, got = await read(dumps(table(version="3") | {"rows": None}), Include.NONE, 100)
    assert (page.count, len(got.columns)) == (0, 2)


async def test_a_plain_list_becomes_names_and_ages() -> None:
    items = [
        {"metadata": {"name": "a", "namespace": "x", "creationTimestamp": "1970-01-01T00:00:00Z"}},
        {"metadata": {"name": "b\x1b"}, "rows": [{"cells": ["not a row"]}]},
    ]
    data = dumps({"kind": "WidgetList", "metadata": {"resourceVersion": "4"}, "items": items})
    page, got = await read(data, Include.METADATA, 20)
    assert got.columns == PLAIN_COLUMNS
    assert [row.cells for row in got.batches[0]] == [("a", "60s"), ("b\ufffd", "<unknown>")]
    assert (got.keys, page.version) == ([("x", "a"), ("ns", "b\ufffd")], "4")


async def test_cells_without_a_name_column_are_refused() -> None:
    columns = [COLUMNS[1]]
    with pytest.raises(NoName):
        await read(dumps(table(row("", "a"), columns=columns)), Include.NONE, 1000)
    _, got = await read(
        dumps(table(row("n", "a", include="Metadata"), columns=columns)), Include.METADATA, 1000
    )
    assert got.keys == [("n", "a")]


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>", b'{"kind":"Status","status":"Success"}', b"[]", many(30, "None")[:-20], b'{"rows":[1]}'],
)
async def test_nonsense_and_half_answers_are_no_lists(data: bytes) -> None:
    with pytest.raises(InvalidAnswer, match="GET /pods"):
        await read(data, Include.NONE, 100)
