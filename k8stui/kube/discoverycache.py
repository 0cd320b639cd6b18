"""Discovery answers kept on disk, one file per server, so that a start costs two 304s."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct


class Kept(Struct):
    """One answer as it came."""

    etag: str
    content_type: str
    body: str


class _File(Struct):
    server: str
    answers: dict[str, Kept]
    format: int = 1


_DECODER = msgspec.json.Decoder(_File)


class DiscoveryCache:
    """Reads and writes the file of one server; a damaged or unwritable file is as good as none."""

    def __init__(self, directory: Path | None, server: str) -> None:
        """Prepare; touches no disk.

        Args:
            directory: where the files lie; made when needed, for this user only. None keeps nothing.
            server: base URL.
        """
        self._server = server
        self._path: Path | None = None
        if directory is not None:
            digest = hashlib.sha256(server.encode()).hexdigest()[:24]
            self._path = directory / f"discovery-{digest}.json"

    def load(self) -> dict[str, Kept]:
        """The kept answers by path; empty when there are none."""
        if self._path is None:
            return {}
        try:
            found = _DECODER.decode(self._path.read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return {}
        return found.answers if found.format == 1 and found.server == self._server else {}

    def save(self, answers: dict[str, Kept]) -> None:
        """Keep these answers in place of the old ones; whoever reads sees the old or the new, never half."""
        if self._path is None or not answers:
            return
        data = msgspec.json.encode(_File(self._server, answers))
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".discovery-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                os.replace(name, self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
