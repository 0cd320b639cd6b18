"""Commands that are part of the shell."""

from __future__ import annotations

import posixpath
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from k8stui.practice.inside.commands import COMMANDS, UsageTrouble
from k8stui.practice.inside.files import File, Folder
from k8stui.practice.inside.shell.flow import Jump, Leave
from k8stui.practice.inside.shell.io import Streams

if TYPE_CHECKING:
    from k8stui.practice.inside.shell.interpreter import Interpreter

Builtin = Callable[["Interpreter", list[str], Streams], Awaitable[int]]
_SHELLS = ("sh", "bash", "ash")


async def _cd(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    state = shell.state
    wanted = arguments[0] if arguments else state.variables.get("HOME", "/")
    if wanted == "-":
        wanted = state.variables.get("OLDPWD", state.folder)
    path = state.path(wanted)
    node = state.box.files.find(path)
    if not isinstance(node, Folder):
        why = "No such file or directory" if node is None else "Not a directory"
        raise UsageTrouble(f"can't cd to {wanted}: {why}", 1)
    state.variables["OLDPWD"], state.folder = state.folder, path
    state.variables["PWD"] = path
    return 0


async def _pwd(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    await io.output.write(f"{shell.state.folder}\n".encode())
    return 0


async def _exit(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    text = arguments[0] if arguments else str(shell.state.status)
    if not text.lstrip("-").isdigit():
        raise UsageTrouble(f"Illegal number: {text}", 2)
    raise Leave(int(text[:9]))


async def _export(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    for each in arguments:
        name, equals, value = each.partition("=")
        if name == "-p":
            continue
        shell.state.exported.add(name)
        if equals:
            shell.state.variables[name] = value
    if not arguments or arguments == ["-p"]:
        lines = [f"export {key}='{value}'\n" for key, value in sorted(shell.state.environment().items())]
        await io.output.write("".join(lines).encode())
    return 0


async def _unset(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    for name in arguments:
        shell.state.variables.pop(name, None)
        shell.state.exported.discard(name)
    return 0


async def _set(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    if not arguments:
        lines = [f"{key}='{value}'\n" for key, value in sorted(shell.state.variables.items())]
        await io.output.write("".join(lines).encode())
    elif arguments[0] == "--":
        shell.state.arguments = arguments[1:]
    return 0


async def _shift(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    del shell.state.arguments[: int(arguments[0]) if arguments and arguments[0].isdigit() else 1]
    return 0


async def _read(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    names = [each for each in arguments if not each.startswith("-")] or ["REPLY"]
    line = await io.input.line()
    words = line.decode(errors="replace").strip().split(None, len(names) - 1)
    for index, name in enumerate(names):
        shell.state.variables[name] = words[index] if index < len(words) else ""
    return 0 if line.endswith(b"\n") else 1


async def _break(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    raise Jump(_loops(arguments), again=False)


async def _continue(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    raise Jump(_loops(arguments), again=True)


def _loops(arguments: list[str]) -> int:
    return max(1, int(arguments[0])) if arguments and arguments[0].isdigit() else 1


async def _nothing(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    return 0


async def _wait(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    await shell.wait()
    return 0


async def _exec(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    if arguments:
        raise Leave(await shell.call(arguments, io))
    return 0


async def _eval(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    return await shell.nested(" ".join(arguments), io)


async def _source(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    if not arguments:
        raise UsageTrouble("filename argument required", 2)
    text = shell.state.box.files.read(shell.state.path(arguments[0])).decode(errors="replace")
    return await shell.nested(text, io)


async def _type(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    status = 0
    for name in arguments:
        if name in BUILTINS:
            text = f"{name} is a shell builtin\n"
        elif name in COMMANDS or name in _SHELLS:
            text = f"{name} is /bin/{name}\n"
        else:
            text, status = f"{name}: not found\n", 127
        await io.output.write(text.encode())
    return status


async def _command(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    if arguments[:1] == ["-v"]:
        status = 0
        for name in arguments[1:]:
            if name in BUILTINS:
                await io.output.write(f"{name}\n".encode())
            elif name in COMMANDS or name in _SHELLS:
                await io.output.write(f"/bin/{name}\n".encode())
            else:
                status = 127
        return status
    return await shell.call(arguments, io) if arguments else 0


async def _test(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    return 0 if _holds(shell, arguments) else 1


async def _bracket(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    if not arguments or arguments[-1] != "]":
        raise UsageTrouble("missing ]", 2)
    return 0 if _holds(shell, arguments[:-1]) else 1


def _holds(shell: Interpreter, words: list[str]) -> bool:
    """Whether a condition of ``test`` holds."""
    for joint, together in (("-o", any), ("-a", all)):
        if joint in words[1:-1]:
            at = words.index(joint, 1)
            return together((_holds(shell, words[:at]), _holds(shell, words[at + 1 :])))
    if words[:1] == ["!"]:
        return not _holds(shell, words[1:])
    if len(words) <= 1:
        return bool(words and words[0])
    if len(words) == 2:
        return _one(shell, words[0], words[1])
    if len(words) == 3:
        return _two(words[0], words[1], words[2])
    raise UsageTrouble("too many arguments", 2)


def _one(shell: Interpreter, operator: str, word: str) -> bool:
    node = shell.state.box.files.find(shell.state.path(word)) if word else None
    match operator:
        case "-n":
            return bool(word)
        case "-z":
            return not word
        case "-e" | "-r" | "-w" | "-a":
            return node is not None
        case "-f":
            return isinstance(node, File)
        case "-d":
            return isinstance(node, Folder)
        case "-s":
            return isinstance(node, File) and bool(node.content())
        case "-x":
            return node is not None and bool(node.mode & 0o111)
        case "-t":
            return shell.state.window is not None
        case "-L" | "-h":
            return False
    raise UsageTrouble(f"{operator}: unknown operand", 2)


def _two(left: str, operator: str, right: str) -> bool:
    if operator in ("=", "=="):
        return left == right
    if operator == "!=":
        return left != right
    try:
        a, b = int(left[:18]), int(right[:18])
    except ValueError:
        raise UsageTrouble(f"{left}: bad number", 2) from None
    found = {"-eq": a == b, "-ne": a != b, "-lt": a < b, "-le": a <= b, "-gt": a > b, "-ge": a >= b}
    if operator not in found:
        raise UsageTrouble(f"{operator}: unknown operand", 2)
    return found[operator]


async def _which(shell: Interpreter, arguments: list[str], io: Streams) -> int:
    status = 0
    for name in arguments:
        if posixpath.basename(name) in COMMANDS or name in _SHELLS:
            await io.output.write(f"/bin/{name}\n".encode())
        else:
            status = 1
    return status


BUILTINS: Mapping[str, Builtin] = {
    **{"cd": _cd, "pwd": _pwd, "exit": _exit, "logout": _exit, "export": _export, "unset": _unset},
    **{"set": _set, "shift": _shift, "read": _read, "break": _break, "continue": _continue, ":": _nothing},
    **{"wait": _wait, "exec": _exec, "eval": _eval, ".": _source, "source": _source, "type": _type},
    **{
        "command": _command,
        "test": _test,
        "[": _bracket,
        "which": _which,
        "trap": _nothing,
        "ulimit": _nothing,
    },
}
