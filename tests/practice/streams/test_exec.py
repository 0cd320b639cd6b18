"""exec and attach over a websocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from k8stui.practice.cluster import PracticeCluster, practice_cluster
from tests.practice.api_client import Api, connect, until
from tests.practice.streams.pods import PODS, Hands, container, put, running
from tests.practice.streams.websockets import V4, V5, dial, exec_path


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest_asyncio.fixture
async def cluster(hands: Hands) -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(seeded=False, moving=False, clock=hands, random_seed=1) as found:
        yield found


@pytest_asyncio.fixture
async def api(cluster: PracticeCluster) -> AsyncIterator[Api]:
    async with connect(cluster) as found:
        yield found


@pytest.mark.parametrize("protocol", [V5, V4])
async def test_a_command_and_its_status(api: Api, cluster: PracticeCluster, protocol: str) -> None:
    put(cluster)
    async with dial(api, exec_path("echo", "hello"), [protocol]) as socket:
        assert socket.socket.protocol == protocol
        assert await socket.end() == {"metadata": {}, "status": "Success"}
        assert socket.output == b"hello\n"
    async with dial(api, exec_path("sh", "-c", "echo no >&2; exit 3"), [protocol]) as socket:
        status = await socket.end()
        assert (socket.output, socket.errors) == (b"", b"no\n")
        assert status["reason"] == "NonZeroExitCode"
        assert status["details"]["causes"] == [{"reason": "ExitCode", "message": "3"}]
    async with dial(api, exec_path("nosuch"), [protocol]) as socket:
        status = await socket.end()
        assert status["reason"] == "InternalError"
        assert 'exec: "nosuch": executable file not found in $PATH' in status["message"]


async def test_input_is_closed_by_the_client(api: Api, cluster: PracticeCluster) -> None:
    put(cluster)
    async with dial(api, exec_path("wc", "-c", stdin="true")) as socket:
        for _ in range(40):
            await socket.type(b"x" * 10_000)
        await socket.type(b"\x00", channel=255)
        assert (await socket.end())["status"] == "Success"
        assert socket.output == b"400000\n"


async def test_a_terminal(api: Api, cluster: PracticeCluster) -> None:
    put(cluster, "p", container(image="alpine:3.22"))
    async with dial(api, exec_path("sh", stdin="true", tty="true")) as socket:
        await socket.type(b'{"Width":101,"Height":33}', channel=4)
        await socket.until(b"/ # ")
        await socket.type(b"stty size\r")
        assert await socket.until(b"/ # ") == b"stty size\r\n33 101\r\n"
        await socket.type(b"ecxho hi\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x7f\r")
        assert b"\r\nhi\r\n" in await socket.until(b"/ # ")
        await socket.type(b"\x1b[A\r")
        assert b"\r\nhi\r\n" in await socket.until(b"/ # ")
        await socket.type(b"sleep 1000\r")
        await socket.until(b"sleep 1000\r\n")
        await socket.type(b"\x03")
        await socket.until(b"/ # ")
        await socket.type(b"echo $?\r")
        assert b"\r\n130\r\n" in await socket.until(b"/ # ")
        await socket.type(b"if true\r")
        await socket.until(b"> ")
        await socket.type(b"\x03")
        await socket.until(b"/ # ")
        await socket.type("echo 焙煎\r".encode())
        assert "\r\n焙煎\r\n".encode() in await socket.until(b"/ # ")
        await socket.type(b"cd /tmp\r")
        await socket.until(b"/tmp # ")
        await socket.type(b"exit 7\r")
        assert (await socket.end())["details"]["causes"][0]["message"] == "7"


async def test_files_stay_as_long_as_the_container(api: Api, cluster: PracticeCluster) -> None:
    pod = put(
        cluster,
        "p",
        container("a", volumeMounts=[{"name": "v", "mountPath": "/v"}]),
        container("b", "busybox:1.37", volumeMounts=[{"name": "v", "mountPath": "/w"}]),
        volumes=[{"name": "v", "emptyDir": {}}],
    )
    async with dial(
        api, exec_path("sh", "-c", "echo one > /v/f; echo two > /tmp/g", container="a")
    ) as socket:
        assert (await socket.end())["status"] == "Success"
    async with dial(api, exec_path("cat", "/w/f", container="b")) as socket:
        await socket.end()
        assert socket.output == b"one\n"
    again = [running(pod["spec"]["containers"][0], number=1), *pod["status"]["containerStatuses"][1:]]
    cluster.store.update(PODS, {**pod, "status": {**pod["status"], "containerStatuses": again}})
    async with dial(api, exec_path("sh", "-c", "cat /v/f; cat /tmp/g", container="a")) as socket:
        await socket.end()
        assert (socket.output, socket.errors) == (b"one\n", b"cat: /tmp/g: No such file or directory\n")


async def test_it_ends_with_the_container(api: Api, cluster: PracticeCluster) -> None:
    put(cluster)
    async with dial(api, exec_path("sh", "-c", "kill 1; sleep 1d")) as socket:
        assert (await socket.end())["status"] == "Success"
    gone = cluster.store.get(PODS, "default", "p")["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (gone["exitCode"], gone["reason"]) == (0, "Completed")


async def test_a_client_that_vanishes_ends_its_command(api: Api, cluster: PracticeCluster) -> None:
    put(cluster)
    before = len(asyncio.all_tasks())
    async with dial(api, exec_path("sh", "-c", "while true; do sleep 1; done")) as socket:
        await until(lambda: len(asyncio.all_tasks()) > before + 2)
        await socket.socket.close()
    await until(lambda: len(asyncio.all_tasks()) <= before + 1)


async def test_much_output_comes_whole_and_in_order(api: Api, cluster: PracticeCluster) -> None:
    put(cluster)
    script = "seq 1 100000; for n in 1 2 3; do echo $n; echo e$n >&2; done; seq 1 50000 | grep 7"
    async with dial(api, exec_path("sh", "-c", script)) as socket:
        assert (await socket.end())["status"] == "Success"
    lines = [*range(1, 100_001), 1, 2, 3, *(n for n in range(1, 50_001) if "7" in str(n))]
    assert socket.output.split() == [str(n).encode() for n in lines]
    assert socket.errors == b"e1\ne2\ne3\n"


@pytest.mark.parametrize("script", ["while true; do echo x; done", "while true; do :; done", "yes"])
async def test_others_are_served_while_a_script_never_waits(
    api: Api, cluster: PracticeCluster, script: str
) -> None:
    put(cluster)
    before = len(asyncio.all_tasks())
    async with dial(api, exec_path("sh", "-c", script)) as endless:
        await until(lambda: len(asyncio.all_tasks()) > before + 2)
        for _ in range(20):
            assert (await api.get("/api/v1/namespaces/default/pods/p")).status == 200
        async with dial(api, exec_path("echo", "hello")) as other:
            assert (await other.end())["status"] == "Success"
            assert other.output == b"hello\n"
        assert not endless.socket.closed
    await until(lambda: len(asyncio.all_tasks()) <= before + 1)


async def test_attach_shows_what_the_program_says(api: Api, cluster: PracticeCluster, hands: Hands) -> None:
    put(cluster)
    async with dial(api, exec_path(sub="attach")) as socket:
        hands.now += 60
        await socket.until(b"start worker process")
        cluster.store.delete(PODS, "default", "p")
        assert (await socket.end())["details"]["causes"][0]["message"] == "137"


async def test_attach_to_a_shell_that_waits(api: Api, cluster: PracticeCluster) -> None:
    put(cluster, "p", container("c", "busybox:1.37", stdin=True, tty=True, args=["sh"]))
    async with dial(api, exec_path(sub="attach", stdin="true", tty="true")) as socket:
        await socket.until(b"/ # ")
        await socket.type(b"exit 4\r")
        await socket.end()
    gone = cluster.store.get(PODS, "default", "p")["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (gone["exitCode"], gone["reason"]) == (4, "Error")


async def test_refusals(api: Api, cluster: PracticeCluster) -> None:
    put(cluster, "p", container("a"), container("b", "redis:8.2"))
    put(cluster, "done", status={"phase": "Succeeded"})
    put(cluster, "waiting", statuses=[{"name": "web", "state": {"waiting": {}}, "restartCount": 0}])

    async def refused(path: str, **headers: str) -> tuple[int, str]:
        reply = await api.get(path, **headers)
        return reply.status, reply.json["message"]

    assert (await refused(exec_path("ls")))[1].startswith("a container name must be specified for pod p")
    assert await refused(exec_path("ls", container="x")) == (400, "container x is not valid for pod p")
    assert await refused(exec_path("ls", pod="done")) == (
        400,
        "cannot exec into a container in a completed pod; current phase is Succeeded",
    )
    assert await refused(exec_path("ls", pod="waiting")) == (
        500,
        'unable to upgrade connection: container not found ("web")',
    )
    assert (await refused(exec_path("ls", container="a")))[1] == "Upgrade request required"
    assert (await refused(exec_path(container="a")))[1] == "you must specify at least 1 command"
    reply = await api.call("POST", exec_path("ls", container="a"), Connection="Upgrade", Upgrade="SPDY/3.1")
    assert reply.status == 400
    assert "websockets only" in reply.json["message"]
    with pytest.raises(aiohttp.WSServerHandshakeError) as error:
        async with dial(api, exec_path("ls", pod="nope")):
            pass
    assert error.value.status == 404


async def test_the_servers_end_ends_all(hands: Hands) -> None:
    async with practice_cluster(seeded=False, moving=False, clock=hands) as cluster, connect(cluster) as api:
        put(cluster)
        async with dial(api, exec_path("sleep", "1d")) as socket:
            await until(lambda: any("execute" in str(task) for task in asyncio.all_tasks()))
            pending = asyncio.create_task(socket.socket.receive())
            await asyncio.sleep(0)
            cluster.store.delete(PODS, "default", "p")
            async with asyncio.timeout(5):
                await pending
