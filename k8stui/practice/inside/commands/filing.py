"""Commands about files."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from k8stui.core.units import format_age
from k8stui.practice.inside.commands.base import Context, Program, UsageTrouble, options
from k8stui.practice.inside.files import LARGEST, MOST, File, FileTrouble, Folder, Node


async def _cat(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "n")
    status, count = 0, 0
    for name in names or ["-"]:
        if name == "-":
            while data := await (ctx.io.input.line() if "n" in wanted else ctx.io.input.read()):
                count += 1
                await ctx.io.output.write(f"{count:6d}\t".encode() * ("n" in wanted) + data)
            continue
        try:
            data = ctx.read(name)
        except FileTrouble as trouble:
            await ctx.complain(f"cat: {name}: {trouble}\n")
            status = 1
            continue
        if "n" in wanted:
            lines = data.decode(errors="replace").splitlines(keepends=True)
            data = "".join(f"{count + n:6d}\t{line}" for n, line in enumerate(lines, 1)).encode()
            count += len(lines)
        await ctx.io.output.write(data)
    return status


async def _ls(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "la1Ahrtdi")
    status, parts = 0, []
    for name in names or ["."]:
        node = ctx.box.files.find(ctx.state.path(name))
        if node is None:
            await ctx.complain(f"ls: {name}: No such file or directory\n")
            status = 1
            continue
        title = f"{name}:\n" if len(names) > 1 and isinstance(node, Folder) else ""
        parts.append(title + _listed(ctx, name, node, wanted))
    await ctx.say("\n".join(parts) if any(part.endswith(":") for part in parts) else "".join(parts))
    return status


def _listed(ctx: Context, name: str, node: Node, wanted: Mapping[str, str]) -> str:
    path = ctx.state.path(name)
    if isinstance(node, File) or "d" in wanted:
        found = [(name, node)]
    else:
        hidden = "a" in wanted or "A" in wanted
        files = ctx.box.files
        found = []
        for each in files.names(path):
            below = files.find(posixpath.join(path, each))
            if below is not None and (hidden or not each.startswith(".")):
                found.append((each, below))
        if "a" in wanted:
            above = files.find(posixpath.dirname(path)) or node
            found = [(".", node), ("..", above), *found]
    if "t" in wanted:
        found.sort(key=lambda each: -each[1].at)
    if "r" in wanted:
        found.reverse()
    if "l" in wanted:
        total = "" if isinstance(node, File) or "d" in wanted else f"total {4 * len(found)}\n"
        return total + "".join(_long(ctx, each, below, "h" in wanted) for each, below in found)
    names = [each for each, _ in found]
    if ctx.state.window is not None and "1" not in wanted:
        return _columns(names, ctx.state.window.columns)
    return "".join(f"{each}\n" for each in names)


def _columns(names: list[str], width: int) -> str:
    if not names:
        return ""
    wide = max(map(len, names)) + 2
    across = max(1, width // wide)
    rows = -(-len(names) // across)
    return "".join("".join(n.ljust(wide) for n in names[row::rows]).rstrip() + "\n" for row in range(rows))


def _long(ctx: Context, name: str, node: Node, human: bool) -> str:
    kind = "d" if isinstance(node, Folder) else "-"
    mode = "".join(letter if node.mode >> (8 - n) & 1 else "-" for n, letter in enumerate("rwxrwxrwx"))
    size = 4096 if isinstance(node, Folder) else len(node.content())
    when = datetime.fromtimestamp(node.at or ctx.box.run.started, UTC).strftime("%b %e %H:%M")
    shown = _human(size) if human else str(size)
    owner = "root" if ctx.box.user == 0 else ctx.box.user_name or str(ctx.box.user)
    return f"{kind}{mode} {1 if kind == '-' else 2:4d} {owner:8} {owner:8} {shown:>8} {when} {name}\n"


def _human(size: float) -> str:
    for unit in ("", "K", "M", "G"):
        if size < 1024:
            return f"{size:.1f}{unit}" if unit and size < 10 else f"{size:.0f}{unit}"
        size /= 1024
    return f"{size:.1f}T"


async def _touch(ctx: Context, arguments: list[str]) -> int:
    for name in options(arguments, "cam")[1]:
        try:
            ctx.box.files.write(ctx.state.path(name), b"", append=True)
        except FileTrouble as trouble:
            raise UsageTrouble(f"{name}: {trouble}") from None
    return 0


async def _rm(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "rRfiv")
    status = 0
    for name in names:
        try:
            ctx.box.files.remove(ctx.state.path(name), folders="r" in wanted or "R" in wanted)
        except FileTrouble as trouble:
            if "f" in wanted and str(trouble).startswith("No such"):
                continue
            await ctx.complain(f"rm: can't remove '{name}': {trouble}\n")
            status = 1
    return status


async def _mkdir(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "p", "m")
    for name in names:
        path = ctx.state.path(name)
        try:
            if "p" in wanted:
                for each in [*reversed(list(_above(path))), path]:
                    if ctx.box.files.find(each) is None:
                        ctx.box.files.make_folder(each)
            else:
                ctx.box.files.make_folder(path)
        except FileTrouble as trouble:
            raise UsageTrouble(f"can't create directory '{name}': {trouble}") from None
    return 0


def _above(path: str) -> Iterator[str]:
    while (path := posixpath.dirname(path)) != "/":
        yield path


async def _rmdir(ctx: Context, arguments: list[str]) -> int:
    for name in arguments:
        path = ctx.state.path(name)
        try:
            if ctx.box.files.names(path):
                raise FileTrouble("Directory not empty")
            ctx.box.files.remove(path, folders=True)
        except FileTrouble as trouble:
            raise UsageTrouble(f"'{name}': {trouble}") from None
    return 0


async def _cp(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "rRapfv")
    for source, target in _pairs(ctx, names):
        node = ctx.box.files.find(source)
        if node is None:
            raise UsageTrouble(f"can't stat '{source}': No such file or directory")
        if isinstance(node, Folder) and not wanted.keys() & set("rRa"):
            raise UsageTrouble(f"omitting directory '{source}'")
        ctx.box.files.put(target, _copied(node, ctx.state.pace.now()))
    return 0


async def _mv(ctx: Context, arguments: list[str]) -> int:
    for source, target in _pairs(ctx, options(arguments, "fv")[1]):
        node = ctx.box.files.find(source)
        if node is None:
            raise UsageTrouble(f"can't rename '{source}': No such file or directory")
        if target == source or target.startswith(source + "/"):
            raise UsageTrouble(f"can't rename '{source}': Invalid argument")
        copy = _copied(node, node.at)
        ctx.box.files.remove(source, folders=True)
        ctx.box.files.put(target, copy)
    return 0


def _pairs(ctx: Context, names: list[str]) -> list[tuple[str, str]]:
    if len(names) < 2:
        raise UsageTrouble("missing file operand")
    *sources, last = [ctx.state.path(name) for name in names]
    if isinstance(ctx.box.files.find(last), Folder):
        return [(source, posixpath.join(last, posixpath.basename(source))) for source in sources]
    if len(sources) > 1:
        raise UsageTrouble(f"target '{names[-1]}' is not a directory")
    return [(sources[0], last)]


def _copied(node: Node, at: float) -> Node:
    if isinstance(node, File):
        return File(node.content()[:LARGEST], node.mode, at)
    return Folder({name: _copied(below, at) for name, below in node.entries.items()}, node.mode, at)


async def _chmod(ctx: Context, arguments: list[str]) -> int:
    mode, *names = [each for each in arguments if not each.startswith("-")] or [""]
    for name in names:
        node = ctx.box.files.find(ctx.state.path(name))
        if node is None:
            raise UsageTrouble(f"{name}: No such file or directory")
        if mode.isdigit():
            node.mode = int(mode, 8) & 0o777 if set(mode) <= set("01234567") else node.mode
        elif mode.endswith("+x"):
            node.mode |= 0o111
        elif mode.endswith("-x"):
            node.mode &= ~0o111
    return 0


async def _df(ctx: Context, arguments: list[str]) -> int:
    wanted, _ = options(arguments, "hkTa")
    lines = [f"{'Filesystem':20} {'Size':>10} {'Used':>10} {'Available':>10} Use% Mounted on\n"]
    for mount in ctx.box.files.mounts:
        if mount.kind in ("proc", "cgroup2"):
            continue
        size = 100 << 20 if mount.kind == "ext4" or mount.kind == "overlay" else MOST >> 10
        used = 0 if mount.disk is None else -(-mount.disk.used // 1024)
        used += 31 << 20 if size > MOST else 0
        row = [_human(n * 1024) if "h" in wanted else str(n) for n in (size, used, size - used)]
        share = -(-100 * used // size)
        lines.append(f"{mount.device:20} {row[0]:>10} {row[1]:>10} {row[2]:>10} {share:3d}% {mount.path}\n")
    await ctx.say("".join(lines))
    return 0


async def _mount(ctx: Context, arguments: list[str]) -> int:
    if arguments:
        raise UsageTrouble("permission denied (are you root?)")
    lines = []
    for mount in ctx.box.files.mounts:
        how = "ro,relatime" if mount.read_only else "rw,relatime"
        lines.append(f"{mount.device} on {mount.path} type {mount.kind} ({how})\n")
    await ctx.say("".join(lines))
    return 0


async def _find(ctx: Context, arguments: list[str]) -> int:
    starts = []
    words = list(arguments)
    while words and not words[0].startswith("-"):
        starts.append(words.pop(0))
    tests = dict(zip(words[::2], words[1::2], strict=False))
    for start in starts or ["."]:
        for path, node in _walked(ctx, start, 0):
            if _wanted(path, node, tests):
                await ctx.say(f"{path}\n")
    return 0


def _walked(ctx: Context, path: str, depth: int) -> Iterator[tuple[str, Node]]:
    node = ctx.box.files.find(ctx.state.path(path))
    if node is None or depth > 30:
        return
    yield path, node
    if isinstance(node, Folder):
        for name in ctx.box.files.names(ctx.state.path(path)):
            yield from _walked(ctx, posixpath.join(path, name), depth + 1)


def _wanted(path: str, node: Node, tests: Mapping[str, str]) -> bool:
    import fnmatch

    name, kind = tests.get("-name"), tests.get("-type")
    if name is not None and not fnmatch.fnmatchcase(posixpath.basename(path), name):
        return False
    return kind is None or (kind == "d") == isinstance(node, Folder)


async def _stat(ctx: Context, arguments: list[str]) -> int:
    for name in arguments:
        node = ctx.box.files.find(ctx.state.path(name))
        if node is None:
            raise UsageTrouble(f"can't stat '{name}': No such file or directory")
        size = len(node.content()) if isinstance(node, File) else 4096
        kind = "regular file" if isinstance(node, File) else "directory"
        age = format_age(max(0.0, ctx.state.pace.now() - (node.at or ctx.box.run.started)))
        await ctx.say(
            f"  File: {name}\n  Size: {size}\t{kind}\nAccess: {node.mode:04o}\nChanged: {age} ago\n"
        )
    return 0


async def _du(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "shk")
    for name in names or ["."]:
        size = sum(len(n.content()) for _, n in _walked(ctx, name, 0) if isinstance(n, File))
        shown = _human(size) if "h" in wanted else str(-(-size // 1024))
        await ctx.say(f"{shown}\t{name}\n")
    return 0


COMMANDS: Mapping[str, Program] = {
    **{"cat": _cat, "ls": _ls, "touch": _touch, "rm": _rm, "mkdir": _mkdir, "rmdir": _rmdir, "cp": _cp},
    **{"mv": _mv, "chmod": _chmod, "df": _df, "mount": _mount, "find": _find, "stat": _stat, "du": _du},
}
