"""What discovery answers: groups, versions and resources, in today's form and in the older ones."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

import msgspec

from k8stui.core.objects import JsonObject
from k8stui.practice.api.negotiate import clauses
from k8stui.practice.kinds import Subresource, subresources
from k8stui.practice.registry import Registry, Served

_LIST = "APIGroupDiscoveryList"
_GROUP = "apidiscovery.k8s.io"


class Discovery:
    """The answers of ``/api``, ``/apis`` and what is below; built when asked for, kept while they hold."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._edition = -1
        self._built: dict[tuple[str, str], tuple[bytes, str]] = {}

    def aggregated(self, root: str, accept: str) -> tuple[bytes, str, str] | None:
        """``/api`` or ``/apis`` in one document.

        Returns:
            Body, content type and ETag; None when the client does not ask for the aggregated form.
        """
        for clause in clauses(accept):
            wanted = clause.parameters
            if (
                wanted.get("as") == _LIST
                and wanted.get("g") == _GROUP
                and wanted.get("v") in ("v2", "v2beta1")
            ):
                version = wanted["v"]
                body, tag = self._document(root, version)
                return body, f"application/json;g={_GROUP};v={version};as={_LIST}", tag
        return None

    def _document(self, root: str, version: str) -> tuple[bytes, str]:
        if self._edition != self._registry.edition:
            self._edition = self._registry.edition
            self._built.clear()
        built = self._built.get((root, version))
        if built is None:
            groups = self._registry.groups()
            wanted = [""] if root == "api" else [group for group in groups if group]
            body = msgspec.json.encode(
                {
                    "kind": _LIST,
                    "apiVersion": f"{_GROUP}/{version}",
                    "metadata": {},
                    "items": [_aggregated_group(group, groups[group].items()) for group in wanted],
                }
            )
            built = body, f'"{hashlib.sha512(body).hexdigest().upper()}"'
            self._built[root, version] = built
        return built

    def versions(self, address: str) -> JsonObject:
        """``/api`` in the older form."""
        where = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": where}

    def group_list(self) -> JsonObject:
        """``/apis`` in the older form."""
        groups = [_group(name, list(versions)) for name, versions in self._registry.groups().items() if name]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}

    def group(self, name: str) -> JsonObject | None:
        """``/apis/GROUP``; None when no kind is in that group."""
        versions = self._registry.groups().get(name)
        if not name or versions is None:
            return None
        return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, list(versions))}

    def resources(self, group: str, version: str) -> JsonObject | None:
        """``/apis/GROUP/VERSION`` or ``/api/v1``; None when there is no such version."""
        served = self._registry.groups().get(group, {}).get(version)
        if served is None:
            return None
        found: list[JsonObject] = []
        for one in served:
            found.append(_resource(one))
            found += [_below(one, below) for below in subresources(one.kind)]
        name = f"{group}/{version}" if group else version
        head: JsonObject = {"kind": "APIResourceList"}
        if group:
            head["apiVersion"] = "v1"
        return {**head, "groupVersion": name, "resources": found}

    def paths(self) -> JsonObject:
        """``/``: the paths that there are."""
        found = ["/api", "/api/v1", "/apis"]
        for group, versions in self._registry.groups().items():
            if group:
                found += [f"/apis/{group}", *(f"/apis/{group}/{version}" for version in versions)]
        found += ["/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]
        return {"paths": found}


def _group(name: str, versions: list[str]) -> JsonObject:
    entries = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": entries, "preferredVersion": entries[0]}


def _aggregated_group(name: str, versions: Iterable[tuple[str, list[Served]]]) -> JsonObject:
    return {
        "metadata": {"name": name} if name else {},
        "versions": [
            {
                "version": version,
                "resources": [_aggregated_resource(one) for one in served],
                "freshness": "Current",
            }
            for version, served in versions
        ],
    }


def _aggregated_resource(served: Served) -> JsonObject:
    kind = served.kind
    entry: JsonObject = {
        "resource": kind.plural,
        "responseKind": {"group": "", "version": "", "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": sorted(kind.verbs),
    }
    if kind.short_names:
        entry["shortNames"] = list(kind.short_names)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    if kind.subresources:
        entry["subresources"] = [
            {
                "subresource": below.name,
                "responseKind": {"group": below.group, "version": below.version, "kind": below.kind},
                "verbs": list(below.verbs),
            }
            for below in subresources(kind)
        ]
    return entry


def _resource(served: Served) -> JsonObject:
    kind = served.kind
    entry: JsonObject = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": sorted(kind.verbs),
    }
    if kind.short_names:
        entry["shortNames"] = list(kind.short_names)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    if "watch" in kind.verbs:
        digest = hashlib.sha256(f"{kind.group}/{kind.kind}".encode()).digest()[:8]
        entry["storageVersionHash"] = base64.b64encode(digest).decode()
    return entry


def _below(served: Served, below: Subresource) -> JsonObject:
    entry: JsonObject = {
        "name": f"{served.kind.plural}/{below.name}",
        "singularName": "",
        "namespaced": served.kind.namespaced,
    }
    if below.group:
        entry |= {"group": below.group, "version": below.version}
    return {**entry, "kind": below.kind, "verbs": list(below.verbs)}
