"""Clocks, waiting and chance, as arguments: whoever tests a wait need not wait."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Where time comes from."""

    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds that only pass while the machine is awake and are never set back."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    """A number from 0 up to 1."""

    def between(self, low: float, high: float) -> float:
        """A random number of seconds."""
        return low + (high - low) * self.chance()


class Backoff:
    """How long to wait after each failure: client-go's numbers, which spare a recovering server."""

    first = 0.8
    factor = 2.0
    cap = 30.0
    healthy_after = 120.0
    """Seconds without a failure after which the waits start small again."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._base = self.first
        self._last: float | None = None

    def next(self) -> float:
        """The wait after a failure now, in seconds: up to twice the base, by chance."""
        now = self._timing.monotonic()
        if self._last is not None and now - self._last > self.healthy_after:
            self._base = self.first
        self._last = now
        wait = min(self.cap, self._base * (1 + self._timing.chance()))
        self._base = min(self.cap, self._base * self.factor)
        return wait
