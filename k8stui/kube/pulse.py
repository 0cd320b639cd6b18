"""One heartbeat for all streams of a client: it notices silence and sleep, and cuts waits short."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import Enum
from types import TracebackType

from k8stui.kube.timing import Timing

SILENCE = 90.0
"""Seconds without a byte after which a watch that gets bookmarks (one a minute) is taken for dead."""
QUIET = 20.0
"""Seconds without a byte on any stream after which the server is asked whether it lives: a server that hangs
keeps its connections open, and a stream that was opened just before gets no bookmark whose absence tells."""
SLEPT = 5.0
"""Seconds by which the wall clock runs ahead of the monotonic one when the machine has slept."""


class Why(Enum):
    """Why a stream was interrupted."""

    SILENT = "silent"
    SLEPT = "slept"
    RELIST = "relist"
    """Someone wants the collection to be listed again."""


class Interrupted(Exception):
    """A stream was cut from this side. Never leaves the room."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Beat:
    """The signs of life of one stream."""

    def __init__(self, scope: asyncio.Timeout, now: float) -> None:
        self._scope = scope
        self.touched = now
        """When the last byte came, on the monotonic clock."""
        self.bookmarks = False
        """Whether the server has sent a bookmark on this stream."""
        self.why: Why | None = None

    def interrupt(self, why: Why) -> None:
        """End the stream; its ``guard`` raises Interrupted."""
        if self.why is None:
            self.why = why
            self._scope.reschedule(asyncio.get_running_loop().time())


class Pulse:
    """Shared by everything that one client follows; ticks once a second while anyone is inside of it."""

    def __init__(self, timing: Timing, alive: Callable[[], Awaitable[bool]] | None = None) -> None:
        """Prepare.

        Args:
            timing: the clocks.
            alive: asks the server whether it lives, in a few seconds at most; None never asks.
        """
        self._timing = timing
        self._alive = alive
        self._asked = 0.0
        self._asking: asyncio.Task[None] | None = None
        self._beats: set[Beat] = set()
        self._waits: set[asyncio.Future[None]] = set()
        self._inside = 0
        self._ticker: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Pulse:
        self._inside += 1
        if self._ticker is None:
            self._ticker = asyncio.create_task(self._tick(), name="kube-pulse")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inside -= 1
        if self._inside == 0 and self._ticker is not None:
            tasks = {task for task in (self._ticker, self._asking) if task is not None}
            self._ticker = self._asking = None
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[Beat]:
        """Watch over one stream. Touch its Beat whenever bytes come.

        Raises:
            Interrupted: silence, sleep, or someone's wish has ended it.
        """
        beat: Beat | None = None
        try:
            async with asyncio.timeout(None) as scope:
                beat = Beat(scope, self._timing.monotonic())
                self._beats.add(beat)
                yield beat
        except TimeoutError:
            if beat is None or beat.why is None:
                raise
            raise Interrupted(beat.why) from None
        finally:
            if beat is not None:
                self._beats.discard(beat)

    async def wait(self, seconds: float) -> None:
        """Wait, at most until someone wakes all who wait."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sleeper = asyncio.ensure_future(self._timing.sleep(seconds))
        self._waits.add(woken)
        try:
            await asyncio.wait({woken, sleeper}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waits.discard(woken)
            woken.cancel()
            sleeper.cancel()
            await asyncio.wait({sleeper})

    def wake(self) -> None:
        """End all waits now."""
        for woken in self._waits:
            if not woken.done():
                woken.set_result(None)

    async def _tick(self) -> None:
        ahead = self._ahead()
        while True:
            await self._timing.sleep(1.0)
            before, ahead = ahead, self._ahead()
            if ahead - before > SLEPT:
                for beat in tuple(self._beats):
                    beat.interrupt(Why.SLEPT)
                self.wake()
                continue
            now = self._timing.monotonic()
            for beat in tuple(self._beats):
                if beat.bookmarks and now - beat.touched > SILENCE:
                    beat.interrupt(Why.SILENT)
            self._ask_when_quiet(now)

    def _ask_when_quiet(self, now: float) -> None:
        """Have the server asked whether it lives when nothing has been heard of it for a while."""
        if self._alive is None or not self._beats or (self._asking is not None and not self._asking.done()):
            return
        heard = max(beat.touched for beat in self._beats)
        if now - max(heard, self._asked) > QUIET:
            self._asked = now
            self._asking = asyncio.create_task(self._ask(self._alive, now), name="kube-alive")

    async def _ask(self, alive: Callable[[], Awaitable[bool]], asked: float) -> None:
        if not await alive():
            for beat in tuple(self._beats):
                if beat.touched <= asked:
                    beat.interrupt(Why.SILENT)

    def _ahead(self) -> float:
        return self._timing.clock() - self._timing.monotonic()
