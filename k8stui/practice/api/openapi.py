"""OpenAPI v3 documents, one for each group and version, made when they are first asked for."""

from __future__ import annotations

import asyncio
import hashlib

import msgspec

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.api.schemas import PREFIX, Schemas
from k8stui.practice.registry import Registry, Served

_PARAMETERS = [
    {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
    for name in ("dryRun", "fieldManager", "fieldValidation")
]
_PATCHES = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)
_TYPE_FIELDS: JsonObject = {
    "apiVersion": {
        "type": "string",
        "description": "Group and version of the schema that the object follows.",
    },
    "kind": {"type": "string", "description": "The kind of the object."},
}
_METHODS = (("create", "post"), ("update", "put"), ("patch", "patch"), ("delete", "delete"))


class OpenApi:
    """The documents of ``/openapi/v3``."""

    def __init__(self, registry: Registry, schemas: Schemas) -> None:
        self._registry = registry
        self.schemas = schemas
        self._edition = -1
        self._built: dict[str, bytes] = {}

    def index(self) -> JsonObject:
        """``/openapi/v3``: the documents, each with a hash that changes when it may have changed."""
        paths = {}
        for group, versions in self._registry.groups().items():
            for version, served in versions.items():
                name = f"apis/{group}/{version}" if group else f"api/{version}"
                paths[name] = {"serverRelativeURL": f"/openapi/v3/{name}?hash={_hash(served)}"}
        return {"paths": paths}

    async def document(self, name: str) -> bytes | None:
        """One document by its name, such as ``apis/apps/v1``; None when there is none."""
        parts = name.split("/")
        if parts[0] == "api" and len(parts) == 2:
            group, version = "", parts[1]
        elif parts[0] == "apis" and len(parts) == 3:
            group, version = parts[1], parts[2]
        else:
            return None
        served = self._registry.groups().get(group, {}).get(version)
        if served is None:
            return None
        if self._edition != self._registry.edition:
            self._edition = self._registry.edition
            self._built.clear()
        if name not in self._built:
            self._built[name] = await asyncio.to_thread(self._build, served)
        return self._built[name]

    async def root(self, kind: ResourceKind | str) -> str | None:
        """The schema of a built-in kind or of a model, ready for use; None when there is none."""
        if (found := self.schemas.known(kind)) is not None:
            return found
        return await asyncio.to_thread(self.schemas.root, kind)

    def _build(self, served: list[Served]) -> bytes:
        paths: JsonObject = {}
        schemas: dict[str, JsonObject] = {}
        for one in served:
            name = self._schema(one, schemas)
            paths |= _paths(one, name)
        return msgspec.json.encode(
            {
                "openapi": "3.0.0",
                "info": {"title": "Kubernetes", "version": "1.37"},
                "paths": paths,
                "components": {"schemas": schemas},
            }
        )

    def _schema(self, served: Served, schemas: dict[str, JsonObject]) -> str | None:
        """Add the schema of a kind and all that it refers to; its name."""
        kind = served.kind
        identity = {"group": kind.group, "version": kind.version, "kind": kind.kind}
        if served.custom is not None:
            return self._made(served, served.custom.schema, schemas)
        if served.source is not None:
            return self._made(served, served.source.schema, schemas)
        root = self.schemas.root(kind)
        if root is None:
            return None
        schemas.update({k: v for k, v in self.schemas.closure([root]).items() if k not in schemas})
        known = schemas[root].get("x-kubernetes-group-version-kind", [])
        schemas[root] = {**schemas[root], "x-kubernetes-group-version-kind": [*known, identity]}
        return root

    def _made(self, served: Served, schema: JsonObject, schemas: dict[str, JsonObject]) -> str:
        """Add a schema that says nothing of apiVersion, kind and metadata yet; its name."""
        kind = served.kind
        name = ".".join((*reversed(kind.group.split(".")), kind.version, kind.kind))
        meta = self.schemas.root("V1ObjectMeta")
        assert meta is not None
        schemas.update({k: v for k, v in self.schemas.closure([meta]).items() if k not in schemas})
        own = {**_TYPE_FIELDS, "metadata": {"allOf": [{"$ref": PREFIX + meta}]}}
        identity = {"group": kind.group, "version": kind.version, "kind": kind.kind}
        schemas[name] = {
            **schema,
            "properties": {**(schema.get("properties") or {}), **own},
            "x-kubernetes-group-version-kind": [identity],
        }
        return name


def _hash(served: list[Served]) -> str:
    from importlib.metadata import version

    digest = hashlib.sha256(version("kubernetes").encode())
    for one in served:
        digest.update(one.kind.path().encode())
        if one.custom is not None:
            digest.update(msgspec.json.encode(one.custom.schema))
    return digest.hexdigest().upper()


def _paths(served: Served, schema: str | None) -> JsonObject:
    kind = served.kind
    collection = kind.path("NAMESPACE").replace("NAMESPACE", "{namespace}")
    single = collection + "/{name}"
    found: JsonObject = {collection: {}, single: {}}
    if "list" in kind.verbs:
        found[collection]["get"] = _operation(served, "list", schema)
        if kind.namespaced:
            found[kind.path()] = {"get": _operation(served, "list", schema)}
    if "get" in kind.verbs:
        found[single]["get"] = _operation(served, "get", schema)
    for verb, method in _METHODS:
        if verb in kind.verbs:
            path = collection if verb == "create" else single
            found[path][method] = _operation(served, verb, schema)
    return {path: methods for path, methods in found.items() if methods}


def _patches(custom: bool) -> tuple[str, ...]:
    """The media types of patches: custom resources have no strategic merge."""
    return _PATCHES[:-1] if custom else _PATCHES


def _operation(served: Served, verb: str, schema: str | None) -> JsonObject:
    kind, custom = served.kind, served.custom is not None
    action = {"create": "post", "update": "put"}.get(verb, verb)
    operation: JsonObject = {
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": {
            "group": kind.group,
            "version": kind.version,
            "kind": kind.kind,
        },
    }
    answer: JsonObject = {"description": "OK"}
    if schema is not None and verb != "list":
        answer["content"] = {"application/json": {"schema": {"$ref": PREFIX + schema}}}
    operation["responses"] = {"200": answer}
    if verb in ("create", "update", "patch"):
        operation["parameters"] = _PARAMETERS
        media = _patches(custom) if verb == "patch" else ("*/*",)
        body = {"type": "object"} if verb == "patch" or schema is None else {"$ref": PREFIX + schema}
        operation["requestBody"] = {"content": {each: {"schema": body} for each in media}, "required": True}
    return operation
