"""What is written to a client's channels: collected, in order, and no more than it takes."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from aiohttp import web

from k8stui.practice.inside.shell.io import Broken
from k8stui.practice.streams.channels import Channels, Out, succeeded
from tests.practice.api_client import until

_MESSAGE = 1 << 15


class Wire:
    """A websocket that takes a message only when it is open."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.open = asyncio.Event()
        self.closed = False
        self.lost = False

    async def send_bytes(self, data: bytes) -> None:
        if self.lost:
            raise ConnectionResetError
        self.taken.append(data)
        await self.open.wait()

    async def close(self) -> None:
        self.closed = True

    def channels(self) -> Channels:
        return Channels(cast(web.WebSocketResponse, self))


async def _stopped(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_small_writes_are_one_message() -> None:
    wire = Wire()
    wire.open.set()
    flow = wire.channels()
    out = Out(flow)
    for number in range(1_000):
        await out.write(b"%d\n" % number)
    assert wire.taken == []
    await flow.finish(succeeded())
    text = b"".join(b"%d\n" % number for number in range(1_000))
    assert wire.taken[0] == b"\x01" + text
    assert (len(wire.taken), wire.taken[1][:1], wire.closed) == (2, b"\x03", True)


async def test_output_and_errors_keep_their_order() -> None:
    wire = Wire()
    wire.open.set()
    flow = wire.channels()
    out, errors = Out(flow), Out(flow, errors=True)
    for sink, text in ((out, b"a"), (out, b"b"), (errors, b"c"), (out, b"d"), (out, b"e")):
        await sink.write(text)
    sending = asyncio.create_task(flow.sending())
    await until(lambda: len(wire.taken) == 3)
    await _stopped(sending)
    assert wire.taken == [b"\x01ab", b"\x02c", b"\x01de"]


async def test_who_writes_waits_for_who_reads() -> None:
    wire = Wire()
    flow = wire.channels()
    data = bytes(range(256)) * 8_192
    written = 0

    async def write() -> None:
        nonlocal written
        for begin in range(0, len(data), 1_000):
            await flow.send(1, data[begin : begin + 1_000])
            written += 1_000

    writing, sending = asyncio.create_task(write()), asyncio.create_task(flow.sending())
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(wire.taken) == 1
    assert not writing.done()
    assert written < len(data) // 8
    wire.open.set()
    await writing
    await flow.finish(succeeded())
    await _stopped(sending)
    assert all(len(message) <= _MESSAGE + 1 for message in wire.taken)
    assert b"".join(message[1:] for message in wire.taken if message[0] == 1) == data


async def test_a_client_that_went_is_told_to_who_writes() -> None:
    wire = Wire()
    flow = wire.channels()
    wire.lost = True
    await flow.send(1, b"x")
    await flow.sending()
    wire.closed = True
    with pytest.raises(Broken):
        await flow.send(1, b"y")
