"""How long it takes to make rows of a list of pods, beside ``json.loads`` on the same bytes in the same run.

    python -m tests.bench.bench_decode [--rows 20000] [--runs 5]

Ratios are what counts; milliseconds belong to the machine. "stall" is the longest time that the event loop
was kept from anything else.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import time
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from k8stui.core.rows import Column, Row
from k8stui.kube.cells import RowReader
from k8stui.kube.tables import PageReader
from k8stui.kube.wire import Include

CHUNK = 256 * 1024
WORDS = ("Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node", "Readiness Gates")


def columns() -> list[dict[str, Any]]:
    """The columns of pods."""
    return [
        {"name": word, "type": "string", "format": "name" if word == "Name" else "", "description": word}
        for word in WORDS
    ]


def metadata(name: str, namespace: str, number: int) -> dict[str, Any]:
    """Metadata with the managedFields that make most of a real row."""
    fields: dict[str, Any] = {
        f"f:{key}": {".": {}, "f:value": {}} for key in ("metadata", "spec", "status", "containers")
    }
    managed = {"manager": "kubelet", "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": fields}
    return {
        "name": name,
        "namespace": namespace,
        "uid": f"00000000-0000-4000-8000-{number:012d}",
        "resourceVersion": str(1000 + number),
        "creationTimestamp": "2026-01-02T03:04:05Z",
        "labels": {"app": f"web-{number // 50}", "pod-template-hash": f"{number // 50:010x}"},
        "annotations": {"kubernetes.io/config.seen": "2026-01-02T03:04:05.000000000Z"},
        "managedFields": [managed] * 6,
    }


def document(rows: int, include: Include) -> bytes:
    """A Table of pods as Go's encoder writes it."""
    found = []
    for i in range(rows):
        name = f"web-{i // 50:05d}-{i % 50:05x}"
        address, node = f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}", f"node-{i % 200}"
        cells = [name, "2/2", "Running", "0", "5d3h", address, node, "<none>", "<none>"]
        meta = (
            {"metadata": metadata(name, f"team-{i * 20 // rows}", i)} if include is not Include.NONE else None
        )
        found.append({"cells": cells, "object": meta})
    table = {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": "1"},
        "columnDefinitions": columns(),
        "rows": found,
    }
    data = json.dumps(table, separators=(",", ":"))
    return data.replace("<", "\\u003c").replace(">", "\\u003e").encode()


@dataclass
class Figures:
    """One measured reading, in milliseconds."""

    total: float
    first: float
    stall: float


async def read(data: bytes, include: Include, keep: list[Row] | None = None) -> Figures:
    """Read the document in chunks and measure."""
    start = time.perf_counter()
    first = 0.0
    stall = 0.0
    over = False

    async def watch() -> None:
        nonlocal stall
        before = time.perf_counter()
        while not over:
            await asyncio.sleep(0)
            now = time.perf_counter()
            stall, before = max(stall, now - before), now

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(data), CHUNK):
            yield data[at : at + CHUNK]

    def head(found: tuple[Column, ...]) -> tuple[Column, ...]:
        return found

    async def emit(rows: list[Row]) -> None:
        nonlocal first
        if rows and not first:
            first = time.perf_counter() - start
        if keep is not None:
            keep.extend(rows)

    watcher = asyncio.create_task(watch())
    await PageReader(include, RowReader("team"), head, emit, time.time, "bench").read(chunks())
    total = time.perf_counter() - start
    over = True
    await watcher
    return Figures(total * 1000, first * 1000, stall * 1000)


def loads(data: bytes) -> float:
    """Milliseconds of ``json.loads``."""
    start = time.perf_counter()
    json.loads(data)
    return (time.perf_counter() - start) * 1000


def kept_bytes(data: bytes, include: Include, rows: int) -> float:
    """Bytes that stay in memory for each row."""
    keep: list[Row] = []
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    asyncio.run(read(data, include, keep))
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (after - before) / rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print(f"{options.rows} rows, best of {options.runs}")
    for include in (Include.NONE, Include.METADATA):
        data = document(options.rows, include)
        runs = [asyncio.run(read(data, include)) for _ in range(options.runs)]
        plain = min(loads(data) for _ in range(options.runs))
        best = min(runs, key=lambda run: run.total)
        stall = sorted(run.stall for run in runs)[len(runs) // 2]
        kept = kept_bytes(data, include, options.rows)
        print(
            f"{include.value:9} {len(data) / 1e6:6.1f} MB  rows {best.total:7.1f} ms"
            f"  first {best.first:5.1f} ms  stall {stall:5.1f} ms  kept {kept:4.0f} B/row"
            f"  json.loads {plain:7.1f} ms  ({plain / best.total:.1f} times as long)"
        )


if __name__ == "__main__":
    main()
