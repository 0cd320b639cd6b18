"""Label and field selectors, as query strings write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice import errors
from k8stui.practice.api import convert

_TOKEN = re.compile(r"\s*(==|!=|=|!|\(|\)|,|<|>|[^\s=!(),<>]+)")
_LABEL = re.compile(r"(?:[a-z0-9.-]{1,253}/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_NAME_RULE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_SET = re.compile(r"\s*\(([^()]*)\)")
_EVERY = ("metadata.name", "metadata.namespace")
_FIELDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("", "pods"): (
        *("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName"),
        *("spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"),
    ),
    ("", "events"): (
        *("involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid"),
        *("involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath"),
        *("reason", "reportingComponent", "source", "type"),
    ),
    ("events.k8s.io", "events"): (
        *("regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid"),
        *("reason", "reportingController", "type"),
    ),
    ("", "nodes"): ("spec.unschedulable",),
    ("", "namespaces"): ("status.phase",),
    ("", "secrets"): ("type",),
    ("", "replicationcontrollers"): ("status.replicas",),
    ("apps", "replicasets"): ("status.replicas",),
    ("batch", "jobs"): ("status.successful",),
    ("certificates.k8s.io", "certificatesigningrequests"): ("spec.signerName",),
}
_BOOLEAN = frozenset(("spec.unschedulable", "spec.hostNetwork"))
_NUMBER = frozenset(("status.replicas", "status.successful"))


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on a label: ``operator`` is in, notin, exists or absent."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet it; ``notin`` is met by labels that lack the key."""
        match self.operator:
            case "exists":
                return self.key in labels
            case "absent":
                return self.key not in labels
            case "in":
                return labels.get(self.key) in self.values
            case _:
                return labels.get(self.key) not in self.values


@dataclass(frozen=True, slots=True)
class FieldRequirement:
    """One condition on a field: its text equals a value, or does not."""

    path: str
    value: str
    equal: bool

    def matches(self, obj: JsonObject) -> bool:
        """Whether the object meets it; a missing field is the empty text (false, 0)."""
        return (field_text(obj, self.path) == self.value) == self.equal


@dataclass(frozen=True, slots=True)
class Selector:
    """A label selector and a field selector together."""

    labels: tuple[Requirement, ...] = ()
    fields: tuple[FieldRequirement, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether everything matches."""
        return not self.labels and not self.fields

    def matches(self, obj: JsonObject) -> bool:
        """Whether an object is selected."""
        if self.labels:
            labels = obj["metadata"].get("labels") or {}
            if not all(requirement.matches(labels) for requirement in self.labels):
                return False
        return all(requirement.matches(obj) for requirement in self.fields)

    def exact(self, path: str) -> str | None:
        """The value that the field selector demands of a field, if it demands one."""
        return next((f.value for f in self.fields if f.path == path and f.equal), None)


def field_text(obj: JsonObject, path: str) -> str:
    """The field as field selectors compare it."""
    if path == "source":
        value = dig(obj, "source", "component") or obj.get("reportingComponent")
    else:
        value = dig(obj, *path.split("."))
    if value is None:
        return "false" if path in _BOOLEAN else "0" if path in _NUMBER else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def parse(kind: ResourceKind, labels: str, fields: str, selectable: tuple[str, ...] = ()) -> Selector:
    """Both selectors of a request; ``selectable`` are further fields (a CustomResourceDefinition's).

    Raises:
        StatusError: 400 for text that is no selector or a field that the kind cannot be selected by.
    """
    allowed = (*_EVERY, *_FIELDS.get((kind.group, kind.plural), ()), *selectable)
    found = parse_fields(fields, allowed.__contains__, plain=allowed == _EVERY)
    kept = tuple(replace(each, path=convert.stored_field(kind, each.path)) for each in found)
    return Selector(parse_labels(labels), kept)


def parse_fields(
    text: str, allowed: Callable[[str], bool], *, plain: bool = False
) -> tuple[FieldRequirement, ...]:
    """A field selector: ``path=value``, ``path==value`` and ``path!=value``, joined by commas."""
    found = []
    for part in re.split(r"(?<!\\),", text):
        if not part:
            continue
        path, operator, value = _split_field(part)
        if not allowed(path):
            only = ", ".join(f'"{each}"' for each in _EVERY)
            unknown = f'"{path}" is not a known field selector: only {only}'
            raise errors.bad_request(unknown if plain else f"field label not supported: {path}")
        found.append(FieldRequirement(path, re.sub(r"\\(.)", r"\1", value), operator != "!="))
    return tuple(found)


def _split_field(part: str) -> tuple[str, str, str]:
    match = re.fullmatch(r"(.*?)(!=|==|=)(.*)", part, re.DOTALL)
    if match is None:
        raise errors.bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
    return match[1].strip(), match[2], match[3]


def parse_labels(text: str) -> tuple[Requirement, ...]:
    """A label selector: ``a=b``, ``a==b``, ``a!=b``, ``a in (b,c)``, ``a notin (b)``, ``a``, ``!a``."""
    found: list[Requirement] = []
    at = 0
    while text[at:].strip():
        requirement, at = _requirement(text, at)
        found.append(requirement)
        token, after = _token(text, at)
        if token == ",":
            at = after
            if not text[at:].strip():
                raise errors.bad_request("found '', expected: identifier after ','")
        elif token:
            raise errors.bad_request(f"found '{token}', expected: ',' or 'end of string'")
    return tuple(found)


def _token(text: str, at: int) -> tuple[str, int]:
    match = _TOKEN.match(text, at)
    return (match[1], match.end()) if match else ("", len(text))


def _requirement(text: str, at: int) -> tuple[Requirement, int]:
    token, at = _token(text, at)
    if token == "!":
        key, at = _token(text, at)
        _check_key(key)
        return Requirement(key, "absent"), at
    _check_key(token)
    operator, after = _token(text, at)
    if operator in ("in", "notin"):
        values = _SET.match(text, after)
        if values is None:
            why = f"found '{_token(text, after)[0]}' expected: '('"
            raise errors.bad_request(f"unable to parse requirement: {why}")
        members = frozenset(value.strip() for value in values[1].split(","))
        return Requirement(token, operator, members), values.end()
    if operator in ("=", "==", "!="):
        value, end = _token(text, after)
        if value in ("", ","):
            value, end = "", after
        return Requirement(token, "notin" if operator == "!=" else "in", frozenset((value,))), end
    return Requirement(token, "exists"), at


def _check_key(key: str) -> None:
    if not key or key in ("=", "==", "!=", "(", ")", ",", "<", ">", "!"):
        raise errors.bad_request(f"found '{key}', expected: !, identifier, or 'end of string'")
    if not _LABEL.fullmatch(key):
        why = f'<nil>: Invalid value: "{key}": {_NAME_RULE}'
        raise errors.bad_request(f"unable to parse requirement: {why}")
