"""How fast the practice cluster is: its start, long lists, writes under watches, memory.

    python tests/bench/bench_practice.py [--pods 10000] [--runs 5] [--seconds 5] [--json]

Prints medians over the runs and their spread, with something to hold them against from the same run:

start          process start to the ready line, seeded and moving; beside a new ``import aiohttp.web``
first answer   from the ready line to the answer of a first list; beside a second one on a new connection
seeded         process start to the ready line with so many more pods
start CPU      processor time of a start and its end at once; beside that of a new ``import aiohttp.web``
list           all pods as a Table, without objects and with their metadata; beside ``GET /version`` and
               beside the whole of ``kubectl get pods -A``
writes         a second, with ten watches of a Table in another process, until the last watch has seen all:
               PATCHes of a status over HTTP from a third process, and updates of a store in its own process;
               both for each second of the server's processor time, too, for a machine that is shared
memory         resident, with so many pods; beside an empty cluster
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import compileall
import json
import math
import resource
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import yaml

sys.path.insert(0, str(Path(__file__).parents[2]))

import k8stui
from k8stui.practice.cluster import practice_cluster
from k8stui.practice.kinds import builtin
from k8stui.practice.process import READY

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
WATCHES = 10
WRITERS = 8
PODS = "/api/v1/pods"
Figures = dict[str, list[float]]


@dataclass(frozen=True)
class Server:
    """A running practice cluster."""

    seconds: float
    """From the start of its process to the ready line."""
    pid: int
    kubeconfig: Path


@contextmanager
def served(*more: str) -> Iterator[Server]:
    """A practice cluster in a process of its own."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "k8stui.practice", "--with-parent", *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(k8stui.__file__).parents[1],
        text=True,
    )
    assert process.stdout is not None and process.stdin is not None
    line = process.stdout.readline()
    seconds = time.perf_counter() - begun
    try:
        if not line.startswith(READY):
            raise SystemExit("the practice cluster did not start")
        yield Server(seconds, process.pid, Path(line.strip().removeprefix(READY)))
    finally:
        process.stdin.close()
        process.wait()


def session(kubeconfig: Path) -> aiohttp.ClientSession:
    """A client with the credentials of a kubeconfig."""
    said = yaml.safe_load(kubeconfig.read_text())
    cluster, user = said["clusters"][0]["cluster"], said["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    return aiohttp.ClientSession(
        cluster["server"],
        connector=aiohttp.TCPConnector(ssl=context, limit=0),
        headers={"Authorization": f"Bearer {user['token']}"},
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None),
    )


async def fetch(client: aiohttp.ClientSession, path: str, accept: str = "application/json") -> bytes:
    """The body of an answer that must be good."""
    async with client.get(path, headers={"Accept": accept}) as answer:
        answer.raise_for_status()
        return await answer.read()


