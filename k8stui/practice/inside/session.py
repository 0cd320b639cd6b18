"""A command in a container, from its start to its exit status."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import Sequence

from k8stui.practice.inside.box import Box
from k8stui.practice.inside.insides import Insides
from k8stui.practice.inside.shell.flow import Jump, Leave
from k8stui.practice.inside.shell.interpreter import Interpreter
from k8stui.practice.inside.shell.io import Broken, Empty, Reader, Sink, Source, Streams
from k8stui.practice.inside.shell.parser import parse
from k8stui.practice.inside.shell.state import Pace, first
from k8stui.practice.inside.shell.syntax import Incomplete, SyntaxTrouble
from k8stui.practice.inside.terminal import Terminal

SHELLS = frozenset(("sh", "bash", "ash", "dash"))
_INTERRUPTED = 130
_MOST_LINES = 500


class NotStarted(Exception):
    """The runtime could not start a command, and why."""


class RealPace:
    """The cluster's time."""

    def __init__(self, insides: Insides) -> None:
        self._insides = insides

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._insides.clock()

    async def sleep(self, seconds: float, variables: dict[str, str] | None = None) -> None:
        """Come back so much later."""
        await self._insides.until(self._insides.clock() + seconds)


def knows(box: Box, name: str) -> bool:
    """Whether a container has a program of some name."""
    return Interpreter(first(box, RealPace(box.insides))).knows(name)


async def perform(box: Box, command: Sequence[str], streams: Streams, pace: Pace) -> int:
    """Run a command in a time of its own, without a terminal; its exit status."""
    shell = Interpreter(first(box, pace))
    try:
        return await _called(shell, command, streams)
    finally:
        await shell.close()


async def execute(
    box: Box, command: Sequence[str], streams: Streams, terminal: Terminal | None = None
) -> int:
    """Run a command.

    Args:
        box: Where.
        command: Its name and arguments.
        streams: Its input and output.
        terminal: The terminal that they are, if they are one.

    Returns:
        Its exit status.

    Raises:
        NotStarted: there is no such program.
    """
    state = first(box, RealPace(box.insides))
    state.window = terminal
    name = posixpath.basename(command[0])
    shell = Interpreter(state)
    if not box.family.shell or not shell.knows(command[0]):
        where = "no such file or directory" if "/" in command[0] else "executable file not found in $PATH"
        raise NotStarted(
            f'exec: "{command[0]}": {where if "/" not in command[0] else f"stat {command[0]}: {where}"}'
        )
    if name in SHELLS and all(each.startswith("-") and "c" not in each for each in command[1:]):
        state.name = name
        if terminal is not None:
            return await interactive(shell, streams, terminal)
        if "-i" not in command[1:]:
            return await _read_script(shell, streams)
    try:
        return await _guarded(shell, command, streams, terminal)
    finally:
        await shell.close()


async def _guarded(
    shell: Interpreter, command: Sequence[str], streams: Streams, terminal: Terminal | None
) -> int:
    """Run one command; Ctrl-C ends it."""
    work = asyncio.ensure_future(_called(shell, command, streams))
    if terminal is not None:
        terminal.interrupt = lambda: _stop(work)
    try:
        await asyncio.wait((work,))
        return _INTERRUPTED if work.cancelled() else work.result()
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


def _stop(work: asyncio.Future[int]) -> None:
    work.cancel()


async def _called(shell: Interpreter, command: Sequence[str], streams: Streams) -> int:
    try:
        return await shell.call(command, streams)
    except Leave as end:
        return end.status
    except Jump:
        return shell.state.status
    except Broken:
        return 141
    except SyntaxTrouble as trouble:
        await streams.errors.write(f"{shell.state.name}: {trouble}\n".encode())
        return 2


async def _read_script(shell: Interpreter, streams: Streams) -> int:
    """A shell that reads its commands, one line or several after the other, and shows no prompt."""
    try:
        while (text := await _command_text(streams.input)) is not None:
            await shell.run(parse(text), streams)
    except Leave as end:
        return end.status
    except (Jump, Broken):
        return shell.state.status
    except SyntaxTrouble as trouble:
        await streams.errors.write(f"{shell.state.name}: {trouble}\n".encode())
        return 2
    finally:
        await shell.close()
    return shell.state.status


