"""A kubeconfig that cannot be used: on the screen, and for scripts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from k8stui.practice.cluster import PracticeCluster, practice_cluster
from tests.driver import explorer
from tests.e2e.house import assert_harmless, assert_refused, in_both_languages, k8stui, session_of

HOSTILE = "\x1b[31;47;99m[red]\x1b]52;c;aGk=\x07\u202eevil\x9b6n"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, random_seed=1) as found:
        yield found


Make = Callable[[Path], object]


def config(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:9"}}],
        "users": [{"name": "u", "user": {"token": "secret-token"}}],
    }
    return {**whole, **changes}


def written(**changes: Any) -> Make:
    return lambda path: path.write_text(json.dumps(config(**changes)))


def of_cluster(**fields: Any) -> Make:
    return written(clusters=[{"name": "c", "cluster": {"server": "https://127.0.0.1:9", **fields}}])


def of_user(**fields: Any) -> Make:
    return written(users=[{"name": "u", "user": fields}])


def text(words: str) -> Make:
    return lambda path: path.write_text(words)


BROKEN: dict[str, tuple[Make, str, str]] = {
    "missing": (lambda path: None, "No such file or directory", "を読めません"),
    "a directory": (lambda path: path.mkdir(), "Is a directory", "Is a directory"),
    "a link to itself": (lambda path: path.symlink_to(path), "symbolic links", "symbolic links"),
    "not YAML": (text("a: [b\nc: d\n"), ":2: this is not valid YAML", "YAML"),
    "bytes": (lambda path: path.write_bytes(b"\xff\xfe\x00\x80\x1b]52;c;x\x07"), "YAML", "YAML"),
    "something else": (text("kind: Pod\napiVersion: v1\n"), "not a kubeconfig", "kubeconfig ではなく"),
    "a list": (text("- a\n- b\n"), "must be a mapping", "でなければなりません"),
    "empty": (text(""), "context", "コンテキスト"),
    "no current context": (written(**{"current-context": ""}), "no current context", "現在のコンテキスト"),
    "unknown context": (
        written(**{"current-context": HOSTILE}),
        "There is no context",
        "はありません",
    ),
    "unknown cluster": (
        written(clusters=[]),
        "which no kubeconfig file holds",
        "どの kubeconfig にもありません",
    ),
    "unknown user": (written(users=[]), "which no kubeconfig file holds", "どの kubeconfig にもありません"),
    "no server": (of_cluster(server=""), "has no server", "server がありません"),
    "authority is no base64": (
        of_cluster(**{"certificate-authority-data": "%%%"}),
        "certificate-authority-data",
        "base64 ではありません",
    ),
    "authority is no PEM": (
        of_cluster(**{"certificate-authority-data": "aGVsbG8="}),
        "not a PEM certificate",
        "PEM 形式ではありません",
    ),
    "authority is not there": (
        of_cluster(**{"certificate-authority": "/nowhere/\x1b[2Jca.crt"}),
        "No such file",
        "を読めません",
    ),
    "token file is not there": (of_user(tokenFile="/nowhere/token"), "/nowhere/token", "/nowhere/token"),
    "certificate without a key": (
        of_user(**{"client-certificate-data": "aGVsbG8="}),
        "has a client-certificate but no client-key",
        "client-key がありません",
    ),
    "a proxy nobody knows": (of_cluster(**{"proxy-url": "gopher://x"}), "gopher", "gopher"),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_the_explorer_says_what_is_wrong_and_stays(case: str, tmp_path: Path) -> None:
    make, english, japanese = BROKEN[case]
    path = tmp_path / "config"
    make(path)
    async with explorer(session_of(path), tmp_path) as it:
        await in_both_languages(it, english, japanese)
        assert "Workloads APIs" in it.tree
        assert "secret-token" not in it.text
        assert_harmless(it.text)


@pytest.mark.parametrize("case", ["missing", "not YAML", "unknown context", "token file is not there"])
async def test_scripts_get_one_sentence_and_a_status(case: str, tmp_path: Path) -> None:
    make, english, japanese = BROKEN[case]
    path = tmp_path / "config"
    make(path)
    told, told_in_japanese = await asyncio.gather(
        k8stui("categories", "--kubeconfig", str(path), home=tmp_path),
        k8stui("explain", "pods/web", "--lang", "ja", home=tmp_path, environ={"KUBECONFIG": str(path)}),
    )
    assert_refused(told, english)
    # What KUBECONFIG lists need not exist: then there is just no context.
    assert_refused(told_in_japanese, "コンテキスト" if case == "missing" else japanese)


async def test_another_cluster_can_be_chosen_after_it(cluster: PracticeCluster, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("a: [b\n")
    async with explorer(session_of(path, practice=cluster), tmp_path) as it:
        await it.until_seen("not valid YAML")
        await it.press("ctrl+t")
        await it.choose("built-in")
        await it.until(lambda: len(it.rows) > 5, "rows of the practice cluster")
        await it.until_seen("● live")


async def test_one_that_nobody_named_gives_way_to_practice_with_the_reason(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    path = tmp_path / "config"
    path.write_text("a: [b\n")
    session = session_of(None, practice=cluster, environ={"KUBECONFIG": str(path), "HOME": str(tmp_path)})
    async with explorer(session, tmp_path) as it:
        # Single words: where the sentence breaks depends on the length of the path in it.
        await it.until_seen("practice cluster", "valid", "YAML", "Correct")


async def test_hostile_names_in_it_are_shown_harmless(cluster: PracticeCluster, tmp_path: Path) -> None:
    import yaml

    found = yaml.safe_load(cluster.kubeconfig.read_text())
    entry = found["contexts"][0]["context"]
    found["contexts"].append({"name": HOSTILE, "context": {**entry, "namespace": HOSTILE}})
    found["current-context"] = HOSTILE
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(found))
    async with explorer(session_of(path), tmp_path) as it:
        await it.until_seen("[red]")
        await it.until(lambda: it.app.explorer.live.settled.is_set(), "an answer")
        assert_harmless(it.text)
        await it.press("ctrl+t")
        await it.until_seen("type to narrow down")
        assert_harmless(it.text)
        await it.press("escape")
        await it.ask("colon")
        await it.write("ctx ")
        assert_harmless(it.text)


async def test_a_home_without_a_kubeconfig_is_no_error(tmp_path: Path) -> None:
    said = await k8stui("explain", "deploy", home=tmp_path, environ={"LANG": "ja_JP.UTF-8"})
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("Deployment\n")