def baseline() -> float:
    """Seconds that a new process takes to import the HTTP server's library and end."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import aiohttp.web"], check=True)
    return time.perf_counter() - begun


def processor_seconds(*arguments: str) -> float:
    """Processor time of a Python that runs to its end, with nothing to read."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, *arguments]
    subprocess.run(command, check=True, input=b"", stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def kubectl_list(kubeconfig: Path) -> float | None:
    """Seconds that kubectl takes to list and print all pods; None without one."""
    binary = Path(sys.executable).with_name("kubectl")
    if not binary.exists():
        return None
    begun = time.perf_counter()
    command = [str(binary), "--kubeconfig", str(kubeconfig), "get", "pods", "-A"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


async def first_answers(kubeconfig: Path) -> tuple[float, float]:
    """Seconds to an answer, connection and all: at once, and later."""
    taken = []
    for wait in (0.0, 2.0):
        await asyncio.sleep(wait)
        begun = time.perf_counter()
        async with session(kubeconfig) as client:
            await fetch(client, f"{PODS}?limit=1&includeObject=None", TABLE)
        taken.append(time.perf_counter() - begun)
    return taken[0], taken[1]


async def lists(kubeconfig: Path, runs: int, figures: Figures) -> None:
    """Time whole lists of pods."""
    async with session(kubeconfig) as client:
        for _ in range(runs):
            for name, path, accept in (
                ("version", "/version", "application/json"),
                ("list None", f"{PODS}?includeObject=None", TABLE),
                ("list Metadata", f"{PODS}?includeObject=Metadata", TABLE),
            ):
                begun = time.perf_counter()
                body = await fetch(client, path, accept)
                note(figures, f"{name} s", time.perf_counter() - begun)
                if name != "version":
                    note(figures, f"{name} MB", len(body) / 1e6)


async def watch(kubeconfig: Path) -> None:
    """The watching process: says ``ready``, reads how many changes there were, says when all have come."""
    seen = [0] * WATCHES
    news = asyncio.Event()
    async with session(kubeconfig) as client:
        since = json.loads(await fetch(client, f"{PODS}?limit=1"))["metadata"]["resourceVersion"]
        query = f"{PODS}?watch=true&includeObject=Metadata&resourceVersion={since}"
        begun = [asyncio.Event() for _ in seen]

        async def follow(number: int) -> None:
            async with client.get(query, headers={"Accept": TABLE}) as answer:
                answer.raise_for_status()
                begun[number].set()
                async for chunk in answer.content.iter_any():
                    seen[number] += chunk.count(b"\n")
                    news.set()
            raise SystemExit("a watch has ended early")

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(follow(number)) for number in range(WATCHES)]
            for event in begun:
                await event.wait()
            print("ready", flush=True)
            wanted = int(await asyncio.to_thread(sys.stdin.readline))
            while min(seen) < wanted:
                news.clear()
                await news.wait()
            print("done", flush=True)
            for task in tasks:
                task.cancel()


class Watchers:
    """The watching process, seen from here."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, kubeconfig: Path) -> Watchers:
        """Start it, and wait until all watches have begun."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, __file__, "--watch", str(kubeconfig)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        found = cls(process)
        await found._expect(b"ready")
        return found

    async def have_seen(self, changes: int) -> None:
        """Wait until every watch has seen so many changes."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{changes}\n".encode())
        await self._expect(b"done")
        await self._process.wait()

    async def _expect(self, word: bytes) -> None:
        assert self._process.stdout is not None
        async with asyncio.timeout(120):
            if (await self._process.stdout.readline()).strip() != word:
                raise SystemExit("the watches failed")


async def http_writes(server: Server, seconds: float) -> tuple[float, float]:
    """PATCHes over HTTP: a second, and a second of the processor time of the server (else NaN)."""
    async with session(server.kubeconfig) as client:
        found = json.loads(await fetch(client, f"{PODS}?limit=2000"))["items"]
        targets = [pod["metadata"] for pod in found if pod["metadata"]["namespace"].startswith("load-")]
        watchers = await Watchers.start(server.kubeconfig)
        numbers = count()
        begun, busy = time.perf_counter(), busy_seconds(server.pid)
        done = 0

        async def write() -> None:
            nonlocal done
            while time.perf_counter() < begun + seconds:
                number = next(numbers)
                pod = targets[number % len(targets)]
                async with client.patch(
                    f"/api/v1/namespaces/{pod['namespace']}/pods/{pod['name']}/status",
                    data=json.dumps({"status": {"message": f"change {number}"}}),
                    headers={"Content-Type": "application/merge-patch+json"},
                ) as answer:
                    answer.raise_for_status()
                    await answer.read()
                done += 1

        await asyncio.gather(*(write() for _ in range(WRITERS)))
        await watchers.have_seen(done)
        return done / (time.perf_counter() - begun), done / (busy_seconds(server.pid) - busy)


async def store_writes(pods: int, seconds: float) -> tuple[float, float]:
    """Updates of the store, by whom the server's own process belongs to: a second, and a processor second."""
    kind = builtin("pods")
    async with practice_cluster(pods=pods, moving=False) as cluster:
        keys = [e.key for e in cluster.store.entries(kind) if e.namespace.startswith("load-")]
        watchers = await Watchers.start(cluster.kubeconfig)
        begun, busy = time.perf_counter(), time.process_time()
        done = 0
        while time.perf_counter() < begun + seconds:
            pod = cluster.store.get(kind, *keys[done % len(keys)])
            status = {**pod["status"], "message": f"change {done}"}
            cluster.store.update(kind, {**pod, "status": status})
            done += 1
            if done % 10 == 0:
                # As a writer that leaves the event loop to the watches in between.
                await asyncio.sleep(0)
        await watchers.have_seen(done)
        return done / (time.perf_counter() - begun), done / (time.process_time() - busy)


def resident(pid: int) -> float:
    """Resident memory of a process in MB; what ``ps`` says."""
    done = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1000


def busy_seconds(pid: int) -> float:
    """Processor time of a process so far, as Linux tells it; NaN elsewhere."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return math.nan


def note(figures: Figures, name: str, value: float) -> None:
    """Add one measurement."""
    figures.setdefault(name, []).append(value)


def measure(pods: int, runs: int, seconds: float) -> Figures:
    """All figures, taken in turn so that a drifting machine hits all alike."""
    # As pip does at installation: an editable checkout may never have been compiled.
    compileall.compile_dir(str(Path(k8stui.__file__).parent), quiet=1)
    figures: Figures = {}
    baseline()
    for _ in range(runs):
        note(figures, "import aiohttp.web s", baseline())
        note(figures, "import CPU s", processor_seconds("-c", "import aiohttp.web"))
        note(figures, "start CPU s", processor_seconds("-m", "k8stui.practice", "--with-parent"))
        with served() as server:
            note(figures, "start s", server.seconds)
            first, later = asyncio.run(first_answers(server.kubeconfig))
            note(figures, "first answer s", first)
            note(figures, "later answer s", later)
        with served("--empty", "--still") as server:
            note(figures, "empty MB", resident(server.pid))
        with served("--pods", str(pods), "--still") as server:
            note(figures, "seeded s", server.seconds)
            note(figures, "memory MB", resident(server.pid))
            asyncio.run(lists(server.kubeconfig, 2, figures))
            for _ in range(2):
                if (taken := kubectl_list(server.kubeconfig)) is not None:
                    note(figures, "kubectl get pods -A s", taken)
            note(figures, "memory after lists MB", resident(server.pid))
            by_clock, by_processor = asyncio.run(http_writes(server, seconds))
            note(figures, "http writes/s", by_clock)
            note(figures, "http writes/CPU s", by_processor)
        by_clock, by_processor = asyncio.run(store_writes(pods, seconds))
        note(figures, "store writes/s", by_clock)
        note(figures, "store writes/CPU s", by_processor)
    return figures


def report(figures: Figures, pods: int) -> None:
    """Medians, spread and ratios."""
    print(f"{pods:,} pods, {len(figures['start s'])} runs: median (lowest to highest)")
    for name, values in figures.items():
        print(f"  {name:24} {statistics.median(values):10.3f}   ({min(values):.3f} to {max(values):.3f})")
    for name, over in (
        ("start s", "import aiohttp.web s"),
        ("first answer s", "later answer s"),
        ("list None s", "version s"),
        ("list Metadata s", "list None s"),
        ("start CPU s", "import CPU s"),
        ("memory MB", "empty MB"),
        ("kubectl get pods -A s", "list Metadata s"),
    ):
        if over not in figures or name not in figures or len(figures[name]) != len(figures[over]):
            continue
        ratios = [a / b for a, b in zip(figures[name], figures[over], strict=True)]
        print(
            f"  {name} / {over}: {statistics.median(ratios):.2f}   ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pods", type=int, default=10_000, help="more pods in the long lists")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long to write")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--watch", type=Path, help=argparse.SUPPRESS)
    arguments: Any = parser.parse_args()
    if arguments.watch is not None:
        asyncio.run(watch(arguments.watch))
        return
    figures = measure(arguments.pods, arguments.runs, arguments.seconds)
    if arguments.json:
        print(json.dumps(figures))
    else:
        report(figures, arguments.pods)


if __name__ == "__main__":
    main()
