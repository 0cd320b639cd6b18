"""Which kinds a server serves.

Aggregated discovery (apidiscovery.k8s.io v2, v2beta1) tells all in two requests; a server that answers with
something else is asked group by group. What was answered, not what was asked for, decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from k8stui.core.errors import ExplorerError
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import dicts
from k8stui.core.text import clean
from k8stui.kube.discoverycache import DiscoveryCache, Kept
from k8stui.kube.errors import ApiError
from k8stui.kube.lists import AT_ONCE, in_parallel, together
from k8stui.kube.wire import JSON, OBJECT, not_kubernetes

if TYPE_CHECKING:
    from k8stui.kube.transport import Answer, Transport

_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"
ACCEPT = ",".join([_AGGREGATED.format("v2"), _AGGREGATED.format("v2beta1"), JSON])
_ROOTS = ("/api", "/apis")


@dataclass(frozen=True, slots=True)
class UnavailableGroup:
    """A group and version whose server (an aggregated one, mostly) does not answer."""

    group: str
    version: str
    message: str
    """The APIService's word on it, or what the attempt to ask ended with."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Everything that can be listed or asked for."""

    kinds: tuple[ResourceKind, ...]
    """Each resource once, in its group's preferred version that has it."""
    unavailable: tuple[UnavailableGroup, ...]


class _Gvk(Struct):
    kind: str | None = None


class _Subresource(Struct):
    subresource: str | None = None


class _Resource(Struct, rename="camel"):
    resource: str | None = None
    response_kind: _Gvk | None = None
    scope: str | None = None
    singular_resource: str | None = None
    verbs: list[str] | None = None
    short_names: list[str] | None = None
    categories: list[str] | None = None
    subresources: list[_Subresource] | None = None


class _Version(Struct):
    version: str | None = None
    freshness: str | None = None
    resources: list[_Resource] | None = None


class _Meta(Struct):
    name: str | None = None


class _Group(Struct):
    metadata: _Meta | None = None
    versions: list[_Version] | None = None


class _Groups(Struct):
    items: list[_Group] | None = None


class _LegacyResource(Struct, rename="camel"):
    name: str | None = None
    singular_name: str | None = None
    namespaced: bool | None = None
    kind: str | None = None
    verbs: list[str] | None = None
    short_names: list[str] | None = None
    categories: list[str] | None = None


class _LegacyResources(Struct):
    resources: list[_LegacyResource] | None = None


class _LegacyVersion(Struct):
    version: str | None = None


class _LegacyGroup(Struct, rename="camel"):
    name: str | None = None
    versions: list[_LegacyVersion] | None = None
    preferred_version: _LegacyVersion | None = None


class _LegacyRoot(Struct):
    versions: list[str] | None = None
    groups: list[_LegacyGroup] | None = None


@dataclass(slots=True)
class _Found:
    """What one group and version has; ``resources`` None when its server does not answer."""

    group: str
    version: str
    resources: list[ResourceKind] | None
    stale: bool = False
    message: str = ""


class Discoverer:
    """Asks one server for its kinds."""

    def __init__(self, transport: Transport, cache: DiscoveryCache) -> None:
        self._transport = transport
        self._cache = cache
        self._lock = asyncio.Lock()

    async def discover(self, *, refresh: bool = False) -> Discovery:
        """Everything the server serves. ``refresh`` does not trust what is kept on disk.

        Raises:
            ExplorerError: the server cannot be asked at all; one group that is down is told in the result.
        """
        async with self._lock:
            kept = {} if refresh else self._cache.load()
            answers = await self._roots(kept)
            if all(_aggregated(answer.content_type) for answer in answers.values()):
                found = [one for path in _ROOTS for one in _aggregated_groups(path, answers[path].body)]
            else:
                found = await self._legacy(answers)
            self._cache.save({path: answer for path, answer in answers.items() if answer.etag})
            return await self._result(found)

    def kept(self) -> Discovery | None:
        """What the server said last time, without asking it; None when nothing complete is kept."""
        answers = self._cache.load()
        if set(answers) != set(_ROOTS) or not all(_aggregated(a.content_type) for a in answers.values()):
            return None
        try:
            found = [one for path in _ROOTS for one in _aggregated_groups(path, answers[path].body)]
        except ExplorerError:
            return None
        return Discovery(_preferred(found), ())

    async def _roots(self, kept: Mapping[str, Kept]) -> dict[str, Kept]:
        answers: dict[str, Kept] = {}

        async def ask(path: str) -> None:
            old = kept.get(path)
            headers = {"If-None-Match": old.etag} if old is not None else None
            answer = await self._transport.request("GET", path, accept=ACCEPT, headers=headers)
            answers[path] = old if old is not None and answer.status == 304 else _kept(answer)

        await together(ask(path) for path in _ROOTS)
        return answers

    async def _legacy(self, answers: Mapping[str, Kept]) -> list[_Found]:
        """Each group and version with its own request; one that fails does not hide the others."""
        roots = {}
        for path, answer in answers.items():
            if _aggregated(answer.content_type):
                plain = _kept(await self._transport.request("GET", path, accept=JSON))
                roots[path] = _decode(_LegacyRoot, plain.body, path)
            else:
                roots[path] = _decode(_LegacyRoot, answer.body, path)
        wanted = [("", version) for version in _told(roots["/api"].versions, "/api")]
        for group in _told(roots["/apis"].groups, "/apis"):
            first = (group.preferred_version and group.preferred_version.version) or ""
            versions = [first, *(v.version or "" for v in group.versions or [])]
            wanted += [(group.name or "", v) for v in dict.fromkeys(versions) if v and group.name]
        places = {pair: _Found(*pair, resources=None, stale=True) for pair in wanted}

        async def ask(key: str) -> None:
            group, version = key.split("/")
            path = f"/apis/{group}/{version}" if group else f"/api/{version}"
            place = places[group, version]
            try:
                answer = await self._transport.request("GET", path)
                listed = _decode(_LegacyResources, answer.body.decode(errors="replace"), path)
            except ExplorerError as error:
                place.message = clean(
                    (error.server_message if isinstance(error, ApiError) else "") or error.message.en
                )
            else:
                place.resources = _legacy_kinds(group, version, listed.resources or [])
                place.stale = False

        await in_parallel([f"{group}/{version}" for group, version in wanted], ask, AT_ONCE)
        return list(places.values())

    async def _result(self, found: list[_Found]) -> Discovery:
        down = [one for one in found if one.stale]
        await in_parallel(
            [str(at) for at in range(len(down))], lambda at: self._ask_service(down[int(at)]), AT_ONCE
        )
        unavailable = [UnavailableGroup(one.group, one.version, one.message) for one in down]
        return Discovery(_preferred(found), tuple(unavailable))

    async def _ask_service(self, one: _Found) -> None:
        """The word of the APIService on why its server does not answer."""
        path = f"/apis/apiregistration.k8s.io/v1/apiservices/{one.version}.{one.group}"
        try:
            answer = await self._transport.request("GET", path)
            service = OBJECT.decode(answer.body)
        except (ExplorerError, msgspec.DecodeError, UnicodeDecodeError):
            return
        for condition in dicts(service, "status", "conditions"):
            said = condition.get("message")
            if condition.get("type") == "Available" and condition.get("status") != "True" and said:
                one.message = clean(str(said))


