"""Another cluster: probed in the background while the open view stays usable."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from k8stui.core.lang import Text
from k8stui.session.commands import OpenKind
from k8stui.session.model import ContextEntry, View
from k8stui.ui.screens.parts import ExplorerParts
from k8stui.ui.widgets.foot import FootMessage

_TITLE = Text("Clusters", "クラスター")
_PRACTICE = Text("practice cluster, on this machine only", "このマシンだけで動く練習用クラスター")
_DETAIL = Text(
    "cluster {cluster}, user {user}, namespace {namespace}",
    "cluster {cluster}, user {user}, namespace {namespace}",
)
_TRYING = Text(
    "Asking {context} whether it answers. The open view stays; Esc cancels.",
    "{context}に接続できるか確認しています。今の画面はそのまま使えます。Escで中止できます。",
)
_CANCELLED = Text("Stayed on {context}.", "{context}のままです。")
_OPENED = Text("Now on {context}.", "{context}に切り替えました。")
_GROUP = "switch"


class Switching:
    """Chooses and opens another cluster. The old one stays until the new one has answered."""

    def __init__(self, parts: ExplorerParts, arrive: Callable[[View], Awaitable[None]]) -> None:
        self._parts = parts
        self._arrive = arrive
        self.trying = ""
        """The context that is being asked; empty when none is."""

    def choose(self) -> None:
        """Show the list of contexts."""
        self._parts.work(self._choose, _GROUP)

    async def _choose(self) -> None:
        from k8stui.ui.screens.chooser import Choice, Chooser

        entries = await asyncio.to_thread(self._parts.session.contexts)
        choices = [Choice(entry.name, entry.name, self._detail(entry), entry.current) for entry in entries]

        def chosen(name: str | None) -> None:
            entry = next((entry for entry in entries if entry.name == name), None)
            if entry is not None and (not entry.current or self._parts.live.troubled):
                self._parts.work(partial(self._switch, entry, None), _GROUP)

        self._parts.app.push_screen(Chooser(_TITLE, choices), chosen)

    def _detail(self, entry: ContextEntry) -> str:
        text = _PRACTICE if entry.practice else _DETAIL
        words = text.format(cluster=entry.cluster, user=entry.user, namespace=entry.namespace)
        return words.get(self._parts.session.lang)

    def to_name(self, name: str, command: OpenKind | None = None) -> None:
        """Open the context of that name, and in it what a command asks for."""
        self._parts.work(partial(self._to_name, name, command), _GROUP)

    async def _to_name(self, name: str, command: OpenKind | None) -> None:
        entry = await asyncio.to_thread(self._parts.session.context_named, name)
        await self._switch(entry, command)

    def cancel(self) -> bool:
        """Give the switch up; whether one was under way."""
        if not self.trying:
            return False
        self._parts.workers.cancel_group(self._parts, _GROUP)
        return True

    async def _switch(self, entry: ContextEntry, command: OpenKind | None) -> None:
        parts, session = self._parts, self._parts.session
        self.trying = entry.name
        parts.foot.tell(FootMessage(_TRYING.format(context=entry.name), lasting=True))
        try:
            await session.switch_context(entry)
        except asyncio.CancelledError:
            old = session.info.context if session.info is not None else ""
            parts.base.tell(_CANCELLED.format(context=old))
            raise
        finally:
            self.trying = ""
            if parts.foot.message is not None and parts.foot.message.lasting:
                parts.foot.tell(None)
        view = parts.ways.to_kind(command) if command is not None else await session.start_view("pods")
        parts.base.tell(_OPENED.format(context=entry.name))
        parts.work(partial(self._arrive, view), "cluster")
