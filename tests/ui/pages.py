"""Tests look at an object's page."""

from __future__ import annotations

from k8stui.ui.screens.page import PageScreen
from tests.driver import Explorer


def page(it: Explorer) -> PageScreen:
    """The page that is open."""
    assert isinstance(it.app.screen, PageScreen)
    return it.app.screen


async def opened(it: Explorer, key: str = "enter", name: str = "") -> str:
    """Open the page of a row, of that under the cursor without a name; the row's name."""
    await it.until_seen("● live")
    if name:
        space = it.app.explorer.live.view.scope.namespaces[:1] if it.app.explorer.live.view else ()
        await it.until(lambda: name in it.rows, name)
        it.app.explorer.table.move_to(("".join(space), name))
    name = name or it.row
    await it.press(key)
    await it.until(
        lambda: isinstance(it.app.screen, PageScreen) and name in "".join(it.lines[:3]), "the page"
    )
    return name
