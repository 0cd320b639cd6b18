"""From key to painted cursor and from event to painted cell, in a terminal, on a real server.

    python -m tests.bench.bench_keys [--kubeconfig FILE] [--rates 0,180] [--seconds 20]

Without ``--kubeconfig`` it takes K8STUI_TEST_KUBECONFIG, and without that starts the practice cluster with
``--pods N`` more pods. Keys: cursor down and up, at irregular intervals; painted is when the bytes that move
the cursor's colour to another line have been read. Events: a pod on the screen gets a new restart count;
painted is when the number stands in its line; the time counts from before the request is sent, so it includes
the server. At the end the restart counts on the screen are compared with the server's: ``lost`` counts those
that differ.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyte

from k8stui.kube import kubeconfig as kubeconfigs
from k8stui.kube.transport import Transport
from tests.bench import churn
from tests.bench.bench_start import LIVE, kubectl_path, practice
from tests.bench.pty_run import Run

COLUMNS, LINES = 160, 48
PROBE = 60
"""A column of the screen that lies inside the table, away from cells that have colours of their own."""


class Replay:
    """The output once more, chunk by chunk, with the line of the cursor after each."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._next = 0
        self.colour = ""

    def until(self, moment: float) -> None:
        """Bring the screen to a moment."""
        while self._next < len(self._run.chunks) and self._run.chunks[self._next][0] <= moment:
            self._stream.feed(self._run.chunks[self._next][1])
            self._next += 1

    def step(self) -> float | None:
        """Feed one chunk more; its time."""
        if self._next >= len(self._run.chunks):
            return None
        at, data = self._run.chunks[self._next]
        self._stream.feed(data)
        self._next += 1
        return at

    def backgrounds(self) -> list[str]:
        """The background at the probe column, line by line."""
        return [self._screen.buffer[y][PROBE].bg for y in range(LINES)]

    def cursor_line(self) -> int:
        """The line that has the cursor's colour, -1 for none."""
        lines = self.backgrounds()
        return lines.index(self.colour) if self.colour in lines else -1

    def lines(self) -> list[str]:
        """The text on the screen."""
        return list(self._screen.display)


def drain(run: Run, until: float) -> None:
    """Read until a moment."""
    while (left := until - time.perf_counter()) > 0:
        run.pump(min(0.05, left))


def open_explorer(kubeconfig: str) -> Run:
    """The explorer at the pods of every namespace, complete."""
    argv = [sys.executable, "-m", "k8stui", "pods", "-A", "--kubeconfig", kubeconfig, "--lang", "en"]
    run = Run.start(argv, columns=COLUMNS, lines=LINES)
    if not run.until(lambda text: LIVE.search(text) is not None, 120):
        raise SystemExit("the explorer did not become live")
    drain(run, time.perf_counter() + 3)
    return run


def press_keys(run: Run, seconds: float) -> list[float]:
    """Press down and up for a while; when each key was written."""
    pressed: list[float] = []
    rng = random.Random(1)
    down = True
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pressed.append(time.perf_counter())
        run.send(b"j" if down else b"k")
        down = not down if rng.random() < 0.2 or len(pressed) % 20 == 0 else down
        drain(run, time.perf_counter() + rng.uniform(0.08, 0.2))
    return pressed


def cursor_colour(replay: Replay, first_key: float, pressed: list[float]) -> str:
    """The colour that stands on one line only and moves when a key is pressed."""
    replay.until(first_key)
    before = replay.backgrounds()
    alone = {colour for colour, n in Counter(before).items() if n == 1}
    replay.until(pressed[1])
    after = replay.backgrounds()
    moved = [c for c in alone if c in after and after.index(c) != before.index(c)]
    if len(moved) != 1:
        raise SystemExit(f"cannot tell the cursor's colour: {moved}")
    return moved[0]


def key_times(run: Run, pressed: list[float]) -> list[float]:
    """Milliseconds from each key to the cursor's new line."""
    replay = Replay(run)
    replay.colour = cursor_colour(replay, pressed[0], pressed)
    times: list[float] = []
    for at, following in zip(pressed[1:], [*pressed[2:], pressed[-1] + 1], strict=True):
        replay.until(at)
        start, moment = replay.lines(), replay.cursor_line()
        while (shown := replay.step()) is not None and shown < following:
            if replay.cursor_line() != moment or _scrolled(start, replay.lines()):
                times.append((shown - at) * 1000)
                break
    return times


def _scrolled(before: list[str], after: list[str]) -> bool:
    return sum(a[40:80] != b[40:80] for a, b in zip(before, after, strict=True)) > LINES // 2


def visible_pods(lines: list[str]) -> list[tuple[str, str]]:
    """Namespace and name of the pods on the screen."""
    return [
        (m[1], m[2])
        for line in lines
        if (m := re.search(r"\b([a-z0-9-]+)\s+([a-z0-9.-]+)\s+\d+/\d+\s", line))
    ]


