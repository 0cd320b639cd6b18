"""Change the status of pods at a steady rate, each change one watch event.

    python -m tests.bench.churn --kubeconfig FILE --rate 180 --seconds 30 [--namespace NS]

Each change sets the restart count of one running pod, so that it can be seen in a cell. The last line tells
how many changes were made, and in how many seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from pathlib import Path
from typing import Any

from k8stui.core.objects import dig
from k8stui.kube import kubeconfig
from k8stui.kube.transport import Transport

MERGE = "application/merge-patch+json"
AT_ONCE = 24


async def pods(transport: Transport, namespace: str | None) -> list[dict[str, Any]]:
    """The running pods that have container statuses, whole."""
    path = f"/api/v1/namespaces/{namespace}/pods" if namespace else "/api/v1/pods"
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        query = [("limit", "1000"), *([("continue", token)] if token else [])]
        answer = json.loads((await transport.request("GET", path, query=query)).body)
        found += [p for p in answer["items"] if dig(p, "status", "containerStatuses", 0, "state", "running")]
        token = answer["metadata"].get("continue", "")
        if not token:
            return found


async def set_restarts(transport: Transport, pod: dict[str, Any], restarts: int) -> None:
    """One change: the restart count of every container of a pod."""
    statuses = [{**status, "restartCount": restarts} for status in pod["status"]["containerStatuses"]]
    meta = pod["metadata"]
    await transport.request(
        "PATCH",
        f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}/status",
        body=json.dumps({"status": {"containerStatuses": statuses}}).encode(),
        content_type=MERGE,
    )


async def churn(
    transport: Transport, targets: list[dict[str, Any]], rate: float, seconds: float
) -> tuple[int, float]:
    """Make changes at a rate; how many were made, in how many seconds."""
    started = time.perf_counter()
    total = int(rate * seconds)
    numbers = iter(range(1, total + 1))
    done = 0

    async def worker() -> None:
        nonlocal done
        for number in numbers:
            await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
            await set_restarts(transport, random.choice(targets), number)
            done += 1

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return done, time.perf_counter() - started


async def main() -> None:
    """Change what the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kubeconfig", required=True)
    parser.add_argument("--namespace")
    parser.add_argument("--rate", type=float, default=180)
    parser.add_argument("--seconds", type=float, default=30)
    arguments = parser.parse_args()
    transport = Transport.open(kubeconfig.load([Path(arguments.kubeconfig)], {}).choose(None))
    try:
        targets = await pods(transport, arguments.namespace)
        print(f"ready: {len(targets)} pods", flush=True)
        done, seconds = await churn(transport, targets, arguments.rate, arguments.seconds)
        print(f"{done} changes in {seconds:.1f} s", flush=True)
    finally:
        await transport.close()


if __name__ == "__main__":
    asyncio.run(main())
