from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from k8stui.practice.process import PracticeError, start_process
from tests.practice.api_client import until

QUIET = ("--empty", "--still")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_process_of_its_own(tmp_path: Path) -> None:
    wanted = tmp_path / "config"
    process = start_process(kubeconfig=wanted, more=QUIET)
    try:
        with pytest.raises(RuntimeError):
            assert process.kubeconfig
        assert await process.ready() == wanted
        assert process.kubeconfig == wanted
        assert process.running
        assert os.stat(wanted).st_mode & 0o777 == 0o600
    finally:
        process.stop()
    assert not process.running
    assert os.listdir(tmp_path) == []


async def test_a_process_that_cannot_start(tmp_path: Path) -> None:
    process = start_process(kubeconfig=tmp_path / "nowhere" / "config", more=QUIET)
    with pytest.raises(PracticeError):
        await process.ready()
    assert not process.running


def test_the_process_ends_with_its_parent(tmp_path: Path) -> None:
    """A parent that dies without a word takes the server along."""
    program = (
        "import asyncio, os\n"
        "from k8stui.practice.process import start_process\n"
        f"process = start_process(more={QUIET!r})\n"
        "asyncio.run(process.ready())\n"
        "print(process._process.pid, flush=True)\n"
        "os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, timeout=60, check=False)
    pid = int(done.stdout)
    asyncio.run(until(lambda: not alive(pid)))


def test_mistakes_on_the_command_line_are_told(tmp_path: Path) -> None:
    rules = tmp_path / "faults.json"
    rules.write_text('[{"action": "explode"}]')
    command = [sys.executable, "-m", "k8stui.practice", *QUIET, "--faults", str(rules)]
    done = subprocess.run(
        command, capture_output=True, timeout=60, check=False, env={**os.environ, "LANG": "C"}
    )
    assert done.returncode == 2
    assert b"faults file" in done.stderr
