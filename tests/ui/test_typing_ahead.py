"""Keys that come faster than a prompt can be drawn belong to the prompt."""

from __future__ import annotations

from pathlib import Path

from textual import events

from tests.driver import Explorer, explorer
from tests.ui.fakes import fake_session, shop


def type_at_once(it: Explorer, *keys: tuple[str, str]) -> None:
    for key, character in keys:
        it.app.post_message(events.Key(key, character))


async def test_a_command_typed_in_one_go_reaches_the_prompt(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_seen("live")
        type_at_once(it, ("colon", ":"), *((char, char) for char in "deploy"), ("enter", "\r"))
        await it.until(lambda: it.kind == "Deployment", "opened deployments")


async def test_the_signs_themselves_can_be_typed_in_a_prompt(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_seen("live")
        type_at_once(it, ("slash", "/"), ("colon", ":"), ("slash", "/"), ("x", "x"))
        await it.until(
            lambda: (prompt := it.app.explorer.asking.prompt) is not None and prompt.text == ":/x",
            "typed :/x",
        )


async def test_keys_behind_enter_are_not_the_prompts(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_seen("live")
        enter = ("enter", "\r")
        type_at_once(it, ("colon", ":"), *((char, char) for char in "deploy"), enter)
        type_at_once(it, ("colon", ":"), *((char, char) for char in "svc"), enter)
        type_at_once(it, ("slash", "/"), *((char, char) for char in "zz"), enter, ("y", "y"))
        await it.until(lambda: it.kind == "Service", "opened services")
        await it.until(
            lambda: (view := it.app.explorer.live.view) is not None and view.filter == "zz", "filtered by zz"
        )
        assert it.app.explorer.asking.prompt is None


async def test_a_filter_that_is_cancelled_at_once_hides_nothing(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_seen("live")
        type_at_once(it, ("slash", "/"), ("z", "z"), ("escape", "\x1b"), ("colon", ":"), ("q", "q"))
        await it.until(
            lambda: (prompt := it.app.explorer.asking.prompt) is not None and prompt.text == "q", "typed :q"
        )
        view = it.app.explorer.live.view
        assert view is not None and view.filter == ""
