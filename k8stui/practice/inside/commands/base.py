"""What commands have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8stui.practice.inside.files import FileTrouble

if TYPE_CHECKING:
    from k8stui.practice.inside.box import Box
    from k8stui.practice.inside.shell.io import Reader, Streams
    from k8stui.practice.inside.shell.state import State


class UsageTrouble(Exception):
    """A command cannot do what it is asked to.

    Args:
        message: Why.
        status: Its exit status.
    """

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Context:
    """Where a command runs."""

    state: State
    io: Streams
    call: Callable[[Sequence[str], Streams], Awaitable[int]]
    """Runs another command."""

    @property
    def box(self) -> Box:
        """The container."""
        return self.state.box

    async def say(self, text: str) -> None:
        """Write to the output."""
        await self.io.output.write(text.encode())

    async def breathe(self) -> None:
        """Let others on the event loop run, after every so many lines of much work."""
        if self.state.breath.spent():
            await self.state.breath.take()

    async def complain(self, text: str) -> None:
        """Write to the errors."""
        await self.io.errors.write(text.encode())

    def read(self, name: str) -> bytes:
        """A file.

        Raises:
            FileTrouble: it cannot be read.
        """
        return self.box.files.read(self.state.path(name))

    async def inputs(self, names: Sequence[str], command: str) -> AsyncIterator[tuple[str, Reader]]:
        """What there is to read: the files of some names, or the input when there are none."""
        from k8stui.practice.inside.shell.io import Given, Reader

        for name in names or ("-",):
            if name == "-":
                yield "(standard input)", self.io.input
                continue
            try:
                yield name, Reader(Given(self.read(name)))
            except FileTrouble as trouble:
                await self.complain(f"{command}: {name}: {trouble}\n")


Program = Callable[[Context, list[str]], Awaitable[int]]


def options(arguments: Sequence[str], flags: str, values: str = "") -> tuple[dict[str, str], list[str]]:
    """One-letter options, with or without a value, and what is left.

    Raises:
        UsageTrouble: there is another one, or a value is missing.
    """
    found: dict[str, str] = {}
    rest: list[str] = []
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word == "--":
            rest += words
            break
        if not word.startswith("-") or word == "-":
            rest.append(word)
            continue
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in values:
                if not letters and not words:
                    raise UsageTrouble(f"option requires an argument -- '{letter}'", 2)
                found[letter] = letters or words.pop(0)
                letters = ""
            elif letter in flags:
                found[letter] = ""
            else:
                raise UsageTrouble(f"unrecognized option: {letter}", 2)
    return found, rest


def number(text: str) -> int:
    """A whole number.

    Raises:
        UsageTrouble: it is none.
    """
    try:
        return int(text[:18])
    except ValueError:
        raise UsageTrouble(f"invalid number '{text}'") from None
