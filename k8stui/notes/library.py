"""All notes, read when they are needed, and those that hold for what is selected."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject
from k8stui.notes.conditions import BadCondition, Condition, LiveObject, words_in
from k8stui.notes.lint import lint
from k8stui.notes.model import Matched, Note, NoteError, Severity, Subject
from k8stui.notes.paths import evidence
from k8stui.notes.placeholders import Words
from k8stui.notes.relations import Near
from k8stui.notes.shelf import Shelf, read_personal

SLOW_SECONDS = 0.5
"""A condition that took longer once is not evaluated again."""

_ORDER = {severity: position for position, severity in enumerate(Severity)}
_TOO_SLOW = Text(
    "The condition took too long and is not asked again.",
    "条件の評価に時間がかかりすぎたため、今後は評価しません。",
)


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
        cache: Path | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """A library over one directory laid out as the product's own, and any number of a person's own.

        Args:
            content: The product's notes.
            personal: Directories of a person's own.
            cache: Directory where the product's notes are kept as they were read; None keeps nothing.
            clock: Counts seconds; it tells how long a condition takes.
        """
        self._shelf = Shelf(content, cache)
        self._covering: dict[Subject, tuple[Note, ...]] = {}
        self._directories = tuple(personal)
        self._personal: dict[str, Note] | None = None
        self._mistakes: list[NoteError] = []
        self._conditions: dict[str, Condition | None] = {}
        self._clock = clock
        self._lock = Lock()

    @classmethod
    def load(cls, directories: Sequence[Path] | None = None, *, cache: Path | None = None) -> NoteLibrary:
        """The product's notes and those of further directories; there, a note replaces one with its id.

        No note is read yet.
        """
        return cls(Path(__file__).parent / "content", directories or (), cache=cache)

    @property
    def mistakes(self) -> tuple[NoteError, ...]:
        """The mistakes found so far. A note with a mistake is left out; it does not touch the others."""
        with self._lock:
            return (*self._shelf.mistakes, *self._mistakes)

    def match(
        self,
        about: Subject,
        obj: JsonObject | None,
        near: Near | None = None,
        *,
        also: Sequence[Subject] = (),
    ) -> tuple[Matched, ...]:
        """The notes that hold for a subject, what is wrong first.

        Args:
            about: What is asked about.
            obj: The live object; None when the kind, form or category itself is meant: then the notes
                without a condition.
            near: What is known of the object's neighbours. A note that needs a relation that is not in it
                is left out.
            also: What the object is beside that, such as forms of a Service; what these are comes before what
                the kind is.
        """
        with self._lock:
            notes = [note for one in (*also, about) for note in self._about(one)]
            seen = _Seen(obj, near or {}, notes)
            holding = [note for note in notes if self._holds(note, seen)]
        ids = {note.id for note in holding}
        holding = [note for note in holding if ids.isdisjoint(note.unless)]
        holding.sort(key=lambda note: _ORDER[note.severity])
        words = Words(about, obj, near)
        return tuple(_matched(note, words, obj, near) for note in holding)

    def needs(self, about: Subject) -> frozenset[str]:
        """The relations that any note about a subject needs."""
        with self._lock:
            return frozenset(need for note in self._about(about) for need in note.needs)

    def bare(self, note: Note) -> Matched:
        """A note by itself, with no object at hand."""
        words = Words(note.about, None)
        return replace(_matched(note, words, None, None), values=words.of_texts(note))

    def shows(self, when: str, obj: JsonObject) -> bool:
        """Whether a condition over the object alone holds; an empty one always does."""
        with self._lock:
            return not when or self._true(when, LiveObject(obj), None)

    def notes(self) -> tuple[Note, ...]:
        """Every note that can hold; reads all files."""
        with self._lock:
            personal = self._read_personal()
            if self._shelf.read_all():
                self._covering.clear()
            return tuple(self._current(personal))

    def check(self, known: Collection[tuple[str, str]]) -> tuple[NoteError, ...]:
        """Everything that its authors should mend in any note; reads all files and compiles all conditions.

        Args:
            known: API group and Kind name of every kind that there is to write about.
        """
        notes = self.notes()
        ids = {note.id for note in notes}
        found = [error for note in notes for error in lint(note, known, ids)]
        return tuple(sorted([*self.mistakes, *found], key=lambda error: (error.file, error.line)))

    def _about(self, about: Subject) -> tuple[Note, ...]:
        personal = self._read_personal()
        if self._shelf.read([about, Subject(custom_resource=True)] if about.custom_resource else [about]):
            self._covering.clear()
        if about not in self._covering:
            self._covering[about] = tuple(
                note for note in self._current(personal) if note.about.covers(about)
            )
        return self._covering[about]

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

    def _holds(self, note: Note, seen: _Seen) -> bool:
        if not note.when:
            return True
        live = seen.live(note)
        return live is not None and self._true(note.when, live, note)

    def _true(self, when: str, live: LiveObject, note: Note | None) -> bool:
        """Whether a condition is true; one that is bad or slow is told as a mistake of its note, once."""
        condition = self._conditions.setdefault(when, Condition(when))
        if condition is None:
            return False
        try:
            condition.compile()
            started = self._clock()
            holds = condition.holds(live)
        except BadCondition as bad:
            self._give_up(when, note, bad.message)
            return False
        if self._clock() - started > SLOW_SECONDS:
            self._give_up(when, note, _TOO_SLOW)
        return holds

    def _give_up(self, when: str, note: Note | None, why: Text) -> None:
        self._conditions[when] = None
        if note is not None:
            self._mistakes.append(note.mistake("when", why))


class _Seen:
    """An object as conditions see it, alone or among its neighbours, each prepared when first needed."""

    def __init__(self, obj: JsonObject | None, near: Near, notes: Sequence[Note]) -> None:
        self._obj = obj
        self._near = near
        self._notes = notes
        self._alone: LiveObject | None = None
        self._among: LiveObject | None = None

    def live(self, note: Note) -> LiveObject | None:
        """What the condition of a note is asked of; None when that is not known."""
        if self._obj is None or not self._near.keys() >= set(note.needs):
            return None
        if note.needs:
            self._among = self._among or LiveObject(self._obj, self._near, self._words(among=True))
            return self._among
        self._alone = self._alone or LiveObject(self._obj, words=self._words(among=False))
        return self._alone

    def _words(self, *, among: bool) -> set[str]:
        """Every word of the conditions that ask for neighbours, or of those that do not."""
        asked = [words_in(note.when) for note in self._notes if bool(note.needs) == among]
        return set().union(*asked)


def _matched(note: Note, words: Words, obj: JsonObject | None, near: Near | None) -> Matched:
    filled = [words.fill(command) for command in note.commands]
    commands = tuple(command for command in filled if command is not None)
    if obj is None:
        return Matched(note, (), commands)
    shown = [pair for path in note.evidence for pair in evidence(obj, path, near)]
    return Matched(note, tuple(shown), commands, words.of_texts(note))
