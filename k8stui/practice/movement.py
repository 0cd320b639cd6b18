"""Keeps the practice cluster moving: its controllers, in the time of its clock."""

from __future__ import annotations

import asyncio
import random

from k8stui.practice.clock import Clock
from k8stui.practice.controllers import RESTLESS
from k8stui.practice.controllers.engine import Engine
from k8stui.practice.controllers.world import World
from k8stui.practice.seeding import programs
from k8stui.practice.store import Store

_SLICE = 200


async def run(store: Store, clock: Clock, rng: random.Random) -> None:
    """Run the cluster's controllers until cancelled.

    What is written to the store, by whomever, is answered within a second; what happens by itself (restarts,
    schedules, load, heartbeats) happens when its time has come. Work is done in small slices, so that others
    on the event loop are served in between.

    Args:
        store: The cluster.
        clock: Tells the time, and when to go on.
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
            if changed.is_set() or (due is not None and due <= clock()):
                await asyncio.sleep(0)
            else:
                await clock.rest(due, changed)
    finally:
        engine.detach()
