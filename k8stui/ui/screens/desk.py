"""What is asked of a cluster beside the open view: who it is, which kinds it serves, how many there are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from k8stui.core.errors import ExplorerError
from k8stui.session.session import Session
from k8stui.ui.widgets.category_tree import CategoryTree
from k8stui.ui.widgets.header import Banner

_SOON = 0.3
"""Seconds within which several wishes for counts become one round."""


class ClusterDesk:
    """Asks one cluster at a time; each coroutine runs in a worker that ends with the cluster."""

    def __init__(
        self, session: Session, header: Banner, tree: CategoryTree, report: Callable[[ExplorerError], None]
    ) -> None:
        self._session = session
        self._header = header
        self._tree = tree
        self._report = report
        self.on_catalog: Callable[[], None] = lambda: None
        """Called when the kinds that the cluster serves have been asked for again."""
        self._wish = asyncio.Event()

    def counts_wanted(self) -> None:
        """Another scope, or kinds that were folded away: count soon."""
        self._wish.set()

    async def introduce(self) -> None:
        """Version, then kinds: after the first rows, since those are what the person waits for."""
        try:
            self._header.show(info=await self._session.identify())
            await self._session.discover()
        except ExplorerError as error:
            self._report(error)
        self._tree.set_nodes(self._session.catalog)
        self.counts_wanted()

    async def watch_catalog(self) -> None:
        """Follow the kinds that the cluster serves: definitions of custom resources come and go."""
        async for _ in self._session.catalog_changes():
            try:
                await self._session.discover(refresh=True)
            except ExplorerError as error:
                self._report(error)
                continue
            self._tree.set_nodes(self._session.catalog)
            self.on_catalog()
            self.counts_wanted()

    async def keep_counting(self, visible: Callable[[], bool]) -> None:
        """Count what the tree shows when that is wished for, and again from time to time while it is seen."""
        period = self._session.settings.counts_seconds
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wish.wait(), period or None)
            await asyncio.sleep(_SOON)
            self._wish.clear()
            if not visible():
                continue
            try:
                await self._count()
            except ExplorerError:
                continue  # the open view's feed tells of a lost cluster; counts are asked again next time

    async def _count(self) -> None:
        async for kind, count in self._session.counts(self._tree.kinds_to_count()):
            self._tree.set_count(kind, count.value, denied=count.denied is not None)
        if self._tree.shows_forms:
            self._tree.set_forms(await self._session.form_counts())
