"""OpenAPI schemas of the built-in kinds, read off the models of the Kubernetes client package.

Importing those models takes about a second, so this happens when a schema is first needed, in a thread.
"""

from __future__ import annotations

import importlib
import inspect
import re
import types
import typing
from datetime import datetime
from threading import Lock
from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.api import mergekeys

PREFIX = "#/components/schemas/"
_CLASS = re.compile(r"([A-Z][a-z]+)?(V\d+(?:alpha\d+|beta\d+)?)([A-Z].*)")
_PLAIN = {str: "string", int: "integer", bool: "boolean", float: "number"}


class Schemas:
    """Schemas by name, each built once."""

    def __init__(self) -> None:
        self._found: dict[str, JsonObject] = {}
        self._roots: dict[ResourceKind | str, str | None] = {}
        self._resolved: dict[int, tuple[str, JsonObject]] = {}
        self._lock = Lock()

    def root(self, kind: ResourceKind | str) -> str | None:
        """The name of the schema of a kind, or of a model by its name, with all that it refers to built.

        None when there is no such model. Slow the first time: call it in a thread.
        """
        with self._lock:
            if kind not in self._roots:
                model = _model(kind)
                self._roots[kind] = None if model is None else self._add(model)
            return self._roots[kind]

    def known(self, kind: ResourceKind | str) -> str | None:
        """The same when it has been built already, None when not."""
        return self._roots.get(kind)

    def get(self, name: str) -> JsonObject:
        """A schema that has been built."""
        return self._found[name]

    def resolved(self, schema: JsonObject) -> tuple[str, JsonObject]:
        """The schema behind a reference, and the last part of its name; empty when it refers to nothing.

        Kept for each schema: pass only those that are part of a schema of this collection.
        """
        found = self._resolved.get(id(schema))
        if found is None:
            found = self._resolved[id(schema)] = self._behind(schema)
        return found

    def _behind(self, schema: JsonObject) -> tuple[str, JsonObject]:
        for part in (schema, *schema.get("allOf", ())):
            if "$ref" in part:
                name = part["$ref"].removeprefix(PREFIX)
                return name.rpartition(".")[2], self.get(name)
        return "", schema

    def closure(self, names: list[str]) -> dict[str, JsonObject]:
        """Some schemas and everything that they refer to."""
        found: dict[str, JsonObject] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            schema = found[name] = self._found[name]
            waiting += [ref for prop in schema.get("properties", {}).values() for ref in _refs(prop)]
        return found

    def _add(self, model: Any) -> str:
        name = _name(model.__name__)
        if name in self._found:
            return name
        schema: JsonObject = {"description": _description(model), "type": "object"}
        self._found[name] = schema
        owner = name.rsplit(".", 1)[1]
        properties: JsonObject = {}
        required: list[str] = []
        for attribute, info in model.model_fields.items():
            field = info.serialization_alias or attribute
            properties[field] = self._field(owner, field, info)
            if info.is_required():
                required.append(field)
        if required:
            schema["required"] = required
        if properties:
            schema["properties"] = properties
        return name

    def _field(self, owner: str, field: str, info: Any) -> JsonObject:
        schema = self._type(info.annotation)
        described: JsonObject = {"description": info.description} if info.description else {}
        schema = {**described, **({"allOf": [schema]} if "$ref" in schema else schema)}
        if schema.get("type") == "array":
            _extend(schema, mergekeys.list_rule(owner, field))
        elif field in mergekeys.RETAIN_FIELDS and owner == "DeploymentSpec":
            schema["x-kubernetes-patch-strategy"] = "retainKeys"
        return schema

    def _type(self, annotation: Any) -> JsonObject:
        origin = typing.get_origin(annotation)
        arguments = typing.get_args(annotation)
        if origin is typing.Annotated:
            return self._type(arguments[0])
        if origin in (typing.Union, types.UnionType):
            return self._union([each for each in arguments if each is not type(None)])
        if origin is list:
            return {"type": "array", "items": self._type(arguments[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self._type(arguments[1])}
        if annotation is datetime:
            return {"type": "string", "format": "date-time"}
        if annotation in _PLAIN:
            return {"type": _PLAIN[annotation]}
        if hasattr(annotation, "model_fields"):
            return {"$ref": PREFIX + self._add(annotation)}
        return {"x-kubernetes-preserve-unknown-fields": True}

    def _union(self, choices: list[Any]) -> JsonObject:
        if len(choices) == 1:
            return self._type(choices[0])
        kinds = {self._type(choice).get("type") for choice in choices}
        if kinds == {"integer", "string"}:
            return {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]}
        if kinds == {"integer", "number"}:
            return {"type": "number"}
        return {"x-kubernetes-preserve-unknown-fields": True}


def _extend(schema: JsonObject, rule: mergekeys.ListRule | None) -> None:
    if rule is None:
        schema["x-kubernetes-list-type"] = "atomic"
        return
    schema["x-kubernetes-list-type"] = "atomic" if rule.atomic else "map" if rule.keys else "set"
    if rule.keys:
        schema["x-kubernetes-list-map-keys"] = list(rule.keys)
    if rule.patch_key:
        schema["x-kubernetes-patch-strategy"] = "merge,retainKeys" if rule.retain else "merge"
        if rule.patch_key != "*":
            schema["x-kubernetes-patch-merge-key"] = rule.patch_key


def _refs(schema: JsonObject) -> list[str]:
    found = [schema["$ref"].removeprefix(PREFIX)] if "$ref" in schema else []
    for part in schema.get("allOf", ()):
        found += _refs(part)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            found += _refs(schema[key])
    return found


def _name(class_name: str) -> str:
    match = _CLASS.fullmatch(class_name)
    if match is None:
        return f"io.k8s.api.{class_name}"
    group = (match[1] or "meta").lower()
    return f"io.k8s.api.{group}.{match[2].lower()}.{match[3]}"


def _description(model: Any) -> str:
    text = inspect.cleandoc(model.__doc__ or "")
    return text.partition("\n\nAttributes:")[0].strip()


def _model(kind: ResourceKind | str) -> Any:
    models = importlib.import_module("kubernetes.client.models")
    if isinstance(kind, str):
        return getattr(models, kind, None)
    version = kind.version.capitalize()
    group = kind.group.partition(".")[0].capitalize() or "Core"
    for name in (f"{group}{version}{kind.kind}", f"{version}{kind.kind}"):
        model = getattr(models, name, None)
        if model is not None:
            return model
    return None
