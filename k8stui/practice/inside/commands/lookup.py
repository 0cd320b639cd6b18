"""Commands about names and addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from k8stui.core.objects import dig
from k8stui.practice.inside import names
from k8stui.practice.inside.commands.base import Context, Program, UsageTrouble, number, options
from k8stui.practice.inside.names import Answer


class NoSuchName(Exception):
    """A name means nothing."""


async def resolved(ctx: Context, name: str) -> str:
    """An address for a name, as the C library finds it: /etc/hosts first.

    Raises:
        NoSuchName: there is none.
    """
    found = await _found(ctx, name)
    if not found:
        raise NoSuchName(name)
    return found[0]


async def _found(ctx: Context, name: str) -> list[str]:
    try:
        return [str(ipaddress.ip_address(name.strip("[]")))]
    except ValueError:
        pass
    for line in ctx.read("/etc/hosts").decode().splitlines():
        address, *known = line.split("#")[0].split() or [""]
        if name in known and ":" not in address:
            return [address]
    if not await _answering(ctx):
        return []
    answer = names.lookup(ctx.box.insides.store, ctx.box.run.pod, name)
    return [] if answer is None else list(answer.addresses)


async def _answering(ctx: Context) -> bool:
    """Whether the resolver answers; if not, one waits for it in vain."""
    resolver = names.resolver(ctx.box.insides.store, ctx.box.run.pod)
    if resolver.servers and not (resolver.inside and not names.serving(ctx.box.insides.store)):
        return True
    await ctx.state.pace.sleep(5)
    return False


async def _nslookup(ctx: Context, arguments: list[str]) -> int:
    _, words = options([each for each in arguments if not each.startswith("-type")], "")
    if not words:
        raise UsageTrouble("usage: nslookup HOST")
    resolver = names.resolver(ctx.box.insides.store, ctx.box.run.pod)
    server = resolver.servers[0] if resolver.servers else "127.0.0.1"
    if not await _answering(ctx):
        await ctx.say(";; connection timed out; no servers could be reached\n\n")
        return 1
    await ctx.say(f"Server:\t\t{server}\nAddress:\t{server}:53\n\n")
    pod = ctx.box.run.pod
    try:
        address = str(ipaddress.ip_address(words[0]))
    except ValueError:
        answer = names.lookup(ctx.box.insides.store, pod, words[0])
    else:
        return await _reverse(ctx, address)
    if answer is None or not (answer.addresses or answer.alias):
        await ctx.say(f"** server can't find {words[0]}: NXDOMAIN\n\n")
        return 1
    await ctx.say(_told(answer))
    return 0


def _told(answer: Answer) -> str:
    lines = [f"{answer.name}\tcanonical name = {answer.alias}"] if answer.alias else []
    name = answer.alias or answer.name
    return "\n".join([*lines, *(f"Name:\t{name}\nAddress: {each}" for each in answer.addresses)]) + "\n\n"


async def _reverse(ctx: Context, address: str) -> int:
    for service in ctx.box.insides.store.list(names.SERVICES):
        if dig(service, "spec", "clusterIP") == address:
            metadata = service["metadata"]
            full = f"{metadata['name']}.{metadata['namespace']}.svc.{names.DOMAIN}"
            await ctx.say(f"{'.'.join(reversed(address.split('.')))}.in-addr.arpa\tname = {full}\n\n")
            return 0
    await ctx.say(f"** server can't find {address}: NXDOMAIN\n\n")
    return 1


async def _getent(ctx: Context, arguments: list[str]) -> int:
    if arguments[:1] == ["passwd"]:
        await ctx.io.output.write(ctx.read("/etc/passwd"))
        return 0
    if len(arguments) < 2 or arguments[0] not in ("hosts", "ahosts"):
        raise UsageTrouble("usage: getent hosts NAME")
    found = await _found(ctx, arguments[1])
    for address in found:
        await ctx.say(f"{address:<17} {arguments[1]}\n")
    return 0 if found else 2


async def _ping(ctx: Context, arguments: list[str]) -> int:
    wanted, words = options(arguments, "q4", "cWiw")
    if not words:
        raise UsageTrouble("usage: ping [-c COUNT] HOST")
    name, count = words[0], number(wanted.get("c", "0"))
    try:
        address = await resolved(ctx, name)
    except NoSuchName:
        raise UsageTrouble(f"bad address '{name}'") from None
    await ctx.say(f"PING {name} ({address}): 56 data bytes\n")
    there, sent = _alive(ctx, address), 0
    while count == 0 or sent < count:
        if there:
            await ctx.say(f"64 bytes from {address}: seq={sent} ttl=63 time=0.{90 + sent % 40:03d} ms\n")
        sent += 1
        if sent != count:
            await ctx.state.pace.sleep(1)
    await ctx.say(f"\n--- {name} ping statistics ---\n")
    lost = 0 if there else 100
    await ctx.say(
        f"{sent} packets transmitted, {sent if there else 0} packets received, {lost}% packet loss\n"
    )
    return 0 if there else 1


def _alive(ctx: Context, address: str) -> bool:
    """Whether an address answers to pings: Pods and nodes do, the address of a Service does not."""
    if ipaddress.ip_address(address).is_loopback or address.startswith("203.0.113."):
        return True
    store = ctx.box.insides.store
    return any(dig(pod, "status", "podIP") == address for pod in store.list(names.PODS)) or any(
        dig(pod, "status", "hostIP") == address for pod in store.list(names.PODS)
    )


async def _ip(ctx: Context, arguments: list[str]) -> int:
    what = next((each for each in arguments if not each.startswith("-")), "")
    if what.startswith("r"):
        await ctx.say("default via 10.244.0.1 dev eth0\n")
    elif what.startswith("a"):
        await ctx.say("1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    inet 127.0.0.1/8 scope host lo\n")
        await ctx.say(
            f"2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450\n"
            f"    inet {ctx.box.address}/24 scope global eth0\n"
        )
    else:
        raise UsageTrouble("usage: ip {addr|route}")
    return 0


async def _ss(ctx: Context, arguments: list[str]) -> int:
    lines = ["Proto Recv-Q Send-Q Local Address           Foreign Address         State\n"]
    for each in ctx.box.insides.network.listeners(ctx.box.run.pod):
        lines.append(f"tcp        0      0 {f'0.0.0.0:{each.port}':<23} {'0.0.0.0:*':<23} LISTEN\n")
    await ctx.say("".join(lines))
    return 0


COMMANDS: Mapping[str, Program] = {
    **{"nslookup": _nslookup, "getent": _getent, "ping": _ping, "ip": _ip, "netstat": _ss, "ss": _ss},
}
