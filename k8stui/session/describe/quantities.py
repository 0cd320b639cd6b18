"""Quantities compared, and written as Kubernetes writes them."""

from __future__ import annotations

from math import isfinite
from typing import Any

from k8stui.core.units import parse_quantity


def amount(value: Any) -> float | None:
    """A quantity as a number, text or number; None for anything else, and for what is endless."""
    if isinstance(value, str):
        found = parse_quantity(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = float(value)
    else:
        return None
    return found if found is not None and isfinite(found) else None


def share(used: Any, most: Any) -> float | None:
    """How much of one quantity another is; None when that makes no sense."""
    part, whole = amount(used), amount(most)
    return part / whole if part is not None and whole else None


_EXACT = 10_000
"""The most of a unit that is written as it is."""


def written(value: float, resource: str) -> str:
    """An amount as Kubernetes writes it: cores in millis, bytes in powers of two, pieces as they are."""
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
