"""Servers and credential plugins that do not do as they should: the explorer says so and stays up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml
from aiohttp import web

from k8stui import catalog
from k8stui.kube import transport
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from tests.driver import explorer
from tests.e2e.house import assert_harmless, assert_refused, in_both_languages, k8stui, session_of
from tests.kube.authority import Authority
from tests.kube.endpoint import Handler, b64, serving, write_kubeconfig
from tests.kube.network import free_port

V1 = "client.authentication.k8s.io/v1"
ESCAPES = "\x1b[31;47;99m[red]\x1b]52;c;aGk=\x07\u202eevil\x9b6n"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, random_seed=1) as found:
        yield found


@pytest.fixture
def cluster(running: PracticeCluster) -> Iterator[PracticeCluster]:
    yield running
    running.faults.clear()


def changed(cluster: PracticeCluster, path: Path, *, user: Any = None, **fields: Any) -> Path:
    """The cluster's kubeconfig with other fields of its cluster entry, or another user entry."""
    found = yaml.safe_load(cluster.kubeconfig.read_text())
    entry = found["clusters"][0]["cluster"]
    entry.update(fields)
    if user is not None:
        found["users"][0]["user"] = user
    path.write_text(yaml.safe_dump(found))
    return path


def plugin(tmp_path: Path, body: str, **more: Any) -> dict[str, Any]:
    path = tmp_path / "login-tool"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return {"exec": {"apiVersion": V1, "command": str(path), "interactiveMode": "Never", **more}}


# The way to the server


async def test_nobody_listens(tmp_path: Path) -> None:
    port = free_port()
    path = write_kubeconfig(tmp_path / "config", f"https://127.0.0.1:{port}")
    async with explorer(session_of(path), tmp_path) as it:
        await in_both_languages(it, f"127.0.0.1:{port} refuses the connection", "接続を拒否されました")
        await it.until_seen("↻ reconnecting")
        assert "Is the cluster running" in it.place
        assert "r tries now, ^T chooses another cluster" in it.place


async def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asyncio.Event()

    async def never(_: web.BaseRequest) -> web.StreamResponse:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with serving(never) as endpoint:
        path = write_kubeconfig(tmp_path / "config", endpoint.url)
        async with explorer(session_of(path), tmp_path) as it:
            await asyncio.wait_for(asked.wait(), 10)
            await it.until_seen("Esc cancels")
            await it.press("escape")
            await it.until_seen("Connecting was cancelled", "○ not connected")
            monkeypatch.setattr(transport, "ANSWER_LIMIT", 0.05)
            await it.press("r")
            await in_both_languages(it, "did not answer in time", "時間内に応答しませんでした")


async def test_another_authority(cluster: PracticeCluster, tmp_path: Path) -> None:
    pem = b64(Authority().pem)
    path = changed(cluster, tmp_path / "config", **{"certificate-authority-data": pem})
    async with explorer(session_of(path), tmp_path) as it:
        await in_both_languages(
            it, "not signed by an authority that is trusted", "信頼できる認証局のものではありません"
        )
        assert "fetch its kubeconfig anew" in " ".join(it.place.split())
    assert_refused(await k8stui("categories", "--kubeconfig", str(path), home=tmp_path), "not signed by")


async def test_another_name(cluster: PracticeCluster, tmp_path: Path) -> None:
    path = changed(cluster, tmp_path / "config", **{"tls-server-name": "elsewhere.example"})
    async with explorer(session_of(path), tmp_path) as it:
        await in_both_languages(it, "is for another name", "別の名前のものです")


async def test_plain_http_behind_https(tmp_path: Path) -> None:
    async with serving() as endpoint:
        path = write_kubeconfig(tmp_path / "config", endpoint.url.replace("http:", "https:"))
        async with explorer(session_of(path), tmp_path) as it:
            await in_both_languages(it, "does not speak https", "https で応答しません")
            assert f"127.0.0.1:{endpoint.port}" in it.place


