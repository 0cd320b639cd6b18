"""Events about one object, folded: what happened again is one line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from k8stui.core.objects import JsonObject, dig
from k8stui.core.text import clean
from k8stui.core.units import parse_time
from k8stui.session.describe.model import MOST_CHARS, number, string

_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that happened, once or often. Its strings are harmless."""

    kind: str
    """``Normal``, ``Warning`` or whatever the reporter says."""
    reason: str
    source: str
    """Who reports it, and from where."""
    message: str
    count: int
    first: float | None
    last: float | None
    """Seconds since the epoch; None when no time is known."""
    field: str = ""
    """The part of the object that it is about, such as ``spec.containers{web}``."""
    order: int = 0
    """Rises with the time of its Event finer than times tell; 0 when it is not known."""

    @property
    def warns(self) -> bool:
        """Whether it is more than news."""
        return self.kind != "Normal"


def occurrences(events: Iterable[JsonObject]) -> tuple[Occurrence, ...]:
    """Events of v1 or of events.k8s.io folded by what they say, the latest last."""
    found: dict[tuple[str, ...], Occurrence] = {}
    for event in events:
        one = _occurrence(event)
        key = (one.kind, one.reason, one.source, one.message, one.field)
        before = found.get(key)
        found[key] = one if before is None else _both(before, one)
    return tuple(sorted(found.values(), key=lambda one: (one.last or 0.0, one.order, one.reason)))


def _both(one: Occurrence, other: Occurrence) -> Occurrence:
    firsts = [at for at in (one.first, other.first) if at is not None]
    lasts = [at for at in (one.last, other.last) if at is not None]
    return Occurrence(
        one.kind,
        one.reason,
        one.source,
        one.message,
        one.count + other.count,
        min(firsts, default=None),
        max(lasts, default=None),
        one.field,
        max(one.order, other.order),
    )


def _occurrence(event: JsonObject) -> Occurrence:
    source = event.get("source") or event.get("deprecatedSource")
    who = string(source, "component") or string(event, "reportingComponent")
    who = who or string(event, "reportingController")
    where = string(source, "host")
    count = number(event, "series", "count") or number(event, "count") or number(event, "deprecatedCount")
    first = _first(event.get("firstTimestamp"), event.get("deprecatedFirstTimestamp"), event.get("eventTime"))
    last = _first(
        dig(event, "series", "lastObservedTime"),
        event.get("lastTimestamp"),
        event.get("deprecatedLastTimestamp"),
        event.get("eventTime"),
        dig(event, "metadata", "creationTimestamp"),
    )
    about = event.get("involvedObject") or event.get("regarding")
    return Occurrence(
        clean(string(event, "type")) or "Normal",
        clean(string(event, "reason")),
        clean(f"{who}, {where}" if where and where != who else who),
        clean(" ".join((string(event, "message") or string(event, "note"))[:MOST_CHARS].split())),
        max(1, count),
        first if first is not None else last,
        last,
        clean(string(about, "fieldPath")),
        _order(string(event, "metadata", "name")),
    )


def _order(name: str) -> int:
    """Recorders end the name of an Event in nanoseconds, written in hexadecimal digits."""
    end = name.rpartition(".")[2]
    return int(end, 16) if 8 < len(end) <= 16 and set(end) <= _HEX else 0


def _first(*times: Any) -> float | None:
    for time in times:
        at = parse_time(time) if isinstance(time, str) else None
        if at is not None:
            return at
    return None