async def event_times(run: Run, kubeconfig: str, seconds: float) -> tuple[list[float], int]:
    """Milliseconds from a change to its number on the screen; how many never came."""
    replay = Replay(run)
    replay.until(time.perf_counter())
    names = visible_pods(replay.lines())
    transport = Transport.open(kubeconfigs.load([Path(kubeconfig)], {}).choose(None))
    sent: list[tuple[float, str, int]] = []
    stop = threading.Event()
    reader = threading.Thread(target=_read, args=(run, stop))
    reader.start()
    try:
        shown = {name for _, name in names}
        targets = [p for p in await churn.pods(transport, None) if p["metadata"]["name"] in shown]
        number = 100_000
        end = time.perf_counter() + seconds
        while targets and time.perf_counter() < end:
            pod: dict[str, Any] = random.choice(targets)
            number += 1
            sent.append((time.perf_counter(), pod["metadata"]["name"], number))
            await churn.set_restarts(transport, pod, number)
            await asyncio.sleep(random.uniform(0.1, 0.3))
        await asyncio.sleep(1)
    finally:
        stop.set()
        reader.join()
        await transport.close()
    return _painted(run, sent)


def _read(run: Run, stop: threading.Event) -> None:
    while not stop.is_set():
        run.pump(0.02)


def _painted(run: Run, sent: list[tuple[float, str, int]]) -> tuple[list[float], int]:
    replay, times, given_up = Replay(run), [], 0
    waiting: dict[str, tuple[float, int]] = {}
    upcoming = iter(sent)
    following = next(upcoming, None)
    while (shown := replay.step()) is not None:
        while following is not None and following[0] <= shown:
            at, name, number = following
            given_up += name in waiting
            waiting[name] = (at, number)
            following = next(upcoming, None)
        if waiting:
            for line in replay.lines():
                for name in [name for name in waiting if name in line]:
                    at, number = waiting[name]
                    if re.search(rf"\b{number}\b", line) or re.search(rf"\b{2 * number}\b", line):
                        times.append((shown - at) * 1000)
                        del waiting[name]
    return times, given_up + len(waiting)


def lost(run: Run, kubeconfig: str) -> tuple[int, int]:
    """Restart counts on the screen that are not the server's, of how many."""
    drain(run, time.perf_counter() + 2)
    replay = Replay(run)
    replay.until(time.perf_counter())
    answer = subprocess.run(
        [kubectl_path(), "--kubeconfig", kubeconfig, "get", "pods", "-A", "--no-headers"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    truth = {tuple(line.split()[:2]): line.split()[4] for line in answer.splitlines()}
    shown = {(n, p): re.search(rf"\b{re.escape(p)}\s+\d+/\d+\s+\S+ ?\S+\s+(\d+)", line)
             for line in replay.lines() for n, p in visible_pods([line])}  # fmt: skip
    wrong = [key for key, match in shown.items() if match is None or truth.get(key) != match[1]]
    return len(wrong), len(shown)


def percentiles(times: list[float]) -> str:
    """p50, p95 and the largest, in ms."""
    if len(times) < 2:
        return "no measurement"
    cuts = statistics.quantiles(times, n=20)
    middle, largest = statistics.median(times), max(times)
    return f"p50 {middle:6.1f}  p95 {cuts[18]:6.1f}  max {largest:6.1f} ms  (n={len(times)})"


def measure(kubeconfig: str, rate: float, seconds: float) -> None:
    """One explorer under one rate of changes."""
    run = open_explorer(kubeconfig)
    changes: subprocess.Popen[str] | None = None
    try:
        if rate:
            argv = [sys.executable, "-m", "tests.bench.churn", "--kubeconfig", kubeconfig,
                    "--rate", str(rate), "--seconds", str(seconds * 2 + 4)]  # fmt: skip
            changes = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
            assert changes.stdout is not None
            changes.stdout.readline()
        used, begun = run.cpu(), time.perf_counter()
        pressed = press_keys(run, seconds)
        share = (run.cpu() - used) / (time.perf_counter() - begun)
        drain(run, time.perf_counter() + 1)
        print(
            f"{rate:6.0f} changes/s  key to paint    {percentiles(key_times(run, pressed))}  cpu {share:.0%}"
        )
        times, missing = asyncio.run(event_times(run, kubeconfig, seconds))
        print(f"{rate:6.0f} changes/s  event to paint  {percentiles(times)}  never seen {missing}")
        if changes is not None:
            told, _ = changes.communicate()
            print(f"{rate:6.0f} changes/s  {told.strip().splitlines()[-1]}")
        wrong, of = lost(run, kubeconfig)
        print(f"{rate:6.0f} changes/s  lost {wrong} of {of} on the screen", flush=True)
    finally:
        if changes is not None and changes.poll() is None:
            changes.kill()
            changes.wait()
        run.stop()


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kubeconfig", default=os.environ.get("K8STUI_TEST_KUBECONFIG"))
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--rates", default="0,180")
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    with ExitStack() as stack:
        kubeconfig = arguments.kubeconfig or stack.enter_context(practice(arguments.pods))
        for rate in arguments.rates.split(","):
            measure(kubeconfig, float(rate), arguments.seconds)


if __name__ == "__main__":
    main()
