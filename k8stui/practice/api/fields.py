"""Who owns which field: field sets, as metadata.managedFields has them (FieldsV1)."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Any

import msgspec

from k8stui.core.objects import JsonObject
from k8stui.practice.api import mergekeys
from k8stui.practice.kinds import BUILTIN_KINDS

Path = tuple[str, ...]
"""Steps as FieldsV1 writes them: ``f:name``, ``k:{"name":"a"}``, ``v:"x"``; ``.`` is the thing itself."""

UNOWNED = frozenset(
    (
        *("name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink"),
        *("managedFields", "deletionTimestamp", "deletionGracePeriodSeconds"),
    )
)
_KEY_DEFAULTS = MappingProxyType({"protocol": "TCP"})
_EMBEDDED = frozenset(
    (
        *("metadata", "spec", "status", "template", "jobTemplate", "strategy", "updateStrategy"),
        *("scaleTargetRef", "loadBalancer", "nodeInfo", "daemonEndpoints", "kubeletEndpoint", "source"),
        *("names", "acceptedNames", "resources"),
    )
)
"""Fields that Go types hold by value: they are there in an empty object, so nobody sets the thing itself."""
_BARE_LISTS = frozenset(("containers",))
"""Lists that are there in an empty object too."""
_REFERENCES = "ownerReferences"
"""The list whose elements are owned whole."""
_BUILTIN = frozenset(kind.kind for kind in BUILTIN_KINDS)


def values(obj: JsonObject, kind: str, sections: Iterable[str]) -> dict[Path, Any]:
    """Every field that some sections (``metadata``, ``spec``, …) of an object set, with its value.

    What makes up the object's identity is left out. Things that have fields of their own stand as ``.``, with
    the value True.
    """
    found: dict[Path, Any] = {}
    for key in sections:
        value = obj.get(key)
        if key == "metadata":
            owned = {name: each for name, each in value.items() if name not in UNOWNED} if value else {}
            for name, each in owned.items():
                found.update(_value(("f:metadata", f"f:{name}"), name, each, "ObjectMeta", zero=True))
        elif key in obj and key not in ("apiVersion", "kind"):
            found.update(_value((f"f:{key}",), key, value, kind, zero=True))
    return found


def differing(one: JsonObject, other: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Two objects without what they have alike, so that it need not be walked to see that nobody changed it.

    A map of which one is left with nothing keeps a field that both have: an empty map says something else.
    """
    left = {key: value for key, value in one.items() if key not in other or other[key] != value}
    right = {key: value for key, value in other.items() if key not in one or one[key] != value}
    for key in left.keys() & right.keys():
        if isinstance(left[key], dict) and isinstance(right[key], dict) and not mergekeys.atomic_map(key):
            left[key], right[key] = differing(left[key], right[key])
    if not left or not right:
        alike = next((key for key in one if key in other and key not in left and key not in right), None)
        if alike is not None:
            left[alike], right[alike] = one[alike], other[alike]
    return left, right


def step(owner: str, field: str) -> str:
    """The type of a field of a type, as far as it matters here."""
    return mergekeys.step(owner, field)


def embedded(kind: str, field: str) -> bool:
    """Whether a part of an object is there from the start, so that it is no field that somebody sets.

    True for ``spec`` and ``status`` of built-in kinds, whose Go types hold them by value.
    """
    return _held(kind, field)


def _held(owner: str, field: str) -> bool:
    """Whether an object of a type holds a field by value: then it has the field from the start."""
    if field in ("spec", "status"):
        return owner in _BUILTIN or owner in ("PodTemplateSpec", "JobTemplateSpec")
    if field == "template":
        return owner != "ReplicationControllerSpec"
    if field == "resources":
        return owner == "PersistentVolumeClaimSpec"
    return field in _EMBEDDED


def unset(owner: str, field: str, value: Any, *, zero: bool) -> bool:
    """Whether a field is as it is in an empty object."""
    return zero and value == {} and _held(owner, field)


def tree(key: str, value: Any, owner: str, *, zero: bool = False) -> JsonObject:
    """What a field sets, as FieldsV1.

    Args:
        key: The field's name.
        value: Its value.
        owner: The type that it is a field of.
        zero: Whether everything that it is in is there in an empty object.
    """
    if isinstance(value, dict):
        if not value or mergekeys.atomic_map(key):
            return {}
        held = zero and _held(owner, key)
        below = step(owner, key)
        node: JsonObject = {} if held else {".": {}}
        for name in sorted(value):
            if not unset(below, name, value[name], zero=held):
                node[f"f:{name}"] = tree(name, value[name], below, zero=held)
        return node
    rule = mergekeys.shared(owner, key) if isinstance(value, list) and value else None
    if rule is None:
        return {}
    node = {} if zero and key in _BARE_LISTS else {".": {}}
    if not rule.keys:
        node.update((f"v:{_json(each)}", {}) for each in value)
        return node
    item = step(owner, key)
    for each in value:
        if isinstance(each, dict):
            inside: JsonObject = {}
            if key != _REFERENCES:
                inside = {".": {}, **{f"f:{name}": tree(name, each[name], item) for name in sorted(each)}}
            node[f"k:{item_key(each, rule.keys)}"] = inside
    return node


