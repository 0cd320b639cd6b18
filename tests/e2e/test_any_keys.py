"""Whatever keys come, in whatever order and size of terminal: nothing breaks, and the way back is open."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from k8stui.core.lang import Lang
from k8stui.practice.cluster import practice_cluster
from tests.driver import Explorer, explorer
from tests.e2e.house import session_of

MOVES = (
    "j", "k", "h", "l", "g", "G", "up", "down", "left", "right", "home", "end", "pagedown", "pageup",
    "tab", "shift+tab", "enter", "escape", "space",
)  # fmt: skip
SIZES = ((160, 48), (80, 24), (60, 20), (30, 8), (10, 3))
LINES = (
    ":po -A", ":svc", ":deploy orders", ":no", ":events", ":secrets -A", ":roles -A", ":crd", ":nosuch",
    ":cm nosuch", "/a", "/!b", "/-l app=shop-web", "/~wb", "/zzz",
)  # fmt: skip
STEPS = 35


async def some_keys(it: Explorer, rng: random.Random) -> None:
    """One thing that a person may do."""
    keys = [key for op in it.session.operations if op.id != "quit" for key in op.keys]
    match rng.random():
        case chance if chance < 0.08:
            line = rng.choice(LINES)
            await it.press("colon" if line[0] == ":" else "slash")
            await it.write(line[1:])
            await it.press(rng.choice(("enter", "escape")))
        case chance if chance < 0.11:
            await it.resize(*rng.choice(SIZES))
        case chance if chance < 0.5:
            await it.press(*rng.choices(MOVES, k=3))
        case _:
            await it.press(rng.choice(keys))


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_order_of_keys_breaks_anything(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    async with practice_cluster(random_seed=seed) as cluster:
        session = session_of(cluster.kubeconfig, lang=rng.choice(tuple(Lang)))
        async with explorer(session, tmp_path, size=rng.choice(SIZES[:3])) as it:
            await it.until_seen("●")
            for _ in range(STEPS):
                await some_keys(it, rng)
                assert not it.app.faults
            await it.resize(*SIZES[0])
            for _ in range(40):
                if it.app.screen is it.app.explorer:
                    break
                await it.press("escape")
            assert it.app.screen is it.app.explorer
            await it.press("escape", "escape")
            await it.open("deploy")
            await it.until_seen("● ")
