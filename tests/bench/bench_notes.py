"""How long notes take: loading all of them, and matching all that there are for one object.

    python -m tests.bench.bench_notes [--runs 50] [--json]

Prints medians of processor time in milliseconds, so that what else runs on the machine counts little, and the
limits that they are held against:

load, first time    every file read, checked and kept, as after an update (no limit)
load                all notes in both languages as they were kept: 60 ms
match KIND          the notes of one object of the practice cluster, 5 ms; the slowest object of each kind
near KIND           the same among neighbours, of every relation that the kind has (no limit)

Both are done in threads and none of it before the first frame: bench_start shows what that takes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang
from k8stui.core.objects import JsonObject
from k8stui.core.refs import Scope
from k8stui.notes import RELATIONS, Near, NoteLibrary
from k8stui.practice.cluster import practice_cluster
from k8stui.session.explain import about_kind
from k8stui.session.neighbours import Neighbours
from k8stui.session.session import Session
from k8stui.settings import Settings

LOAD_MS, MATCH_MS = 60.0, 5.0
LARGEST = ("pods", "services", "nodes", "deployments.apps", "namespaces", "persistentvolumeclaims")
"""Kinds with the most notes, or the most neighbours."""


class NoStarter:
    """The cluster of the bench is started by it."""

    async def start(self) -> Path:
        raise NotImplementedError

    async def stop(self) -> None:
        return


def took(work: Callable[[], object], runs: int) -> float:
    """The median of some runs, in milliseconds."""
    times = []
    for _ in range(runs):
        started = time.thread_time()
        work()
        times.append((time.thread_time() - started) * 1000)
    return statistics.median(times)


def loading(runs: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as directory:
        cache = Path(directory)
        first = took(lambda: NoteLibrary.load(cache=cache).notes(), 1)
        again = took(lambda: NoteLibrary.load(cache=cache).notes(), min(runs, 10))
    return {"load, first time": first, "load": again}


def slowest(
    library: NoteLibrary, kind: ResourceKind, found: list[tuple[JsonObject, Near | None]], runs: int
) -> float:
    about = about_kind(kind)
    times = [0.0]
    for obj, near in found:
        match = partial(library.match, about, obj, near)
        match()
        times.append(took(match, runs))
    return max(times)


async def matching(runs: int) -> dict[str, float]:
    library = NoteLibrary.load()
    results: dict[str, float] = {}
    async with practice_cluster(moving=False, random_seed=1) as cluster:
        settings = Settings(kubeconfig=cluster.kubeconfig)
        session = Session(settings, NoStarter(), lang=Lang.EN, environ={})
        try:
            await session.start()
            await session.discover()
            neighbours = Neighbours(session.client, lambda: session.kinds)
            for kind in session.kinds:
                if kind.name not in LARGEST:
                    continue
                objects = await session.client.list(kind, Scope.all(), limit=20)
                every = [n for n, of in RELATIONS.items() if not of or (kind.group, kind.kind) in of]
                near = [(obj, await neighbours.of(obj, kind, every)) for obj in objects]
                results[f"match {kind.kind}"] = slowest(library, kind, [(o, None) for o in objects], runs)
                results[f"near {kind.kind}"] = slowest(library, kind, list(near), runs)
        finally:
            await session.close()
    return results


def main() -> int:
    """Measure and print; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = loading(chosen.runs) | asyncio.run(matching(chosen.runs))
    limits = {name: MATCH_MS for name in found if name.startswith("match ")} | {"load": LOAD_MS}
    if chosen.json:
        print(json.dumps(found, indent=2))
    else:
        for name, value in found.items():
            limit = f"of {limits[name]:.0f}" if name in limits else ""
            print(f"{name:<28}{value:8.2f} ms  {limit}")
    return int(any(found[name] > limit for name, limit in limits.items()))


if __name__ == "__main__":
    sys.exit(main())
