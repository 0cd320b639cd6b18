"""What a cluster teaches beyond one object: what it runs on, the handbook, and objects that show a note."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from k8stui.core.errors import ExplorerError
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang
from k8stui.core.objects import JsonObject
from k8stui.core.refs import Scope
from k8stui.session import examples
from k8stui.session.environment import Environment, look
from k8stui.session.explain import note_view
from k8stui.session.explainer import Explainer
from k8stui.session.handbook import Order, Section, sections
from k8stui.session.marks import ReadMarks
from k8stui.session.model import ClusterInfo, Link, NoteView

if TYPE_CHECKING:
    from k8stui.kube.client import Client
    from k8stui.notes import Near, Note

MOST_EXAMPLES = 9
"""Objects that show a note: one for each digit."""
KEPT_SECONDS = 15.0
"""How long a list of objects is searched again."""


class Learning:
    """Belongs to one session; what it has learned is of the cluster that is open."""

    def __init__(
        self,
        explainer: Explainer,
        client: Callable[[], Client],
        kinds: Callable[[], Sequence[ResourceKind]],
        fallback: Callable[[], Scope],
        state: Path,
    ) -> None:
        """Prepare; nothing is asked or read yet.

        Args:
            explainer: Has the notes.
            client: The cluster that is open.
            kinds: The kinds that it serves.
            fallback: Where to look when the whole cluster may not be listed.
            state: Directory for what outlives a run.
        """
        self._explainer = explainer
        self._client = client
        self._kinds = kinds
        self._fallback = fallback
        self.marks = ReadMarks(state)
        self._environment: tuple[Client, Environment] | None = None
        self._looking = asyncio.Lock()
        self._lists: dict[ResourceKind, tuple[float, Client, Sequence[JsonObject]]] = {}

    # The cluster

    @property
    def known_environment(self) -> Environment | None:
        """What the cluster runs on, if it has been asked."""
        kept = self._environment
        return kept[1] if kept is not None and kept[0] is self._client() else None

    async def environment(self, info: ClusterInfo | None) -> Environment:
        """What the cluster runs on; asked once."""
        async with self._looking:
            client = self._client()
            known = self.known_environment
            if known is None:
                version = info.version if info is not None else ""
                known = await look(client, version or await self._version(client), self._kinds())
                self._environment = (client, known)
            return known

    async def _version(self, client: Client) -> str:
        try:
            return (await client.version()).git
        except ExplorerError:
            return ""

    # The handbook

    async def sections(self, order: Order, query: str = "") -> tuple[Section, ...]:
        """The handbook in a layout; reads every note."""
        return await asyncio.to_thread(lambda: sections(self._explainer.library.notes(), order, query))

    async def note(self, id: str) -> Note | None:
        """The note of that name."""
        notes = await asyncio.to_thread(self._explainer.library.notes)
        return next((note for note in notes if note.id == id), None)

    def view(self, note: Note, lang: Lang) -> NoteView:
        """A note as it reads with no object at hand."""
        return note_view(self._explainer.library.bare(note), lang)

    async def examples(self, note: Note, most: int = MOST_EXAMPLES) -> list[Link]:
        """Objects of this cluster that show a note.

        Raises:
            ExplorerError: no cluster is open, or it could not be asked.
        """
        client, about = self._client(), note.about
        if about.environment or about.network:
            return self._proofs(await self.environment(None), about.environment or about.network)

        async def near(obj: JsonObject, kind: ResourceKind, relations: frozenset[str]) -> Near:
            return await self._explainer.neighbours(client).of(obj, kind, relations)

        return await examples.examples(self._explainer.library, note, self._kinds(), self._list, near, most)

    def _proofs(self, found: Environment, name: str) -> list[Link]:
        """The objects that showed what the cluster runs on, if it is that."""
        links = []
        for slug, proof in (*found.kinds, *found.networks):
            for place, value in proof if slug == name else ():
                kind_name, _, object_name = place.partition(" ")[0].partition("/")
                kind = next((kind for kind in self._kinds() if kind.kind == kind_name), None)
                if kind is not None and object_name:
                    namespace = value if kind.namespaced else ""
                    links.append(Link(f"{kind_name} {object_name}", kind, namespace, object_name))
            if slug == name and not links:  # shown by the server's own version
                links += [Link(kind.kind, kind) for kind in self._kinds() if kind.name == "nodes"]
        return links

    async def _list(self, kind: ResourceKind, most: int) -> Sequence[JsonObject]:
        """Objects of a kind, at most a moment old: pages of the handbook ask for the same ones."""
        client, now = self._client(), time.monotonic()
        self._lists = {k: kept for k, kept in self._lists.items() if kept[0] > now and kept[1] is client}
        if kind not in self._lists:
            self._lists[kind] = (now + KEPT_SECONDS, client, await self._asked(kind, most))
        return self._lists[kind][2]

    async def _asked(self, kind: ResourceKind, most: int) -> Sequence[JsonObject]:
        from k8stui.kube.errors import Forbidden

        try:
            return await self._client().list(kind, Scope.all(), limit=most)
        except Forbidden:
            where = self._fallback()
            if where.everywhere or not kind.namespaced:
                raise
            return await self._client().list(kind, where, limit=most)
