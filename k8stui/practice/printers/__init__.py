"""Tables as an API server prints them: the columns of every kind and the cells of every object.

One small file per category of kinds; each holds a table of printers, and this package only looks them up.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.printers import (
    cluster,
    config_storage,
    devices,
    extensions,
    metadata,
    service,
    workloads,
)
from k8stui.practice.printers.base import Printer
from k8stui.practice.printers.custom import custom_printer
from k8stui.practice.printers.pods import row_conditions

__all__ = ["Printer", "cells", "columns", "custom_printer", "printer", "row_conditions"]

_PLAIN = custom_printer(())
_PRINTERS: Mapping[tuple[str, str], Printer] = MappingProxyType(
    {
        (group, plural): found
        for room in (workloads, service, config_storage, cluster, metadata, extensions, devices)
        for group, plural, found in room.PRINTERS
    }
)


def printer(kind: ResourceKind) -> Printer:
    """How objects of a built-in kind are printed; name and age for any other."""
    return _PRINTERS.get((kind.group, kind.plural), _PLAIN)


def columns(kind: ResourceKind) -> list[JsonObject]:
    """The TableColumnDefinitions of a kind, in order."""
    return list(printer(kind).columns)


def cells(kind: ResourceKind, obj: JsonObject, now: float) -> list[Any]:
    """One cell per column for an object; ``now`` in seconds since the epoch, for its ages."""
    return printer(kind).cells(obj, now)