def _value(at: Path, key: str, value: Any, owner: str, *, zero: bool = False) -> Iterator[tuple[Path, Any]]:
    """The same as paths, with the values."""
    if isinstance(value, dict) and value and not mergekeys.atomic_map(key):
        held = zero and _held(owner, key)
        if not held:
            yield (*at, "."), True
        below = step(owner, key)
        for name, each in value.items():
            if not unset(below, name, each, zero=held):
                yield from _value((*at, f"f:{name}"), name, each, below, zero=held)
        return
    rule = mergekeys.shared(owner, key) if isinstance(value, list) and value else None
    if rule is None:
        yield at, value
        return
    if not (zero and key in _BARE_LISTS):
        yield (*at, "."), True
    if not rule.keys:
        for each in value:
            yield (*at, f"v:{_json(each)}"), each
        return
    for each in value:
        if isinstance(each, dict):
            yield from _element((*at, f"k:{item_key(each, rule.keys)}"), key, each, step(owner, key))


def _element(at: Path, key: str, element: JsonObject, owner: str) -> Iterator[tuple[Path, Any]]:
    """An element of a list as paths, with the values."""
    if key == _REFERENCES:
        yield at, element
        return
    yield (*at, "."), True
    for name, each in element.items():
        yield from _value((*at, f"f:{name}"), name, each, owner)


def item_key(item: JsonObject, keys: Iterable[str]) -> str:
    """What identifies an element of a list, as FieldsV1 writes it."""
    return _json({key: item.get(key, _KEY_DEFAULTS.get(key)) for key in sorted(keys)})


def _json(value: Any) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


_MISSING = object()


def _look(obj: Any, path: Path) -> Any:
    """The value at a path, or the marker of what is missing."""
    value = obj
    for step in path:
        value = _below(value, step)
        if value is _MISSING:
            return _MISSING
    return value


def _below(value: Any, step: str) -> Any:
    kind, text = step[:2], step[2:]
    if kind == "f:":
        return value.get(text, _MISSING) if isinstance(value, dict) else _MISSING
    if not isinstance(value, list):
        return _MISSING
    wanted = json.loads(text)
    if kind == "v:":
        return wanted if wanted in value else _MISSING
    return next((e for e in value if isinstance(e, dict) and item_key(e, wanted) == text), _MISSING)


def empty(obj: JsonObject, path: Path) -> bool:
    """Whether there is nothing left in the map or list at a path."""
    return _look(obj, path) in ({}, [])


def remove(obj: JsonObject, path: Path) -> None:
    """Take a field out of an object, in place; list elements go when their own ``.`` is removed."""
    if path[-1] == ".":
        path = path[:-1]
    owner = _look(obj, path[:-1]) if len(path) > 1 else obj
    kind, text = path[-1][:2], path[-1][2:]
    if kind == "f:" and isinstance(owner, dict):
        owner.pop(text, None)
    elif isinstance(owner, list):
        gone = _below(owner, path[-1])
        if gone is not _MISSING:
            owner.remove(gone)


def nested(found: Iterable[Path]) -> JsonObject:
    """Paths as FieldsV1."""
    tree: JsonObject = {}
    for path in sorted(found):
        node = tree
        for step in path:
            node = node.setdefault(step, {})
    return tree


def flat(tree: Any, at: Path = ()) -> Iterator[Path]:
    """FieldsV1 as paths."""
    if not isinstance(tree, dict) or not tree:
        if at:
            yield at
        return
    for step, below in tree.items():
        yield from flat(below, (*at, step))


def merge(live: JsonObject, applied: JsonObject, owner: str) -> JsonObject:
    """The live object with an applied one laid over it: maps and keyed lists merged, all else replaced."""
    result = dict(live)
    for key, value in applied.items():
        old = result.get(key)
        rule = mergekeys.shared(owner, key) if isinstance(value, list) else None
        if isinstance(value, dict) and isinstance(old, dict) and not mergekeys.atomic_map(key):
            result[key] = merge(old, value, mergekeys.step(owner, key))
        elif rule is not None and isinstance(old, list):
            result[key] = _merge_list(old, value, rule, mergekeys.step(owner, key))
        else:
            result[key] = copy.deepcopy(value)
    return result


def _merge_list(old: list[Any], new: list[Any], rule: mergekeys.ListRule, item: str) -> list[Any]:
    if not rule.keys:
        return [*old, *(each for each in new if each not in old)]
    by_key = {item_key(each, rule.keys): each for each in old if isinstance(each, dict)}
    for each in new:
        key = item_key(each, rule.keys)
        by_key[key] = merge(by_key[key], each, item) if key in by_key else copy.deepcopy(each)
    return list(by_key.values())


def shown(path: Path) -> str:
    """A path as people read it: ``.spec.template.spec.containers[name="a"].image``."""
    text = ""
    for step in path:
        kind, rest = step[:2], step[2:]
        if kind == "f:":
            text += f".{rest}"
        elif kind == "k:":
            text += f"[{','.join(f'{key}={_json(value)}' for key, value in json.loads(rest).items())}]"
        elif kind == "v:":
            text += f"[={rest}]"
    return text
