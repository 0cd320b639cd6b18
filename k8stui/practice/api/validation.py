"""What makes a manifest wrong: unknown fields, wrong types, missing values, names that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.api.decoding import json_type

Cause = tuple[str, str, str]
"""Reason, field and message of one mistake, as a Status lists it."""

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LABEL_KEY = re.compile(r"([a-z0-9.\-]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_SELECTED = frozenset(("deployments", "replicasets", "daemonsets", "statefulsets"))
_KEPT = frozenset(("apiVersion", "kind", "metadata"))


@dataclass(slots=True)
class Findings:
    """What the schema of a definition has to say of a custom resource."""

    unknown: list[str] = field(default_factory=list)
    """Paths of fields that the schema does not have."""
    causes: list[Cause] = field(default_factory=list)
    """Missing values, wrong types, values out of range."""


def custom(schema: JsonObject, obj: JsonObject) -> Findings:
    """Check a custom resource against the schema of its definition."""
    findings = Findings()
    top = {
        **schema,
        "properties": {k: v for k, v in (schema.get("properties") or {}).items() if k not in _KEPT},
    }
    rest = {key: value for key, value in obj.items() if key not in _KEPT}
    _structural(top, rest, "", findings)
    return findings


def _structural(schema: JsonObject, value: Any, path: str, findings: Findings) -> None:
    if value is None and schema.get("nullable"):
        return
    wanted, actual = schema.get("type"), json_type(value)
    if schema.get("x-kubernetes-int-or-string"):
        wanted = actual if actual in ("integer", "string") else "integer"
    if wanted and actual != wanted and (wanted, actual) != ("number", "integer"):
        why = f'Invalid value: "{actual}": {path} in body must be of type {wanted}: "{actual}"'
        findings.causes.append(("FieldValueTypeInvalid", path, why))
        return
    findings.causes += [(reason, path, message) for reason, message in _limits(schema, value, path)]
    if isinstance(value, dict):
        _structural_map(schema, value, path, findings)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for number, each in enumerate(value):
            _structural(schema["items"], each, f"{path}[{number}]", findings)


def _structural_map(schema: JsonObject, value: JsonObject, path: str, findings: Findings) -> None:
    properties = schema.get("properties") or {}
    others = schema.get("additionalProperties")
    open_ended = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    for name in schema.get("required") or ():
        if name not in value:
            at = f"{path}.{name}" if path else name
            findings.causes.append(("FieldValueRequired", at, "Required value"))
    for name, below in value.items():
        at = f"{path}.{name}" if path else name
        if name in properties:
            _structural(properties[name], below, at, findings)
        elif isinstance(others, dict):
            _structural(others, below, at, findings)
        elif not open_ended and not others:
            findings.unknown.append(at)


def _limits(schema: JsonObject, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if "enum" in schema and value not in schema["enum"]:
        choices = ", ".join(f'"{each}"' for each in schema["enum"])
        yield "FieldValueNotSupported", f'Unsupported value: "{value}": supported values: {choices}'
    if isinstance(value, int | float) and not isinstance(value, bool):
        for name, words, wrong in (
            ("minimum", "greater than or equal to", value < schema.get("minimum", value)),
            ("maximum", "less than or equal to", value > schema.get("maximum", value)),
        ):
            if wrong:
                yield (
                    "FieldValueInvalid",
                    f"Invalid value: {value}: {path} in body should be {words} {schema[name]}",
                )
    if isinstance(value, str) and "pattern" in schema and not _search(schema["pattern"], value):
        yield (
            "FieldValueInvalid",
            f"Invalid value: \"{value}\": {path} in body should match '{schema['pattern']}'",
        )


def _search(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True


def prune(schema: JsonObject, value: Any) -> Any:
    """A custom resource without the fields that its schema does not have."""
    if isinstance(value, list):
        items = schema.get("items")
        return [prune(items, each) for each in value] if isinstance(items, dict) else value
    if not isinstance(value, dict) or schema.get("x-kubernetes-preserve-unknown-fields"):
        return value
    properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
    if (
        not properties
        and others is None
        and schema.get("type") == "object"
        and not schema.get("x-kubernetes-embedded-resource")
    ):
        return {}
    if others is True:
        return value
    return {
        key: prune(properties.get(key, others if isinstance(others, dict) else {}), below)
        for key, below in value.items()
        if key in properties or isinstance(others, dict)
    }


def causes(kind: ResourceKind, obj: JsonObject) -> list[Cause]:
    """Mistakes that no schema can tell: the name, labels, and what the most used kinds need."""
    found = [*_name(kind, obj["metadata"].get("name", "")), *_labels(obj["metadata"])]
    spec = obj.get("spec") if isinstance(obj.get("spec"), dict) else {}
    template_at = "spec.template"
    if kind.group == "apps" and kind.plural in _SELECTED:
        found += _selected(spec or {})
    if (kind.group, kind.plural) == ("batch", "cronjobs"):
        template_at = "spec.jobTemplate.spec.template"
        if not dig(spec, "schedule"):
            found.append(("FieldValueRequired", "spec.schedule", "Required value"))
    if (kind.group, kind.plural) == ("", "pods"):
        found += _containers(spec or {}, "spec")
    elif isinstance(dig(obj, *template_at.split(".")), dict):
        pod = dig(obj, *template_at.split("."), "spec")
        found += _containers(pod if isinstance(pod, dict) else {}, f"{template_at}.spec")
    if (kind.group, kind.plural) == ("", "services"):
        named = dig(spec, "type") == "ExternalName" or dig(spec, "clusterIP") == "None"
        if not named and not dig(spec, "ports"):
            found.append(("FieldValueRequired", "spec.ports", "Required value"))
    return found


def _name(kind: ResourceKind, name: str) -> Iterator[Cause]:
    if kind.group == "rbac.authorization.k8s.io":
        if "/" in name or "%" in name or name in (".", ".."):
            yield (
                "FieldValueInvalid",
                "metadata.name",
                f"Invalid value: \"{name}\": may not contain '/' or '%'",
            )
        return
    pattern, words = _SUBDOMAIN, "a lowercase RFC 1123 subdomain"
    if (kind.group, kind.plural) == ("", "namespaces"):
        pattern, words = _LABEL, "a lowercase RFC 1123 label"
    elif (kind.group, kind.plural) == ("", "services"):
        pattern, words = _SERVICE, "a DNS-1035 label"
    if not pattern.fullmatch(name):
        why = f"{words} must match '{pattern.pattern}'"
        yield "FieldValueInvalid", "metadata.name", f'Invalid value: "{name}": {why}'
    elif len(name) > 253:
        yield "FieldValueInvalid", "metadata.name", "Invalid value: must be no more than 253 bytes"


def _labels(metadata: JsonObject) -> Iterator[Cause]:
    labels = metadata.get("labels")
    for key, value in labels.items() if isinstance(labels, dict) else ():
        if not _LABEL_KEY.fullmatch(key):
            yield "FieldValueInvalid", "metadata.labels", f'Invalid value: "{key}": is no label key'
        if not isinstance(value, str) or not _LABEL_VALUE.fullmatch(value):
            yield "FieldValueInvalid", "metadata.labels", f'Invalid value: "{value}": is no label value'


def _selected(spec: JsonObject) -> Iterator[Cause]:
    selector = spec.get("selector")
    if not selector:
        yield "FieldValueRequired", "spec.selector", "Required value"
    labels = dig(spec, "template", "metadata", "labels") or {}
    wanted = dig(selector, "matchLabels") or {}
    if not selector or any(labels.get(key) != value for key, value in wanted.items()):
        shown = "null" if not labels else str(labels)
        why = f"Invalid value: {shown}: `selector` does not match template `labels`"
        yield "FieldValueInvalid", "spec.template.metadata.labels", why


def _containers(spec: JsonObject, at: str) -> Iterator[Cause]:
    if not spec.get("containers"):
        yield "FieldValueRequired", f"{at}.containers", "Required value"
    for where in ("initContainers", "containers"):
        seen: set[str] = set()
        for number, container in enumerate(dicts(spec, where)):
            path = f"{at}.{where}[{number}]"
            name = str(container.get("name") or "")
            if not name:
                yield "FieldValueRequired", f"{path}.name", "Required value"
            elif not _LABEL.fullmatch(name):
                why = f"a lowercase RFC 1123 label must match '{_LABEL.pattern}'"
                yield "FieldValueInvalid", f"{path}.name", f'Invalid value: "{name}": {why}'
            elif name in seen:
                yield "FieldValueDuplicate", f"{path}.name", f'Duplicate value: "{name}"'
            seen.add(name)
            if not container.get("image"):
                yield "FieldValueRequired", f"{path}.image", "Required value"
