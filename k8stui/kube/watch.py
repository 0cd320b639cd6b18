"""Reading a watch: whole lines out of the bytes, and what each line says."""

from __future__ import annotations

from collections.abc import Iterator

from k8stui.core.objects import JsonObject
from k8stui.kube.tables import PIECE
from k8stui.kube.timing import Timing
from k8stui.kube.wire import OBJECT, RAW_EVENT

SHORTEST, LONGEST = 300.0, 600.0
"""Seconds after which the server is asked to end a watch: by chance in between, lest all end at once."""
GRACE = 60.0
"""Seconds that the end may be late before the connection is taken for dead."""


class Lines:
    """Cuts a stream into blocks of whole lines. What follows the last line end is never given out."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take bytes; gives blocks of whole lines, each some PIECE long at most."""
        end = chunk.rfind(b"\n") + 1
        if not end:
            self._rest.append(chunk)
            return
        block = b"".join([*self._rest, chunk[:end]])
        self._rest = [chunk[end:]] if end < len(chunk) else []
        while len(block) > PIECE:
            at = block.rfind(b"\n", 0, PIECE) + 1 or block.find(b"\n") + 1
            yield block[:at]
            block = block[at:]
        if block:
            yield block


def watch_query(timing: Timing, version: str) -> tuple[list[tuple[str, str]], float]:
    """The parameters of a watch from a version on, and the seconds of silence that are borne."""
    seconds = int(timing.between(SHORTEST, LONGEST))
    return [
        ("watch", "1"),
        ("allowWatchBookmarks", "true"),
        ("resourceVersion", version),
        ("timeoutSeconds", str(seconds)),
    ], seconds + GRACE


def whole_objects(block: bytes) -> list[tuple[str, JsonObject]]:
    """The events of a block with their objects whole: type and object.

    Raises:
        msgspec.MsgspecError: a line is no event.
    """
    events = RAW_EVENT.decode_lines(block)
    return [(event.type or "", OBJECT.decode(event.object)) for event in events]


def gone_back(before: str, now: str) -> bool:
    """Whether a server's versions have gone backwards, as after a restore of its etcd.

    A bookmark below what was seen cannot belong to the same history; everything else about versions is
    compared for equality only.
    """
    return before.isdecimal() and now.isdecimal() and int(now) < int(before)
