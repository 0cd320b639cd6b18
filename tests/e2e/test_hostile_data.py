"""Objects that say what they should not: nothing of it steers the terminal or ends the explorer."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from k8stui import catalog
from k8stui.core.lang import Lang
from k8stui.core.refs import ObjectRef
from k8stui.notes import NoteLibrary
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.session.explain import explain
from k8stui.session.model import Subject
from tests.driver import explorer
from tests.e2e.house import assert_harmless, k8stui, session_of
from tests.e2e.terminal import terminal

PAYLOADS = (
    "\x1b[31;47;99m", "\x1b]52;c;SEFDS0VE\x07", "\x1b]0;HACKED\x07", "\x9b6n", "\x1bP+q\x1b\\",
    "\x07", "\x08", "\u202e", "\u2066", "\x85", "\r", "\n", "\x0c",
)  # fmt: skip
BAD = "[red]SEFDS0VE 絵文字👩\u200d👩\u200d👧🏽" + "".join(PAYLOADS) + "[/red][@click=app.quit]x[/]"
_NULL = ("creationTimestamp", "deletionTimestamp", "labels", "annotations")
NULLS: dict[str, Any] = dict.fromkeys(_NULL)
PODS, MAPS = catalog.BUILTIN["pods"], catalog.BUILTIN["configmaps"]

pytestmark = pytest.mark.asyncio(loop_scope="module")


def hostile_pod(name: str) -> dict[str, Any]:
    waiting = {"waiting": {"reason": BAD, "message": BAD}}
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "namespace": "odd", "labels": {"app": BAD, BAD: "x"}, "annotations": {BAD: BAD},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": BAD, "uid": "1"}],
        },
        "spec": {"nodeName": BAD, "hostNetwork": True, "containers": [{"name": BAD, "image": BAD}]},
        "status": {
            "phase": "Pending", "reason": BAD, "message": BAD,
            "conditions": [{"type": "Ready", "status": "False", "reason": BAD, "message": BAD}],
            "containerStatuses": [{"name": BAD, "ready": False, "restartCount": 9, "state": waiting}],
        },
    }  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, seeded=False) as found:
        store = found.store
        store.create(catalog.BUILTIN["namespaces"], {"metadata": {"name": "odd"}, "status": {}})
        store.create(PODS, hostile_pod("aa"))
        store.create(PODS, hostile_pod("bb" + BAD))
        store.create(PODS, {"metadata": {"name": "cc", "namespace": "odd"}, "spec": None, "status": None})
        store.create(MAPS, {"metadata": {"name": BAD, "namespace": "odd"}, "data": {BAD: BAD}})
        yield found


async def test_table_note_foot_and_drawer_are_harmless(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with explorer(session_of(cluster.kubeconfig, namespace="odd"), tmp_path) as it:
        await it.until(lambda: len(it.rows) == 3, "rows")
        for row in it.rows:
            await it.until(lambda row=row: it.row == row and "Pod: the smallest unit" in it.note, row)  # type: ignore[misc]
            assert_harmless(it.text)
            await it.press("n")
            await it.until_seen("Esc close")
            assert_harmless(it.text)
            await it.press("escape")
            await it.until_gone("Esc close")
            await it.press("down")
        assert "[red]" in it.text
        await it.filter("SEFDS0VE")
        await it.until(lambda: len(it.rows) == 2, "both")
        await it.open("configmaps")
        await it.until(lambda: len(it.rows) == 1 and "絵文字" in it.text, "the ConfigMap")
        assert_harmless(it.text)


async def test_scripts_get_it_harmless_too(cluster: PracticeCluster, tmp_path: Path) -> None:
    for form in ("text", "json"):
        said = await k8stui(
            "explain",
            "pods/aa",
            "-n",
            "odd",
            "-o",
            form,
            "--kubeconfig",
            str(cluster.kubeconfig),
            home=tmp_path,
        )
        assert (said.status, said.err) == (0, "")
        assert form == "text" or "[red]" in said.out
        assert_harmless(said.out)


CONTROL = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\]22;\w+\x07|[78=>]|\([0B])|[\r\n\x0f]")


async def test_no_byte_of_it_reaches_a_terminal(cluster: PracticeCluster, tmp_path: Path) -> None:
    arguments = ("pods", "-n", "odd", "--kubeconfig", str(cluster.kubeconfig))
    async with terminal(*arguments, home=tmp_path) as (it, process):
        await it.until(lambda text: "● live" in text and "Pod: the smallest unit" in text and "[red]" in text)
        it.type(b"n")
        await it.until(lambda text: "Esc close" in text)
        it.type(b"\x1b")
        await it.until(lambda text: "Esc close" not in text)
        it.type(b"j")
        await it.until(lambda text: "kubectl" in text and "$ " in text)
        it.type(b":ctx nowhere\r")
        await it.until(lambda text: "nowhere" in text)
        it.type(b"\x11")
        assert await process.wait() == 0
        sent = bytes(it.sent)
    for payload in PAYLOADS[:5]:
        assert payload.encode() not in sent
    assert b"SEFDS0VE" in sent  # as plain text, so it has been shown
    assert b"Warning" not in sent
    left = CONTROL.sub(b"", sent).decode()
    assert_harmless(left.replace("\x1b\\", ""))


async def test_a_terminal_of_a_name_nobody_knows(cluster: PracticeCluster, tmp_path: Path) -> None:
    arguments = ("pods", "-n", "odd", "--kubeconfig", str(cluster.kubeconfig), "--lang", "ja")
    environ = {"TERM": "nonsense", "LANG": "C", "LC_ALL": "C"}
    async with terminal(*arguments, home=tmp_path, environ=environ) as (it, process):
        await it.until(lambda text: "最新" in text and "解説" in text)
        it.type(b"\x11")
        assert await process.wait() == 0
        assert b"Traceback" not in it.sent


async def test_a_dumb_terminal(tmp_path: Path) -> None:
    async with terminal("--lang", "ja", home=tmp_path, environ={"TERM": "dumb"}) as (it, process):
        await it.until(lambda text: "TERM=dumb" in text)
        assert await process.wait() == 2
        assert b"\x1b" not in it.sent


ODD: tuple[Any, ...] = (None, 5, "x", [], [None], [1, "x", []], {}, {"": None}, True, {BAD: BAD})


def misshapen() -> Iterator[dict[str, Any]]:
    yield {}
    yield {"metadata": None, "spec": None, "status": None}
    for odd in ODD:
        yield {"metadata": NULLS | {"name": BAD, "ownerReferences": odd}, "spec": odd, "status": odd}
        names = dict.fromkeys(("name", "labels", "annotations", "namespace"), odd)
        spec = dict.fromkeys(("containers", "template", "selector", "ports", "rules"), odd)
        status = dict.fromkeys(("conditions", "containerStatuses", "loadBalancer"), odd)
        yield {"metadata": names, "data": odd, "spec": spec, "status": status}


async def test_no_shape_of_an_object_breaks_its_explanation() -> None:
    library = NoteLibrary.load()
    kinds = tuple(catalog.BUILTIN.values())
    for kind in kinds:
        subject = Subject(ref=ObjectRef(kind, "odd", BAD))
        for obj in misshapen():
            told = explain(library, subject, {"kind": kind.kind, **obj}, kinds, Lang.JA)
            assert told.notes, kind.kind
            assert_harmless(told.title)
            for note in told.notes:
                assert_harmless(" ".join([*(c for c, _ in note.commands), *(v for _, v in note.evidence)]))
    assert library.mistakes == ()
