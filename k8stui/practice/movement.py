"""Keeps the practice cluster moving: its controllers, in real time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from k8stui.practice.controllers import RESTLESS
from k8stui.practice.controllers.engine import Engine
from k8stui.practice.controllers.world import World
from k8stui.practice.seeding import programs
from k8stui.practice.store import Store

_SLICE = 200
_LONGEST = 0.5


async def run(store: Store, clock: Callable[[], float], rng: random.Random) -> None:
    """Run the cluster's controllers until cancelled.

    What is written to the store, by whomever, is answered within a second; what happens by itself (restarts,
    schedules, load, heartbeats) happens when its time has come. Work is done in small slices, so that others
    on the event loop are served in between.

    Args:
        store: The cluster.
        clock: Seconds since the epoch; may be a test's own, that is moved by hand.
        rng: All chance.
    """
    engine = Engine(World(store, clock, rng, programs()), RESTLESS)
    changed = asyncio.Event()
    engine.wake = changed.set
    try:
        for _ in engine.attaching():
            await asyncio.sleep(0)
        while True:
            changed.clear()
            due = engine.run(_SLICE)
            wait = _LONGEST if due is None else min(_LONGEST, due - clock())
            if wait <= 0 or changed.is_set():
                await asyncio.sleep(0)
                continue
            try:
                async with asyncio.timeout(wait):
                    await changed.wait()
            except TimeoutError:
                pass
    finally:
        engine.detach()
