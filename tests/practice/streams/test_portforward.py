"""port-forward: the tunnel and the channels."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator
from importlib import resources

import pytest
import pytest_asyncio

from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.practice.streams.portforward import CHANNELS, TUNNEL
from tests.practice.api_client import Api, connect
from tests.practice.streams.pods import PODS, Hands, container, put
from tests.practice.streams.websockets import Socket, dial

PATH = "/api/v1/namespaces/default/pods/p/portforward"
GET = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest_asyncio.fixture
async def cluster() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(seeded=False, moving=False, clock=Hands(), random_seed=1) as found:
        yield found


@pytest_asyncio.fixture
async def api(cluster: PracticeCluster) -> AsyncIterator[Api]:
    async with connect(cluster) as found:
        yield found


class Tunnel:
    """The client's side of SPDY in a websocket."""

    def __init__(self, socket: Socket) -> None:
        words = (resources.files("k8stui.practice") / "streams" / "spdy.dictionary").read_bytes()
        self.socket = socket.socket
        self.deflate = zlib.compressobj(zdict=words)
        self.data: dict[int, bytes] = {}
        self.over: set[int] = set()
        self.pings: list[bytes] = []
        self.held = b""

    async def open(self, number: int, headers: dict[str, str], last: bool = False) -> None:
        block = struct.pack(">I", len(headers))
        for key, value in headers.items():
            block += (
                struct.pack(">I", len(key)) + key.encode() + struct.pack(">I", len(value)) + value.encode()
            )
        packed = self.deflate.compress(block) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        await self.control(1, struct.pack(">IIH", number, 0, 0) + packed, flags=int(last))

    async def control(self, kind: int, body: bytes, flags: int = 0) -> None:
        await self.socket.send_bytes(struct.pack(">HHI", 0x8003, kind, flags << 24 | len(body)) + body)

    async def send(self, number: int, data: bytes, last: bool = False) -> None:
        frame = struct.pack(">II", number, int(last) << 24 | len(data)) + data
        for begin in range(0, len(frame), 7):  # frames and messages need not agree
            await self.socket.send_bytes(frame[begin : begin + 7])

    async def pair(self, number: int, port: int) -> None:
        same = {"port": str(port), "requestid": str(number)}
        await self.open(number, {"streamtype": "error", **same}, last=True)
        await self.open(number + 2, {"streamtype": "data", **same})

    async def until_over(self, *numbers: int) -> None:
        async with asyncio.timeout(10):
            while not set(numbers) <= self.over:
                self.held += await self.socket.receive_bytes()
                self._frames()

    def _frames(self) -> None:
        while len(self.held) >= 8:
            first, second = struct.unpack_from(">II", self.held)
            size = second & 0xFFFFFF
            if len(self.held) < 8 + size:
                return
            body, self.held = self.held[8 : 8 + size], self.held[8 + size :]
            if first & 0x80000000:
                if first & 0xFFFF == 6:
                    self.pings.append(body)
                continue
            self.data[first] = self.data.get(first, b"") + body
            if second >> 24 & 1:
                self.over.add(first)


async def test_connections_in_the_tunnel(api: Api, cluster: PracticeCluster) -> None:
    put(cluster, "p", container(), container("r", "redis:8.2"))
    async with dial(api, PATH, [TUNNEL]) as socket:
        tunnel = Tunnel(socket)
        await tunnel.control(6, struct.pack(">I", 1))
        await tunnel.pair(1, 80)
        await tunnel.pair(5, 6379)
        await tunnel.pair(9, 9999)
        await tunnel.send(3, GET)
        await tunnel.send(7, b"PING\r\n*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\nNOPE\r\n", last=True)
        await tunnel.until_over(1, 3, 5, 7, 9, 11)
    assert tunnel.data[3].startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Welcome to nginx!" in tunnel.data[3]
    assert tunnel.data[1] == b""
    assert tunnel.data[7] == b"+PONG\r\n$2\r\nhi\r\n-ERR unknown command 'NOPE'\r\n"
    assert tunnel.data[9].startswith(b"an error occurred forwarding 9999 -> 9999: ")
    assert tunnel.data[9].endswith(b"connect: connection refused")
    assert tunnel.pings == [struct.pack(">I", 1)]


async def test_a_connection_that_is_reset_harms_no_other(api: Api, cluster: PracticeCluster) -> None:
    put(cluster)
    async with dial(api, PATH, [TUNNEL]) as socket:
        tunnel = Tunnel(socket)
        await tunnel.pair(1, 80)
        await tunnel.send(3, b"GET / HT")
        await tunnel.control(3, struct.pack(">II", 3, 5))
        await tunnel.pair(5, 80)
        await tunnel.send(7, GET)
        await tunnel.until_over(7)
    assert tunnel.data[7].startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "rubbish", [b"\x80\x02" + b"x" * 20, b"\xff" * 40, struct.pack(">HHI", 0x8003, 1, 12) + b"y" * 12]
)
async def test_rubbish_ends_the_tunnel(api: Api, cluster: PracticeCluster, rubbish: bytes) -> None:
    put(cluster)
    async with dial(api, PATH, [TUNNEL]) as socket:
        await socket.socket.send_bytes(rubbish)
        async with asyncio.timeout(5):
            message = await socket.socket.receive()
        assert message.data == 1000 or message.data is None


async def test_channels(api: Api, cluster: PracticeCluster) -> None:
    put(cluster)
    async with dial(api, f"{PATH}?ports=80&ports=81", [CHANNELS]) as socket:
        first = {(await socket.socket.receive_bytes())[:3] for _ in range(4)}
        assert first == {b"\x00P\x00", b"\x01P\x00", b"\x02Q\x00", b"\x03Q\x00"}
        refused = await socket.socket.receive_bytes()
        assert refused[:1] == b"\x03"
        assert refused.endswith(b"connection refused")
        await socket.type(GET)
        assert (await socket.socket.receive_bytes())[1:].startswith(b"HTTP/1.1 200 OK")


async def test_it_ends_with_the_pod(api: Api, cluster: PracticeCluster) -> None:
    put(cluster)
    async with dial(api, PATH, [TUNNEL]) as socket:
        cluster.store.delete(PODS, "default", "p")
        async with asyncio.timeout(5):
            assert (await socket.socket.receive()).data == 1000


async def test_refusals(api: Api, cluster: PracticeCluster) -> None:
    put(cluster, "p", status={"phase": "Pending"})
    reply = await api.get(PATH)
    assert reply.status == 400
    assert "pod is not running. Current status=Pending" in reply.json["message"]
    put(cluster, "q")
    path = PATH.replace("/p/", "/q/")
    assert (await api.get(path)).json["message"] == "Upgrade request required"
    for query in ("", "?ports=x", "?ports=0", "?ports=70000"):
        reply = await api.get(path + query, Connection="Upgrade", Upgrade="websocket")
        assert reply.status == 400, query
