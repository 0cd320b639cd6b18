from __future__ import annotations

from typing import Any

import pytest

from k8stui.core.rows import Column
from k8stui.kube.cells import RowReader, cell_text, layout
from k8stui.kube.wire import BARE, WITH_METADATA, WITH_OBJECT
from tests.kube.scripted import dumps

NAME = Column("Name", format="name")
STATUS = Column("Status")
NODE = Column("Node", priority=1)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Running", "Running"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (12345678901234567890, "12345678901234567890"),
        (1.0, "1"),
        (0.25, "0.25"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (0.0, "0"),
        (["a", None, 2], "[a <nil> 2]"),
        ({"b": 1, "a": [True]}, "map[a:[true] b:1]"),
        ("first\nsecond", "first..."),
        ("first\r\nsecond", "first..."),
        ("\x1b]0;owned\x07", "\ufffd]0;owned\ufffd"),
        ({"a": "\x1b[2J"}, "map[a:\ufffd[2J]"),
        ("日本語", "日本語"),
    ],
)
def test_a_cell_is_printed_as_kubectl_prints_it(value: Any, text: str) -> None:
    assert cell_text(value) == text


def read(rows: Any, *columns: Column, harmless: bool = False) -> list[tuple[str, ...]]:
    found = RowReader("ns").read(
        BARE.rows.decode(dumps(rows)), layout(columns, columns), 5.0, harmless=harmless
    )
    assert all(row.namespace == "ns" and row.seen == 5.0 for row in found)
    return [row.cells for row in found]


@pytest.mark.parametrize("harmless", [True, False])
def test_bare_rows_are_named_by_their_name_cell(harmless: bool) -> None:
    rows = [{"cells": ["Running", "web", 3]}, {"cells": ["", "", 0]}]
    assert read(rows, STATUS, NAME, NODE, harmless=harmless) == [("Running", "web", "3")]


def test_rows_have_as_many_cells_as_columns() -> None:
    rows = [{"cells": ["a"]}, {"cells": ["b", "Running", "n1", "surplus"]}, {"cells": None}]
    assert read(rows, NAME, STATUS, NODE) == [("a", "", ""), ("b", "Running", "n1")]


def test_one_and_true_are_not_the_same_cell() -> None:
    assert read([{"cells": ["a", 1]}, {"cells": ["b", True]}, {"cells": ["c", 1.0]}], NAME, STATUS) == [
        ("a", "1"),
        ("b", "true"),
        ("c", "1"),
    ]


def test_cells_are_brought_into_the_order_of_the_columns_wanted() -> None:
    found = RowReader("").read(
        BARE.rows.decode(b'[{"cells":["Running","web"]}]'), layout((STATUS, NAME), (NAME, NODE, STATUS)), 0.0
    )
    assert [(row.key, row.cells) for row in found] == [(("", "web"), ("web", "", "Running"))]


def test_equal_words_are_kept_once() -> None:
    rows = BARE.rows.decode(dumps([{"cells": [f"pod-{i}", "ContainerCreating"]} for i in range(9000)]))
    found = RowReader("ns").read(rows, layout((NAME, STATUS), (NAME, STATUS)), 0.0, harmless=True)
    assert len({id(row.cells[1]) for row in found}) <= 4
    assert all(row.key[1] is row.cells[0] for row in found)


def test_metadata_gives_namespace_time_and_shared_labels() -> None:
    meta = {"name": "a", "namespace": "other", "creationTimestamp": "1970-01-01T00:01:00Z"}
    rows = [
        {"cells": ["a"], "object": {"metadata": meta | {"labels": {"app": "x\x1b"}}}},
        {"cells": ["b"], "object": {"metadata": meta | {"name": "b", "labels": {"app": "x\x1b"}}}},
        {"cells": ["c"], "object": {"metadata": {"name": "c", "creationTimestamp": None}}},
        {"cells": ["d"], "object": None},
        {"cells": [""], "object": {"metadata": {"name": ""}}},
    ]
    found = RowReader("ns").read(WITH_METADATA.rows.decode(dumps(rows)), layout((NAME,), (NAME,)), 9.0)
    assert [row.key for row in found] == [("other", "a"), ("other", "b"), ("ns", "c"), ("ns", "d")]
    assert found[0].created == 60.0
    assert found[0].labels == {"app": "x\ufffd"}
    assert found[0].labels is found[1].labels
    assert (found[2].created, found[2].labels) == (None, {})


def test_marks_are_computed_from_the_whole_object() -> None:
    obj = {"metadata": {"name": "a", "namespace": "ns"}, "spec": {"type": "NodePort"}}
    rows = WITH_OBJECT.rows.decode(dumps([{"cells": ["a"], "object": obj}, {"cells": ["b"], "object": None}]))
    reader = RowReader("ns", lambda o: frozenset({o["spec"]["type"]}))
    first, second = reader.read(rows, layout((NAME,), (NAME,)), 0.0)
    assert first.marks == {"NodePort"}
    assert not second.marks
