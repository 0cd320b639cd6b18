"""Paths that conditions and evidence name, followed through the schemas that the practice cluster serves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.notes.paths import Every, Having, Step
from k8stui.practice.api.schemas import PREFIX, Schemas
from k8stui.practice.kinds import BUILTIN_KINDS

Schema: TypeAlias = JsonObject | None
"""A schema; None for what may be anything."""

NEAR = {
    "events": "Event", "namespace": "Namespace", "definition": "CustomResourceDefinition", "pods": "Pod",
    "services": "Service", "endpointslices": "EndpointSlice", "ingresses": "Ingress", "node": "Node",
    "ingressclasses": "IngressClass", "replicasets": "ReplicaSet", "jobs": "Job",
    "pvcs": "PersistentVolumeClaim",
    "hpas": "HorizontalPodAutoscaler", "target": "Deployment", "pdbs": "PodDisruptionBudget",
    "networkpolicies": "NetworkPolicy", "serviceaccount": "ServiceAccount",
    "serviceaccounts": "ServiceAccount",
    "volume": "PersistentVolume", "storageclass": "StorageClass", "storageclasses": "StorageClass",
    "role": "ClusterRole", "resourcequotas": "ResourceQuota", "limitranges": "LimitRange",
}  # fmt: skip
"""What the neighbours of a relation are; of others anything may stand there."""
_TOKEN = re.compile(
    r"""\s+ | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | [A-Za-z_]\w* | \d+ | .""",
    re.VERBOSE | re.DOTALL,
)
_MACROS = ("all", "exists", "exists_one", "map", "filter")
_FIRST = {(kind.group, kind.kind): kind for kind in reversed(BUILTIN_KINDS)}
_BY_NAME = {kind.kind: kind for kind in reversed(BUILTIN_KINDS) if kind.group != "events.k8s.io"}


@dataclass
class Follower:
    """Follows paths; ``missing`` gathers those that lead nowhere."""

    schemas: Schemas = field(default_factory=Schemas)
    missing: list[str] = field(default_factory=list)

    def knows(self, group: str, kind: str) -> bool:
        """Whether a kind is built in, so that it has a schema."""
        return (group, kind) in _FIRST

    def kind(self, group: str, kind: str) -> Schema:
        """The schema of a kind; an Event's may be written in either form."""
        found = [_FIRST[group, kind]]
        if kind == "Event":
            found.append(_FIRST["events.k8s.io", kind])
        return {"anyOf": [self._root(one) for one in found]}

    def near(self, relation: str) -> Schema:
        """The schema of the list of neighbours of a relation."""
        name = NEAR.get(relation)
        items = self._root(_BY_NAME[name]) if name else {}
        return {"type": "array", "items": items}

    def condition(self, source: str, root: Schema) -> None:
        """Follow every path in a condition."""
        tokens = [match for match in _TOKEN.finditer(source) if not match[0].isspace()]
        self._expression([match[0] for match in tokens], {"object": root})

    def steps(self, steps: tuple[Step, ...], root: Schema) -> None:
        """Follow a path of evidence."""
        at, words = root, ""
        for step in steps:
            if words == "near" and isinstance(step, str):
                at, words = self.near(step), f"near.{step}"
            elif not words and step == "near":
                words = "near"
            elif isinstance(step, str):
                words += f".{step}"
                at = self._field(self._element(at) if "near" in words else at, step, words)
            else:
                at = self._element(at)
                if isinstance(step, Having):
                    inner = at
                    for name in step.key.split("."):
                        inner = self._field(inner, name, f"{words}[{step.key}]")
                assert isinstance(step, int | Every | Having)

    def _root(self, kind: ResourceKind) -> JsonObject:
        name = self.schemas.root(kind)
        assert name is not None, kind
        return {"$ref": PREFIX + name}

    def _options(self, schema: Schema) -> Iterator[Schema]:
        """A schema without references and choices."""
        if not schema:
            yield None
        elif "$ref" in schema:
            yield from self._options(self.schemas.get(schema["$ref"].removeprefix(PREFIX)))
        elif "allOf" in schema or "anyOf" in schema:
            for one in [*schema.get("allOf", ()), *schema.get("anyOf", ())]:
                yield from self._options(one)
        else:
            yield schema

    def _field(self, schema: Schema, name: str, words: str) -> Schema:
        found: list[JsonObject] = []
        for option in self._options(schema):
            if option is None:
                return None
            properties = option.get("properties")
            if properties is None and option.get("type", "object") == "object":
                values = option.get("additionalProperties")
                return values if isinstance(values, dict) else None
            if properties is not None and name in properties:
                found.append(properties[name])
        if not found:
            self.missing.append(words)
            return None
        return {"anyOf": found}

    def _element(self, schema: Schema) -> Schema:
        for option in self._options(schema):
            if option is not None and "items" in option:
                items: JsonObject = option["items"]
                return items
            if option is not None and isinstance(option.get("additionalProperties"), dict):
                values: JsonObject = option["additionalProperties"]
                return values
        return schema if schema and "items" not in schema else None

    def _is_list(self, schema: Schema) -> bool:
        return any(option is not None and "items" in option for option in self._options(schema))

    def _key(self, schema: Schema) -> Schema:
        """What a variable over a map is; anything where the map may be anything."""
        return None if None in self._options(schema) else {"type": "string"}

    def _expression(self, tokens: list[str], known: Mapping[str, Schema]) -> None:
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token in known or (token == "near" and tokens[at + 1 : at + 2] == ["."]):
                at = self._chain(tokens, at, known)
            else:
                at += 1

    def _chain(self, tokens: list[str], at: int, known: Mapping[str, Schema]) -> int:
        """One path from a variable on; where it ends."""
        words = tokens[at]
        if words == "near":
            schema, words, at = self.near(tokens[at + 2]), f"near.{tokens[at + 2]}", at + 3
        else:
            schema, at = known[words], at + 1
        while at < len(tokens) and tokens[at] in (".", "["):
            if tokens[at] == "[":
                end = _closing(tokens, at)
                inside = tokens[at + 1 : end]
                if len(inside) == 1 and inside[0][0] in "\"'":
                    schema = self._field(schema, inside[0][1:-1], words + "".join(inside))
                else:
                    self._expression(inside, known)
                    schema = self._element(schema)
                at = end + 1
            elif tokens[at + 2 : at + 3] == ["("]:
                end = _closing(tokens, at + 2)
                inside = tokens[at + 3 : end]
                bound: dict[str, Schema] = {}
                if tokens[at + 1] in _MACROS:
                    each = self._element(schema) if self._is_list(schema) else self._key(schema)
                    bound, inside = {inside[0]: each}, inside[2:]
                self._expression(inside, {**known, **bound})
                schema = schema if tokens[at + 1] == "filter" else None
                at = end + 1
            else:
                words += f".{tokens[at + 1]}"
                schema = self._field(schema, tokens[at + 1], words)
                at += 2
        return at


def _closing(tokens: list[str], at: int) -> int:
    """Where the bracket that opens at a place is closed."""
    depth = 0
    for place in range(at, len(tokens)):
        depth += (tokens[place] in "([") - (tokens[place] in ")]")
        if depth == 0:
            return place
    raise AssertionError(tokens)
