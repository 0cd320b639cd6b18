"""Which kinds the practice cluster serves: the built-in ones, and those of CustomResourceDefinitions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.api.authors import Shapes
from k8stui.practice.printers import Printer, custom_printer, printer
from k8stui.practice.store import Entry, Event, Store

DEFINITIONS = ResourceKind(
    "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", False
)
API_SERVICES = ResourceKind("apiregistration.k8s.io", "v1", "APIService", "apiservices", False)
_ALL = frozenset(("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"))
_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")


class Custom(msgspec.Struct, frozen=True):
    """What a CustomResourceDefinition says of one version of its kind."""

    schema: JsonObject
    selectable: tuple[str, ...]
    """Paths that field selectors may name."""
    scale: JsonObject | None
    """The scale subresource's paths."""


class Source(Protocol):
    """Where the objects of a kind come from that are not kept in the store, but made when asked for."""

    service: str
    """The APIService through which the kind is served: without it nobody knows the kind."""
    schema: JsonObject
    """OpenAPI schema of the kind, without apiVersion, kind and metadata."""

    def list(self, namespace: str | None) -> Sequence[Entry]:
        """The objects of a namespace, or all, in the order of a list.

        Raises:
            StatusError: 503 while what makes them does not answer.
        """

    def get(self, namespace: str, name: str) -> Entry:
        """One object.

        Raises:
            StatusError: 404; 503.
        """


@dataclass(frozen=True, slots=True)
class Served:
    """A kind that requests may name; ``custom`` is None for the built-in ones."""

    kind: ResourceKind
    printer: Printer
    custom: Custom | None = None
    source: Source | None = None
    """Where its objects come from, where that is not the store."""
    shapes: Shapes = field(default_factory=Shapes, compare=False, repr=False)
    """Field sets that its objects share."""


class Registry:
    """The kinds by path, kept up to date with the CustomResourceDefinitions and APIServices of a store.

    Args:
        store: The cluster.
        builtin: The kinds that are always served.
        aggregated: Kinds with a source of their own, each served while its APIService exists.
    """

    def __init__(
        self, store: Store, builtin: Iterable[ResourceKind], aggregated: Iterable[Served] = ()
    ) -> None:
        self._store = store
        self._builtin = tuple(builtin)
        self._aggregated = tuple(aggregated)
        self._known: dict[tuple[str, str, str], Served] | None = None
        self.edition = 1
        """Grows whenever the kinds change."""
        self._ends = [
            store.subscribe(DEFINITIONS, self._changed),
            store.subscribe(API_SERVICES, self._service_changed),
        ]

    def close(self) -> None:
        """Stop following the store."""
        for end in self._ends:
            end()

    def find(self, group: str, version: str, plural: str) -> Served | None:
        """The kind at ``/apis/group/version/plural``."""
        return self._served.get((group, version, plural))

    def by_kind(self, group: str, version: str, kind: str) -> Served | None:
        """The kind that a manifest names by apiVersion and kind."""
        for served in self._served.values():
            if served.kind.kind == kind and (served.kind.group, served.kind.version) == (group, version):
                return served
        return None

    def all(self) -> Iterable[Served]:
        """Every kind in the order of discovery; of each group the preferred version first."""
        return self._served.values()

    def groups(self) -> Mapping[str, Mapping[str, list[Served]]]:
        """The kinds by group and version, in the order of discovery."""
        groups: dict[str, dict[str, list[Served]]] = {}
        for served in self._served.values():
            groups.setdefault(served.kind.group, {}).setdefault(served.kind.version, []).append(served)
        return groups

    def _changed(self, _event: Event) -> None:
        self._known = None
        self.edition += 1

    def _service_changed(self, event: Event) -> None:
        if event.type != "MODIFIED":
            self._changed(event)

    @property
    def _served(self) -> Mapping[tuple[str, str, str], Served]:
        if self._known is None:
            self._known = self._looked_up()
        return self._known

    def _looked_up(self) -> dict[tuple[str, str, str], Served]:
        served = {(k.group, k.version, k.plural): Served(k, printer(k)) for k in self._builtin}
        for one in self._aggregated:
            if one.source is not None and self._store.find(API_SERVICES, "", one.source.service) is not None:
                served[one.kind.group, one.kind.version, one.kind.plural] = one
        for definition in self._store.list(DEFINITIONS):
            for custom in custom_kinds(definition):
                kind = custom.kind
                served.setdefault((kind.group, kind.version, kind.plural), custom)
        return served


def version_rank(version: str) -> tuple[int, int, int, str]:
    """Sorts versions as Kubernetes prefers them: v2, v1, v1beta2, v1beta1, v1alpha1, others by name."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return (1, 0, 0, version)
    stage = {None: 0, "beta": 1, "alpha": 2}[match[2]]
    return (0, stage, -int(match[1]) * 1_000 - int(match[3] or 0), version)


def custom_kinds(definition: JsonObject) -> list[Served]:
    """The kinds that one CustomResourceDefinition serves, preferred version first."""
    spec = definition.get("spec") or {}
    names = spec.get("names") or {}
    conditions = dicts(definition, "status", "conditions")
    if any(each.get("type") == "Established" and each.get("status") == "False" for each in conditions):
        return []
    base = ResourceKind(
        group=str(spec.get("group") or ""),
        version="",
        kind=str(names.get("kind") or ""),
        plural=str(names.get("plural") or ""),
        namespaced=spec.get("scope") != "Cluster",
        singular=str(names.get("singular") or str(names.get("kind") or "").lower()),
        verbs=_ALL,
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
    )
    found = []
    for version in dicts(spec, "versions"):
        if not version.get("served") or not version.get("name"):
            continue
        below: JsonObject = version.get("subresources") or {}
        kind = replace(base, version=version["name"], subresources=frozenset(below))
        custom = Custom(
            schema=dig(version, "schema", "openAPIV3Schema") or {"type": "object"},
            selectable=tuple(
                str(field.get("jsonPath", "")).lstrip(".") for field in dicts(version, "selectableFields")
            ),
            scale=below.get("scale"),
        )
        found.append(Served(kind, custom_printer(dicts(version, "additionalPrinterColumns")), custom))
    return sorted(found, key=lambda served: version_rank(served.kind.version))