def _kept(answer: Answer) -> Kept:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Kept(
        headers.get("etag", ""), headers.get("content-type", ""), answer.body.decode(errors="replace")
    )


def _aggregated(content_type: str) -> bool:
    """Whether an answer is an APIGroupDiscoveryList, by its Content-Type; the order of parameters is free."""
    kind, *rest = (part.strip() for part in content_type.split(";"))
    pairs = [part.partition("=") for part in rest]
    parameters = {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
    return (
        kind.lower() == JSON
        and parameters.get("g") == "apidiscovery.k8s.io"
        and parameters.get("v") in ("v2", "v2beta1")
        and parameters.get("as") == "APIGroupDiscoveryList"
    )


_S = TypeVar("_S", bound=Struct)


def _decode(shape: type[_S], body: str, path: str) -> _S:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise not_kubernetes(f"GET {path}", error) from None


_T = TypeVar("_T")


def _told(found: list[_T] | None, path: str) -> list[_T]:
    """The list that an answer is about; without it some other JSON came, which tells of no kinds at all."""
    if found is None:
        raise not_kubernetes(f"GET {path}")
    return found


def _aggregated_groups(path: str, body: str) -> list[_Found]:
    found = []
    for item in _told(_decode(_Groups, body, path).items, path):
        group = (item.metadata and item.metadata.name) or ""
        for version in item.versions or []:
            if not version.version:
                continue
            stale = version.freshness == "Stale"
            kinds = [
                kind
                for resource in version.resources or []
                if (kind := _kind(group, version.version, resource)) is not None
            ]
            message = "The API server has no current answer of this group." if stale else ""
            found.append(_Found(group, version.version, kinds, stale, message))
    return found


def _kind(group: str, version: str, resource: _Resource) -> ResourceKind | None:
    kind = resource.response_kind.kind if resource.response_kind else None
    if not resource.resource or not kind:
        return None
    return ResourceKind(
        group=clean(group),
        version=clean(version),
        kind=clean(kind),
        plural=clean(resource.resource),
        namespaced=resource.scope == "Namespaced",
        singular=clean(resource.singular_resource or ""),
        verbs=frozenset(resource.verbs or ()),
        short_names=_words(resource.short_names),
        categories=_words(resource.categories),
        subresources=frozenset(_words(s.subresource or "" for s in resource.subresources or [])),
    )


def _legacy_kinds(group: str, version: str, resources: list[_LegacyResource]) -> list[ResourceKind]:
    subresources: dict[str, list[str]] = {}
    for resource in resources:
        plural, _, sub = (resource.name or "").partition("/")
        if sub:
            subresources.setdefault(plural, []).append(clean(sub))
    return [
        ResourceKind(
            group=clean(group),
            version=clean(version),
            kind=clean(resource.kind or ""),
            plural=clean(resource.name or ""),
            namespaced=bool(resource.namespaced),
            singular=clean(resource.singular_name or ""),
            verbs=frozenset(resource.verbs or ()),
            short_names=_words(resource.short_names),
            categories=_words(resource.categories),
            subresources=frozenset(subresources.get(resource.name or "", ())),
        )
        for resource in resources
        if resource.name and resource.kind and "/" not in resource.name
    ]


def _words(words: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(clean(word) for word in words or () if word)


def _preferred(found: list[_Found]) -> tuple[ResourceKind, ...]:
    """Each resource once: of the versions in the server's order the first that has it and is current."""
    kinds: dict[tuple[str, str], ResourceKind] = {}
    for one in sorted(found, key=lambda one: one.stale):
        for kind in one.resources or []:
            known = kinds.setdefault((kind.group, kind.plural), kind)
            if not known.singular and kind.singular:
                kinds[kind.group, kind.plural] = replace(known, singular=kind.singular)
    order = {group: at for at, group in enumerate(dict.fromkeys(one.group for one in found))}
    return tuple(sorted(kinds.values(), key=lambda kind: order.get(kind.group, 0)))
