"""Commands about the container, its processes and the time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from k8stui.core.objects import dig
from k8stui.core.units import parse_quantity
from k8stui.practice.inside.commands.base import Context, Program, UsageTrouble, number, options

_SIGNALS = {"HUP": 1, "INT": 2, "QUIT": 3, "KILL": 9, "USR1": 10, "TERM": 15}
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_GENTLE = (3, 10, 15)


async def _env(ctx: Context, arguments: list[str]) -> int:
    environment = ctx.state.environment()
    words = list(arguments)
    given = {}
    while words and "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        given[name] = value
    if not words:
        await ctx.say("".join(f"{key}={value}\n" for key, value in {**environment, **given}.items()))
        return 0
    kept, exported = dict(ctx.state.variables), set(ctx.state.exported)
    ctx.state.variables |= given
    ctx.state.exported |= set(given)
    try:
        return await ctx.call(words, ctx.io)
    finally:
        ctx.state.variables, ctx.state.exported = kept, exported


async def _printenv(ctx: Context, arguments: list[str]) -> int:
    environment = ctx.state.environment()
    if not arguments:
        return await _env(ctx, [])
    found = [environment[name] for name in arguments if name in environment]
    await ctx.say("".join(f"{value}\n" for value in found))
    return 0 if len(found) == len(arguments) else 1


async def _ps(ctx: Context, arguments: list[str]) -> int:
    user = ctx.box.user_name or str(ctx.box.user)
    lines = ["PID   USER     TIME  COMMAND\n"]
    for pid, words in ctx.box.processes():
        lines.append(f"{pid:5d} {user:8} {'0:00':5} {words}\n")
    lines.append(f"{ctx.state.number:5d} {user:8} {'0:00':5} {ctx.state.name}\n")
    lines.append(f"{ctx.state.number + 7:5d} {user:8} {'0:00':5} {' '.join(['ps', *arguments])}\n")
    await ctx.say("".join(lines))
    return 0


async def _kill(ctx: Context, arguments: list[str]) -> int:
    words, signal = list(arguments), 15
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word == "-l":
            await ctx.say("".join(f"{value}) {name}\n" for name, value in _SIGNALS.items()))
            return 0
        name = (words.pop(0) if word == "-s" and words else word[1:]).upper().removeprefix("SIG")
        if name not in _SIGNALS and not name.isdigit():
            raise UsageTrouble(f"bad signal name '{name}'")
        signal = _SIGNALS[name] if name in _SIGNALS else int(name)
    known = {pid for pid, _ in ctx.box.processes()}
    for word in words:
        pid = number(word)
        if pid not in known and pid != ctx.state.number:
            raise UsageTrouble(f"can't kill pid {pid}: No such process")
        # The kernel keeps SIGKILL from the first process of a container when it comes from inside.
        leader = ctx.box.leader
        deaf = ctx.box.insides.programs.running(leader.pod, leader.spec).deaf
        if pid == 1 and signal in _GENTLE and not deaf:
            ctx.box.insides.end(leader, ctx.box.insides.box(leader).family.ends)
    return 0


async def _id(ctx: Context, arguments: list[str]) -> int:
    wanted, _ = options(arguments, "ugn")
    box = ctx.box
    user, group = box.user_name, "root" if box.group == 0 else ""
    if wanted:
        value, name = (box.user, user) if "u" in wanted else (box.group, group)
        await ctx.say(f"{name if 'n' in wanted and name else value}\n")
        return 0
    groups = dig(box.run.pod, "spec", "securityContext", "fsGroup")
    more = f" groups={box.group}{f'({group})' if group else ''}" + (
        f",{groups}" if groups is not None else ""
    )
    shown = f"uid={box.user}{f'({user})' if user else ''} gid={box.group}{f'({group})' if group else ''}"
    await ctx.say(f"{shown}{more}\n")
    return 0


async def _whoami(ctx: Context, arguments: list[str]) -> int:
    if not ctx.box.user_name:
        raise UsageTrouble(f"unknown uid {ctx.box.user}")
    await ctx.say(f"{ctx.box.user_name}\n")
    return 0


async def _hostname(ctx: Context, arguments: list[str]) -> int:
    wanted, names = options(arguments, "ifsd")
    if names:
        raise UsageTrouble("sethostname: Operation not permitted")
    await ctx.say(f"{ctx.box.address if 'i' in wanted else ctx.box.host}\n")
    return 0


async def _date(ctx: Context, arguments: list[str]) -> int:
    wanted, rest = options(arguments, "uRI", "d")
    now = datetime.fromtimestamp(ctx.state.pace.now(), UTC)
    form = rest[0][1:] if rest and rest[0].startswith("+") else "%a %b %e %H:%M:%S UTC %Y"
    if "R" in wanted:
        form = "%a, %d %b %Y %H:%M:%S +0000"
    elif "I" in wanted:
        form = "%Y-%m-%d"
    form = (
        form.replace("%s", str(int(now.timestamp())))
        .replace("%N", f"{now.microsecond}000")
        .replace("%F", "%Y-%m-%d")
    )
    await ctx.say(now.strftime(form[:200].replace("%T", "%H:%M:%S").replace("%Z", "UTC")) + "\n")
    return 0


async def _uname(ctx: Context, arguments: list[str]) -> int:
    wanted, _ = options(arguments, "asnrvmo")
    parts = {
        "s": "Linux",
        "n": ctx.box.host,
        "r": "6.12.48-practice",
        "v": "#1 SMP PREEMPT_DYNAMIC",
        "m": "x86_64",
    }
    parts["o"] = "GNU/Linux"
    chosen = parts if "a" in wanted else {key: parts[key] for key in parts if key in (wanted or {"s": ""})}
    await ctx.say(" ".join(chosen.values()) + "\n")
    return 0


async def _sleep(ctx: Context, arguments: list[str]) -> int:
    if not arguments:
        raise UsageTrouble("missing operand")
    total = 0.0
    for each in arguments:
        if each in ("infinity", "inf"):
            total += 10**9
            continue
        unit = _UNITS.get(each[-1:], 0.0)
        try:
            total += float(each[:-1] if unit else each) * (unit or 1.0)
        except ValueError:
            raise UsageTrouble(f"invalid number '{each}'") from None
    if not 0 <= total < 10**11:
        raise UsageTrouble(f"invalid number '{' '.join(arguments)}'")
    await ctx.state.pace.sleep(total, ctx.state.variables)
    return 0


async def _true(ctx: Context, arguments: list[str]) -> int:
    return 0


async def _false(ctx: Context, arguments: list[str]) -> int:
    return 1


async def _uptime(ctx: Context, arguments: list[str]) -> int:
    now = ctx.state.pace.now()
    days, rest = divmod(int(now - ctx.box.run.started), 86400)
    clock = datetime.fromtimestamp(now, UTC).strftime("%H:%M:%S")
    up = f"{days} days, {rest // 3600:2d}:{rest // 60 % 60:02d}"
    await ctx.say(f" {clock} up {up},  load average: 0.42, 0.37, 0.31\n")
    return 0


async def _free(ctx: Context, arguments: list[str]) -> int:
    wanted, _ = options(arguments, "hmkg")
    size = 1024 if "m" in wanted or "h" in wanted else 1
    total, used, cached = (value // size for value in (16_384_000, 7_168_000, 3_072_000))
    head = f"{'total':>19}{'used':>12}{'free':>12}{'available':>12}"
    await ctx.say(f"{head}\nMem:{total:15d}{used:12d}{total - used - cached:12d}{total - used:12d}\n")
    return 0


async def _nproc(ctx: Context, arguments: list[str]) -> int:
    limit = parse_quantity(str(dig(ctx.box.run.spec, "resources", "limits", "cpu") or ""))
    await ctx.say(f"{4 if limit is None else max(1, min(4, int(limit)))}\n")
    return 0


async def _stty(ctx: Context, arguments: list[str]) -> int:
    window = ctx.state.window
    if window is None:
        raise UsageTrouble("standard input: Not a tty")
    if arguments == ["size"]:
        await ctx.say(f"{window.rows} {window.columns}\n")
    elif not arguments or arguments == ["-a"]:
        await ctx.say(f"speed 38400 baud; rows {window.rows}; columns {window.columns};\n")
    return 0


async def _tty(ctx: Context, arguments: list[str]) -> int:
    await ctx.say("not a tty\n" if ctx.state.window is None else "/dev/pts/0\n")
    return int(ctx.state.window is None)


async def _clear(ctx: Context, arguments: list[str]) -> int:
    await ctx.say("\x1b[H\x1b[2J")
    return 0


async def _name(ctx: Context, arguments: list[str]) -> int:
    if not arguments:
        raise UsageTrouble("missing operand")
    base = arguments[0].rstrip("/").rpartition("/")[2] or "/"
    await ctx.say(base.removesuffix(arguments[1] if len(arguments) > 1 else "") + "\n")
    return 0


async def _folder(ctx: Context, arguments: list[str]) -> int:
    if not arguments:
        raise UsageTrouble("missing operand")
    above, slash, _ = arguments[0].rstrip("/").rpartition("/")
    await ctx.say((above or ("/" if slash else ".")) + "\n")
    return 0


async def _timeout(ctx: Context, arguments: list[str]) -> int:
    import asyncio

    if len(arguments) < 2:
        raise UsageTrouble("usage: timeout SECS PROG ARGS")
    wait = asyncio.ensure_future(_sleep(ctx, arguments[:1]))
    work = asyncio.ensure_future(ctx.call(arguments[1:], ctx.io))
    try:
        await asyncio.wait((wait, work), return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else 143
    finally:
        for task in (wait, work):
            task.cancel()
        await asyncio.gather(wait, work, return_exceptions=True)


COMMANDS: Mapping[str, Program] = {
    **{"env": _env, "printenv": _printenv, "ps": _ps, "kill": _kill, "id": _id, "whoami": _whoami},
    **{
        "hostname": _hostname,
        "date": _date,
        "uname": _uname,
        "sleep": _sleep,
        "true": _true,
        "false": _false,
    },
    **{"uptime": _uptime, "free": _free, "nproc": _nproc, "stty": _stty, "tty": _tty, "clear": _clear},
    **{"basename": _name, "dirname": _folder, "timeout": _timeout},
}
