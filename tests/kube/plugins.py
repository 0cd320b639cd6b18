"""Credential plugins for tests: shell scripts that note each run."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from k8stui.kube.execplugin import ExecPlugin
from k8stui.kube.kubeconfig import Cluster, ExecConfig
from tests.kube.network import ENVIRON, Clock

V1 = "client.authentication.k8s.io/v1"


class Bench:
    """A directory with one plugin, a shell script, that notes each run."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.clock = Clock()

    def script(self, body: str) -> str:
        path = self.directory / "login-tool"
        path.write_text(f"#!/bin/sh\ncd '{self.directory}'\necho run >> runs\n{body}\n")
        path.chmod(0o755)
        return str(path)

    def answering(self, status: dict[str, Any], version: str = V1) -> str:
        """A plugin that answers with a status, which can be exchanged later."""
        self.answer(status, version)
        return self.script("cat answer")

    def answer(self, status: dict[str, Any], version: str = V1) -> None:
        found = {"apiVersion": version, "kind": "ExecCredential", "status": status}
        (self.directory / "answer").write_text(json.dumps(found))

    @property
    def runs(self) -> int:
        noted = self.directory / "runs"
        return len(noted.read_text().splitlines()) if noted.exists() else 0

    def plugin(
        self,
        command: str,
        *,
        cluster: Cluster | None = None,
        environ: dict[str, str] | None = None,
        limit: float = 60.0,
        **config: Any,
    ) -> ExecPlugin:
        config = {"api_version": V1, **config}
        return ExecPlugin(
            "jane",
            ExecConfig(command, **config),
            cluster or Cluster("here", "https://here:6443"),
            clock=self.clock,
            environ=ENVIRON if environ is None else environ,
            limit=limit,
        )

    def expiry(self, seconds: float) -> str:
        return datetime.fromtimestamp(self.clock.now + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def alive(pid: int) -> bool:
    """Whether a process still runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def until(condition: Any, limit: float = 10.0) -> None:
    """Wait for a state of another process, which cannot tell us."""
    async with asyncio.timeout(limit):
        while not condition():  # noqa: ASYNC110  # another process sets no event of ours
            await asyncio.sleep(0.01)


def entry(bench: Bench, command: str, **more: Any) -> dict[str, Any]:
    return {"exec": {"apiVersion": V1, "command": command, "interactiveMode": "Never", **more}}
