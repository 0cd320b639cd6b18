"""Which notes a person has read: a small file on this machine, sent nowhere."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

MOST = 5_000
"""Notes remembered."""


class ReadMarks:
    """The ids of the notes that were read. A damaged or unwritable file is as good as none."""

    def __init__(self, directory: Path) -> None:
        """Prepare; touches no disk.

        Args:
            directory: Where the file lies; made when needed, for this user only.
        """
        self._path = directory / "read-notes.json"
        self._read: set[str] | None = None

    @property
    def read(self) -> frozenset[str]:
        """What has been read."""
        if self._read is None:
            self._read = self._load()
        return frozenset(self._read)

    def add(self, *ids: str) -> bool:
        """Remember that these were read; whether any is new."""
        new = set(ids) - self.read
        if not new:
            return False
        # Another explorer may have written meanwhile.
        self._read = self._load() | self.read | new
        self._save(sorted(self._read)[:MOST])
        return True

    def _load(self) -> set[str]:
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return set()
        listed = found.get("read") if isinstance(found, dict) else None
        return {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()

    def _save(self, ids: list[str]) -> None:
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".read-notes-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump({"read": ids}, file, indent=1)
                os.replace(name, self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
