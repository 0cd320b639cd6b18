"""exec and attach."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from aiohttp import web

from k8stui.core.objects import JsonObject
from k8stui.practice import errors
from k8stui.practice.controllers.programs import waits
from k8stui.practice.inside.insides import Insides
from k8stui.practice.inside.runs import Run
from k8stui.practice.inside.session import NotStarted, execute, streams_of
from k8stui.practice.inside.shell.io import Broken, Empty, Sink
from k8stui.practice.inside.terminal import Terminal
from k8stui.practice.streams import channels, logs, targets
from k8stui.practice.streams.channels import Channels, Out

_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))
_ADVICE = (
    "unable to upgrade: this server streams over websockets only; use kubectl 1.31 or newer "
    "(or set KUBECTL_REMOTE_COMMAND_WEBSOCKETS=true with kubectl 1.29 and 1.30)"
)
_HEARTBEAT = 30.0
_KILLED = 137
_RUNTIME = (
    "error executing command in container: failed to exec in container: failed to start exec: "
    "OCI runtime exec failed: exec failed: unable to start container process"
)


def upgraded(request: web.BaseRequest) -> None:
    """Make sure that a client wants a websocket.

    Raises:
        StatusError: 400 when it does not.
    """
    wanted = request.headers.get("Upgrade", "").lower()
    if wanted.startswith("spdy"):
        raise errors.bad_request(_ADVICE)
    if request.method != "GET" or wanted != "websocket":
        raise errors.bad_request("Upgrade request required")


async def answer(
    insides: Insides, request: web.BaseRequest, pod: JsonObject, *, attach: bool
) -> web.StreamResponse:
    """Run a command in a container, or join its main process.

    Raises:
        StatusError: 400 or 500 before the connection is made into a websocket.
    """
    query = request.query
    name = targets.container(pod, query.get("container", ""))
    command = query.getall("command", [])
    wants = {key for key in ("stdin", "stdout", "stderr", "tty") if query.get(key, "") in _TRUE}
    if not attach and not command:
        raise errors.bad_request("you must specify at least 1 command")
    if not wants & {"stdin", "stdout", "stderr"}:
        raise errors.bad_request("you must specify at least 1 of stdin, stdout, stderr")
    run = targets.entered(pod, name)
    upgraded(request)
    socket = web.WebSocketResponse(
        protocols=channels.PROTOCOLS, max_msg_size=channels.LARGEST, heartbeat=_HEARTBEAT, compress=False
    )
    await socket.prepare(request)
    flow = Channels(socket)
    try:
        await flow.begin()
        status = await _served(insides, run, flow, command, wants)
        await flow.finish(status)
    except (Broken, ConnectionError):
        return socket
    return socket


async def _served(
    insides: Insides, run: Run, flow: Channels, command: list[str], wants: set[str]
) -> JsonObject:
    """Do it while the client is there and the container runs; how it ended."""
    output: Sink = Out(flow) if "stdout" in wants else Empty()
    errors_: Sink = Out(flow, errors=True) if "stderr" in wants else Empty()
    if "tty" in wants:
        flow.terminal = Terminal(lambda data: flow.send(1, data))
        output = errors_ = flow.terminal
    source = None if "stdin" not in wants else flow.terminal or flow.input
    box = insides.box(run)
    shell = not command and "stdin" in wants and waits(run.spec)
    if not command and not shell:
        work: Coroutine[None, None, int] = _watched(insides, run, output)
    else:
        work = execute(box, command or ["sh"], streams_of(source, output, errors_), flow.terminal)
    try:
        code = await _until_gone(insides, run, flow, work)
    except NotStarted as why:
        return channels.failed(f"{_RUNTIME}: {why}")
    except Broken:
        if shell and run.spec.get("stdinOnce"):
            insides.end(run, 0)
        raise
    if shell and code is not None:
        insides.end(run, code)
    if code is None:
        known = insides.again(run)
        code = _KILLED if known is None or known.finished is None else known.code
    return channels.exited(code) if code else channels.succeeded()


async def _watched(insides: Insides, run: Run, output: Sink) -> int:
    """Show what the main process writes, until it ends."""
    async for lines in logs.follow(insides, run, insides.clock()):
        await output.write(logs.written(lines, timestamps=False))
    known = insides.again(run)
    return 137 if known is None else known.code


async def _until_gone(
    insides: Insides, run: Run, flow: Channels, work: Coroutine[None, None, int]
) -> int | None:
    """Wait for something to end, while its container runs and the client is there.

    Returns:
        Its exit status; None when the container ended first.

    Raises:
        Broken: the client has gone.
        NotStarted: there is nothing to run.
    """
    working = asyncio.ensure_future(work)
    receiving = asyncio.ensure_future(flow.receive())
    alive = asyncio.ensure_future(_while_running(insides, run))
    sending = asyncio.ensure_future(flow.sending())
    tasks = (working, receiving, alive, sending)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not working.done() and (receiving.done() or sending.done()):
            raise Broken
        if not working.done():
            # The command may just be telling about its own end.
            await asyncio.wait((working,), timeout=0.2)
        return working.result() if working.done() else None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _while_running(insides: Insides, run: Run) -> None:
    while (known := insides.again(run)) is not None and known.finished is None:
        await insides.tick()
