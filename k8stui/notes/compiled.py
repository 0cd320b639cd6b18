"""The product's notes as they were last read, kept on disk: reading them again takes a tenth of the time."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from k8stui import __version__
from k8stui.notes.model import Note

FORMAT = 1
"""To be raised when notes are read differently."""


@dataclass(frozen=True, slots=True)
class _File:
    key: str
    notes: tuple[Note, ...]


class CompiledNotes:
    """One file for one directory of notes; a damaged or unwritable file is as good as none."""

    def __init__(self, cache: Path | None) -> None:
        """Prepare; touches no disk.

        Args:
            cache: Directory where it lies, made when needed, for this user only. None keeps nothing.
        """
        self._path = cache / "notes.msgpack" if cache is not None else None

    def load(self, files: Iterable[Path]) -> tuple[Note, ...] | None:
        """The notes of these files, if they have not changed since."""
        if self._path is None:
            return None
        import msgspec  # what only reads notes' names must not wait for it

        try:
            found = msgspec.msgpack.decode(self._path.read_bytes(), type=_File)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return found.notes if found.key == _key(files) else None

    def save(self, files: Iterable[Path], notes: Sequence[Note]) -> None:
        """Keep these notes; whoever reads sees the old or the new, never half."""
        if self._path is None:
            return
        import msgspec

        data = msgspec.msgpack.encode(_File(_key(files), tuple(notes)))
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".notes-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                os.replace(name, self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise


def _key(files: Iterable[Path]) -> str:
    """Changes when any of the files does, or the program."""
    parts = [f"{__version__} {FORMAT}"]
    for path in files:
        with contextlib.suppress(OSError):
            stat = path.stat()
            parts.append(f"{path} {stat.st_size} {stat.st_mtime_ns}")
    return "\n".join(parts)
