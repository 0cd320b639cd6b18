"""All notes, read when they are needed, and those that hold for what is selected."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from threading import Lock

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject
from k8stui.notes.conditions import BadCondition, Condition, LiveObject
from k8stui.notes.lint import lint
from k8stui.notes.model import Matched, Note, NoteError, Severity, Subject
from k8stui.notes.paths import evidence
from k8stui.notes.placeholders import fill
from k8stui.notes.shelf import Shelf, read_personal

SLOW_SECONDS = 0.5
"""A condition that took longer once is not evaluated again."""

_ORDER = {severity: position for position, severity in enumerate(Severity)}


class NoteLibrary:
    """The product's notes and a person's own.

    Of the product's files, those are read that can have notes about what is asked; a person's own are all
    read at the first question. It may be used from several threads.
    """

    def __init__(
        self,
        content: Path,
        personal: Sequence[Path] = (),
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """A library over one directory laid out as the product's own, and any number of a person's own.

        ``clock`` counts seconds; it tells how long a condition takes.
        """
        self._shelf = Shelf(content)
        self._directories = tuple(personal)
        self._personal: dict[str, Note] | None = None
        self._mistakes: list[NoteError] = []
        self._conditions: dict[str, Condition | None] = {}
        self._clock = clock
        self._lock = Lock()

    @classmethod
    def load(cls, directories: Sequence[Path] | None = None) -> NoteLibrary:
        """The product's notes and those of further directories; there, a note replaces one with its id.

        No note is read yet.
        """
        return cls(Path(__file__).parent / "content", directories or ())

    @property
    def mistakes(self) -> tuple[NoteError, ...]:
        """The mistakes found so far. A note with a mistake is left out; it does not touch the others."""
        with self._lock:
            return (*self._shelf.mistakes, *self._mistakes)

    def match(self, about: Subject, obj: JsonObject | None) -> tuple[Matched, ...]:
        """The notes that hold for a subject, what is wrong first.

        Args:
            about: What is asked about.
            obj: The live object; None when the kind, form or category itself is meant: then the notes
                without a condition.
        """
        with self._lock:
            personal = self._read_personal()
            self._shelf.read([about, Subject(custom_resource=True)] if about.custom_resource else [about])
            live = LiveObject(obj) if obj is not None else None
            holding = [
                note
                for note in self._current(personal)
                if note.about.covers(about)
                and (not note.when or (live is not None and self._holds(note, live)))
            ]
        holding.sort(key=lambda note: _ORDER[note.severity])
        return tuple(_matched(note, about, obj) for note in holding)

    def notes(self) -> tuple[Note, ...]:
        """Every note that can hold; reads all files."""
        with self._lock:
            personal = self._read_personal()
            self._shelf.read_all()
            return tuple(self._current(personal))

    def check(self, known: Collection[tuple[str, str]]) -> tuple[NoteError, ...]:
        """Everything that its authors should mend in any note; reads all files and compiles all conditions.

        Args:
            known: API group and Kind name of every kind that there is to write about.
        """
        found = [error for note in self.notes() for error in lint(note, known)]
        return tuple(sorted([*self.mistakes, *found], key=lambda error: (error.file, error.line)))

    def _read_personal(self) -> dict[str, Note]:
        if self._personal is None:
            self._personal = {}
            for directory in self._directories:
                notes, mistakes = read_personal(directory)
                self._personal |= notes
                self._mistakes += mistakes
        return self._personal

    def _current(self, personal: dict[str, Note]) -> Iterator[Note]:
        yield from (note for note in self._shelf.notes.values() if note.id not in personal)
        yield from personal.values()

    def _holds(self, note: Note, live: LiveObject) -> bool:
        if note.id not in self._conditions:
            self._conditions[note.id] = Condition(note.when)
        condition = self._conditions[note.id]
        if condition is None:
            return False
        try:
            condition.compile()
            started = self._clock()
            holds = condition.holds(live)
        except BadCondition as bad:
            self._give_up(note, bad.message)
            return False
        if self._clock() - started > SLOW_SECONDS:
            self._give_up(
                note,
                Text(
                    "The condition took too long and is not asked again.",
                    "条件の評価に時間がかかりすぎたため、今後は評価しません。",
                ),
            )
        return holds

    def _give_up(self, note: Note, why: Text) -> None:
        self._conditions[note.id] = None
        self._mistakes.append(note.mistake("when", why))


def _matched(note: Note, about: Subject, obj: JsonObject | None) -> Matched:
    shown = [pair for path in note.evidence for pair in evidence(obj, path)] if obj is not None else []
    filled = (fill(command, about, obj) for command in note.commands)
    return Matched(note, tuple(shown), tuple(command for command in filled if command is not None))
