"""The handbook on the screen: its layouts, its search, what it remembers, and the way to objects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from k8stui.core.errors import UsageError
from k8stui.core.lang import Text
from k8stui.kube.client import Client
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.session.marks import ReadMarks
from k8stui.ui.screens.drawer import NoteDrawer
from k8stui.ui.screens.handbook import HandbookScreen
from tests.driver import Explorer, explorer
from tests.e2e.house import session_of

SIZES = [(160, 48), (80, 24), (60, 20)]


@pytest.fixture
async def cluster() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, random_seed=7) as running:
        yield running


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where this test's reader keeps what was read."""
    monkeypatch.setattr("k8stui.session.session.state_dir", lambda _: tmp_path / "state")
    return tmp_path / "state"


def book(it: Explorer) -> HandbookScreen:
    assert isinstance(it.app.screen, HandbookScreen)
    return it.app.screen


def under_cursor(it: Explorer) -> str:
    note = book(it).contents.note
    return note.id if note is not None else ""


async def opened(it: Explorer, key: str = "B") -> None:
    await it.until_seen("● live")
    await it.press(key)
    await it.until(lambda: isinstance(it.app.screen, HandbookScreen), "the handbook")
    await it.until(lambda: bool(under_cursor(it)), "its notes")


async def go_to(it: Explorer, id: str) -> None:
    """Move the cursor to a note."""
    for _ in range(len(book(it).contents.entries)):
        if under_cursor(it) == id:
            return
        await it.press("down")
    raise AssertionError(f"no note {id}")


@pytest.mark.parametrize("size", SIZES)
async def test_a_note_is_read_and_leads_to_an_object(
    cluster: PracticeCluster, tmp_path: Path, state: Path, size: tuple[int, int]
) -> None:
    async with explorer(session_of(cluster.kubeconfig, namespace="*"), tmp_path, size=size) as it:
        await opened(it)
        await it.press("slash")
        await it.until(lambda: book(it).prompt is not None, "the prompt")
        await it.press(*"hostnetwork", "enter")
        await it.until(lambda: book(it).prompt is None and under_cursor(it) != "", "what was found")
        await it.until_seen("/ hostnetwork")
        await go_to(it, "pod-host-network")
        await it.press("enter")
        await it.until_seen("§5.6")
        await it.until(lambda: bool(book(it).page.links), "objects")
        assert ReadMarks(state).read == {"pod-host-network"}
        link = book(it).page.links[0]
        await it.press("1")
        await it.until(lambda: it.app.screen is it.app.explorer, "the explorer")
        await it.until(lambda: it.row == link.name, "the object's row")


async def test_layouts_are_a_key_away_and_keep_the_note(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with explorer(session_of(cluster.kubeconfig, namespace="*"), tmp_path) as it:
        await opened(it)
        await it.until_seen("1  Containers before Kubernetes")
        here = under_cursor(it)
        await it.press("K")
        await it.until_seen("Around the API")
        assert under_cursor(it) == here
        await it.press("W")
        await it.until(lambda: under_cursor(it) == "benefit-many-nodes", "the benefits")
        contents = book(it).contents
        benefits = [entry.note.id for entry in contents.entries if entry.note is not None]
        assert len(benefits) == 13
        await it.until(lambda: all(contents.shown.get(note) for note in benefits), "objects for each of them")
        await it.press("f2")
        await it.until_seen("ハンドブック", "Kubernetesの利点", "このクラスターでは")


async def test_esc_goes_back_step_by_step(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with explorer(session_of(cluster.kubeconfig), tmp_path, size=(80, 24)) as it:
        await opened(it)
        total = len(book(it).contents.entries)
        await it.press("slash")
        await it.until(lambda: book(it).prompt is not None, "the prompt")
        await it.press(*"probe", "enter")
        await it.until(
            lambda: len(book(it).contents.entries) < total and book(it).prompt is None, "the search"
        )
        await it.press("enter")
        await it.until(lambda: book(it).page.has_focus, "the page")
        await it.press("escape")
        await it.until(lambda: book(it).contents.has_focus, "the list")
        await it.press("escape")
        await it.until(lambda: len(book(it).contents.entries) == total, "all notes")
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.app.explorer, "the explorer")


async def test_a_search_for_nothing_says_so(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with explorer(session_of(cluster.kubeconfig), tmp_path) as it:
        await opened(it)
        await it.press("slash")
        await it.until(lambda: book(it).prompt is not None, "the prompt")
        await it.press(*"zzzz")
        await it.until_seen("No note contains that.")
        await it.press("escape")
        await it.until(lambda: bool(under_cursor(it)), "all notes")


async def test_what_was_read_is_marked_at_the_next_start(
    cluster: PracticeCluster, tmp_path: Path, state: Path
) -> None:
    ReadMarks(state).add("benefit-logs")
    async with explorer(session_of(cluster.kubeconfig), tmp_path) as it:
        await opened(it, "W")
        await it.until_seen("1/13", "1 of 13 read")
        assert [line for line in it.lines if "✓" in line]


async def test_the_prompt_leads_there_too(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with explorer(session_of(cluster.kubeconfig), tmp_path) as it:
        await it.until_seen("● live")
        for word in ("notes", "why"):
            await it.go(word)
            await it.until(lambda: isinstance(it.app.screen, HandbookScreen), word)
            await it.press("escape")
            await it.until(lambda: it.app.screen is it.app.explorer, "back")


async def test_the_cluster_explains_itself(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with explorer(session_of(cluster.kubeconfig), tmp_path) as it:
        await it.until_seen("● live")
        await it.until(lambda: it.session.discovered, "discovery")
        await it.press("I")
        await it.until(lambda: isinstance(it.app.screen, NoteDrawer), "the drawer")
        await it.until_seen("The practice cluster", "gitVersion", "Flannel")


def nobody() -> Client:
    raise UsageError(Text.same("No cluster is open."))


async def test_where_the_cluster_cannot_be_asked_the_page_says_why(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    async with explorer(session_of(cluster.kubeconfig), tmp_path) as it:
        await it.until_seen("● live")
        it.session.learning._client = nobody
        await it.press("B")
        await it.until(lambda: isinstance(it.app.screen, HandbookScreen), "the handbook")
        await it.until_seen("No cluster is open.")
        assert book(it).page.links == ()
