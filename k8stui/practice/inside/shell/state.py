"""What a shell knows: variables, where it is, how the last command ended."""

from __future__ import annotations

import asyncio
import posixpath
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from k8stui.practice.inside.box import Box

_WORK = 0.004
"""Real seconds that a script may hold the event loop."""
_REST = 0.001
"""Real seconds for which it lets go of it then."""


class Pace(Protocol):
    """The time in which a script runs."""

    def now(self) -> float:
        """Seconds since the epoch."""

    async def sleep(self, seconds: float, variables: dict[str, str] | None = None) -> None:
        """Come back so much later; the variables are those of a script that sleeps by itself."""


class Window(Protocol):
    """The terminal of an interactive session."""

    columns: int
    rows: int


class Breath:
    """Keeps a script that never waits from holding up others: it works for a moment, and rests for a moment.

    A script and all that it starts share one.

    Args:
        clock: Real seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._due = clock() + _WORK

    def spent(self) -> bool:
        """Whether it has worked long enough."""
        return self._clock() >= self._due

    async def take(self) -> None:
        """Let others on the event loop run."""
        await asyncio.sleep(_REST)
        self._due = self._clock() + _WORK


@dataclass(slots=True)
class State:
    """One shell's."""

    box: Box
    pace: Pace
    variables: dict[str, str]
    exported: set[str]
    folder: str
    status: int = 0
    name: str = "sh"
    arguments: list[str] = field(default_factory=list)
    number: int = 40
    """Its process number."""
    window: Window | None = None
    depth: int = 0
    breath: Breath = field(default_factory=Breath)

    def path(self, name: str) -> str:
        """A file name as an absolute path."""
        return posixpath.normpath(posixpath.join(self.folder, name)) if name else self.folder

    def value(self, name: str) -> str | None:
        """A variable or a special parameter; None when it is not set."""
        match name:
            case "?":
                return str(self.status)
            case "$":
                return str(self.number)
            case "#":
                return str(len(self.arguments))
            case "@" | "*":
                return " ".join(self.arguments)
            case "0":
                return self.name
            case "!" | "-":
                return ""
            case _ if name.isdigit():
                index = int(name) - 1
                return self.arguments[index] if index < len(self.arguments) else None
            case _:
                return self.variables.get(name)

    def environment(self) -> dict[str, str]:
        """The exported variables."""
        return {key: value for key, value in self.variables.items() if key in self.exported}

    def copy(self) -> State:
        """The same for a shell below."""
        return State(
            self.box,
            self.pace,
            dict(self.variables),
            set(self.exported),
            self.folder,
            self.status,
            self.name,
            list(self.arguments),
            self.number,
            self.window,
            self.depth + 1,
            self.breath,
        )


def first(box: Box, pace: Pace) -> State:
    """The state of a process that has just started in a container."""
    return State(box, pace, {**box.variables, "PWD": box.workdir}, set(box.variables), box.workdir)
