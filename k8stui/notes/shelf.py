"""Directories of notes: which files there are, and the notes read from them so far."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from k8stui.core.lang import Text
from k8stui.notes.compiled import CompiledNotes
from k8stui.notes.model import Note, NoteError, Subject
from k8stui.notes.parsing import parse_file

MOST_FILES = 500
"""Files read of one directory: somebody may name the wrong one."""


def home(about: Subject) -> str:
    """How the names of the files with notes about a subject begin: a whole word, or one up to a hyphen."""
    if about.kind:
        return about.kind.lower()
    for said, stem in (
        (about.category, "category"),
        (about.form, "forms"),
        (about.environment, "environments"),
        (about.network, "networks"),
        (about.benefit, "benefits"),
        (about.handbook, "handbook"),
    ):
        if said:
            return stem
    return "custom"


class Shelf:
    """The product's own notes, in ``<category>/<kind>.yaml``: a file is read when its kind is asked for."""

    def __init__(self, directory: Path, cache: Path | None = None) -> None:
        """A directory of notes.

        Args:
            directory: Where the files are.
            cache: Where notes are kept as they were read; None keeps nothing.
        """
        self.notes: dict[str, Note] = {}
        self.mistakes: list[NoteError] = []
        self._files = _files(directory)
        self._kept = CompiledNotes(cache)
        self._asked = False
        self._waiting: dict[str, list[tuple[Path, str]]] = {}
        for path, file in self._files:
            self._waiting.setdefault(path.stem.partition("-")[0], []).append((path, file))

    def read(self, subjects: Iterable[Subject]) -> bool:
        """Read what there is about subjects, if it is not read yet; whether anything was read."""
        stems = {home(about) for about in subjects} & self._waiting.keys()
        if not stems:
            return False
        if not self._recall():
            for stem in stems:
                self._read(stem)
        return True

    def read_all(self) -> bool:
        """Read every file that is not read yet, and keep all for the next time; whether anything was."""
        if not self._waiting:
            return False
        if not self._recall():
            for stem in list(self._waiting):
                self._read(stem)
            if not self.mistakes:
                self._kept.save((path for path, _ in self._files), list(self.notes.values()))
        return True

    def _recall(self) -> bool:
        """Take all notes as they were kept, if they were; asked once."""
        kept = None if self._asked else self._kept.load(path for path, _ in self._files)
        self._asked = True
        if kept is None:
            return False
        self.notes = {note.id: note for note in kept}
        self._waiting.clear()
        return True

    def _read(self, stem: str) -> None:
        for path, file in self._waiting.pop(stem, ()):
            notes, mistakes = parse_file(path, file)
            self.mistakes += mistakes
            for note in notes:
                expected = home(note.about)
                if expected != stem:
                    self.mistakes.append(
                        note.mistake(
                            "about",
                            Text(
                                f"This note is looked for in {expected}.yaml or {expected}-….yaml.",
                                f"このノートは{expected}.yamlか{expected}-….yamlに書いてください。",
                            ),
                        )
                    )
                elif note.id in self.notes:
                    self.mistakes.append(repeated(note, self.notes[note.id]))
                else:
                    self.notes[note.id] = note


def read_personal(directory: Path) -> tuple[dict[str, Note], list[NoteError]]:
    """All notes of a person's own directory, whatever its files are called: any may replace a note."""
    if not directory.is_dir():
        message = Text("There is no such directory of notes.", "ノートのディレクトリーがありません。")
        return {}, [NoteError(str(directory), 0, message)]
    found: dict[str, Note] = {}
    mistakes: list[NoteError] = []
    for path, _ in _files(directory):
        notes, bad = parse_file(path, str(path))
        mistakes += bad
        for note in notes:
            if note.id in found:
                mistakes.append(repeated(note, found[note.id]))
            else:
                found[note.id] = note
    return found, mistakes


def repeated(note: Note, first: Note) -> NoteError:
    """The error for a second note with the same id."""
    where = f"{first.file}:{first.line}"
    return note.mistake(
        "id",
        Text(
            f"The id {note.id} is taken by the note in {where}.",
            f"id「{note.id}」は{where}のノートで使われています。",
        ),
    )


def _files(directory: Path) -> list[tuple[Path, str]]:
    """The YAML files of a directory and those in it, each with its path from there; in stable order."""
    return sorted(_yaml(directory, ""), key=lambda found: (found[0].parent, found[0].stem))[:MOST_FILES]


def _yaml(directory: Path, prefix: str) -> Iterator[tuple[Path, str]]:
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.name.endswith((".yaml", ".yml")) and entry.is_file():
                    yield Path(entry.path), prefix + entry.name
                elif not prefix and entry.is_dir():
                    yield from _yaml(Path(entry.path), f"{entry.name}/")
    except OSError:  # not there, or not to be read: whoever named it is told elsewhere
        return
