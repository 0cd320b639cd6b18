"""Settings, notes, caches and standard streams that are not as they should be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.session.operations import OPERATIONS
from k8stui.settings import load
from k8stui.settings.parsing import THEMES
from k8stui.ui.theme import PALETTES
from tests.driver import explorer
from tests.e2e.house import JAPANESE, assert_harmless, assert_refused, k8stui, session_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

BROKEN_NOTE = """\
notes:
  - id: mine
    about: {kind: Pod}
    severity: dreadful
    title: {en: Mine, ja: 私の}
    short: {en: Mine, ja: 私の}
  - id: good
    about: {kind: Pod}
    severity: kind
    title: {en: A note of my own, ja: 自分のノート}
    short: {en: Short., ja: 短い。}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, random_seed=1) as found:
        yield found


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("nope: 1\n", "There is no setting nope"),
        ("lang: ja\ntheme: sunshine\n", ":2:"),
        ("keys: {wide: no+such}\n", "The action wide needs a key"),
        ("keys: {wid: W}\n", "There is no action called wid"),
        ("context-colours: {a: blurple}\n", "a needs a colour"),
        ("theme: [a\n", "not YAML"),
    ],
)
async def test_a_mistake_in_the_settings(text: str, word: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(text)
    english, japanese = await asyncio.gather(
        k8stui("explain", "pods", "--config", str(path), "--lang", "en", home=tmp_path),
        k8stui("--lang=ja", "explain", "pods", "--config", str(path), home=tmp_path),
    )
    assert_refused(english, word, status=2)
    assert_refused(japanese, status=2)
    assert JAPANESE.search(japanese.err)
    assert not JAPANESE.search(english.err)


async def test_the_themes_of_the_settings_are_those_of_the_screen() -> None:
    assert [f"k8stui-{name}" for name in THEMES] == list(PALETTES)


async def test_every_default_key_can_be_written_in_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    keys = {operation.id: list(operation.keys) for operation in OPERATIONS}
    path.write_text(f"keys: {keys!r}\n")
    assert load({"HOME": "/nonexistent"}, config=path).keys == {i: tuple(k) for i, k in keys.items()}


async def test_a_broken_note_is_told_once(cluster: PracticeCluster, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "my.yaml").write_text(BROKEN_NOTE)
    session = session_of(cluster.kubeconfig, namespace="orders", notes_dir=tmp_path / "notes")
    async with explorer(session, tmp_path) as it:
        await it.until(lambda: "my.yaml:4" in it.foot, "the mistake")
        assert it.foot.strip().startswith("✖ A note is left out.")
        await it.until_seen("● live", "A note of my own")
        it.app.explorer.foot.tell(None)
        first = it.row
        await it.press("down")
        await it.until(lambda: it.row != first and f"Pod  {it.row}" in it.note, "the next row's note")
        assert "my.yaml" not in it.foot


async def test_scripts_are_told_of_a_broken_note_too(tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text(BROKEN_NOTE)
    said = await k8stui(
        "explain", "pods", "--lang", "ja", home=tmp_path, environ={"K8STUI_NOTES_DIR": str(tmp_path)}
    )
    assert said.status == 0
    assert "my.yaml:4" in said.err
    assert JAPANESE.search(said.err)
    assert "自分のノート" in said.out
    missing = await k8stui("explain", "pods", home=tmp_path, environ={"K8STUI_NOTES_DIR": "/nowhere"})
    assert (missing.status, missing.err) == (0, "k8stui: /nowhere: There is no such directory of notes.\n")


async def test_a_cache_that_cannot_be_used(cluster: PracticeCluster, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    good = await k8stui(
        "categories", "--no-counts", "--kubeconfig", str(cluster.kubeconfig),
        home=tmp_path, environ={"K8STUI_CACHE_DIR": str(cache)},
    )  # fmt: skip
    assert (good.status, good.err) == (0, "")
    kept = list(cache.iterdir())
    assert kept
    for damage in (b"", b"\x00\xff{", b'{"server": 1}', kept[0].read_bytes().replace(b"Pod", b"P\xff")):
        kept[0].write_bytes(damage)
        session = session_of(cluster.kubeconfig, cache_dir=cache)
        await session.start()
        await session.discover()
        assert any(kind.name == "pods" for kind in session.kinds)
        await session.close()
    nowhere = await k8stui(
        "categories", "--no-counts", "--kubeconfig", str(cluster.kubeconfig),
        home=tmp_path, environ={"K8STUI_CACHE_DIR": "/proc/nowhere"},
    )  # fmt: skip
    assert (nowhere.status, nowhere.err, nowhere.out) == (0, "", good.out)


@pytest.mark.parametrize(
    ("shell", "status", "word"),
    [
        (">&-", 1, "it is closed"),
        (">/dev/full", 1, "No space left on device"),
        ("| true; exit 0", 0, ""),
        ("2>&- >/dev/full", 1, ""),
    ],
)
async def test_output_that_nobody_takes(shell: str, status: int, word: str, tmp_path: Path) -> None:
    said = await k8stui("explain", "pods", home=tmp_path, shell=shell)
    assert "Traceback" not in said.err
    assert "Exception" not in said.err
    assert (said.status, said.out) == (status, "")
    assert word in said.err


async def test_a_reader_that_leaves_after_one_line(cluster: PracticeCluster, tmp_path: Path) -> None:
    said = await k8stui(
        "categories", "--no-counts", "--kubeconfig", str(cluster.kubeconfig), home=tmp_path, shell="| head -1"
    )
    assert said.out.startswith("CATEGORY")
    assert (said.status, said.err, said.out.count("\n")) == (0, "", 1)


@pytest.mark.parametrize("shell", ["", "<&-", ">&- <&-"])
async def test_no_terminal(shell: str, tmp_path: Path) -> None:
    said = await k8stui("pods", home=tmp_path, shell=shell)
    assert_refused(said, "The explorer needs a terminal.", "k8stui categories", status=2)


@pytest.mark.parametrize(
    "environ",
    [
        {"LANG": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
    ],
    ids=["LANG=C", "ASCII only", "PYTHONIOENCODING"],
)
async def test_japanese_in_a_locale_without_it(environ: dict[str, str], tmp_path: Path) -> None:
    said = await k8stui("explain", "pods", "--lang", "ja", home=tmp_path, environ=environ)
    assert (said.status, said.err) == (0, "")
    assert "最小の単位" in said.out or "\\u6700\\u5c0f" in said.out
    refused = await k8stui("--lang", "ja", "--nope", home=tmp_path, environ=environ)
    assert refused.status == 2
    assert refused.out == ""


async def test_arguments_that_are_no_text(tmp_path: Path) -> None:
    for argument in (b"--\xff\xfe", "--\x1b]52;c;aGk=\x07", "--context=\x1b[31m"):
        assert_refused(await k8stui(argument, home=tmp_path), status=2)
    said = await k8stui(b"explain", b"pods/\xff\x1b[2J", "--kubeconfig", "/nowhere", home=tmp_path)
    assert_refused(said, "/nowhere")
    assert_harmless(said.err)