# What it answers


async def page(_: web.BaseRequest) -> web.StreamResponse:
    return web.Response(text=f"<!doctype html><h1>Welcome</h1>{ESCAPES}", content_type="text/html")


async def half(_: web.BaseRequest) -> web.StreamResponse:
    return web.Response(
        body=b'{"kind":"Table","apiVersion":"meta.k8s.io/v1","rows":[{"cells":["a',
        content_type="application/json",
    )


async def nothing(_: web.BaseRequest) -> web.StreamResponse:
    return web.Response(body=b"", content_type="application/json")


async def null(_: web.BaseRequest) -> web.StreamResponse:
    return web.json_response(None)


async def another_kind(_: web.BaseRequest) -> web.StreamResponse:
    return web.json_response({"kind": ESCAPES, "items": "none"})


async def redirect(_: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "https://login.example/"})


async def bad_gateway(_: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=502, text="<html>502</html>", content_type="text/html")


async def teapot(_: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=418, text=ESCAPES)


NOT_KUBERNETES = ("is not what a Kubernetes API server sends", "Kubernetes API サーバーのものではありません")
ANSWERS: dict[str, tuple[Handler, str, str]] = {
    "a web page": (page, "answers with a web page (HTTP 200)", "Web ページです (HTTP 200)"),
    "half a JSON": (half, *NOT_KUBERNETES),
    "nothing": (nothing, *NOT_KUBERNETES),
    "null": (null, *NOT_KUBERNETES),
    "another kind": (another_kind, *NOT_KUBERNETES),
    "a redirection": (redirect, "redirects to https://login.example", "へ転送しました"),
    "a bad gateway": (bad_gateway, "HTTP 502", "応答できませんでした"),
    "a teapot": (teapot, "The server refused GET", "受け付けませんでした"),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_an_answer_that_is_none(case: str, tmp_path: Path) -> None:
    handler, english, japanese = ANSWERS[case]
    async with serving(handler) as endpoint:
        path = write_kubeconfig(tmp_path / "config", endpoint.url)
        async with explorer(session_of(path), tmp_path) as it:
            await in_both_languages(it, english, japanese)
            assert it.place.endswith("^T chooses another cluster.")
            assert "<h1>" not in it.text
            assert "Workloads APIs" in it.tree
        assert_refused(await k8stui("categories", "--kubeconfig", str(path), home=tmp_path))


async def test_a_token_that_has_expired(cluster: PracticeCluster, tmp_path: Path) -> None:
    cluster.faults.token_expired = True
    async with explorer(session_of(cluster.kubeconfig), tmp_path) as it:
        await in_both_languages(it, "did not accept your credentials", "受け付けませんでした")
        assert "Log in again" in it.place
        assert "You may not list" not in it.place
        assert "Bearer" not in it.text
        await it.until_seen("✖ failed")
        cluster.faults.token_expired = False
        await it.press("r")
        await it.until_seen("● live")


async def test_a_token_that_expires_under_way(cluster: PracticeCluster, tmp_path: Path) -> None:
    watch = cluster.faults.cut("pods", "watch", events=1)
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path) as it:
        await it.until_seen("● live")
        rows, pods = it.rows, catalog.BUILTIN["pods"]
        await it.until(lambda: watch.hits > 0, "watched")
        cluster.faults.token_expired = True
        found = cluster.store.list(pods, "orders")[0]
        cluster.store.update(pods, {**found, "status": {**found["status"], "reason": "Touched"}})
        await it.until_seen("✖ failed")
        await it.until(lambda: "did not accept your credentials" in it.foot, "why")
        assert "Log in again" in it.foot
        assert it.rows == rows
        assert it.app.explorer.table.dimmed


