"""When to try again what the server has refused."""

from __future__ import annotations

from k8stui.practice.controllers.base import Key

_FIRST, _LONGEST = 1.0, 1_000.0


class Retries:
    """Waits that double with every failure of the same object, up to a thousand seconds."""

    def __init__(self) -> None:
        self._failures: dict[Key, tuple[int, float]] = {}

    def failed(self, key: Key, now: float) -> float:
        """Note a failure: seconds until the next try."""
        count = self._failures.get(key, (0, 0.0))[0] + 1
        wait = min(_LONGEST, _FIRST * 2.0 ** min(count - 1, 10))
        self._failures[key] = count, now + wait
        return wait

    def wait(self, key: Key, now: float) -> float:
        """Seconds until an object may be tried again; zero or less when it may now."""
        return self._failures.get(key, (0, now))[1] - now

    def forget(self, key: Key) -> None:
        """Start anew: it went well, or the object has gone."""
        self._failures.pop(key, None)
