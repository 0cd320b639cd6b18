"""The command palette: every action and every kind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rich.text import Text as RichText
from textual.command import DiscoveryHit, Hit, Hits, Provider

from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Text
from k8stui.session.operations import Operation
from k8stui.ui.base import BaseApp
from k8stui.ui.keys import written

MOST_HITS = 40
"""Kinds that are offered at once."""

_KIND = Text("go to {kind} ({name})", "{kind}に移動 ({name})")


class ExplorerCommands(Provider):
    """Finds actions by title and explanation, kinds by kind, resource and short name."""

    @property
    def _base(self) -> BaseApp:
        assert isinstance(self.app, BaseApp)
        return self.app

    def _operations(self) -> Iterator[Operation]:
        return (op for op in self._base.session.operations if op.palette and self._base.sense(op.id))

    async def discover(self) -> Hits:
        """Every action, before anything is typed."""
        base = self._base
        for op in self._operations():
            title = f"{base.say(op.title)}  {written(op.keys[0])}"
            yield DiscoveryHit(RichText(title), partial(base.operate, op.id), title, base.say(op.explain))

    async def search(self, query: str) -> Hits:
        """Actions and kinds that fit what is typed."""
        base, matcher = self._base, self.matcher(query)
        for op in self._operations():
            words = f"{base.say(op.title)}  {op.id.replace('.', ' ')}"
            score = max(matcher.match(words), matcher.match(base.say(op.explain)) * 0.8)
            if score > 0:
                title = f"{base.say(op.title)}  {written(op.keys[0])}"
                yield Hit(score, RichText(title), partial(base.operate, op.id), title, base.say(op.explain))
        scored = sorted(
            ((matcher.match(_words(kind)), kind) for kind in self._kinds()), key=lambda hit: -hit[0]
        )
        for score, kind in scored[:MOST_HITS]:
            if score > 0:
                title = base.say(_KIND.format(kind=kind.kind, name=kind.name))
                yield Hit(score, RichText(title), partial(base.go_to_kind, kind), title)

    def _kinds(self) -> Iterator[ResourceKind]:
        return (kind for kind in self._base.session.kinds if kind.listable)


def _words(kind: ResourceKind) -> str:
    return " ".join((kind.kind, kind.name, *kind.short_names))
