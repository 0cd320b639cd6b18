"""Which note tells each fact of the book's notes, and an object of the practice cluster that shows it.

``python -m tests.notes.facts`` writes the table.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from k8stui.notes import Note, NoteLibrary
from k8stui.practice.clock import SteppedClock
from k8stui.practice.cluster import practice_cluster
from tests.notes.scan import Shown, scan

TABLE = Path(__file__).parents[2] / "k8stui" / "notes" / "FACTS.md"
FACTS = {1: 5, 2: 2, 3: 5, 4: 9, 5: 8}
"""How many numbered facts each chapter has."""
NUMBERS = tuple(f"F{chapter}.{number}" for chapter, many in FACTS.items() for number in range(1, many + 1))
WITHOUT_OBJECT = {"F4.1"}
"""What is told in the handbook alone: nothing in a cluster shows it."""
MOST = 8
"""Notes in one row: first those that hold for fewest objects."""
NOON = 1_793_500_000.0
"""A fixed time, so that the cluster is the same whenever the table is made."""

_HEAD = """\
# Facts, notes and objects

Each fact of the book's notes by its number, the notes that tell it, and an object of the practice cluster
beside which the note is shown. Where there are more, those that hold for the fewest objects stand here.
Made by `python -m tests.notes.facts`.

| Fact | Note | Object |
|---|---|---|
"""


def rows(shown: Sequence[Shown], notes: Sequence[Note]) -> dict[str, list[tuple[str, str]]]:
    """By number of the fact: notes with an object each; pages of the handbook with none."""
    places: dict[str, list[str]] = {}
    for one in shown:
        places.setdefault(one.note.id, []).append(one.place)
    found: dict[str, list[tuple[str, str]]] = {number: [] for number in NUMBERS}
    for note in sorted(notes, key=lambda note: (len(places.get(note.id, ())) or 10**6, note.id)):
        for number in note.facts:
            if note.id in places:
                found[number].append((note.id, min(places[note.id])))
            elif note.about.handbook:
                found[number].append((note.id, ""))
    return found


def all_rows(shown: Sequence[Shown], notes: Sequence[Note]) -> set[str]:
    """Every line that the table may have."""
    pages = [(note.id, number, "") for note in notes if note.about.handbook for number in note.facts]
    told = [(one.note.id, number, one.place) for one in shown for number in one.note.facts]
    return {line(number, note, place) for note, number, place in [*told, *pages]}


def line(number: str, note: str, place: str) -> str:
    """One row of the table."""
    return f"| {number} | `{note}` | {place or '(the handbook)'} |\n"


def table(shown: Sequence[Shown], notes: Sequence[Note]) -> str:
    """The whole document."""
    lines: list[str] = []
    for number, pairs in rows(shown, notes).items():
        pages = [pair for pair in pairs if not pair[1]]
        for note, place in [pair for pair in pairs if pair[1]][:MOST] + pages:
            lines.append(line(number, note, place))
    return _HEAD + "".join(lines)


async def made() -> str:
    """The document as the practice cluster and the notes are now."""
    library = NoteLibrary.load()
    async with practice_cluster(moving=False, random_seed=1, clock=SteppedClock(NOON)) as cluster:
        return table(await scan(cluster, library), library.notes())


if __name__ == "__main__":
    TABLE.write_text(asyncio.run(made()), encoding="utf-8")
