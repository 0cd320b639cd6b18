"""What the first frame does not wait for."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "aiohttp",
    "kubernetes",
    "yaml",
    "msgspec",
    "cel",
    "cryptography",
    "k8stui.kube.client",
    "k8stui.notes",
)

PROGRAM = """
import asyncio, sys
from pathlib import Path
from k8stui.core.lang import Lang
from k8stui.session.session import Session
from k8stui.settings import Settings
from k8stui.ui.app import ExplorerApp, StartRequest

class Starter:
    async def start(self):
        await asyncio.Event().wait()
    async def stop(self):
        return None

class Watched(ExplorerApp):
    seen = None
    def post_display_hook(self):
        if self.seen is None:
            self.seen = sorted(set(sys.argv[1].split(",")) & set(sys.modules))

async def main():
    session = Session(Settings(), Starter(), lang=Lang.EN, environ={"HOME": "/nonexistent"})
    app = Watched(session, StartRequest(practice=True), log=Path("/nonexistent/log"))
    async with app.run_test(size=(120, 30)):
        tree = [line.node.title for line in app.explorer.tree_pane.lines]
    print(app.seen, "Workloads APIs" in tree)

asyncio.run(main())
"""


def test_nothing_that_talks_to_a_cluster_is_imported_before_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, ",".join(HEAVY)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "[] True", done.stderr
