"""The practice cluster as the session sees it: a process that is started when it is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from k8stui.cli.options import Options

if TYPE_CHECKING:
    from k8stui.practice.process import PracticeProcess


class PracticeCluster:
    """One practice cluster for the life of the program, started at the first wish."""

    def __init__(self, as_user: str = "") -> None:
        self._more = ("--as-user", as_user) if as_user else ()
        self._process: PracticeProcess | None = None

    def launch(self) -> None:
        """Start the process without waiting for it, so that it comes up while the first frame is painted."""
        from k8stui.practice.process import start_process

        if self._process is None or not self._process.running:
            self._process = start_process(more=self._more)

    async def start(self) -> Path:
        """Start it unless it runs, and wait until it answers; the path of its kubeconfig.

        Raises:
            PracticeError: it did not come up.
        """
        self.launch()
        assert self._process is not None
        return await self._process.ready()

    async def stop(self) -> None:
        """End it if it runs."""
        if self._process is not None:
            await asyncio.to_thread(self._process.stop)
            self._process = None


def wanted_for_sure(options: Options, environ: Mapping[str, str]) -> bool:
    """Whether it is plain before reading any kubeconfig that the practice cluster will be opened."""
    if options.practice:
        return True
    chosen = options.settings
    if chosen.kubeconfig or chosen.context or environ.get("KUBECONFIG"):
        return False
    if environ.get("KUBERNETES_SERVICE_HOST"):
        return False
    return not (Path(environ.get("HOME", "")) / ".kube" / "config").exists()
