"""Answers freed of what is different each time: times, uids, versions, addresses, random names."""

from __future__ import annotations

import re
from typing import Any

_TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_UID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_ADDRESS = re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b")
_AGE = re.compile(r"^(<invalid>|(\d+[smhdy])+)$")
_NODE_PORT = re.compile(r":3\d{4}\b")
_RANDOM = re.compile(r"-[bcdf-hj-np-tv-z2456789]{5}\b")
_HASH = re.compile(r"-[bcdf-hj-np-tv-z2456789]{8,10}\b")
_DROPPED = frozenset(("managedFields", "selfLink"))
_NUMBERS = frozenset(("nodePort", "healthCheckNodePort"))


class Names:
    """The names that one run made up, and what they are called in all runs."""

    def __init__(self, namespace: str, mark: str) -> None:
        self._words = ((namespace, "NAMESPACE"), (mark, "MARK"))

    def plain(self, text: str) -> str:
        for word, meaning in self._words:
            text = text.replace(word, meaning)
        text = _UID.sub("UID", _TIME.sub("TIME", text))
        text = _ADDRESS.sub(
            lambda found: found[0] if found[0] in ("127.0.0.1", "0.0.0.0") else "ADDRESS", text
        )
        text = _NODE_PORT.sub(":NUMBER", text)
        return _RANDOM.sub("-RANDOM", _HASH.sub("-HASH", text))


def normal(value: Any, names: Names, key: str = "") -> Any:
    """The value with placeholders for what no two runs share. Lists keep their order."""
    if isinstance(value, dict):
        return {
            names.plain(str(name)): normal(below, names, name)
            for name, below in sorted(value.items())
            if name not in _DROPPED
        }
    if isinstance(value, list | tuple):
        return [normal(below, names, key) for below in value]
    if key in _NUMBERS and isinstance(value, int):
        return "NUMBER"
    if isinstance(value, str):
        if key == "resourceVersion" and value:
            return "VERSION"
        if key == "continue" and value:
            return "TOKEN"
        if key == "storageVersionHash":
            return "HASH"
        if key in ("pod-template-hash", "controller-revision-hash") and value:
            return "HASH"
        if key == "cells" and _AGE.match(value):
            return "AGE"
        return names.plain(value)
    return value


def differences(ours: Any, theirs: Any, path: str = "") -> list[tuple[str, str]]:
    """Where two normal values differ: the path, and what stands there in each."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in sorted(ours.keys() | theirs.keys()):
            below = f"{path}/{key}"
            if key not in ours:
                found.append((below, f"missing; a real server has {_short(theirs[key])}"))
            elif key not in theirs:
                found.append((below, f"{_short(ours[key])}; a real server has nothing"))
            else:
                found += differences(ours[key], theirs[key], below)
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [
            difference
            for number, (mine, other) in enumerate(zip(ours, theirs, strict=True))
            for difference in differences(mine, other, f"{path}/{number}")
        ]
    if ours != theirs or type(ours) is not type(theirs):
        return [(path, f"{_short(ours)}; a real server has {_short(theirs)}")]
    return []


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 300 else f"{text[:300]}…"
