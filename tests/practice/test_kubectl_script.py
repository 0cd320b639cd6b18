"""What people type into a shell beside the explorer, with kubectl of at least two minor versions."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from k8stui.practice.cluster import start_process
from tests.practice import kubectls

_SCRIPT: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("kubectl_script.yaml").read_text())
_PATIENCE = 30.0


@dataclass(frozen=True)
class Shell:
    """A directory with the script's files, and a kubectl that speaks to the practice cluster."""

    binary: Path
    kubeconfig: Path
    home: Path

    def run(self, command: list[str], text: str = "") -> tuple[int, str, str]:
        """How a command ends, and what it says on both streams."""
        environ = {
            **os.environ,
            "KUBECONFIG": str(self.kubeconfig),
            "HOME": str(self.home),
            "KUBECACHEDIR": str(self.home / "cache"),
            "KUBE_EDITOR": "sed -i s/blue/green/",
        }
        done = subprocess.run(
            [str(self.binary), *command],
            input=text, capture_output=True, text=True, env=environ, cwd=self.home, timeout=120, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[Path]:
    """A practice cluster with its company, whose time runs fast."""
    process = start_process(more=["--seed", "1", "--speed", "5"])
    try:
        yield asyncio.run(process.ready())
    finally:
        process.stop()


@pytest.fixture(scope="module", params=["extra", "older", "system"])
def shell(
    request: pytest.FixtureRequest, kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory
) -> Shell:
    cache = request.config.cache
    match request.param:
        case "extra":
            binary = kubectls.extra()
        case "system":
            binary = kubectls.system()
        case _:
            binary = kubectls.older(Path(cache.mkdir("kubectl"))) if cache is not None else None
    if binary is None:
        pytest.skip(
            f"there is no {request.param} kubectl: nothing installed, or no package index to be reached"
        )
    home = tmp_path_factory.mktemp(request.param)
    for name, text in _SCRIPT["files"].items():
        (home / name).write_text(text)
    return Shell(binary, kubeconfig, home)


def _play(shell: Shell, step: dict[str, Any], namespace: str) -> None:
    words = [word.replace("\0", " ") for word in step["run"].replace("\\ ", "\0").split()]
    words = [word.replace("NAMESPACE", namespace) for word in words]
    typed = step.get("text") or (_SCRIPT["files"][step["in"]] if "in" in step else "")
    if "edit" in step:
        typed = typed.replace(*step["edit"])
    # First, since what follows `--` is the container's; a step may name a namespace of its own.
    words = words if "-n" in words else ["-n", namespace, *words]
    wanted, deadline = step.get("code", 0), time.monotonic() + _PATIENCE
    while True:
        code, out, err = shell.run(words, typed)
        said = out + err
        good = code == wanted and all(part in said for part in (*step.get("says", ()), *step.get("out", ())))
        if good or not step.get("until") or time.monotonic() > deadline:
            break
    assert good, (step, code, said[-3000:])
    assert not [part for part in step.get("not", ()) if part in said], (step, said[-3000:])


@pytest.mark.parametrize("section", _SCRIPT["sections"])
def test_script(shell: Shell, section: str) -> None:
    namespace = f"{section.replace(' ', '-')}-{shell.home.name.rstrip('0123456789')}"
    assert shell.run(["create", "namespace", namespace])[0] == 0
    for step in _SCRIPT["sections"][section]:
        _play(shell, step, namespace)
    assert shell.run(["delete", "namespace", namespace, "--wait=false"])[0] == 0


def test_port_forward(shell: Shell) -> None:
    namespace = f"forward-{shell.home.name.rstrip('0123456789')}"
    assert shell.run(["create", "namespace", namespace])[0] == 0
    assert shell.run(["-n", namespace, "run", "web", "--image=nginx", "--port=80"])[0] == 0
    ready = ["-n", namespace, "wait", "--for=condition=Ready", "pod/web", "--timeout=60s"]
    assert shell.run(ready)[0] == 0
    command = [str(shell.binary), "-n", namespace, "port-forward", "pod/web", ":80", "--address=127.0.0.1"]
    environ = {**os.environ, "KUBECONFIG": str(shell.kubeconfig), "HOME": str(shell.home)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ
    ) as running:
        try:
            assert running.stdout is not None and running.stderr is not None
            line = running.stdout.readline()
            assert line.startswith("Forwarding from 127.0.0.1:"), line or running.stderr.read()
            with urllib.request.urlopen(f"http://{line.split()[2]}/", timeout=30) as page:
                assert b"nginx" in page.read()
        finally:
            running.terminate()
    assert shell.run(["delete", "namespace", namespace, "--wait=false"])[0] == 0


def test_two_minor_versions_have_been_tried(request: pytest.FixtureRequest) -> None:
    cache = request.config.cache
    found = {kubectls.extra(), kubectls.system()}
    if cache is not None:
        found.add(kubectls.older(Path(cache.mkdir("kubectl"))))
    versions = {kubectls.minor(binary) for binary in found if binary is not None}
    if len(versions) < 2:
        pytest.skip(f"only kubectl {versions} is here, and no package index can be reached")
    assert len(versions) >= 2


def test_the_script_is_long_enough() -> None:
    steps = [step["run"] for section in _SCRIPT["sections"].values() for step in section]
    assert len(set(steps)) >= 60
