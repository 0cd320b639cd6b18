"""Commands about text."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Mapping

from k8stui.practice.inside.commands.base import Context, Program, UsageTrouble, number, options
from k8stui.practice.inside.files import FileTrouble
from k8stui.practice.inside.patterns import Pattern, PatternTrouble

_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "\\": "\\",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "0": "\0",
    '"': '"',
}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_FORMAT = re.compile(r"%(-?0?)(\d*)(?:\.(\d+))?([sdiuxXofcb%])")
_WIDEST = 1_000
_AT_ONCE = 2_000
"""Lines that are written in one go."""
_PIECE = 1 << 14
"""Characters that are."""


def _escaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[0]), text)


async def _echo(ctx: Context, arguments: list[str]) -> int:
    flags = ""
    while (
        arguments and len(arguments[0]) > 1 and arguments[0][0] == "-" and set(arguments[0][1:]) <= set("neE")
    ):
        flags += arguments.pop(0)
    text = " ".join(arguments)
    await ctx.say((_escaped(text) if "e" in flags else text) + ("" if "n" in flags else "\n"))
    return 0


async def _printf(ctx: Context, arguments: list[str]) -> int:
    if not arguments:
        raise UsageTrouble("usage: printf FORMAT [ARGUMENT...]")
    form, values = _escaped(arguments[0]), arguments[1:]
    while True:
        before = len(values)
        await ctx.say(_FORMAT.sub(lambda found: _formatted(found, values), form))
        if not values or len(values) == before:
            return 0


def _formatted(found: re.Match[str], values: list[str]) -> str:
    if found[4] == "%":
        return "%"
    value = values.pop(0) if values else ""
    width, places = min(int(found[2] or 0), _WIDEST), min(int(found[3] or 6), 20)
    match found[4]:
        case "d" | "i" | "u":
            text = str(number(value or "0"))
        case "x" | "X" | "o":
            text = format(number(value or "0"), found[4])
        case "f":
            try:
                text = f"{float(value or 0):.{places}f}"
            except ValueError:
                raise UsageTrouble(f"invalid number '{value}'") from None
        case "c":
            text = value[:1]
        case "b":
            text = _escaped(value)
        case _:
            text = value[:places] if found[3] else value
    if "-" in found[1]:
        return text.ljust(width)
    return text.zfill(width) if "0" in found[1] else text.rjust(width)


async def _grep(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "EFGivcnoqlhHrsw", "emAB")
    text = wanted.get("e") if "e" in wanted else names.pop(0) if names else None
    if text is None:
        raise UsageTrouble("usage: grep [-EFivcnoqlhHw] PATTERN [FILE...]", 2)
    try:
        pattern = Pattern(text, extended="E" in wanted, ignore_case="i" in wanted, fixed="F" in wanted)
    except PatternTrouble as trouble:
        raise UsageTrouble(f"bad regex '{text}': {trouble}", 2) from None
    most, total = number(wanted.get("m", "1000000")), 0
    async for name, reader in ctx.inputs(names, "grep"):
        prefix = f"{name}:" if (len(names) > 1 or "H" in wanted) and "h" not in wanted else ""
        count = line_number = 0
        while count < most and (line := await reader.line()):
            await ctx.breathe()
            line_number += 1
            told = line.decode(errors="replace").rstrip("\n")
            if pattern.found(told) == ("v" in wanted):
                continue
            count += 1
            if "q" in wanted:
                return 0
            if not wanted.keys() & {"c", "l"}:
                await ctx.say(_matched(pattern, told, prefix, line_number, wanted))
        total += count
        if "c" in wanted:
            await ctx.say(f"{prefix}{count}\n")
        elif "l" in wanted and count:
            await ctx.say(f"{name}\n")
    return 0 if total else 1


def _matched(pattern: Pattern, line: str, prefix: str, line_number: int, wanted: Mapping[str, str]) -> str:
    head = prefix + (f"{line_number}:" if "n" in wanted else "")
    if "o" not in wanted:
        return f"{head}{line}\n"
    found, at = [], 0
    while (span := pattern.span(line, at)) is not None:
        if span[1] > span[0]:
            found.append(f"{head}{line[span[0] : span[1]]}\n")
        at = max(span[1], span[0] + 1)
    return "".join(found)


async def _head(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(_short(arguments), "qv", "nc")
    count = number(wanted.get("n", "10"))
    async for name, reader in ctx.inputs(names, "head"):
        if len(names) > 1:
            await ctx.say(f"==> {name} <==\n")
        if "c" in wanted:
            await ctx.io.output.write((await reader.all())[: number(wanted["c"])])
            continue
        left = count
        while left > 0 and (line := await reader.line()):
            await ctx.breathe()
            await ctx.io.output.write(line)
            left -= 1
    return 0


async def _tail(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(_short(arguments), "qvfF", "nc")
    text = wanted.get("n", "10")
    async for name, reader in ctx.inputs(names, "tail"):
        if len(names) > 1:
            await ctx.say(f"==> {name} <==\n")
        data = await reader.all()
        if "c" in wanted:
            await ctx.io.output.write(data[-number(wanted["c"]) :])
            continue
        lines = data.splitlines(keepends=True)
        begin = number(text) - 1 if text.startswith("+") else max(0, len(lines) - abs(number(text)))
        await ctx.io.output.write(b"".join(lines[begin:]))
        if wanted.keys() & {"f", "F"}:
            await _followed(ctx, name, len(data))
    return 0


async def _followed(ctx: Context, name: str, size: int) -> None:
    while name != "(standard input)":
        await ctx.state.pace.sleep(0.5)
        try:
            data = ctx.read(name)
        except FileTrouble:
            continue
        if len(data) != size:
            await ctx.io.output.write(data[size:] if len(data) > size else data)
            size = len(data)


def _short(arguments: list[str]) -> list[str]:
    """``-5`` means ``-n 5``."""
    return [f"-n{each[1:]}" if each[:1] == "-" and each[1:].isdigit() else each for each in arguments]


async def _wc(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "lwc")
    async for name, reader in ctx.inputs(names, "wc"):
        data = await reader.all()
        counts = {"l": data.count(b"\n"), "w": len(data.split()), "c": len(data)}
        shown = [str(counts[key]) for key in "lwc" if key in wanted or not wanted]
        wide = shown[0] if len(shown) == 1 else "".join(each.rjust(10) for each in shown)
        await ctx.say(f"{wide} {name}\n" if names else f"{wide}\n")
    return 0


async def _lines(ctx: Context, names: list[str], command: str) -> list[str]:
    found: list[str] = []
    async for _, reader in ctx.inputs(names, command):
        found += (await reader.all()).decode(errors="replace").splitlines()
    return found


async def _sort(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "nruh", "kt")
    lines = await _lines(ctx, names, "sort")
    column = number(wanted.get("k", "0").partition(",")[0] or "0")

    def key(line: str) -> tuple[float, str]:
        fields = line.split(wanted.get("t")) if column else []
        text = (fields[column - 1] if column <= len(fields) else "") if column else line
        if "n" in wanted or "h" in wanted:
            found = re.match(r"\s*-?\d+(\.\d+)?", text)
            return (float(found[0]) if found else 0.0, line)
        return (0.0, text)

    lines.sort(key=key, reverse="r" in wanted)
    if "u" in wanted:
        lines = list(dict.fromkeys(lines))
    await ctx.say("".join(f"{line}\n" for line in lines))
    return 0


async def _uniq(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "cdu")
    groups: list[list[str]] = []
    for line in await _lines(ctx, names[:1], "uniq"):
        if groups and groups[-1][0] == line:
            groups[-1].append(line)
        else:
            groups.append([line])
    for group in groups:
        if ("d" in wanted and len(group) == 1) or ("u" in wanted and len(group) > 1):
            continue
        await ctx.say(f"{len(group):7d} {group[0]}\n" if "c" in wanted else f"{group[0]}\n")
    return 0


async def _cut(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "s", "dfc")
    ranges = wanted.get("f") or wanted.get("c")
    if not ranges:
        raise UsageTrouble("expected a list of bytes, characters, or fields")
    delimiter = wanted.get("d", "\t")[:1]
    for line in await _lines(ctx, names, "cut"):
        if "f" not in wanted:
            await ctx.say("".join(_chosen(list(line), ranges)) + "\n")
        elif delimiter in line:
            await ctx.say(delimiter.join(_chosen(line.split(delimiter), ranges)) + "\n")
        elif "s" not in wanted:
            await ctx.say(f"{line}\n")
    return 0


def _chosen(parts: list[str], ranges: str) -> list[str]:
    found = set()
    for each in ranges.split(","):
        low, dash, high = each.partition("-")
        begin = number(low or "1")
        end = (number(high) if high else len(parts)) if dash else begin
        found |= set(range(max(1, begin), min(end, len(parts)) + 1))
    return [parts[index - 1] for index in sorted(found)]


async def _tr(ctx: Context, arguments: list[str]) -> int:
    wanted, sets = options(arguments, "ds")
    if not sets:
        raise UsageTrouble("missing operand")
    source = _characters(sets[0])
    target = _characters(sets[1]) if len(sets) > 1 else ""
    table: dict[int, int | None] = {}
    for index, char in enumerate(source):
        table[ord(char)] = None if "d" in wanted or not target else ord(target[min(index, len(target) - 1)])
    while data := await ctx.io.input.read():
        text = data.decode(errors="replace").translate(table)
        if "s" in wanted:
            text = re.sub(
                r"(.)\1+", lambda found: found[1] if found[1] in (target or source) else found[0], text
            )
        await ctx.say(text)
    return 0


def _characters(text: str) -> str:
    text = _escaped(text)
    classes = {"[:lower:]": "a-z", "[:upper:]": "A-Z", "[:digit:]": "0-9", "[:space:]": " \t\n"}
    for name, meaning in classes.items():
        text = text.replace(name, meaning)
    found = re.sub(
        r"(.)-(.)",
        lambda span: "".join(map(chr, range(ord(span[1]), min(ord(span[2]), ord(span[1]) + 255) + 1))),
        text,
    )
    return found[:1_000]


async def _sed(ctx: Context, arguments: list[str]) -> int:
    wanted, rest = options(arguments, "nEri", "e")
    text = wanted.get("e") or (rest.pop(0) if rest else "")
    found = re.fullmatch(r"s(.)(.*)", text, re.DOTALL)
    parts = re.split(r"(?<!\\)" + re.escape(found[1]), found[2]) if found else []
    if found is None or len(parts) != 3:
        raise UsageTrouble(f"unsupported command: {text} (only s/…/…/)")
    try:
        pattern = Pattern(parts[0], extended=bool(wanted.keys() & {"E", "r"}), ignore_case="i" in parts[2])
    except PatternTrouble as trouble:
        raise UsageTrouble(f"bad regex '{parts[0]}': {trouble}") from None
    if "i" in wanted:
        for name in rest:
            lines = ctx.read(name).decode(errors="replace").splitlines()
            new = "".join(f"{_replaced(pattern, line, parts[1], parts[2])}\n" for line in lines)
            ctx.box.files.write(ctx.state.path(name), new.encode())
        return 0
    async for _, reader in ctx.inputs(rest, "sed"):
        while line := await reader.line():
            await ctx.breathe()
            told = line.decode(errors="replace").rstrip("\n")
            await ctx.say(_replaced(pattern, told, parts[1], parts[2]) + "\n")
    return 0


def _replaced(pattern: Pattern, line: str, new: str, flags: str) -> str:
    made, at = "", 0
    while (span := pattern.span(line, at)) is not None:
        made += line[at : span[0]] + re.sub(
            r"\\?&", lambda found: line[span[0] : span[1]] if found[0] == "&" else "&", new
        )
        at = span[1]
        if span[0] == span[1]:
            made += line[at : at + 1]
            at += 1
        if "g" not in flags or at > len(line):
            break
    return made + line[at:]


async def _tee(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "a")
    for name in names:
        ctx.box.files.write(ctx.state.path(name), b"", append="a" in wanted)
    while data := await ctx.io.input.read():
        await ctx.io.output.write(data)
        for name in names:
            ctx.box.files.write(ctx.state.path(name), data, append=True)
    return 0


async def _seq(ctx: Context, arguments: list[str]) -> int:
    numbers = [number(each) for each in arguments]
    if not 1 <= len(numbers) <= 3:
        raise UsageTrouble("usage: seq [FIRST [INCREMENT]] LAST")
    first, step, last = (1, 1, numbers[0]) if len(numbers) == 1 else (numbers[0], 1, numbers[-1])
    step = numbers[1] if len(numbers) == 3 else step
    if step == 0:
        raise UsageTrouble("invalid increment")
    values = range(first, last + (1 if step > 0 else -1), step)
    for begin in range(0, len(values), _AT_ONCE):
        await ctx.say("".join(f"{value}\n" for value in values[begin : begin + _AT_ONCE]))
    return 0


async def _yes(ctx: Context, arguments: list[str]) -> int:
    text = " ".join(arguments) or "y"
    many = f"{text}\n" * max(1, _PIECE // (len(text) + 1))
    while True:
        await ctx.say(many)
        await asyncio.sleep(0)


async def _base64(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "d", "w")
    async for _, reader in ctx.inputs(names, "base64"):
        data = await reader.all()
        try:
            await ctx.io.output.write(
                base64.b64decode(data) if "d" in wanted else base64.b64encode(data) + b"\n"
            )
        except (binascii.Error, ValueError):
            raise UsageTrouble("truncated input") from None
    return 0


COMMANDS: Mapping[str, Program] = {
    **{
        "echo": _echo,
        "printf": _printf,
        "grep": _grep,
        "head": _head,
        "tail": _tail,
        "wc": _wc,
        "sort": _sort,
    },
    **{"uniq": _uniq, "cut": _cut, "tr": _tr, "sed": _sed, "tee": _tee, "seq": _seq, "yes": _yes},
    **{"base64": _base64},
}
