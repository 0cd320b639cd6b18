from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import pytest

from k8stui.practice import addresses
from k8stui.practice.__main__ import main
from k8stui.practice.cluster import practice_cluster
from tests.practice.api_client import connect


@pytest.mark.parametrize(
    ("address", "local", "url"),
    [
        ("127.0.0.1", True, "127.0.0.1"),
        ("127.1.2.3", True, "127.1.2.3"),
        ("::1", True, "[::1]"),
        ("0.0.0.0", False, "127.0.0.1"),
        ("::", False, "[::1]"),
        ("192.0.2.7", False, "192.0.2.7"),
    ],
)
def test_addresses(address: str, local: bool, url: str) -> None:
    assert addresses.is_loopback(address) is local
    assert addresses.in_url(address) == url


def test_everybodys_address_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--address", "0.0.0.0"])
    assert ended.value.code == 2
    assert "--insecure-bind-anywhere" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--address", "example.com"])
    assert "no IP address" in capsys.readouterr().err


def test_forced_it_warns_and_serves() -> None:
    command = [sys.executable, "-m", "k8stui.practice", "--empty", "--still", "--address", "0.0.0.0"]
    environ = {**os.environ, "LANG": "C", "LC_ALL": "C"}
    with subprocess.Popen(
        [*command, "--insecure-bind-anywhere"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        ready = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read().decode()
    assert ready.startswith(b"export KUBECONFIG=")
    assert said.startswith("Warning: listening on 0.0.0.0.")


async def test_exposed_it_is_called_by_an_address_but_not_by_a_foreign_name() -> None:
    async with (
        practice_cluster(seeded=False, moving=False, address="0.0.0.0") as cluster,
        connect(cluster) as api,
    ):
        assert (await api.get("/version")).status == 200
        assert (await api.get("/version", Host="192.0.2.7:6443")).status == 200
        assert (await api.get("/version", Host="evil.example")).status == 403
        assert (await api.get("/version", Origin="https://evil.example")).status == 403


async def test_by_default_a_foreign_address_is_refused_too() -> None:
    async with practice_cluster(seeded=False, moving=False) as cluster, connect(cluster) as api:
        assert (await api.get("/version", Host="192.0.2.7:6443")).status == 403


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
async def test_the_other_loopback() -> None:
    async with (
        practice_cluster(seeded=False, moving=False, address="::1") as cluster,
        connect(cluster) as api,
    ):
        assert cluster.server.startswith("https://[::1]:")
        assert (await api.get("/version")).status == 200
