"""The explanation of what is selected, and its new editions: when the object changes, or what is near it.

An object is explained by itself at once. Notes on its neighbours follow when those have been read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from k8stui.core.freshness import Freshness
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang, Text
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef
from k8stui.session import explain
from k8stui.session.environment import Environment
from k8stui.session.model import Explanation, Subject
from k8stui.session.neighbours import Neighbours
from k8stui.settings import Settings

if TYPE_CHECKING:
    from k8stui.kube.client import Client
    from k8stui.notes import Near, NoteLibrary

REST_SECONDS = 0.15
"""How long an object stays selected before its neighbours are asked for."""
PAUSE_SECONDS = 2.0
"""The least time between two questions for them, however often the object changes."""
AGAIN_SECONDS = 10.0
"""After that long they are asked for again, while the object stays selected."""

FollowObject = Callable[[ObjectRef], AsyncGenerator[JsonObject | Freshness | None, None]]
AskNear = Callable[[JsonObject], Awaitable["Near"]]


class Explainer:
    """Explains objects and kinds with one library of notes, whichever cluster is open."""

    def __init__(
        self,
        settings: Settings,
        kinds: Callable[[], Sequence[ResourceKind]],
        lang: Callable[[], Lang],
    ) -> None:
        self._settings = settings
        self._kinds = kinds
        self._lang = lang
        self._library: NoteLibrary | None = None
        self._neighbours: Neighbours | None = None

    @property
    def library(self) -> NoteLibrary:
        """The notes; none is read before it is needed."""
        from k8stui.notes import NoteLibrary

        if self._library is None:
            own = self._settings.notes_dir
            self._library = NoteLibrary.load([own] if own else None, cache=self._settings.cache_dir)
        return self._library

    def use(self, library: NoteLibrary) -> None:
        """Explain with these notes."""
        self._library = library

    async def explain(
        self,
        subject: Subject,
        obj: JsonObject | None = None,
        near: Near | None = None,
        *,
        environment: Environment | None = None,
        deleted: bool = False,
        problem: Text | None = None,
    ) -> Explanation:
        """One explanation.

        In a thread: notes are read and conditions compiled when first needed, and keys must not wait.
        """
        return await asyncio.to_thread(
            explain.explain,
            self.library,
            subject,
            obj,
            self._kinds(),
            self._lang(),
            near=near,
            environment=environment,
            deleted=deleted,
            problem=problem,
        )

    async def once(self, client: Client, ref: ObjectRef) -> Explanation:
        """The explanation of an object as it is now, with what is near.

        Raises:
            ExplorerError: the object could not be read.
        """
        obj = await client.get(ref)
        return await self.explain(Subject(ref=ref), obj, await self._near(client, ref)(obj))

    async def editions(
        self, client: Client, ref: ObjectRef, follow: FollowObject
    ) -> AsyncGenerator[Explanation, None]:
        """The explanation of an object, anew at each change, until the caller closes the generator."""
        subject, watched = Subject(ref=ref), _Watched(follow, ref)
        tasks = (
            asyncio.create_task(watched.follow()),
            asyncio.create_task(watched.look_around(self._near(client, ref))),
        )
        for task in tasks:
            task.add_done_callback(lambda _: watched.news.set())
        try:
            while True:
                await watched.news.wait()
                over = any(task.done() for task in tasks)
                watched.news.clear()
                if watched.told != watched.state:
                    watched.told = watched.state
                    obj, deleted, problem, near = watched.state
                    yield await self.explain(subject, obj, near, deleted=deleted, problem=problem)
                if over:
                    break
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def neighbours(self, client: Client) -> Neighbours:
        """What asks a cluster for neighbours."""
        if self._neighbours is None or self._neighbours.client is not client:
            self._neighbours = Neighbours(client, self._kinds)
        return self._neighbours

    def _near(self, client: Client, ref: ObjectRef) -> AskNear:
        neighbours = self.neighbours(client)

        async def ask(obj: JsonObject) -> Near:
            needs = await asyncio.to_thread(explain.needs, self.library, ref.kind, obj)
            return await neighbours.of(obj, ref.kind, needs) if needs else {}

        return ask


class _Watched:
    """An object and its neighbours, as far as they are known now."""

    def __init__(self, follow: FollowObject, ref: ObjectRef) -> None:
        self._follow = follow
        self._ref = ref
        self.obj: JsonObject | None = None
        self.deleted = False
        self.problem: Text | None = None
        self.near: Near | None = None
        self.news = asyncio.Event()
        """Set: there is something that has not been told."""
        self.told: object = None
        self._changed = asyncio.Event()

    @property
    def state(self) -> tuple[JsonObject | None, bool, Text | None, Near | None]:
        """All of it, to be compared."""
        return self.obj, self.deleted, self.problem, self.near

    async def follow(self) -> None:
        """Keep the object true."""
        async with aclosing(self._follow(self._ref)) as steps:
            async for step in steps:
                if isinstance(step, Freshness):
                    if self.obj is None and step.message is not None:
                        self.problem = step.message
                        self.news.set()
                    continue
                self.deleted, self.problem = step is None and self.obj is not None, None
                if step is not None:
                    self.obj = step
                    self._changed.set()
                self.news.set()

    async def look_around(self, ask: AskNear) -> None:
        """Ask for the neighbours when the object rests, again when it changes, and now and then."""
        await self._changed.wait()
        await asyncio.sleep(REST_SECONDS)
        while True:
            self._changed.clear()
            if self.obj is not None and not self.deleted:
                near = await ask(self.obj)
                if near != (self.near or {}):
                    self.near = near
                    self.news.set()
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await asyncio.wait_for(self._changed.wait(), AGAIN_SECONDS - PAUSE_SECONDS)
            except TimeoutError:
                continue
