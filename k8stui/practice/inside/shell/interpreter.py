"""Does what a script says."""

from __future__ import annotations

import asyncio
import fnmatch
import posixpath
from collections.abc import Sequence

from k8stui.practice.inside.commands import COMMANDS, Context, UsageTrouble
from k8stui.practice.inside.files import File, FileTrouble
from k8stui.practice.inside.shell.builtins import BUILTINS
from k8stui.practice.inside.shell.expansion import Expander
from k8stui.practice.inside.shell.flow import Jump, Leave
from k8stui.practice.inside.shell.io import Broken, Calling, Empty, Given, Kept, Pipe, Reader, Sink, Streams
from k8stui.practice.inside.shell.parser import parse
from k8stui.practice.inside.shell.state import State
from k8stui.practice.inside.shell.syntax import (
    Case,
    Command,
    For,
    Group,
    If,
    Item,
    Loop,
    Pipeline,
    Redirect,
    Script,
    Simple,
    SyntaxTrouble,
)

_DEEPEST = 30
_SHELLS = frozenset(("sh", "bash", "ash", "dash"))
_PROGRAMS = frozenset(("test", "[", "pwd", "which"))
"""Commands of the shell that are programs too."""


class Interpreter:
    """One shell.

    Args:
        state: What it knows.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self._expander = Expander(state, self._output_of)
        self._jobs: set[asyncio.Task[int]] = set()
        self._errors: Sink = Empty()

    async def run(self, script: Script, io: Streams) -> int:
        """Run a script; its exit status.

        Raises:
            Leave: it says ``exit``.
        """
        for item in script.items:
            await self._item(item, io)
        return self.state.status

    async def text(self, text: str, io: Streams) -> int:
        """Run a script in a shell that ends with it.

        Returns:
            The exit status.
        """
        self._errors = io.errors
        try:
            return await self.run(parse(text), io)
        except Leave as end:
            return end.status
        except Jump:
            return self.state.status
        except SyntaxTrouble as trouble:
            await io.errors.write(f"{self.state.name}: {trouble}\n".encode())
            return 2
        except RecursionError:
            await io.errors.write(f"{self.state.name}: nested too deeply\n".encode())
            return 2
        finally:
            await self.close()

    async def nested(self, text: str, io: Streams) -> int:
        """Run a script in this very shell.

        Raises:
            SyntaxTrouble: it is none, or it calls itself without end.
        """
        if self.state.depth > _DEEPEST:
            raise SyntaxTrouble("nested too deeply")
        self.state.depth += 1
        try:
            return await self.run(parse(text), io)
        finally:
            self.state.depth -= 1

    async def wait(self) -> None:
        """Wait for what runs in the background."""
        await asyncio.gather(*self._jobs, return_exceptions=True)

    async def close(self) -> None:
        """End what runs in the background."""
        jobs, self._jobs = self._jobs, set()
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    async def _item(self, item: Item, io: Streams) -> None:
        if item.background:
            if len(self._jobs) < 20:
                quiet = Streams(Reader(Empty()), io.output, io.errors)
                below = Interpreter(self.state.copy())
                foreground = Script([Item(item.pipelines)])
                self._jobs.add(asyncio.create_task(below._apart(foreground, quiet)))
            self.state.status = 0
            return
        for operator, pipeline in item.pipelines:
            if (operator == "&&" and self.state.status) or (operator == "||" and not self.state.status):
                continue
            status = await self._pipeline(pipeline, io)
            self.state.status = int(not status) if pipeline.negated else status

    async def _pipeline(self, pipeline: Pipeline, io: Streams) -> int:
        if len(pipeline.commands) == 1:
            return await self._command(pipeline.commands[0], io)
        tasks = []
        source = io.input
        pipes = [Pipe() for _ in pipeline.commands[1:]]
        for index, command in enumerate(pipeline.commands):
            out = pipes[index] if index < len(pipes) else None
            behind = pipes[index - 1] if index else None
            streams = Streams(source, io.output if out is None else out, io.errors)
            below = Interpreter(self.state.copy())
            tasks.append(asyncio.create_task(below._stage(command, streams, behind, out)))
            if out is not None:
                source = Reader(out)
        try:
            return (await asyncio.gather(*tasks))[-1]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _stage(self, command: Command, io: Streams, behind: Pipe | None, out: Pipe | None) -> int:
        try:
            return await self._apart(Script([Item([("", Pipeline([command]))])]), io)
        except Broken:
            return 141
        finally:
            if behind is not None:
                behind.leave()
            if out is not None:
                out.close()

    async def _apart(self, script: Script, io: Streams) -> int:
        """Run something whose variables and end are its own."""
        if self.state.depth > _DEEPEST:
            raise SyntaxTrouble("nested too deeply")
        self._errors = io.errors
        try:
            return await self.run(script, io)
        except Leave as end:
            return end.status
        except Jump:
            return self.state.status
        finally:
            await self.close()

    async def _output_of(self, script: Script) -> str:
        kept = Kept()
        below = Interpreter(self.state.copy())
        try:
            status = await below._apart(script, Streams(Reader(Empty()), kept, self._errors))
        except Broken:
            status = 141
        self.state.status = status
        return kept.data.decode(errors="replace")

    async def _command(self, command: Command, io: Streams) -> int:
        breath = self.state.breath
        if breath.spent():
            await breath.take()
        self._errors = io.errors
        if command.redirects:
            try:
                io = await self._redirected(command.redirects, io)
            except FileTrouble as trouble:
                await io.errors.write(f"{self.state.name}: {trouble}\n".encode())
                return 1
        form = command.form
        if isinstance(form, Simple):
            return await self._simple(form, io)
        if isinstance(form, Group):
            if form.apart:
                return await Interpreter(self.state.copy())._apart(form.body, io)
            return await self.run(form.body, io)
        if isinstance(form, If):
            return await self._if(form, io)
        if isinstance(form, Loop):
            return await self._loop(form, io)
        if isinstance(form, For):
            return await self._for(form, io)
        return await self._case(form, io)

    async def _if(self, form: If, io: Streams) -> int:
        for condition, then in form.branches:
            if await self.run(condition, io) == 0:
                return await self._last(then, io)
        return 0 if form.other is None else await self._last(form.other, io)

    async def _last(self, script: Script, io: Streams) -> int:
        self.state.status = 0
        return await self.run(script, io)

    async def _loop(self, form: Loop, io: Streams) -> int:
        status = 0
        while (await self.run(form.condition, io) == 0) != form.until:
            try:
                status = await self._last(form.body, io)
            except Jump as jump:
                if jump.over(here=True):
                    break
        return status

    async def _for(self, form: For, io: Streams) -> int:
        status = 0
        for value in await self._expander.fields(list(form.words)):
            self.state.variables[form.name] = value
            try:
                status = await self._last(form.body, io)
            except Jump as jump:
                if jump.over(here=True):
                    break
        return status

    async def _case(self, form: Case, io: Streams) -> int:
        text = await self._expander.text(form.word)
        for patterns, body in form.branches:
            for pattern in patterns:
                if fnmatch.fnmatchcase(text, await self._expander.pattern(pattern)):
                    return await self._last(body, io)
        return 0

    async def _simple(self, form: Simple, io: Streams) -> int:
        before = self.state.status
        self.state.status = 0
        assigned = {name: await self._expander.text(word) for name, word in form.assignments}
        after = self.state.status
        self.state.status = before
        words = await self._expander.fields(list(form.words))
        if not words:
            self.state.variables |= assigned
            return after
        if not assigned:
            return await self.call(words, io)
        kept, exported = dict(self.state.variables), set(self.state.exported)
        self.state.variables |= assigned
        self.state.exported |= set(assigned)
        try:
            return await self.call(words, io)
        finally:
            self.state.variables, self.state.exported = kept, exported

    async def call(self, words: Sequence[str], io: Streams) -> int:
        """Run a command by its name; its exit status."""
        name, arguments = words[0], list(words[1:])
        builtin = BUILTINS.get(name)
        try:
            if builtin is not None:
                return await builtin(self, arguments, io)
            return await self.execute(name, arguments, io)
        except (UsageTrouble, FileTrouble) as trouble:
            await io.errors.write(f"{posixpath.basename(name)}: {trouble}\n".encode())
            return getattr(trouble, "status", 1)

    def knows(self, name: str) -> bool:
        """Whether there is a program of a name that can be started without a shell."""
        base = posixpath.basename(name)
        if "/" in name:
            node = self.state.box.files.find(self.state.path(name))
            return isinstance(node, File) and (base in COMMANDS or base in _SHELLS)
        return base in COMMANDS or base in _SHELLS or base in _PROGRAMS

    async def execute(self, name: str, arguments: list[str], io: Streams) -> int:
        """Run a program; 127 when there is none of that name, 126 when it is no program."""
        base = posixpath.basename(name)
        if "/" in name:
            node = self.state.box.files.find(self.state.path(name))
            if node is None:
                await io.errors.write(f"{self.state.name}: {name}: not found\n".encode())
                return 127
            if not isinstance(node, File) or not node.mode & 0o111:
                await io.errors.write(f"{self.state.name}: {name}: Permission denied\n".encode())
                return 126
        if base in _SHELLS:
            return await self._shell(base, arguments, io)
        command = COMMANDS.get(base)
        if command is None:
            await io.errors.write(f"{self.state.name}: {name}: not found\n".encode())
            return 127
        return await command(Context(self.state, io, self.call), arguments)

    async def _shell(self, name: str, arguments: list[str], io: Streams) -> int:
        """A shell below this one: for a script, a file, or what is read."""
        if self.state.depth > _DEEPEST:
            raise SyntaxTrouble("nested too deeply")
        below = self.state.copy()
        below.name = name
        below.variables = self.state.environment()
        flags = []
        while arguments and arguments[0].startswith("-") and arguments[0] != "-":
            flags.append(arguments.pop(0))
        if any("c" in flag for flag in flags):
            if not arguments:
                raise UsageTrouble("-c requires an argument", 2)
            text, *below.arguments = arguments
            below.name = below.arguments.pop(0) if below.arguments else name
        elif arguments:
            file, *below.arguments = arguments
            text = self.state.box.files.read(self.state.path(file)).decode(errors="replace")
        else:
            text = (await io.input.all()).decode(errors="replace")
        return await Interpreter(below).text(text, io)

    async def _redirected(self, redirects: Sequence[Redirect], io: Streams) -> Streams:
        for each in redirects:
            target = await self._expander.text(each.word)
            io = self._one_redirected(each, target, io)
        return io

    def _one_redirected(self, redirect: Redirect, target: str, io: Streams) -> Streams:
        if redirect.operator == "<<":
            return Streams(Reader(Given(target.encode())), io.output, io.errors)
        if redirect.operator in (">&", "<&"):
            sink: Sink = {"1": io.output, "2": io.errors, "-": Empty()}.get(target, io.output)
        elif redirect.operator == "<":
            return Streams(self._reading(target, io), io.output, io.errors)
        else:
            sink = self._writing(target, io, append=redirect.operator == ">>")
        if redirect.number == -2:
            return Streams(io.input, sink, sink)
        if redirect.number == 2:
            return Streams(io.input, io.output, sink)
        return Streams(io.input, sink, io.errors)

    def _reading(self, name: str, io: Streams) -> Reader:
        if name in ("/dev/stdin", "/dev/tty"):
            return io.input
        if name == "/dev/null":
            return Reader(Empty())
        try:
            return Reader(Given(self.state.box.files.read(self.state.path(name))))
        except FileTrouble as trouble:
            raise FileTrouble(f"can't open {name}: {trouble}") from None

    def _writing(self, name: str, io: Streams, *, append: bool) -> Sink:
        path = self.state.path(name)
        if path == "/dev/null":
            return Empty()
        if path in ("/dev/stdout", "/dev/tty"):
            return io.output
        if path == "/dev/stderr":
            return io.errors
        if path in ("/proc/1/fd/1", "/proc/1/fd/2"):
            box = self.state.box
            return Calling(lambda data: box.insides.printed(box.run, data))
        files = self.state.box.files
        try:
            files.write(path, b"", append=append)
        except FileTrouble as trouble:
            raise FileTrouble(f"can't create {name}: {trouble}") from None
        return _Appending(lambda data: files.write(path, data, append=True))


class _Appending(Calling):
    """Writes to a file; a full disk ends who writes."""

    async def write(self, data: bytes) -> None:
        """Write."""
        try:
            await super().write(data)
        except FileTrouble as trouble:
            raise UsageTrouble(f"write error: {trouble}") from None
