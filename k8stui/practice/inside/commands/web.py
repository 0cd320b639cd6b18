"""Commands that speak to others: wget, curl, nc."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from k8stui.practice.inside import chance
from k8stui.practice.inside.commands.base import Context, Program, UsageTrouble, number, options
from k8stui.practice.inside.commands.lookup import NoSuchName, resolved
from k8stui.practice.inside.files import FileTrouble
from k8stui.practice.inside.network import Listener, Lost, Refused
from k8stui.practice.inside.pages import HTTP, REASONS, Asked, Page, page

_PATIENCE = 5.0
_SECURE = frozenset(("apiserver", "outside"))
_USUAL = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Place:
    """What a URL names."""

    scheme: str
    host: str
    port: int
    target: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class _Wish:
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    patience: float = _PATIENCE
    agent: str = ""


class NoAnswer(Exception):
    """Somebody was reached who does not speak HTTP."""


def placed(url: str) -> Place:
    """What a URL names.

    Raises:
        UsageTrouble: it is none.
    """
    if "://" not in url:
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
        port = parts.port or _USUAL.get(parts.scheme, 80)
    except ValueError:
        raise UsageTrouble(f"bad address '{url}'", 1) from None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme, parts.hostname or "", port, target)


async def met(ctx: Context, address: str, port: int, patience: float) -> Listener:
    """Who answers at an address.

    Raises:
        Refused: nobody listens.
        Lost: nobody has answered in time.
    """
    insides = ctx.box.insides
    insides.asked += 1
    source = chance.source(ctx.box.run.key, insides.asked, insides.clock())
    try:
        return insides.network.reach(ctx.box.run.pod, address, port, source)
    except Lost:
        await ctx.state.pace.sleep(patience)
        raise


async def _asked(ctx: Context, place: Place, wish: _Wish) -> Page:
    """What a place answers.

    Raises:
        NoAnswer: not in HTTP.
    """
    listener = await met(ctx, place.address, place.port, wish.patience)
    secure = place.scheme == "https"
    plain = listener.talks != "apiserver"
    if listener.talks not in HTTP or not (listener.talks in _SECURE if secure else plain):
        raise NoAnswer
    host = place.host if place.port in _USUAL.values() else f"{place.host}:{place.port}"
    headers = {"host": host, "user-agent": wish.agent, **wish.headers}
    client = "127.0.0.1" if place.address.startswith("127.") else ctx.box.address
    return page(ctx.box.insides, listener, Asked(wish.method, place.target, headers, wish.body, client))


async def _got(ctx: Context, place: Place, wanted: Mapping[str, str]) -> Page:
    """What wget gets.

    Raises:
        UsageTrouble: nothing, or an error.
    """
    wish = _Wish(patience=float(number(wanted.get("T", "5"))), agent=wanted.get("U", "Wget"))
    try:
        found = await _asked(ctx, place, wish)
    except Refused:
        raise UsageTrouble(f"can't connect to remote host ({place.address}): Connection refused") from None
    except Lost:
        raise UsageTrouble("download timed out") from None
    except NoAnswer:
        raise UsageTrouble("error getting response: Connection reset by peer") from None
    if "S" in wanted:
        await ctx.complain(_head(ctx, found, "  ", "\n"))
    if found.status >= 400:
        raise UsageTrouble(f"server returned error: HTTP/1.1 {found.status} {REASONS[found.status]}")
    return found


async def _wget(ctx: Context, arguments: list[str]) -> int:
    arguments = [
        "-T" + each.partition("=")[2] if each.startswith("--timeout=") else each for each in arguments
    ]
    arguments = ["-S" if each == "--server-response" else each for each in arguments]
    spider = "--spider" in arguments
    words = [each for each in arguments if not each.startswith("--")]
    quiet_output = "-O-" in words
    wanted, urls = options([each for each in words if each != "-O-"], "qScn", "OTtUP")
    if not urls:
        raise UsageTrouble("usage: wget [-qS] [-O FILE] [-T SEC] URL")
    place = placed(urls[0])
    try:
        address = await resolved(ctx, place.host)
    except NoSuchName:
        raise UsageTrouble(f"bad address '{place.host}'") from None
    place = Place(place.scheme, place.host, place.port, place.target, address)
    where = f"{place.host}:{place.port} ({address}:{place.port})"
    quiet = "q" in wanted
    if not quiet:
        await ctx.complain(f"Connecting to {where}\n")
    found = await _got(ctx, place, wanted)
    if spider:
        await ctx.complain("remote file exists\n")
        return 0
    name = (
        "-"
        if quiet_output
        else wanted.get("O", place.target.partition("?")[0].rpartition("/")[2] or "index.html")
    )
    if name == "-":
        await ctx.io.output.write(found.body)
        return 0
    try:
        ctx.box.files.write(ctx.state.path(name), found.body)
    except FileTrouble as trouble:
        raise UsageTrouble(f"can't open '{name}': {trouble}") from None
    if not quiet:
        await ctx.complain(f"saving to '{name}'\n'{name}' saved\n")
    return 0


def _head(ctx: Context, found: Page, prefix: str, end: str) -> str:
    lines = [f"HTTP/1.1 {found.status} {REASONS[found.status]}"]
    lines += [f"{key}: {value}" for key, value in found.head(ctx.box.insides.clock())]
    return "".join(f"{prefix}{line}{end}" for line in lines)


_LONG = {
    **{"--silent": "-s", "--show-error": "-S", "--head": "-I", "--include": "-i", "--verbose": "-v"},
    **{"--insecure": "-k", "--location": "-L", "--fail": "-f", "--request": "-X", "--header": "-H"},
    **{"--data": "-d", "--output": "-o", "--max-time": "-m", "--write-out": "-w", "--user-agent": "-A"},
    **{"--connect-timeout": "-m"},
}


async def _curl(ctx: Context, arguments: list[str]) -> int:
    words = []
    for each in arguments:
        name, equals, value = each.partition("=")
        words += [_LONG.get(name, name), value] if equals and name in _LONG else [_LONG.get(each, each)]
    wanted, urls = options(words, "sSIivkLfgN46", "XHdomwAu")
    if not urls:
        raise UsageTrouble("try 'curl --help' for more information", 2)
    status = 0
    for url in urls:
        status = await _one_curl(ctx, url, wanted)
    return status


class _Failed(Exception):
    """What curl says when it fails, and its exit status."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


