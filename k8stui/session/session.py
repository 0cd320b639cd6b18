"""One running explorer: the cluster it looks at, where, and in which language.

Modules that only a method needs are imported there: the first frame is painted before any of them.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from k8stui import catalog
from k8stui.core.errors import ExplorerError, UsageError
from k8stui.core.freshness import Freshness
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang, Text
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef, Scope
from k8stui.core.rows import Row, RowDelta
from k8stui.session.connections import Connections, PracticeStarter
from k8stui.session.history import History
from k8stui.session.model import ClusterInfo, ContextEntry, Explanation, Subject, View
from k8stui.session.operations import with_keys
from k8stui.settings import Settings
from k8stui.settings.places import state_dir

if TYPE_CHECKING:
    from k8stui.kube.client import Client, Count
    from k8stui.session import commands, page
    from k8stui.session.explainer import Explainer
    from k8stui.session.learning import Learning
    from k8stui.session.versions import Versions


class Session:
    """The state of one explorer, and everything that a front end asks of it.

    Nothing here waits for the terminal. What talks to a cluster is a coroutine or an async iterator; closing
    an iterator ends its requests.
    """

    def __init__(
        self,
        settings: Settings,
        practice: PracticeStarter,
        *,
        lang: Lang,
        environ: Mapping[str, str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.lang = lang
        self.clock = clock
        self.read_only = True
        self.info: ClusterInfo | None = None
        self.scope = Scope.all()
        self.history = History()
        self.kinds: tuple[ResourceKind, ...] = tuple(catalog.BUILTIN.values())
        """Every kind that is known: the built-in table until the cluster has been asked."""
        self.catalog: tuple[catalog.Node, ...] = catalog.tree(None)
        self.discovered = False
        self.operations = with_keys(settings.keys)
        self._versions: Versions | None = None
        self._connections = Connections(settings, practice, environ, clock)
        self._client: Client | None = None
        self._explainer: Explainer | None = None
        self._learning: Learning | None = None
        self._environ = environ

    async def start(self, *, practice: bool = False, instead: bool = True) -> ClusterInfo:
        """Open the cluster that settings, environment and kubeconfig name; without any, the practice cluster.

        Nothing is asked of the server yet: its first answer should be the rows that are wanted first.

        Args:
            practice: Open the practice cluster in any case.
            instead: Whether the practice cluster may take the place of a kubeconfig that cannot be used.

        Raises:
            ExplorerError: the kubeconfig or context cannot be used, and it was asked for by name or nothing
                may take its place; or the practice cluster does not start.
        """
        info = self._adopt(*await self._connections.first(practice=practice, instead=instead))
        self.scope = self.settings.scope() or self.scope
        return info

    async def identify(self) -> ClusterInfo:
        """Ask the server for its version."""
        version = await self.client.version()
        assert self.info is not None  # a client is open
        self.info = self.info.identified(version.git)
        return self.info

    async def discover(self, *, refresh: bool = False) -> None:
        """Ask which kinds the cluster serves; afterwards ``kinds`` and ``catalog`` are its own."""
        client = self.client
        found = await client.discover(refresh=refresh)
        if client is not self._client:
            return
        self.kinds = found.kinds
        self.catalog = catalog.tree(
            found.kinds, [(f"{g.group}/{g.version}", g.message) for g in found.unavailable]
        )
        self.discovered = True

    def serves(self, kind: ResourceKind) -> bool:
        """Whether the cluster serves a kind in any version, as far as it has been asked."""
        return not self.discovered or any(known.name == kind.name for known in self.kinds)

    def catalog_changes(self) -> AsyncGenerator[None, None]:
        """Yields when the kinds that the cluster serves may have changed; ``discover(refresh=True)`` then."""
        return self.client.discovery_changes()

    def contexts(self) -> list[ContextEntry]:
        """Every context of the kubeconfig, then the practice cluster."""
        return self._connections.contexts(self.info)

    def context_named(self, name: str) -> ContextEntry:
        """The context of that name.

        Raises:
            UsageError: there is none.
        """
        return self._connections.named(name, self.info)

    async def switch_context(self, entry: ContextEntry) -> ClusterInfo:
        """Look at another cluster, once it has answered; until then, and when it does not, the old one stays.

        Raises:
            ExplorerError: the context cannot be used, or its server did not answer in time.
        """
        client, info = await self._connections.probed(entry)
        old = self._client
        self.kinds, self.catalog = tuple(catalog.BUILTIN.values()), catalog.tree(None)
        self.discovered = False
        self._adopt(client, info)
        if old is not None:
            await old.close()
        return info

    async def namespaces(self) -> list[str]:
        """The namespaces of the cluster; when listing them is forbidden, those known to be used."""
        try:
            return await self.client.namespaces()
        except ExplorerError:
            return list(self._fallback().namespaces)

    def retry_now(self) -> None:
        """End every wait for the next attempt."""
        if self._client is not None:
            self._client.retry_now()

    async def close(self) -> None:
        """Close connections and end the practice cluster if it was started here."""
        if self._client is not None:
            await self._client.close()
            self._client = None
        await self._connections.close()

    @property
    def versions(self) -> Versions:
        """What this explorer has seen of the objects of the open cluster."""
        from k8stui.session.versions import Versions

        if self._versions is None:
            self._versions = Versions()
        return self._versions

    @property
    def client(self) -> Client:
        """The open cluster.

        Raises:
            UsageError: none is open.
        """
        if self._client is None:
            raise UsageError(
                Text("No cluster is open.", "クラスターに接続していません。"),
                Text("Choose one with :ctx.", ":ctxでクラスターを選んでください。"),
            )
        return self._client

    def _adopt(self, client: Client, info: ClusterInfo) -> ClusterInfo:
        self._client, self.info = client, info
        self._versions = None
        self.scope = Scope.all() if info.practice else Scope.of(info.namespace)
        return info

    def _fallback(self) -> Scope:
        own = self._connections.own_namespaces(self.info) if self.info is not None else ()
        return Scope(tuple(dict.fromkeys((*own, *self.scope.namespaces))))

    async def start_view(self, word: str) -> View:
        """The first view: of the kind that a word names, in the scope of the settings, else of the context.

        Raises:
            UsageError: the cluster serves no such kind.
        """
        found = catalog.resolve(word, self.kinds)
        if not found and not self.discovered:
            await self.discover()
            found = catalog.resolve(word, self.kinds)
        if not found:
            from k8stui.session import commands

            raise commands.unknown_kind(word, self.kinds)
        return View(found[0], self.scope)

    def view_of(self, node: catalog.Node) -> View | None:
        """What the table shows for a node of the tree; None for a node without objects."""
        return View(node.kind, self.scope, node.form) if node.kind is not None else None

    def drill(self, view: View, row: Row) -> View | None:
        """The view that Enter leads to where an object stands for others.

        A Namespace becomes the scope and shows its Pods; a CustomResourceDefinition shows its objects. None
        where Enter opens the object itself.
        """
        match view.kind.name:
            case "namespaces":
                return View(self._pods(), Scope.of(row.name))
            case "customresourcedefinitions.apiextensions.k8s.io":
                kind = next((k for k in self.kinds if k.name == row.name), None)
                return View(kind, self.scope) if kind is not None else None
            case _:
                return None

    def _pods(self) -> ResourceKind:
        return next(kind for kind in self.kinds if kind.name == "pods")

    def feed(self, view: View) -> AsyncGenerator[RowDelta | Freshness, None]:
        """The rows of a view, for as long as the iterator lives.

        Of the forms of Service every row comes with its forms as marks; the table filters by them.
        """
        from k8stui.session import feed

        return feed.follow(self.client, view, self._fallback())

    async def count(self, kind: ResourceKind) -> Count:
        """How many objects of a kind the scope holds: of all namespaces those that the rows would be of."""
        if not kind.namespaced:
            return await self.client.count(kind, Scope.all())
        found = await self.client.count(kind, self.scope)
        fallback = self._fallback()
        if found.denied is None or not self.scope.everywhere or fallback.everywhere:
            return found
        return await self.client.count(kind, fallback)

    def counts(self, kinds: Sequence[ResourceKind]) -> AsyncGenerator[tuple[ResourceKind, Count], None]:
        """The counts of many kinds, a few at a time, in the order they are known."""
        from k8stui.session import counts

        return counts.counts(self.count, kinds)

    async def form_counts(self) -> dict[catalog.ServiceForm, int]:
        """How many Services of the scope take each form; a Service counts under every form it has.

        Empty when they may not be listed.
        """
        from k8stui.kube.errors import Forbidden

        try:
            services = await self._services()
        except Forbidden:
            return {}
        counted = dict.fromkeys(catalog.ServiceForm, 0)
        for obj in services:
            for form in catalog.service_forms(obj):
                counted[form] += 1
        return counted

    async def _services(self) -> list[JsonObject]:
        from k8stui.kube.errors import Forbidden

        try:
            return await self.client.list(catalog.BUILTIN["services"], self.scope)
        except Forbidden:
            fallback = self._fallback()
            if not self.scope.everywhere or fallback.everywhere:
                raise
            return await self.client.list(catalog.BUILTIN["services"], fallback)

    def parse(self, line: str) -> commands.Command:
        """Read a line of the command prompt.

        Raises:
            UsageError: it names nothing that exists here.
        """
        from k8stui.session import commands

        return commands.parse(line, self.kinds)

    def complete(self, line: str, namespaces: Sequence[str] = ()) -> list[str]:
        """What the line may become."""
        from k8stui.session import commands

        return commands.complete(line, self.kinds, namespaces, [entry.name for entry in self.contexts()])

    def kubectl(self, target: View | ObjectRef, output: str = "") -> str:
        """The kubectl command that shows the same; of an object described, or in an output format."""
        from k8stui.session import kubectl

        default = self.info.namespace if self.info is not None else ""
        if isinstance(target, View):
            return kubectl.for_view(target, default)
        if output:
            return f"{kubectl.for_object(target, default, 'get')} -o {output}"
        return kubectl.for_object(target, default)

    def kubectl_events(self, ref: ObjectRef) -> str:
        """The kubectl command that shows the events about an object."""
        from k8stui.session import kubectl

        return kubectl.for_events(ref, self.info.namespace if self.info is not None else "")

    def kubectl_explain(self, kind: ResourceKind, names: Sequence[str]) -> str:
        """The kubectl command that explains a field."""
        from k8stui.session import kubectl

        return kubectl.for_field(kind, names)

    async def explanations(self, subject: Subject) -> AsyncGenerator[Explanation, None]:
        """The explanation of a subject; of an object a new one when it or its neighbours change."""
        if subject.ref is None:
            async for edition in self._of_no_object(subject):
                yield edition
            return
        async with aclosing(
            self.explainer.editions(self.client, subject.ref, self.follow_object)
        ) as editions:
            async for edition in editions:
                yield edition

    async def _of_no_object(self, subject: Subject) -> AsyncGenerator[Explanation, None]:
        """At once, and where the cluster itself is meant, once more when it has been asked what it is."""
        from k8stui.session.explain import concerns_cluster

        asks = self._client is not None and self.discovered and concerns_cluster(subject)
        known = self.learning.known_environment if asks else None
        yield await self.explainer.explain(subject, environment=known)
        if asks and known is None:
            found = await self.learning.environment(self.info)
            yield await self.explainer.explain(subject, environment=found)

    async def follow_object(self, ref: ObjectRef) -> AsyncGenerator[JsonObject | Freshness | None, None]:
        """One object whenever it changes, None while there is none; every version is noted."""
        versions = self.versions
        async with aclosing(self.client.follow_object(ref)) as steps:
            async for step in steps:
                if not isinstance(step, Freshness):
                    versions.saw(ref, step, self.clock())
                yield step

    def object_states(self, ref: ObjectRef) -> AsyncGenerator[page.ObjectState, None]:
        """One object as its page shows it, for as long as the iterator lives."""
        from k8stui.session import page

        return page.states(self, ref)

    async def explain_once(self, ref: ObjectRef) -> Explanation:
        """The explanation of an object as it is now.

        Raises:
            ExplorerError: it could not be read.
        """
        return await self.explainer.once(self.client, ref)

    @property
    def learning(self) -> Learning:
        """The handbook, and what the cluster runs on; made when first needed."""
        from k8stui.session.learning import Learning

        if self._learning is None:
            self._learning = Learning(
                self.explainer,
                lambda: self.client,
                lambda: self.kinds,
                self._fallback,
                state_dir(self._environ),
            )
        return self._learning

    @property
    def explainer(self) -> Explainer:
        """What explains; made when first needed."""
        from k8stui.session.explainer import Explainer

        if self._explainer is None:
            self._explainer = Explainer(self.settings, lambda: self.kinds, lambda: self.lang)
        return self._explainer
