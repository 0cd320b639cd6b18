"""A practice cluster in a process of its own, which ends with the process that started it."""

from __future__ import annotations

import asyncio
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Text

READY = "export KUBECONFIG="
WITH_PARENT = "--with-parent"
_READY_SECONDS = 30.0
_STOP_SECONDS = 3.0


class PracticeError(ExplorerError):
    """The practice cluster did not start."""

    title = Text("The practice cluster did not start", "練習用クラスターを起動できませんでした")


class PracticeProcess:
    """The child process. It ends when its standard input does: by ``stop`` or by the end of this process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._kubeconfig: Path | None = None

    @property
    def kubeconfig(self) -> Path:
        """Where the kubeconfig is; known once ``ready`` has returned."""
        if self._kubeconfig is None:
            raise RuntimeError("the practice cluster is not ready yet")
        return self._kubeconfig

    @property
    def running(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    async def ready(self, within: float = _READY_SECONDS) -> Path:
        """Wait until the server answers.

        Returns:
            The path of the kubeconfig.

        Raises:
            PracticeError: the process ended or said something else, or ``within`` seconds are over.
        """
        if self._kubeconfig is not None:
            return self._kubeconfig
        assert self._process.stdout is not None
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), self._process.stdout
        )
        try:
            line = (await asyncio.wait_for(reader.readline(), within)).decode()
        except TimeoutError:
            line = ""
        finally:
            transport.close()
        if not line.startswith(READY):
            self.stop()
            raise PracticeError(
                Text(
                    "The practice cluster's process ended before it was ready.",
                    "練習用クラスターのプロセスが、準備できる前に終了しました。",
                ),
                Text(
                    "Run `k8stui practice` by itself to see why.",
                    "`k8stui practice` だけを実行すると、原因が表示されます。",
                ),
            )
        self._kubeconfig = Path(shlex.split(line.strip().removeprefix(READY))[0])
        return self._kubeconfig

    def stop(self) -> None:
        """End the process, and wait until it has."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def start_process(
    *, pods: int = 0, port: int = 0, kubeconfig: Path | None = None, more: Sequence[str] = ()
) -> PracticeProcess:
    """Start a cluster in a child process, without waiting for it.

    Args:
        pods: How many Pods to have beside those of the seed.
        port: Where to listen on 127.0.0.1; 0 takes a free port.
        kubeconfig: Where to write the kubeconfig; a temporary file when None.
        more: Further arguments of ``k8stui practice``.
    """
    command = [sys.executable, "-m", "k8stui.practice", WITH_PARENT, "--pods", str(pods), "--port", str(port)]
    if kubeconfig is not None:
        command += ["--kubeconfig", str(kubeconfig)]
    process = subprocess.Popen(
        [*command, *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return PracticeProcess(process)
