"""The same script on the practice cluster and on a real API server, and what each of them told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance import differences
from tests.conformance.normal import differences as compared
from tests.conformance.scenarios import SCENARIOS
from tests.conformance.script import run
from tests.conformance.server import connect
from tests.conformance.sheets import recorded

README = Path(__file__).parents[2] / "README.md"


async def play(name: str, kubeconfig: Path, *, real: bool) -> dict[str, Any]:
    async with connect(kubeconfig, real=real) as server:
        return await run(SCENARIOS[name], server, name)


@pytest.mark.parametrize("name", SCENARIOS)
async def test_scenario(name: str, practice: Path, real: Path | None) -> None:
    """With a real server given it is the judge; without, what one told when it was recorded."""
    ours = await play(name, practice, real=False)
    theirs = recorded(name) if real is None else await play(name, real, real=True)
    found = [(name + path, what) for path, what in compared(ours, theirs)]
    assert "\n".join(f"{path}: {what}" for path, what in found if not differences.explained(path)) == ""


def test_the_readme_names_every_difference() -> None:
    text = " ".join(README.read_text().split())
    assert [known.why for known in differences.KNOWN if known.why not in text] == []