async def _command_text(source: Reader) -> str | None:
    """As many lines as a command has; None at the end."""
    text = ""
    for _ in range(_MOST_LINES):
        line = (await source.line()).decode(errors="replace")
        if not line:
            return text or None
        text += line
        try:
            parse(text)
        except Incomplete:
            continue
        except SyntaxTrouble:
            return text
        return text
    return text


async def interactive(shell: Interpreter, streams: Streams, terminal: Terminal) -> int:
    """A shell with a prompt, until ``exit`` or Ctrl-D; its exit status."""
    shell.state.variables["PS1"] = "$ "
    again = asyncio.Event()
    try:
        while True:
            text = await _typed(shell, terminal, again)
            if text is None:
                await terminal.write(b"\n" if shell.state.name == "sh" else b"exit\n")
                return shell.state.status
            # Ctrl-C may have come between the end of the line and here.
            late = again.is_set()
            shell.state.status = _INTERRUPTED if late else await _line(shell, text, streams, terminal)
    except Leave as end:
        return end.status
    finally:
        await shell.close()


async def _typed(shell: Interpreter, terminal: Terminal, again: asyncio.Event) -> str | None:
    """One command as it is typed; None for Ctrl-D."""
    state = shell.state
    mark = "#" if state.box.user == 0 else "$"
    if state.box.family.os == "debian" and state.name == "bash":
        user = state.box.user_name or "I have no name!"
        prompt = f"{user}@{state.box.host}:{state.folder}{mark} "
    else:
        prompt = f"{state.folder} {mark} " if state.box.family.os != "debian" else f"{mark} "
    text = ""
    again.clear()
    terminal.interrupt = again.set
    for _ in range(_MOST_LINES):
        terminal.prompt = prompt if not text else "> "
        await terminal.write(terminal.prompt.encode())
        line = await _line_or_interrupt(terminal, again)
        if line is None:
            text = ""
            continue
        if not line:
            return text or None
        text += line
        try:
            parse(text)
        except Incomplete:
            continue
        except SyntaxTrouble:
            break
        break
    terminal.remember(text.rstrip("\n").replace("\n", "; "))
    return text


async def _line_or_interrupt(terminal: Terminal, again: asyncio.Event) -> str | None:
    """The next line; None when Ctrl-C was pressed instead."""
    read, stop = asyncio.ensure_future(terminal.read()), asyncio.ensure_future(again.wait())
    try:
        await asyncio.wait((read, stop), return_when=asyncio.FIRST_COMPLETED)
        if again.is_set():
            again.clear()
            return None
        return read.result().decode(errors="replace")
    finally:
        for task in (read, stop):
            task.cancel()
        await asyncio.gather(read, stop, return_exceptions=True)


async def _line(shell: Interpreter, text: str, streams: Streams, terminal: Terminal) -> int:
    """Run what was typed; Ctrl-C ends it.

    Raises:
        Leave: it says ``exit``.
    """
    work = asyncio.ensure_future(_told(shell, text, streams))
    terminal.interrupt = lambda: _stop(work)
    try:
        await asyncio.wait((work,))
        return _INTERRUPTED if work.cancelled() else work.result()
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def _told(shell: Interpreter, text: str, streams: Streams) -> int:
    try:
        return await shell.run(parse(text), streams)
    except (Jump, Broken):
        return shell.state.status
    except SyntaxTrouble as trouble:
        await streams.errors.write(f"{shell.state.name}: {trouble}\n".encode())
        return 2
    except RecursionError:
        await streams.errors.write(f"{shell.state.name}: nested too deeply\n".encode())
        return 2


def streams_of(source: Source | None, output: Sink, errors: Sink) -> Streams:
    """The streams of a command."""
    return Streams(Reader(Empty() if source is None else source), output, errors)
