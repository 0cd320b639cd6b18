"""Patches: JSON Patch (RFC 6902), JSON Merge Patch (RFC 7386) and Kubernetes' strategic merge patch.

All of them return a new object and leave what they are given as it was.
"""

from __future__ import annotations

import copy
from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.practice.api import mergekeys
from k8stui.practice.api.mergekeys import ListRule


class PatchError(ValueError):
    """A patch that cannot be applied to the object."""


class MalformedPatch(PatchError):
    """A strategic merge patch of which a server cannot make sense."""


def json_patch(obj: Any, operations: Any) -> Any:
    """Apply a JSON Patch.

    Raises:
        PatchError: a path that is not there, a failed test, or no list of operations.
    """
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        raise PatchError("a JSON patch is a list of operations")
    root = {"": copy.deepcopy(obj)}
    for operation in operations:
        _operate(root, operation)
        if "" not in root:
            raise PatchError("the whole object cannot be removed")
    return root[""]


def _operate(root: JsonObject, operation: JsonObject) -> None:
    path = _pointer(operation.get("path"))
    match operation.get("op"):
        case "add":
            _add(root, path, copy.deepcopy(operation.get("value")))
        case "remove":
            _take(root, path, "remove")
        case "replace":
            _take(root, path, "replace")
            _add(root, path, copy.deepcopy(operation.get("value")))
        case "test":
            if _look(root, path, "testing") != operation.get("value"):
                raise PatchError(f"testing value {operation.get('path')} failed")
        case "copy":
            _add(root, path, copy.deepcopy(_look(root, _pointer(operation.get("from")), "copy")))
        case "move":
            _add(root, path, _take(root, _pointer(operation.get("from")), "move"))
        case other:
            raise PatchError(f"unexpected kind: {other}")


def _pointer(path: Any) -> list[str]:
    if not isinstance(path, str) or (path and not path.startswith("/")):
        raise PatchError(f"invalid path: {path}")
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")]


def _look(root: Any, path: list[str], what: str) -> Any:
    value = root
    for part in path:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            raise PatchError(f"{what} operation does not apply: doc is missing path: {'/'.join(path)}")
    return value


def _add(root: Any, path: list[str], value: Any) -> None:
    owner, key = _look(root, path[:-1], "add"), path[-1]
    if isinstance(owner, dict):
        owner[key] = value
    elif isinstance(owner, list) and key == "-":
        owner.append(value)
    elif isinstance(owner, list) and key.isdecimal() and int(key) <= len(owner):
        owner.insert(int(key), value)
    else:
        raise PatchError(f"add operation does not apply: doc is missing path: {'/'.join(path)}")


def _take(root: Any, path: list[str], what: str) -> Any:
    value = _look(root, path, what)
    owner, key = _look(root, path[:-1], what), path[-1]
    if isinstance(owner, dict):
        if what != "replace":
            del owner[key]
    else:
        del owner[int(key)]
    return value


