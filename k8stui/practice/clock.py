"""The one clock of a practice cluster: real time, faster than real time, or moved by a test.

Everything that the cluster writes down or waits for is in its own time: creationTimestamps, back-offs,
probes, schedules, the ages in Tables. What belongs to a connection (bookmarks, timeouts, Retry-After) is in
real seconds, for the client at its other end has no other. A cluster's time begins at the real time; with a
speed it runs ahead of that, so ages that a client counts itself, by its own clock, may lie in the future.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

_LONGEST = 0.5
"""Real seconds after which somebody who waits looks again."""


class Clock(Protocol):
    """Tells the time, and lets whoever has nothing to do wait for it."""

    def __call__(self) -> float:
        """Seconds since the epoch."""

    async def rest(self, due: float | None, changed: asyncio.Event) -> None:
        """Come back when it is ``due``, or when something has ``changed``, or a little before either."""


class RunningClock:
    """Real time, or a multiple of it from the moment it was made.

    Args:
        speed: How many seconds of the cluster go by in a real one.
        real: The real time, seconds since the epoch; may be a function that tells whatever it likes.

    Raises:
        ValueError: the speed is not more than zero.
    """

    def __init__(self, speed: float = 1.0, real: Callable[[], float] = time.time) -> None:
        if not speed > 0:
            raise ValueError(f"a clock cannot run at a speed of {speed:g}")
        self.speed = speed
        self._real = real
        self._start = real()

    def __call__(self) -> float:
        """Seconds since the epoch."""
        now = self._real()
        return now if self.speed == 1.0 else self._start + (now - self._start) * self.speed

    async def rest(self, due: float | None, changed: asyncio.Event) -> None:
        """Wait in real time; at most half a second, for the real time may be set."""
        wait = _LONGEST if due is None else min(_LONGEST, (due - self()) / self.speed)
        if wait <= 0:
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(wait):
                await changed.wait()
        except TimeoutError:
            return


class SteppedClock:
    """A time that stands still until somebody moves it, and then stops wherever something is due.

    Args:
        start: Where it begins, seconds since the epoch.
    """

    def __init__(self, start: float) -> None:
        self._now = start
        self._until = start
        self._moved = asyncio.Event()
        self._arrived = asyncio.Event()

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self._now

    async def step(self, seconds: float) -> None:
        """Let time go by, and wait until the cluster has done all that was due in it.

        Only for clusters that move: it waits for whoever rests.
        """
        self._until += seconds
        self._arrived.clear()
        self._moved.set()
        await self._arrived.wait()

    async def rest(self, due: float | None, changed: asyncio.Event) -> None:
        """Go on to what is due, if that is within the step; else to its end, and wait there."""
        if changed.is_set():
            return
        if due is not None and due <= self._until:
            self._now = max(self._now, due)
            await asyncio.sleep(0)
            return
        self._now = self._until
        self._moved.clear()
        self._arrived.set()
        waiting = [asyncio.ensure_future(event.wait()) for event in (changed, self._moved)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
