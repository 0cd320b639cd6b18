"""Draw the pictures of this folder: the explorer on its practice cluster, with a clock that stands still.

    python screenshots/draw.py [NAME ...]

Needs nothing but the test extra. The same commit draws the same pictures.
"""

from __future__ import annotations

import asyncio
import html
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))

from rich.cells import cell_len  # noqa: E402

from k8stui.cli.practice import PracticeCluster  # noqa: E402
from k8stui.core.lang import Lang  # noqa: E402
from k8stui.practice.cluster import practice_cluster  # noqa: E402
from k8stui.session.session import Session  # noqa: E402
from k8stui.settings import Settings  # noqa: E402
from tests.driver import Explorer, explorer  # noqa: E402

NOW = 1_793_000_000.0
"""The moment of every picture, in seconds since the epoch."""
CELL = 12.2
"""Width of a cell in Textual's SVG, in its own units."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: how large, in which language and colours, and how to get there."""

    name: str
    walk: Callable[[Explorer], Awaitable[None]]
    size: tuple[int, int] = (160, 48)
    lang: Lang = Lang.EN
    theme: str = "k8stui-dark"
    kind: str = "pods"


async def trouble(app: Explorer) -> None:
    """Pods of every namespace, one of them in trouble under the cursor."""
    await app.until_seen("live" if app.session.lang is Lang.EN else "最新")
    await app.filter("crashloop")
    await app.until(lambda: bool(app.rows), "a pod that keeps stopping")
    await app.press("escape")
    await app.until_seen("✖")


async def services(app: Explorer) -> None:
    """The forms of Service, with the tree in front."""
    await app.open("services")
    await app.until(lambda: bool(app.rows), "services")
    await app.press("j", "j")
    await app.until_seen("Service  ")


async def handbook(app: Explorer) -> None:
    """The handbook, at a note that objects of the cluster show."""
    await app.until_seen("live" if app.session.lang is Lang.EN else "最新")
    await app.press("B")
    await app.until_seen("§1.1")
    await app.press(*"jjj")
    await app.until_seen("1 Pod ")


async def why(app: Explorer) -> None:
    """The thirteen benefits with objects of the cluster."""
    await app.until_seen("live" if app.session.lang is Lang.EN else "最新")
    await app.press("W")
    await app.until(lambda: sum("→" in line for line in app.lines) == 13, "objects for each benefit")
    await app.press(*"jjj")
    await app.until_seen("1 Deployment ")


def page_of(namespace: str, prefix: str, key: str, *words: str) -> Callable[[Explorer], Awaitable[None]]:
    """The page of the first row whose name begins so, at the tab of a key."""

    async def walk(app: Explorer) -> None:
        await app.until_seen("live" if app.session.lang is Lang.EN else "最新")
        name = next(row for row in app.rows if row.startswith(prefix))
        app.app.explorer.table.move_to((namespace, name))
        await app.until(lambda: app.row == name, "its row")
        await app.press(key)
        await app.until_seen(*words)

    return walk


async def field(app: Explorer) -> None:
    """The YAML of a Pod in trouble, with the cursor on a field that has its note."""
    await page_of("default", "sample-hostnetwork", "y", "apiVersion: v1")(app)
    await app.press("slash")
    await app.until_seen("/")
    await app.write("hostNetwork")
    await app.press("enter")
    await app.until_seen("spec.hostNetwork  boolean")


async def keys(app: Explorer) -> None:
    """The list of keys."""
    await app.until_seen("live" if app.session.lang is Lang.EN else "最新")
    await app.press("question_mark")
    await app.until_seen("^P")


PICTURES = (
    Picture("explorer-en", trouble),
    Picture("explorer-ja", trouble, lang=Lang.JA),
    Picture("services-en", services),
    Picture("light-ja", services, lang=Lang.JA, theme="k8stui-light"),
    Picture("contrast-en", trouble, theme="k8stui-high-contrast"),
    Picture("narrow-en", trouble, size=(80, 24)),
    Picture("narrow-ja", trouble, size=(80, 24), lang=Lang.JA),
    Picture("middle-en", trouble, size=(120, 30)),
    Picture("yaml-en", field),
    Picture("description-ja", page_of("", "control-plane", "d", "動いているPod"), kind="nodes", lang=Lang.JA),
    Picture("relations-en", page_of("orders", "order-api", "u", "Follow a request"), kind="services"),
    Picture("page-narrow-en", page_of("default", "sample-2pod", "d", "Containers"), size=(80, 24)),
    Picture("handbook-en", handbook),
    Picture("why-ja", why, lang=Lang.JA),
    Picture("keys-en", keys),
)


def with_true_widths(svg: str) -> str:
    """The SVG with every run as wide as its cells, and with fonts that a reader has.

    Rich counts characters, so that browsers squeeze Japanese to half its width; and it names web fonts.
    """
    svg = re.sub(r"@font-face\s*\{[^}]*\}", "", svg)
    svg = svg.replace(
        "Fira Code, monospace", "'DejaVu Sans Mono', 'Noto Sans Mono CJK JP', 'Hiragino Sans', monospace"
    )
    run = re.compile(r'<text([^>]*?) x="([\d.]+)"([^>]*?) textLength="[\d.]+"([^>]*)>([^<]*)</text>')
    return run.sub(_split, svg)


def _split(match: re.Match[str]) -> str:
    """Wide and narrow stretches of one run, each with a place and a width of its own."""
    before, x, between, after, text = match.groups()
    at, drawn = float(x), []
    for part in re.findall(
        r"[\u0000-\u10ff\u2000-\u2e7f]+|[^\u0000-\u10ff\u2000-\u2e7f]+", html.unescape(text)
    ):
        width = cell_len(part) * CELL
        if part.strip("\xa0 "):
            drawn.append(
                f'<text{before} x="{at:g}"{between} textLength="{width:g}"'
                f' lengthAdjust="spacingAndGlyphs"{after}>'
                f"{html.escape(part)}</text>"
            )
        at += width
    return "".join(drawn)


async def draw(picture: Picture, kubeconfig: Path, scratch: Path) -> None:
    """Draw one picture."""
    settings = Settings(
        lang=picture.lang, theme=picture.theme, kubeconfig=kubeconfig, namespace="*", motion=False
    )
    session = Session(
        settings, PracticeCluster(), lang=picture.lang, environ={"HOME": str(scratch)}, clock=lambda: NOW
    )
    async with explorer(session, scratch, size=picture.size, kind=picture.kind) as app:
        await picture.walk(app)
        await asyncio.sleep(0.5)
        svg = app.app.export_screenshot(title="k8stui")
    svg = re.sub(r"terminal-\d+-", f"{picture.name}-", with_true_widths(svg))
    (FOLDER / f"{picture.name}.svg").write_text(svg + "\n", encoding="utf-8")
    print(picture.name)


async def main(names: list[str]) -> None:
    """Draw the pictures named, or all."""
    async with practice_cluster(moving=False, clock=lambda: NOW, random_seed=1) as cluster:
        with tempfile.TemporaryDirectory() as scratch:
            for picture in PICTURES:
                if not names or picture.name in names:
                    await draw(picture, cluster.kubeconfig, Path(scratch))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
