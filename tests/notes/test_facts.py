"""Every fact of the book's notes is told beside an object that shows it."""

from __future__ import annotations

import re

import pytest
import pytest_asyncio

from k8stui.notes import NoteLibrary
from k8stui.practice.clock import SteppedClock
from k8stui.practice.cluster import practice_cluster

from .facts import NOON, NUMBERS, TABLE, WITHOUT_OBJECT, all_rows, rows
from .scan import Shown, scan

pytestmark = pytest.mark.asyncio(loop_scope="module")
LIBRARY = NoteLibrary.load()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown() -> list[Shown]:
    async with practice_cluster(moving=False, random_seed=1, clock=SteppedClock(NOON)) as cluster:
        return await scan(cluster, LIBRARY)


async def test_every_fact_is_reached_from_an_object_or_from_the_handbook(shown: list[Shown]) -> None:
    found = rows(shown, LIBRARY.notes())
    assert {number for number in NUMBERS if not any(place for _, place in found[number])} <= WITHOUT_OBJECT
    assert {number for number in NUMBERS if not found[number]} == set()


async def test_the_table_in_the_documents_is_true_and_whole(shown: list[Shown]) -> None:
    written = TABLE.read_text(encoding="utf-8").splitlines(keepends=True)
    lines = [line for line in written if re.match(r"\| F\d", line)]
    assert set(lines) <= all_rows(shown, LIBRARY.notes()), "write it again: python -m tests.notes.facts"
    assert {line.split()[1] for line in lines} == set(NUMBERS)