async def _one_curl(ctx: Context, url: str, wanted: Mapping[str, str]) -> int:
    place = placed(url)
    method = wanted.get("X") or ("POST" if "d" in wanted else "HEAD" if "I" in wanted else "GET")
    try:
        found = await _curled(ctx, place, method, wanted)
    except _Failed as failed:
        if "s" not in wanted or "S" in wanted:
            await ctx.complain(f"curl: ({failed.status}) {failed}\n")
        return failed.status
    if "v" in wanted:
        talk = f"* Connected to {place.host} port {place.port}\n> {method} {place.target} HTTP/1.1\n"
        await ctx.complain(talk + _head(ctx, found, "< ", "\n"))
    head = _head(ctx, found, "", "\r\n") + "\r\n" if wanted.keys() & {"I", "i"} else ""
    body = head.encode() + (b"" if method == "HEAD" else found.body)
    if wanted.get("o", "-") == "-":
        await ctx.io.output.write(body)
    elif wanted["o"] != "/dev/null":
        ctx.box.files.write(ctx.state.path(wanted["o"]), body)
    if "w" in wanted:
        await ctx.say(wanted["w"].replace("%{http_code}", str(found.status)).replace("\\n", "\n"))
    return 0


async def _curled(ctx: Context, place: Place, method: str, wanted: Mapping[str, str]) -> Page:
    """What curl gets.

    Raises:
        _Failed: nothing, or an error where that is to be told.
    """
    try:
        address = await resolved(ctx, place.host)
    except NoSuchName:
        raise _Failed(6, f"Could not resolve host: {place.host}") from None
    place = Place(place.scheme, place.host, place.port, place.target, address)
    key, _, value = wanted.get("H", "").partition(":")
    headers = {key.lower(): value.strip()} if key else {}
    patience = float(number(wanted.get("m", "5")))
    wish = _Wish(method, headers, wanted.get("d", "").encode(), patience, wanted.get("A", "curl/8.16.0"))
    where = f"{place.host} port {place.port}"
    try:
        found = await _asked(ctx, place, wish)
    except Refused:
        raise _Failed(7, f"Failed to connect to {where}: Could not connect to server") from None
    except Lost:
        raise _Failed(28, f"Connection timed out after {int(patience * 1000)} milliseconds") from None
    except NoAnswer:
        why = (35, "TLS connect error") if place.scheme == "https" else (52, "Empty reply from server")
        raise _Failed(*why) from None
    if place.scheme == "https" and "k" not in wanted:
        raise _Failed(60, "SSL certificate problem: unable to get local issuer certificate")
    if "f" in wanted and found.status >= 400:
        raise _Failed(22, f"The requested URL returned error: {found.status}")
    return found


async def _nc(ctx: Context, arguments: list[str]) -> int:
    wanted, words = options(arguments, "zvnl", "w")
    if len(words) != 2 or "l" in wanted:
        raise UsageTrouble("usage: nc [-zv] [-w SEC] HOST PORT")
    try:
        address = await resolved(ctx, words[0])
    except NoSuchName:
        raise UsageTrouble(f"bad address '{words[0]}'") from None
    port = number(words[1])
    try:
        listener = await met(ctx, address, port, float(number(wanted.get("w", "5"))))
    except Refused:
        if "v" in wanted:
            raise UsageTrouble(f"{words[0]} ({address}:{port}): Connection refused") from None
        return 1
    except Lost:
        raise UsageTrouble(f"{words[0]} ({address}:{port}): Connection timed out") from None
    if "v" in wanted:
        await ctx.complain(f"{words[0]} ({address}:{port}) open\n")
    if "z" not in wanted:
        from k8stui.practice.inside.talks import talk

        await talk(ctx.box.insides, listener, ctx.io.input.read, ctx.io.output.write, ctx.box.address)
    return 0


COMMANDS: Mapping[str, Program] = {"wget": _wget, "curl": _curl, "nc": _nc}
