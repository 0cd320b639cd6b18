"""port-forward: SPDY in a websocket (kubectl 1.31 and newer), and v4.channel.k8s.io."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from aiohttp import WSMsgType, web

from k8stui.core.objects import JsonObject, dig
from k8stui.practice import errors
from k8stui.practice.inside.insides import Insides
from k8stui.practice.inside.network import Unreachable
from k8stui.practice.inside.shell.io import Broken, Pipe
from k8stui.practice.inside.talks import Read, Write, talk
from k8stui.practice.streams.channels import LARGEST
from k8stui.practice.streams.execute import upgraded
from k8stui.practice.streams.spdy import Spdy, SpdyStream, SpdyTrouble

TUNNEL = "SPDY/3.1+portforward.k8s.io"
CHANNELS = "v4.channel.k8s.io"
_HEARTBEAT = 30.0
_MOST_PORTS = 32
_PIECE = 1 << 15


async def answer(insides: Insides, request: web.BaseRequest, pod: JsonObject) -> web.StreamResponse:
    """Carry connections to the ports of a Pod.

    Raises:
        StatusError: 400 or 500 before the connection is made into a websocket.
    """
    phase = dig(pod, "status", "phase")
    if phase != "Running":
        message = f"unable to forward port because pod is not running. Current status={phase}"
        raise errors.bad_request(message)
    upgraded(request)
    given = request.headers.get("Sec-WebSocket-Protocol", "")
    offered = [each.strip() for each in given.split(",")]
    ports = _ports(request) if TUNNEL not in offered else []
    socket = web.WebSocketResponse(
        protocols=(TUNNEL, CHANNELS), max_msg_size=LARGEST, heartbeat=_HEARTBEAT, compress=False
    )
    await socket.prepare(request)
    forwarder = Forwarder(insides, pod)
    gone = asyncio.ensure_future(_while_there(insides, pod))
    served = asyncio.ensure_future(
        _tunnel(forwarder, socket) if not ports else _channels(forwarder, socket, ports)
    )
    try:
        await asyncio.wait((gone, served), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (gone, served):
            task.cancel()
        await asyncio.gather(gone, served, return_exceptions=True)
        await forwarder.close()
    await socket.close()
    return socket


async def _while_there(insides: Insides, pod: JsonObject) -> None:
    """Come back when the Pod has gone or ended."""
    while (now := insides.pod(pod)) is not None and dig(now, "status", "phase") == "Running":
        await insides.tick()


def _ports(request: web.BaseRequest) -> list[int]:
    given = [text for each in request.query.getall("ports", []) for text in each.split(",")]
    if not given:
        raise errors.bad_request('query parameter "ports" is required')
    if len(given) > _MOST_PORTS:
        raise errors.bad_request(f"at most {_MOST_PORTS} ports can be forwarded at once")
    for text in given:
        if not text.isdigit() or not 0 < int(text[:6]) < 1 << 16:
            raise errors.bad_request(f'unable to parse "{text}" as a port')
    return [int(text) for text in given]


class Forwarder:
    """The connections to one Pod.

    Args:
        insides: The cluster's containers.
        pod: The Pod.
    """

    def __init__(self, insides: Insides, pod: JsonObject) -> None:
        self._insides = insides
        self._pod = pod
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Do something beside everything else."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End everything."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def carry(self, port: int, read: Read, write: Write) -> str:
        """Serve one connection to a port.

        Returns:
            Why it did not come about, in the words of the kubelet; empty when it did.
        """
        pod = self._insides.pod(self._pod) or self._pod
        try:
            listener = self._insides.network.local(pod, port)
        except Unreachable:
            metadata = pod["metadata"]
            return (
                f"failed to execute portforward in network namespace of pod "
                f'"{metadata["name"]}_{metadata["namespace"]}({metadata["uid"]})": failed to connect to '
                f"localhost:{port} inside namespace: dial tcp4 127.0.0.1:{port}: connect: connection refused"
            )
        await talk(self._insides, listener, read, write, "127.0.0.1")
        return ""


async def _tunnel(forwarder: Forwarder, socket: web.WebSocketResponse) -> None:
    """Connections as pairs of SPDY streams: data, and an error if there is one."""
    waiting: dict[str, dict[str, SpdyStream]] = {}

    async def send(data: bytes) -> None:
        if socket.closed:
            raise Broken
        try:
            await socket.send_bytes(data)
        except ConnectionError:
            raise Broken from None

    def opened(stream: SpdyStream) -> None:
        number = stream.headers.get("requestid", "")
        pair = waiting.setdefault(number, {})
        pair[stream.headers.get("streamtype", "")] = stream
        if "data" in pair and "error" in pair:
            del waiting[number]
            forwarder.start(_pair(forwarder, session, pair["data"], pair["error"]))

    session = Spdy(send, opened)
    try:
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                await session.feed(message.data)
    except (SpdyTrouble, Broken):
        return
    finally:
        session.close()


async def _pair(forwarder: Forwarder, session: Spdy, data: SpdyStream, error: SpdyStream) -> None:
    text = data.headers.get("port", "")
    port = int(text) if text.isdigit() and len(text) < 6 else 0
    try:
        why = await forwarder.carry(port, data.read, data.write)
        if why:
            message = (
                f"an error occurred forwarding {port} -> {port}: error forwarding port {port} to pod: {why}"
            )
            await error.write(message.encode())
        await error.close()
        await data.close()
    except Broken:
        return
    finally:
        data.leave()
        error.leave()
        session.forget(data)
        session.forget(error)


async def _channels(forwarder: Forwarder, socket: web.WebSocketResponse, ports: list[int]) -> None:
    """One connection for each port, on the channels 2n for data and 2n+1 for an error."""
    pipes = [Pipe() for _ in ports]
    for index, port in enumerate(ports):
        for channel in (2 * index, 2 * index + 1):
            await socket.send_bytes(bytes((channel,)) + port.to_bytes(2, "little"))
    left = asyncio.ensure_future(_sorted_out(socket, pipes))
    work = [_channel(forwarder, socket, index, port, pipes[index]) for index, port in enumerate(ports)]
    working = asyncio.gather(*work)
    try:
        await asyncio.wait((left, working), return_when=asyncio.FIRST_COMPLETED)
    finally:
        left.cancel()
        working.cancel()
        await asyncio.gather(left, working, return_exceptions=True)


async def _sorted_out(socket: web.WebSocketResponse, pipes: list[Pipe]) -> None:
    async for message in socket:
        if message.type is WSMsgType.BINARY and message.data:
            channel = message.data[0]
            if channel % 2 == 0 and channel // 2 < len(pipes):
                try:
                    await pipes[channel // 2].write(message.data[1:])
                except Broken:
                    continue


async def _channel(
    forwarder: Forwarder, socket: web.WebSocketResponse, index: int, port: int, pipe: Pipe
) -> None:
    async def write(data: bytes) -> None:
        for begin in range(0, len(data), _PIECE):
            await socket.send_bytes(bytes((2 * index,)) + data[begin : begin + _PIECE])

    try:
        why = await forwarder.carry(port, pipe.read, write)
        if why:
            await socket.send_bytes(bytes((2 * index + 1,)) + why.encode())
    except ConnectionError:
        return
    finally:
        pipe.leave()
