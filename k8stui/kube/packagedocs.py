"""Schemas of the built-in kinds without a server: read off the models of the ``kubernetes`` package.

Importing those models takes about a second and holds no lock that keys need: call ``root`` in a thread.
"""

from __future__ import annotations

import importlib
import inspect
import re
import types
import typing
from datetime import datetime
from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject

_VERSIONED = re.compile(r"(?:[A-Z][a-z]+)?V\d+(?:alpha\d+|beta\d+)?(?=[A-Z])")
_PLAIN = {str: "string", int: "integer", bool: "boolean", float: "number"}


class PackageModels:
    """Schemas made of model classes, one class at a time."""

    package = True

    def __init__(self) -> None:
        self._made: dict[str, JsonObject] = {}

    def root(self, kind: ResourceKind) -> JsonObject | None:
        """The schema of a built-in kind; None for kinds that the package has no model of."""
        version = kind.version.capitalize()
        group = kind.group.partition(".")[0].capitalize() or "Core"
        if kind.group and "." in kind.group and not kind.group.endswith(".k8s.io"):
            return None
        return self._schema(f"{group}{version}{kind.kind}") or self._schema(f"{version}{kind.kind}")

    def get(self, ref: str) -> JsonObject | None:
        """The schema of a model that another one refers to."""
        return self._schema(ref.partition("#")[0])

    def _schema(self, name: str) -> JsonObject | None:
        if name not in self._made:
            model = getattr(importlib.import_module("kubernetes.client.models"), name, None)
            if model is None or not hasattr(model, "model_fields"):
                return None
            self._made[name] = _model_schema(model)
        return self._made[name]


def _model_schema(model: Any) -> JsonObject:
    properties: JsonObject = {}
    required = []
    for attribute, info in model.model_fields.items():
        name = info.serialization_alias or info.alias or attribute
        described = {"description": info.description} if info.description else {}
        properties[name] = described | _type_schema(info.annotation)
        if info.is_required():
            required.append(name)
    words = inspect.cleandoc(model.__doc__ or "").partition("\n\nAttributes:")[0].strip()
    return {"type": "object", "description": words, "properties": properties, "required": required}


def _type_schema(annotation: Any) -> JsonObject:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type_schema(arguments[0])
    if origin in (typing.Union, types.UnionType):
        choices = [each for each in arguments if each is not type(None)]
        if len(choices) == 1:
            return _type_schema(choices[0])
        plain = {_PLAIN.get(each) for each in choices}
        if plain == {"integer", "string"}:
            return {"$ref": "IntOrString"}
        return {"type": "number"} if plain == {"integer", "number"} else {}
    if origin is list:
        return {"type": "array", "items": _type_schema(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type_schema(arguments[1])}
    if annotation is datetime:
        return {"type": "string", "format": "date-time"}
    if annotation in _PLAIN:
        return {"type": _PLAIN[annotation]}
    if hasattr(annotation, "model_fields"):
        return {"$ref": f"{annotation.__name__}#.{_VERSIONED.sub('', annotation.__name__)}"}
    return {}