async def test_a_refusal_full_of_escapes(cluster: PracticeCluster, tmp_path: Path) -> None:
    status = {
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403,
        "message": f"secrets is forbidden: {ESCAPES}",
    }  # fmt: skip

    async def refuse(_: web.BaseRequest) -> web.StreamResponse:
        return web.json_response(status, status=403)

    async with serving(refuse) as endpoint:
        path = write_kubeconfig(tmp_path / "config", endpoint.url)
        async with explorer(session_of(path), tmp_path) as it:
            await it.until_seen("You may not list Pods", "secrets is forbidden", "[red]")
            assert_harmless(it.text)


# Credential plugins

PLUGINS = {
    "complains": (
        "printf '%b' 'no login \\033[31;47;99m[red] \\033]52;c;aGk=\\007 token=hunter2' >&2; exit 3",
        "failed (exit 3): no login",
        "失敗しました (exit 3)",
    ),
    "prints rubbish": ("echo '<html>'", "it is not JSON", "JSON ではありません"),
    "prints nothing": ("true", "it is not JSON", "JSON ではありません"),
    "answers something else": (
        'echo \'{"kind":"Pod"}\'',
        "it is no ExecCredential",
        "ExecCredential ではありません",
    ),
}


@pytest.mark.parametrize("case", PLUGINS)
async def test_a_plugin_that(case: str, cluster: PracticeCluster, tmp_path: Path) -> None:
    body, english, japanese = PLUGINS[case]
    path = changed(cluster, tmp_path / "config", user=plugin(tmp_path, body))
    async with explorer(session_of(path), tmp_path) as it:
        await in_both_languages(it, english, japanese)
        assert "login-tool" in it.place
        assert "hunter2" not in it.text
        assert_harmless(it.text)


async def test_a_plugin_that_is_not_installed(cluster: PracticeCluster, tmp_path: Path) -> None:
    user = {"exec": {"apiVersion": V1, "command": "no-such-login", "installHint": f"Get it.\n{ESCAPES}"}}
    path = changed(cluster, tmp_path / "config", user=user)
    async with explorer(session_of(path), tmp_path) as it:
        await in_both_languages(it, "“no-such-login” of the user “practice” was not found", "見つかりません")
        assert "Get it." in it.place
    said = await k8stui("categories", "--kubeconfig", str(path), home=tmp_path)
    assert_refused(said, "no-such-login", "was not found", "Get it.")


async def test_a_plugin_that_hangs_is_cancelled_and_ended(cluster: PracticeCluster, tmp_path: Path) -> None:
    user = plugin(tmp_path, f"echo $$ > '{tmp_path}/pid'; exec sleep 600")
    path = changed(cluster, tmp_path / "config", user=user)
    async with explorer(session_of(path), tmp_path) as it:
        noted = tmp_path / "pid"
        await it.until(lambda: noted.exists() and noted.read_text().strip().isdigit(), "the plugin")
        await it.until_seen("Esc cancels")
        await it.press("escape")
        await it.until_seen("Connecting was cancelled")
        proc = Path(f"/proc/{noted.read_text().strip()}/stat")
        await it.until(lambda: not proc.exists() or proc.read_text().split()[2] == "Z", "its end")


# Objects that are not as they should be


async def test_an_object_of_two_megabytes(cluster: PracticeCluster, tmp_path: Path) -> None:
    maps = catalog.BUILTIN["configmaps"]
    cluster.store.create(
        maps,
        {
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "aa-huge", "namespace": "orders", "annotations": {"big": "x" * 1_000_000}},
            "data": {f"key-{n}": "あ" * 10_000 for n in range(40)} | {"one": "y" * 1_000_000},
        },
    )  # fmt: skip
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path, kind="cm") as it:
        await it.until(lambda: it.row == "aa-huge", "the row")
        await it.until_seen("ConfigMap  aa-huge", "● live")
        await it.press("n")
        await it.until_seen("Esc close")
    cluster.store.delete(maps, "orders", "aa-huge")
