"""What a container prints whose main process is a script: the script is run, in a time of its own.

It begins when the container did, hurries to now, and then keeps pace with the cluster's clock. It touches
nothing: its files are its own, and whom it asks for something does not notice.
"""

from __future__ import annotations

import asyncio
import posixpath
from collections import deque
from collections.abc import Callable

from k8stui.practice.inside.box import Box
from k8stui.practice.inside.files import Disk
from k8stui.practice.inside.insides import DiskKey, Insides
from k8stui.practice.inside.loglines import Line
from k8stui.practice.inside.pages import Asked, Page
from k8stui.practice.inside.runs import Run
from k8stui.practice.inside.session import SHELLS, knows, perform, streams_of

_MOST = 5_000
"""Lines that are kept."""
_WRITING = 0.0005
"""Seconds that it takes to write a line."""
_PATIENCE = 10.0
"""Real seconds in which a script has to get to now."""
_HASTY = 0.5
"""Real seconds after which one that prints and never sleeps is put there."""
_SEEN = 50
"""Rounds of a loop after which it is believed to go on like that."""
_KEPT = 500
"""Rounds of a long loop that are run before now; those before are passed over."""
_LONGEST = 4_000


class _Shadow(Insides):
    """The same cluster, in which nothing leaves a trace."""

    def __init__(self, like: Insides) -> None:
        super().__init__(like.store, like.clock)
        self.__dict__.update(programs=like.programs, profiles=like.profiles, families=like.families)
        self._own: dict[DiskKey, Disk] = {}

    def disk(self, key: DiskKey, make: Callable[[], Disk]) -> Disk:
        """A disk that nobody else has."""
        return self._own.setdefault(key, make())

    def visited(self, run: Run, asked: Asked, found: Page) -> None:
        """Nobody notices."""

    def printed(self, run: Run, data: bytes) -> None:
        """Nobody notices."""

    def end(self, run: Run, code: int) -> None:
        """Nothing ends."""


class _Hurry:
    """A time that begins in the past, does not wait there, and keeps pace from now on."""

    def __init__(self, insides: Insides, begin: float) -> None:
        self.caught_up = asyncio.Event()
        self._insides = insides
        self._now = begin
        self.slept = False
        self._last: tuple[float, dict[str, str]] | None = None
        self._same = 0
        self._change: tuple[float, dict[str, int]] | None = None

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._now

    async def write(self, lines: int) -> None:
        """Lines take a moment each."""
        self._now += _WRITING * lines
        await self._waited()

    def skip(self, to: float) -> float:
        """Be at a time at once; how many seconds that was ahead."""
        ahead, self._now = to - self._now, to
        return ahead

    async def sleep(self, seconds: float, variables: dict[str, str] | None = None) -> None:
        """Go on so much later; rounds that are all alike are passed over when now is far away."""
        self._now += seconds
        self.slept = True
        if variables is not None:
            self._learn(variables)
        await self._waited()

    async def _waited(self) -> None:
        """Keep pace with the cluster's clock, once it is reached."""
        if self._now > self._insides.clock():
            self.caught_up.set()
            await self._insides.until(self._now)

    def _learn(self, variables: dict[str, str]) -> None:
        before, self._last = self._last, (self._now, dict(variables))
        if before is None:
            return
        change = round(self._now - before[0], 6), _changes(before[1], variables)
        self._same = self._same + 1 if change == self._change else 0
        self._change = change
        rounds = int((self._insides.clock() - self._now) / change[0]) - _KEPT if change[0] > 0 else 0
        if self._same < _SEEN or rounds <= 0:
            return
        self._now += rounds * change[0]
        for name, step in change[1].items():
            variables[name] = str(int(variables[name]) + rounds * step)
        self._last = (self._now, dict(variables))


def _changes(old: dict[str, str], new: dict[str, str]) -> dict[str, int]:
    """By how much the whole numbers among some variables have changed."""
    found = {}
    for name, text in new.items():
        before = old.get(name, "")
        if text != before and _whole(text) and _whole(before):
            found[name] = int(text) - int(before)
    return found


def _whole(text: str) -> bool:
    return len(text) < 18 and text.removeprefix("-").isdecimal()


def words_of(box: Box) -> list[str]:
    """The script that is a container's main process; empty for a program of another kind."""
    words = box.command
    if not box.run.spec.get("command"):
        first = box.family.processes[0] if box.family.processes else ""
        words = words if posixpath.basename(first) in SHELLS else []
    return words if words and box.family.shell and knows(box, words[0]) else []


class Script:
    """A script under way, and what it has printed.

    Args:
        insides: The cluster's containers.
        run: The container.
    """

    def __init__(self, insides: Insides, run: Run) -> None:
        self._lines: deque[Line] = deque(maxlen=_MOST)
        self._fresh: deque[Line] = deque(maxlen=_MOST)
        self._part = b""
        self._run = run
        self._insides = insides
        shadow = _Shadow(insides)
        self._box = shadow.box(run)
        self._pace = _Hurry(insides, run.started + 0.1)
        self._task: asyncio.Task[int] | None = None

    async def history(self) -> list[Line]:
        """What it has printed until now."""
        streams = streams_of(None, self, self)
        self._task = asyncio.create_task(perform(self._box, words_of(self._box), streams, self._pace))
        waiting = asyncio.create_task(self._pace.caught_up.wait())
        either = (self._task, waiting)
        try:
            await asyncio.wait(either, timeout=_HASTY, return_when=asyncio.FIRST_COMPLETED)
            hurries = not self._task.done() and not self._pace.caught_up.is_set()
            if hurries and self._lines and not self._pace.slept:
                self._hasten()
            await asyncio.wait(either, timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        if not self._task.done() and not self._pace.caught_up.is_set():
            self._task.cancel()
        return self._known(list(self._lines))

    def _hasten(self) -> None:
        """Take what was printed as what was printed last: it has gone on like that all the time."""
        end, now = self._run.finished, self._insides.clock()
        ahead = self._pace.skip(now if end is None else min(now, end))
        if ahead > 0:
            self._lines = deque((Line(line.at + ahead, line.text) for line in self._lines), maxlen=_MOST)

    def fresh(self) -> list[Line]:
        """What it has printed since this was asked last."""
        found = list(self._fresh)
        self._fresh.clear()
        return self._known(found)

    def _known(self, lines: list[Line]) -> list[Line]:
        end = self._run.finished
        return lines if end is None else [line for line in lines if line.at <= end]

    async def write(self, data: bytes) -> None:
        """Take what it prints."""
        *lines, self._part = (self._part + data).split(b"\n")
        for number, each in enumerate(lines):
            line = Line(self._pace.now() + _WRITING * number, each[:_LONGEST].decode(errors="replace"))
            self._lines.append(line)
            self._fresh.append(line)
        self._part = self._part[:_LONGEST]
        await self._pace.write(len(lines))

    async def close(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
