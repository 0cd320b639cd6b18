"""Quantities compared, and written as Kubernetes writes them."""

from __future__ import annotations

from math import isfinite
from typing import Any

from k8stui.core.units import parse_quantity

_MOST = 2.0**63
"""Kubernetes caps quantities there; so sums of them stay finite."""


def amount(value: Any) -> float | None:
    """A quantity as a number, text or number; None for anything else, and for what is endless."""
    if isinstance(value, str):
        found = parse_quantity(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        found = float(max(-(2**63), min(2**63, value)))
    elif isinstance(value, float):
        found = value
    else:
        return None
    return max(-_MOST, min(_MOST, found)) if found is not None and isfinite(found) else None


def share(used: Any, most: Any) -> float | None:
    """How much of one quantity another is; None when that makes no sense."""
    part, whole = amount(used), amount(most)
    return amount(part / whole) if part is not None and whole else None


_EXACT = 10_000
"""The most of a unit that is written as it is."""


def written(value: float, resource: str) -> str:
    """An amount as Kubernetes writes it: cores in millis, bytes in powers of two, pieces as they are.

    Args:
        value: Finite; cores, bytes or pieces.
        resource: The name of the resource, ``cpu`` or ``requests.memory``, which tells the unit.
    """
    if resource.endswith("cpu"):
        return f"{value:g}" if value == int(value) else f"{value * 1000:.0f}m"
    if resource.endswith(("memory", "storage")) or "hugepages" in resource:
        for size, suffix in ((2**40, "Ti"), (2**30, "Gi"), (2**20, "Mi"), (2**10, "Ki")):
            if value >= size and value % size == 0 and value / size < _EXACT:
                return f"{value / size:.0f}{suffix}"
        for size, suffix in ((2**30, "Gi"), (2**20, "Mi"), (2**10, "Ki")):
            if value >= size:
                return f"{value / size:.1f}{suffix}"
    return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
