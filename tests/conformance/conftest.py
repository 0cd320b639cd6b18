from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from k8stui.practice.cluster import start_process

pytest.register_assert_rewrite("tests.conformance.scenarios", "tests.conformance.script")


@pytest.fixture(scope="session")
def practice() -> Iterator[Path]:
    """The kubeconfig of a practice cluster that moves, with its company in it."""
    process = start_process()
    try:
        yield asyncio.run(process.ready())
    finally:
        process.stop()


@pytest.fixture(scope="session")
def real() -> Path | None:
    """The kubeconfig of a real API server, when one is given."""
    named = os.environ.get("K8STUI_TEST_KUBECONFIG")
    return Path(named) if named else None
