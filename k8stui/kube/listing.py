"""The ways to list a whole collection, chosen by what was asked for and by the numbers the server gives.

What a list costs is the metadata, which the server encodes at some 2.7 KB an object; cells alone are 130
bytes. Cells alone name an object only within one namespace. So many objects in few namespaces are read as
cells, one list per namespace, and everything else in pages that grow.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from k8stui.kube.cells import NoName
from k8stui.kube.errors import ApiError, Expired, Forbidden
from k8stui.kube.lists import Lister, in_parallel
from k8stui.kube.tables import Page
from k8stui.kube.wire import Include

FIRST_LOOK = 100
"""Rows of the first request for every namespace: a screen, and the size of the collection."""
FIRST_PAGE = 500
LARGEST_PAGE = 4000
LARGEST_PAGE_OF_OBJECTS = 500
TINY = 1000
"""Objects that are left, at most, for one page to be the quickest way."""
NAMESPACES_AT_ONCE = 4
_FEW_NAMESPACES = 64
_WORTH = 40
_WORTH_IF_MANY = 150

Progress = Callable[[int | None], Awaitable[None]]
"""Told the number of objects in all, when the server said."""


class Listing:
    """Lists one collection completely; the rows go where the lister's ``emit`` brings them."""

    def __init__(
        self,
        lister: Lister,
        include: Include,
        names: Callable[[], Awaitable[list[str]]],
        *,
        from_cache: bool,
        by_namespace: bool,
        total: Progress,
        anew: Callable[[], None],
    ) -> None:
        """Prepare.

        Args:
            lister: of the collection.
            include: what is wanted with each row.
            names: asks for the names of all namespaces.
            from_cache: whether lists without a limit shall be answered from the server's cache, which may
                lag behind; before 1.31 the alternative is a read of everything from etcd.
            by_namespace: whether a list per namespace is a choice.
            total: told the number of objects.
            anew: told that the rows so far do not count as listed: others of a later moment follow.
        """
        self._lister = lister
        self._include = include
        self._names = names
        self._any_version = "0" if from_cache else ""
        self._by_namespace = by_namespace
        self._total = total
        self._anew = anew
        self.used_namespaces = False
        """Whether the rows came by a list per namespace."""

    async def run(self) -> str:
        """List; gives the resourceVersion from which a watch misses nothing.

        Raises:
            NoName: cells alone do not tell the objects apart; ask for metadata.
            ExplorerError: the server refused, or the connection broke.
        """
        if self._lister.target.everywhere:
            return await self._everywhere()
        if self._include is Include.NONE:
            return await self._cells()
        return await self._pages(await self._look(self._include, FIRST_PAGE))

    async def _cells(self) -> str:
        """Cells of one namespace, or of a cluster-scoped kind: a first look, and if that is not all, all."""
        if not self._any_version:
            first = await self._look(Include.NONE, FIRST_PAGE)
            if not first.more:
                return first.version
            self._anew()
        return (await self._lister.page(Include.NONE, version=self._any_version)).version

    async def _everywhere(self) -> str:
        include = Include.METADATA if self._include is Include.NONE else self._include
        first = await self._look(include, FIRST_LOOK)
        page = first
        if self._include is Include.NONE and self._by_namespace:
            if page.more and page.remaining is None:
                # Selectors hide how many there are; mostly this is all.
                page = await self._next(page, include, FIRST_PAGE)
            names = await self._worth_it(page) if page.more else []
            if names:
                version = await self._each_namespace(first, names)
                if version:
                    return version
                self._anew()
                page = await self._look(include, FIRST_PAGE)
        return await self._pages(page)

    async def _look(self, include: Include, limit: int) -> Page:
        page = await self._lister.page(include, limit=limit)
        if not page.more:
            await self._total(page.count)
        elif page.remaining is not None:
            await self._total(page.count + page.remaining)
        return page

    async def _worth_it(self, first: Page) -> list[str]:
        """The namespaces, when a list for each of them is quicker than pages; otherwise none."""
        left = first.remaining
        if not first.version.isdecimal() or (left is not None and left <= TINY):
            return []
        try:
            names = await self._names()
        except ApiError:
            return []
        few = len(names) <= _FEW_NAMESPACES
        if left is None:
            return names if few else []
        return names if left >= len(names) * (_WORTH if few else _WORTH_IF_MANY) else []

    async def _each_namespace(self, first: Page, names: list[str]) -> str | None:
        """A list of cells per namespace.

        The lists are of different moments. A watch from the smallest of their versions (the first look's is
        older than the list of namespaces, so one born in between is no hole) repeats what happened meanwhile
        and so ends at the truth. Only for this are versions compared as numbers.
        """
        versions = [first.version]

        async def one(name: str) -> None:
            page = await self._lister.page(Include.NONE, namespace=name, version=self._any_version)
            versions.append(page.version)

        try:
            await in_parallel(names, one, NAMESPACES_AT_ONCE)
        except (Forbidden, NoName):
            return None
        if not all(version.isdecimal() for version in versions):
            return None
        self.used_namespaces = True
        return min(versions, key=int)

    async def _pages(self, first: Page) -> str:
        """The rest of the pages, each larger than the one before."""
        objects = self._include is Include.OBJECT
        include = Include.METADATA if self._include is Include.NONE else self._include
        largest = LARGEST_PAGE_OF_OBJECTS if objects else LARGEST_PAGE
        page, limit = first, FIRST_PAGE
        while page.more:
            if page.remaining is not None and page.remaining <= TINY and not objects:
                limit = TINY
            page = await self._next(page, include, limit)
            limit = min(largest, limit * 2)
        return page.version

    async def _next(self, page: Page, include: Include, limit: int) -> Page:
        """The page after this one; when the server has forgotten where it was, everything in one."""
        try:
            return await self._lister.page(include, limit=limit, token=page.more)
        except Expired:
            if include is Include.OBJECT:
                raise
            self._anew()
            return await self._lister.page(include)
