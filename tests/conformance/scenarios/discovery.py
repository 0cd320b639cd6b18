"""What there is: every kind with its verbs, short names, categories and subresources; versions; schemas."""

from __future__ import annotations

from typing import Any

from tests.conformance.script import Scenario, Script
from tests.conformance.server import JsonObject

_EXTENSIONS = ("metrics.k8s.io", "gateway.networking.k8s.io", "stable.example.com")
"""Groups that come with what is installed in a cluster."""
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def _stable(group: JsonObject) -> list[JsonObject]:
    return [
        version
        for version in group["versions"]
        if "alpha" not in version["version"] and "beta" not in version["version"]
    ]


async def discovery(script: Script) -> None:
    """The aggregated document, and the ones before it."""
    server = script.server
    found: dict[str, Any] = {}
    for root in ("/api", "/apis"):
        answer = await server.get(root, Accept=_AGGREGATED)
        assert ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" in answer.headers[
            "Content-Type"
        ].replace(" ", "")
        for group in answer.json["items"]:
            name = group["metadata"].get("name", "")
            if name.endswith((".example", ".example.com")) or name in _EXTENSIONS:
                continue
            for version in _stable(group):
                for kind in version["resources"]:
                    found[f"{name}/{version['version']} {kind['resource']}"] = kind
        legacy = (await server.get(root)).json
        script.tell(f"{root}: kind", legacy["kind"])
    script.tell("kinds", found)
    for path in ("/api/v1", "/apis/apps", "/apis/apps/v1", "/apis/batch", "/apis/autoscaling"):
        script.tell(path, (await server.get(path)).json)


async def openapi(script: Script) -> None:
    """Schemas that clients can use: for every kind its fields and how patches merge them."""
    server = script.server
    index = (await server.get("/openapi/v3")).json["paths"]
    assert {"api/v1", "apis/apps/v1", "apis/batch/v1", "apis/networking.k8s.io/v1"} <= set(index)
    for path in ("api/v1", "apis/apps/v1"):
        document = (await server.get(index[path]["serverRelativeURL"])).json
        schemas = document["components"]["schemas"]
        kinds = {
            (kind["group"], kind["version"], kind["kind"]): schema
            for schema in schemas.values()
            for kind in schema.get("x-kubernetes-group-version-kind", ())
        }
        wanted = (
            [("", "v1", "Pod"), ("", "v1", "Service")] if path == "api/v1" else [("apps", "v1", "Deployment")]
        )
        for gvk in wanted:
            fields = _fields(schemas, kinds[gvk], 6)
            script.tell(f"fields of {gvk[2]}", {**fields, "status": sorted(fields["status"])})
        verbs = {
            (method, operation["x-kubernetes-group-version-kind"]["kind"])
            for path in document["paths"].values()
            for method, operation in path.items()
            if isinstance(operation, dict) and "x-kubernetes-group-version-kind" in operation
        }
        assert ("patch", wanted[0][2]) in verbs


def _fields(schemas: JsonObject, schema: JsonObject, depth: int) -> Any:
    """The fields below a schema with their types, and what patches need to know of lists."""
    for part in (schema, *schema.get("allOf", ())):
        if "$ref" in part:
            return _fields(schemas, schemas[part["$ref"].rpartition("/")[2]], depth)
    if "properties" in schema and depth:
        return {name: _fields(schemas, below, depth - 1) for name, below in schema["properties"].items()}
    if schema.get("type") == "array":
        keys = [
            schema.get(f"x-kubernetes-{name}")
            for name in ("patch-strategy", "patch-merge-key", "list-map-keys")
        ]
        return {"merge": keys, "of": _fields(schemas, schema["items"], depth)}
    if isinstance(schema.get("additionalProperties"), dict):
        return {"map of": _fields(schemas, schema["additionalProperties"], depth)}
    mixed = "oneOf" in schema or schema.get("format") == "int-or-string"
    return "any" if mixed else schema.get("type", "any")


async def version(script: Script) -> None:
    """The server's version and its health."""
    server = script.server
    found = (await server.get("/version")).json
    script.tell("fields", sorted(found))
    assert found["major"] == "1"
    for path in ("/livez", "/readyz", "/healthz"):
        answer = await server.get(path)
        assert (answer.status, answer.body) == (200, b"ok")
    assert (await server.get("/readyz?verbose")).body.endswith(b"readyz check passed\n")


DISCOVERY: dict[str, Scenario] = {each.__name__: each for each in (discovery, openapi, version)}