def merge_patch(obj: Any, patch: Any) -> Any:
    """Apply a JSON Merge Patch: null removes, maps are merged, anything else replaces."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(obj) if isinstance(obj, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def strategic_patch(obj: JsonObject, patch: Any, kind: str) -> JsonObject:
    """Apply a strategic merge patch: as a merge patch, but lists with a merge key are merged by it.

    Understands ``$patch: delete|replace|merge``, ``$retainKeys``, ``$setElementOrder/FIELD`` and
    ``$deleteFromPrimitiveList/FIELD``.

    Raises:
        PatchError: a list element without its merge key, or a patch that is no object.
    """
    if not isinstance(patch, dict):
        raise PatchError("a strategic merge patch is an object")
    result: JsonObject = _strategic(obj, patch, kind)
    return result


def _strategic(obj: Any, patch: JsonObject, owner: str) -> JsonObject:
    directive = patch.get("$patch")
    if directive == "replace":
        return {key: copy.deepcopy(value) for key, value in patch.items() if key != "$patch"}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise MalformedPatch(f"unknown patch type: {directive} in map: map[$patch:{directive}]")
    result = dict(obj) if isinstance(obj, dict) else {}
    if isinstance(patch.get("$retainKeys"), list):
        result = {key: value for key, value in result.items() if key in patch["$retainKeys"]}
    for key, value in patch.items():
        if key.startswith("$"):
            _remove_plain(result, key, value)
        elif value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = _strategic(result.get(key), value, mergekeys.step(owner, key))
        elif isinstance(value, list):
            order = patch.get(f"$setElementOrder/{key}")
            result[key] = _lists(result.get(key), value, mergekeys.list_rule(owner, key), owner, key, order)
        else:
            result[key] = value
    _reorder_untouched(result, patch, owner)
    return result


def _remove_plain(result: JsonObject, key: str, value: Any) -> None:
    name, _, field = key.partition("/")
    if name == "$deleteFromPrimitiveList" and isinstance(result.get(field), list) and isinstance(value, list):
        result[field] = [each for each in result[field] if each not in value]


def _reorder_untouched(result: JsonObject, patch: JsonObject, owner: str) -> None:
    """Sort lists of which the patch says the order and nothing else."""
    for key, order in patch.items():
        name, _, field = key.partition("/")
        if name != "$setElementOrder" or field in patch or not isinstance(result.get(field), list):
            continue
        rule = mergekeys.list_rule(owner, field)
        if rule is not None and rule.patch_key and isinstance(order, list):
            result[field] = _ordered(result[field], order, result[field], rule.patch_key)


def _lists(old: Any, new: list[Any], rule: ListRule | None, owner: str, field: str, order: Any) -> list[Any]:
    if rule is None or not rule.patch_key or not isinstance(old, list):
        return _without_directives(new)
    if rule.patch_key == "*":
        merged = [*old, *(each for each in new if each not in old)]
    else:
        if any(isinstance(each, dict) and each.get("$patch") == "replace" for each in new):
            return _without_directives(new)
        merged = _merge_by_key(old, new, rule, mergekeys.step(owner, field))
    return _ordered(merged, order if isinstance(order, list) else new, old, rule.patch_key)


def _without_directives(elements: list[Any]) -> list[Any]:
    kept = [e for e in elements if not (isinstance(e, dict) and e.get("$patch") in ("delete", "replace"))]
    return [
        {key: value for key, value in copy.deepcopy(each).items() if not key.startswith("$")}
        if isinstance(each, dict)
        else each
        for each in kept
    ]


def _merge_by_key(old: list[Any], new: list[Any], rule: ListRule, item: str) -> list[Any]:
    key = rule.patch_key
    merged = list(old)
    for element in new:
        if not isinstance(element, dict) or key not in element:
            shown = " ".join(f"{name}:{value}" for name, value in sorted(dict(element).items()))
            raise MalformedPatch(f"map: map[{shown}] does not contain declared merge key: {key}")
        at = [i for i, each in enumerate(merged) if isinstance(each, dict) and each.get(key) == element[key]]
        if element.get("$patch") == "delete":
            merged = [each for i, each in enumerate(merged) if i not in at]
        elif at:
            merged[at[0]] = _strategic(merged[at[0]], element, item)
        else:
            merged.append(_strategic({}, element, item))
    return merged


def _ordered(elements: list[Any], order: list[Any], old: list[Any], key: str) -> list[Any]:
    """A merged list in the order that a server gives it.

    Elements that the order names stand as it says; the others stay as they were. An element of the others
    goes before a named one only when it stood before it in the old list.
    """

    def identity(element: Any) -> Any:
        found = element.get(key) if isinstance(element, dict) else element
        return None if isinstance(found, dict | list) else found

    rank = {identity(each): i for i, each in enumerate(order)}
    place = {identity(each): i for i, each in enumerate(old)}
    named = sorted((e for e in elements if identity(e) in rank), key=lambda each: rank[identity(each)])
    result: list[Any] = []
    for other in (each for each in elements if identity(each) not in rank):
        at = place.get(identity(other), len(old))
        while named and not at < place.get(identity(named[0]), -1):
            result.append(named.pop(0))
        result.append(other)
    return result + named
