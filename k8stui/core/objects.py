"""The JSON edge: whole objects as the server sends them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

JsonObject = dict[str, Any]
"""One API object, decoded: the only place where types are not known."""


def dig(value: Any, *steps: str | int) -> Any:
    """Follow keys and indices into decoded JSON; None as soon as one is missing.

    >>> dig({"spec": {"ports": [{"port": 80}]}}, "spec", "ports", 0, "port")
    80
    """
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def dicts(value: Any, *steps: str | int) -> Iterator[JsonObject]:
    """The objects of the list found by following steps; nothing when there is no such list."""
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else dig(value, step)
    if not value or not isinstance(value, list):
        return iter(())
    return iter([item for item in value if isinstance(item, dict)])
