"""Credential plugins: how they are run, and what becomes of their answers."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from k8stui.core.lang import Lang
from k8stui.kube.errors import CredentialError
from k8stui.kube.process import LARGEST, run
from tests.kube.authority import Authority
from tests.kube.endpoint import serving, write_kubeconfig
from tests.kube.judge import kubectls
from tests.kube.network import ENVIRON, opened
from tests.kube.plugins import V1, Bench, alive, entry, until

OPENING = f'{{"kind":"ExecCredential","apiVersion":"{V1}"'


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    yield Bench(tmp_path)


async def test_much_on_both_outputs_does_not_block(bench: Bench) -> None:
    """Difference 13: the package reads stdout to its end first, and 600 KB of stderr block the plugin."""
    bench.answer({"token": "t"})
    plugin = bench.plugin(bench.script("head -c 2000000 /dev/zero | tr '\\0' 'x' >&2\ncat answer"))
    assert await plugin.authorization() == "Bearer t"


async def test_only_so_much_is_kept(bench: Bench) -> None:
    command = bench.script("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2")
    ended = await run(command, (), ENVIRON)
    assert (len(ended.output), len(ended.errors)) == (LARGEST, LARGEST)


async def test_it_never_reads_our_terminal(bench: Bench) -> None:
    """Difference 13: the package hands its own stdin to the plugin."""
    bench.answer({"token": "t"})
    plugin = bench.plugin(bench.script("readlink /proc/self/fd/0 > stdin; cat answer"))
    ours, (reading, writing) = os.dup(0), os.pipe()
    os.dup2(reading, 0)
    try:
        await plugin.authorization()
    finally:
        os.dup2(ours, 0)
        for descriptor in (ours, reading, writing):
            os.close(descriptor)
    assert (bench.directory / "stdin").read_text().strip() == "/dev/null"


async def test_the_limit_ends_it_with_its_children(bench: Bench) -> None:
    """Difference 13: the package waits for ever."""
    plugin = bench.plugin(bench.script("sleep 1000 &\necho $! > child\nwait"), limit=0.5)
    with pytest.raises(CredentialError, match="did not finish within") as error:
        await plugin.authorization()
    assert "時間" in error.value.message.ja or "秒" in error.value.message.ja
    child = int((bench.directory / "child").read_text())
    await until(lambda: not alive(child))


async def test_cancelling_ends_the_process_group(bench: Bench) -> None:
    plugin = bench.plugin(bench.script("sleep 1000 &\necho $! > child.new; mv child.new child\nwait"))
    task = asyncio.create_task(plugin.authorization())
    await until((bench.directory / "child").exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    child = int((bench.directory / "child").read_text())
    await until(lambda: not alive(child))


async def test_a_helper_left_behind_does_not_hold_us_up(bench: Bench) -> None:
    """A plugin may start an agent that keeps its pipes; the agent lives on, we do not wait for it."""
    bench.answer({"token": "t"})
    plugin = bench.plugin(bench.script("sleep 1000 &\necho $! > child\ncat answer"))
    async with asyncio.timeout(20):
        assert await plugin.authorization() == "Bearer t"
    child = int((bench.directory / "child").read_text())
    assert alive(child)
    os.kill(child, 9)


async def test_five_at_once_run_it_once(bench: Bench) -> None:
    """Difference 13: in the package five parallel refreshes run it five times."""
    plugin = bench.plugin(bench.answering({"token": "t"}))
    assert await asyncio.gather(*[plugin.authorization() for _ in range(5)]) == ["Bearer t"] * 5
    assert bench.runs == 1


async def test_five_at_once_share_a_failure(bench: Bench) -> None:
    plugin = bench.plugin(bench.script("echo no >&2; exit 3"))
    results = await asyncio.gather(*[plugin.authorization() for _ in range(5)], return_exceptions=True)
    assert [type(result) for result in results] == [CredentialError] * 5
    assert bench.runs == 1
    with pytest.raises(CredentialError):
        await plugin.authorization()
    assert bench.runs == 2, "the next one tries again"


async def test_who_waits_for_one_that_is_cancelled_runs_it_anew(bench: Bench) -> None:
    bench.answer({"token": "t"})
    plugin = bench.plugin(bench.script("test -e second && exec cat answer\ntouch second\nsleep 1000"))
    first = asyncio.create_task(plugin.authorization())
    await until((bench.directory / "second").exists)
    second = asyncio.create_task(plugin.authorization())
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "Bearer t"
    assert bench.runs == 2


@pytest.mark.parametrize("kubectl", kubectls())
@pytest.mark.parametrize("told", [True, False])
async def test_it_is_told_what_kubectl_tells(bench: Bench, kubectl: str, told: bool) -> None:
    """Difference 13: the package tells no cluster, and calls a TUI interactive."""
    authority = Authority()
    command = bench.script('echo "$KUBERNETES_EXEC_INFO" > info; env | grep ^MINE= > mine; cat answer')
    bench.answer({"token": "t"})
    (bench.directory / "ca.pem").write_bytes(authority.pem)
    async with serving(tls=authority.server_context("inner.example")) as endpoint:
        cluster: dict[str, Any] = {
            "certificate-authority": "ca.pem",
            "tls-server-name": "inner.example",
            "disable-compression": True,
            "extensions": [
                {"name": "client.authentication.k8s.io/exec", "extension": {"audience": ["x", 1]}}
            ],
        }
        user = entry(
            bench,
            command,
            provideClusterInfo=told,
            env=[{"name": "MINE", "value": "a"}, {"name": "MINE", "value": "b"}],
        )
        path = write_kubeconfig(bench.directory / "config", endpoint.url, cluster=cluster, user=user)
        judge = await asyncio.create_subprocess_exec(
            kubectl, "--kubeconfig", str(path), "get", "--raw", "/",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            env={**ENVIRON, "HOME": str(bench.directory)},
        )  # fmt: skip
        assert await judge.wait() == 0
        info, mine = (
            json.loads((bench.directory / "info").read_text()),
            (bench.directory / "mine").read_text(),
        )
        async with opened(path) as transport:
            await transport.request("GET", "/")
    assert json.loads((bench.directory / "info").read_text()) == info
    assert (bench.directory / "mine").read_text() == mine == "MINE=b\n"
    assert info["spec"]["interactive"] is False
    assert ("cluster" in info["spec"]) is told


@pytest.mark.parametrize(
    ("printed", "word"),
    [
        ("not json", "not JSON"),
        ("", "not JSON"),
        ("[]", "ExecCredential"),
        (f'{{"kind":"Pod","apiVersion":"{V1}"}}', "ExecCredential"),
        ('{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"}', "apiVersion"),
        (OPENING + "}", "neither token nor certificate"),
        (OPENING + ',"status":{"token":7}}', "no string"),
        (OPENING + ',"status":{"clientCertificateData":"SECRET"}}', "missing"),
        (OPENING + ',"status":{"token":"SECRET","expirationTimestamp":"soon"}}', "expirationTimestamp"),
    ],
)
async def test_rubbish_is_told_and_never_shown(bench: Bench, printed: str, word: str) -> None:
    (bench.directory / "answer").write_text(printed)
    with pytest.raises(CredentialError, match=word) as error:
        await bench.plugin(bench.script("cat answer")).authorization()
    for lang in Lang:
        assert "SECRET" not in error.value.sentence(lang)
        assert "login-tool" in error.value.sentence(lang)


async def test_its_complaint_is_shown_without_escapes_or_tokens(bench: Bench) -> None:
    """Difference 1, second half: the package only logs a failing plugin and goes on as nobody."""
    command = bench.script(
        "printf 'session \\033[31mexpired\\033[0m, run: tool login (token=abcdef) Bearer xyz "
        "eyJhbGciOiJI.eyJzdWIi.c2ln' >&2\nexit 7"
    )
    with pytest.raises(CredentialError) as error:
        await bench.plugin(command).authorization()
    sentence = error.value.sentence(Lang.EN)
    assert "exit 7" in sentence and "expired" in sentence and "tool login" in sentence
    assert "\x1b" not in sentence
    for secret in ("abcdef", "xyz", "eyJ"):
        assert secret not in sentence


async def test_a_missing_plugin_shows_its_install_hint(bench: Bench) -> None:
    """Difference 13: the package knows no installHint."""
    plugin = bench.plugin("no-such-tool", install_hint="Get it at\n  https://tool.example\x1b[2J")
    with pytest.raises(CredentialError, match="not found") as error:
        await plugin.authorization()
    assert error.value.hint is not None
    assert error.value.hint.en == "Get it at https://tool.example\ufffd[2J"
    with pytest.raises(CredentialError, match="not found"):
        await bench.plugin(str(bench.directory / "absent")).authorization()


async def test_a_file_that_cannot_be_run_is_told(bench: Bench) -> None:
    path = bench.directory / "data"
    path.write_text("no program")
    with pytest.raises(CredentialError, match="cannot be started"):
        await bench.plugin(str(path)).authorization()


async def test_a_bare_name_is_looked_up_in_path_but_not_here(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.answering({"token": "t"})
    found = bench.plugin("login-tool", environ={"PATH": f"{bench.directory}:{os.environ['PATH']}"})
    assert await found.authorization() == "Bearer t"
    monkeypatch.chdir(bench.directory)
    with pytest.raises(CredentialError, match="not found"):
        await bench.plugin("login-tool", environ={"PATH": f".:{os.environ['PATH']}"}).authorization()


async def test_one_that_must_ask_the_person_is_not_run(bench: Bench) -> None:
    """Difference 13: the package knows no interactiveMode."""
    plugin = bench.plugin(bench.answering({"token": "t"}), interactive_mode="Always")
    with pytest.raises(CredentialError, match="not possible here") as error:
        await plugin.authorization()
    assert bench.runs == 0
    assert "IfAvailable" in error.value.sentence(Lang.JA)


async def test_an_unknown_protocol_is_refused(bench: Bench) -> None:
    plugin = bench.plugin(
        bench.answering({"token": "t"}), api_version="client.authentication.k8s.io/v1alpha1"
    )
    with pytest.raises(CredentialError, match="v1alpha1"):
        await plugin.authorization()
    assert bench.runs == 0


async def test_no_secret_in_reprs_and_logs(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    plugin = bench.plugin(
        bench.answering({"token": "SECRET-1"}), args=("SECRET-2",), env=(("A", "SECRET-3"),)
    )
    await plugin.authorization()
    assert "SECRET" not in f"{plugin!r} {vars(plugin)!r} {caplog.text}"
