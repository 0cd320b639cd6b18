"""One cluster, as the rest of the program sees it."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from k8stui.core.errors import ExplorerError
from k8stui.core.freshness import Freshness
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.core.refs import ObjectRef, Scope
from k8stui.core.rows import RowDelta
from k8stui.core.text import clean
from k8stui.kube import changes, follow, lists
from k8stui.kube.access import Access, Rights
from k8stui.kube.discovery import Discoverer, Discovery, UnavailableGroup
from k8stui.kube.discoverycache import DiscoveryCache
from k8stui.kube.errors import Cause, Unreachable
from k8stui.kube.lists import Count
from k8stui.kube.openapi import OpenApi
from k8stui.kube.pulse import Pulse
from k8stui.kube.rowsource import Upstream
from k8stui.kube.timing import Timing
from k8stui.kube.wire import OBJECT, Include, not_kubernetes

if TYPE_CHECKING:
    from k8stui.kube.kubeconfig import ChosenContext
    from k8stui.kube.transport import Transport

__all__ = ["Client", "Count", "Discovery", "Include", "Rights", "ServerVersion", "UnavailableGroup"]

Names = list[str]
Objects = list[JsonObject]

_ALIVE = 5.0
"""Seconds that the server may take to say that it lives."""
_CONSISTENT_CACHE = (1, 31)
"""The first version that answers an up-to-date list from its cache; older ones read all of it from etcd."""


@dataclass(frozen=True, slots=True)
class ServerVersion:
    """What ``/version`` says (k8s.io/apimachinery version.Info)."""

    git: str
    major: str
    minor: str
    platform: str

    @property
    def numbers(self) -> tuple[int, int] | None:
        """Major and minor as numbers (``27+`` is 27); None when they are none."""
        major, minor = ("".join(c for c in part if c.isdecimal()) for part in (self.major, self.minor))
        return (int(major), int(minor)) if major and minor else None


class Client:
    """Everything that is asked of one API server, with one person's credentials."""

    def __init__(
        self,
        transport: Transport,
        *,
        context: str = "",
        namespace: str = "default",
        insecure: bool = False,
        cache: Path | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.context = context
        """The context's name in the kubeconfig."""
        self.namespace = namespace
        """The context's namespace, ``default`` when it names none."""
        self.insecure = insecure
        """Whether the server's certificate is not checked."""
        self.host = transport.host
        """Host and port, for sentences."""
        self.server = transport.server
        """Base URL."""
        self.transport = transport
        """For the parts that need their own requests (logs, actions)."""
        timing = timing or Timing()
        self._version: ServerVersion | None = None
        self._known: frozenset[str] | None = None
        self._pulse = Pulse(timing, self._alive)
        self._upstream = Upstream(transport, timing, self._pulse, self._from_cache)
        self._access = Access(transport, timing.monotonic)
        self._discoverer = Discoverer(transport, DiscoveryCache(cache, transport.server))
        self.openapi = OpenApi(transport, cache)
        """What the server says of the fields of its kinds."""

    @classmethod
    def open(
        cls, chosen: ChosenContext, *, cache: Path | None, clock: Callable[[], float] = time.time
    ) -> Client:
        """A client for a context; asks the server nothing yet.

        Args:
            chosen: the context.
            cache: directory for what may be kept between starts; None keeps nothing.
            clock: seconds since the epoch.

        Raises:
            KubeconfigError: the address or the proxy cannot be used.
        """
        from k8stui.kube.transport import Transport

        return cls(
            Transport.open(chosen, clock=clock),
            context=chosen.name,
            namespace=chosen.namespace or "default",
            insecure=chosen.cluster.insecure,
            cache=cache,
            timing=Timing(clock=clock),
        )

    async def version(self) -> ServerVersion:
        """The server's version.

        Raises:
            ExplorerError: the server did not say.
        """
        found = await self._object("/version")
        told = [dig(found, name) for name in ("gitVersion", "major", "minor", "platform")]
        self._version = ServerVersion(*(clean(word) if isinstance(word, str) else "" for word in told))
        return self._version

    async def discover(self, *, refresh: bool = False) -> Discovery:
        """Which kinds the server serves; see ``Discoverer.discover``."""
        found = await self._discoverer.discover(refresh=refresh)
        if refresh:
            self.openapi.forget()
        self._known = frozenset(kind.name for kind in found.kinds)
        return found

    def kept_discovery(self) -> Discovery | None:
        """What discovery said last time, from the disk and without asking; None when nothing is kept."""
        return self._discoverer.kept()

    def discovery_changes(self) -> AsyncGenerator[None, None]:
        """Yields when the kinds may have changed (CRDs, APIServices); ends when neither may be watched."""
        return changes.discovery_changes(self._upstream, lambda: self._known)

    def follow(
        self,
        kind: ResourceKind,
        scope: Scope,
        *,
        label_selector: str = "",
        field_selector: str = "",
        include: Include = Include.NONE,
        marks: Callable[[JsonObject], frozenset[str]] | None = None,
    ) -> AsyncGenerator[RowDelta | Freshness, None]:
        """Rows of a kind, as they are and as they change, until the caller closes the generator.

        Ends by itself only after a Freshness that is DENIED or FAILED. Closing it (``aclosing``) ends its
        connections at once.

        Args:
            kind: what to list and watch.
            scope: where; a cluster-scoped kind ignores it. A namespace that is forbidden is told in
                ``Freshness.partial``, the others are shown.
            label_selector: as kubectl's ``-l``.
            field_selector: as kubectl's ``--field-selector``.
            include: what is wanted beside the cells. METADATA fills ``created`` and ``labels``, OBJECT
                ``marks`` too; with NONE some rows may have them as well.
            marks: with OBJECT, what to note of each object.
        """
        wish = follow.Wish(kind, scope, label_selector, field_selector, include, marks)
        return follow.follow(self._upstream, wish)

    def follow_object(self, ref: ObjectRef) -> AsyncGenerator[JsonObject | Freshness | None, None]:
        """One object whenever it changes; None while there is none of that name.

        Objects come as the server sent them: whoever shows a string of one makes it harmless.
        """
        return follow.follow_object(self._upstream, ref)

    def follow_objects(
        self, kind: ResourceKind, namespace: str = "", *, label_selector: str = "", field_selector: str = ""
    ) -> AsyncGenerator[tuple[JsonObject, ...] | Freshness, None]:
        """All whole objects of a small collection whenever some have changed; ends as ``follow`` does.

        Args:
            kind: what to list and watch.
            namespace: where; empty for everywhere.
            label_selector: as kubectl's ``-l``.
            field_selector: as kubectl's ``--field-selector``.
        """
        scope = Scope.of(namespace) if namespace else Scope.all()
        return follow.follow_objects(self._upstream, follow.Wish(kind, scope, label_selector, field_selector))

    async def get(self, ref: ObjectRef) -> JsonObject:
        """One object.

        Raises:
            NotFound: there is none.
            ExplorerError: anything else.
        """
        return await self._object(ref.path)

    async def list(
        self,
        kind: ResourceKind,
        scope: Scope,
        *,
        label_selector: str = "",
        field_selector: str = "",
        limit: int | None = None,
    ) -> Objects:
        """Whole objects, for small lists; ``limit`` is the most that are wanted.

        Raises:
            ExplorerError: the server refused, in any namespace of the scope.
        """
        found: dict[str, list[JsonObject]] = {}

        async def one(namespace: str) -> None:
            target = lists.Target(kind, namespace, label_selector, field_selector)
            found[namespace] = await lists.objects(self.transport, target, limit)

        names = (scope.namespaces if kind.namespaced else ()) or ("",)
        await lists.in_parallel(names, one)
        return [obj for name in names for obj in found[name]][:limit]

    async def count(self, kind: ResourceKind, scope: Scope) -> Count:
        """How many objects there are, without reading them.

        Raises:
            ExplorerError: anything but a refusal by 403, which is told in the result.
        """
        return await lists.count(self.transport, kind, scope)

    async def namespaces(self) -> Names:
        """The names of all namespaces.

        Raises:
            Forbidden: the person may not list them.
        """
        return await lists.namespace_names(self.transport, self._upstream.timing)

    async def rights(self, namespace: str) -> Rights:
        """What the person may do in a namespace, at most five minutes old."""
        return await self._access.rights(namespace)

    async def allowed(
        self, namespace: str, verb: str, kind: ResourceKind, subresource: str = "", name: str = ""
    ) -> bool:
        """Ask the server about one thing, for when ``Rights.may`` cannot tell."""
        return await self._access.allowed(namespace, verb, kind.group, kind.plural, subresource, name)

    def retry_now(self) -> None:
        """End all waits for a next attempt, and forget what was forbidden."""
        self._access.forget()
        self._pulse.wake()

    async def close(self) -> None:
        """Close all connections; what is still followed ends as FAILED."""
        await self.transport.close()
        self._pulse.wake()

    async def _alive(self) -> bool:
        """Whether the server answers at all, be it with a refusal."""
        try:
            await self.transport.request("GET", "/livez", accept="*/*", timeout=_ALIVE)
        except Unreachable as error:
            return error.cause is Cause.CLOSED
        except ExplorerError:
            return True
        return True

    def _from_cache(self) -> bool:
        numbers = self._version.numbers if self._version is not None else None
        return numbers is not None and numbers < _CONSISTENT_CACHE

    async def _object(self, path: str) -> JsonObject:
        answer = await self.transport.request("GET", path)
        try:
            return OBJECT.decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise not_kubernetes(f"GET {path}", error) from None
