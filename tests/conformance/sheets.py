"""Recordings of what a real API server told, one file for each scenario.

    K8STUI_TEST_KUBECONFIG=FILE python -m tests.conformance.sheets [scenario...]

writes them anew.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.conformance.scenarios import SCENARIOS
from tests.conformance.script import run
from tests.conformance.server import connect

_DIRECTORY = Path(__file__).with_name("recorded")


def recorded(name: str) -> dict[str, Any]:
    """What a real server told in a scenario."""
    path = _DIRECTORY / f"{name}.json"
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text())
    return found


async def _record(names: list[str]) -> None:
    async with connect(Path(os.environ["K8STUI_TEST_KUBECONFIG"]), real=True) as server:
        for name in names or SCENARIOS:
            told = await run(SCENARIOS[name], server, name)
            path = _DIRECTORY / f"{name}.json"
            if told:
                path.write_text(json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
            print(name)


if __name__ == "__main__":
    asyncio.run(_record(sys.argv[1:]))
