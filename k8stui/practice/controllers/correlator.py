"""Events as components report them: counted on, put together when alike, dropped when there are too many.

Two recorders are in use. The scheduler and the descheduler write ``events.k8s.io/v1``: an ``eventTime``, and
a ``series`` from the second time on. All others write core ``v1`` by the rules of client-go's correlator:

* the same event again counts on (``count``, ``lastTimestamp``);
* from the tenth message on that differs in nothing else, none ten minutes after the last, they become one;
* a component may say 25 things of an object, and one more every five minutes.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import msgspec

from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import parse_time

COMBINED = "(combined from similar events): "
_MOST_ALIKE = 10
_ALIKE_SECONDS = 600.0
_BURST = 25.0
_REFILL_SECONDS = 300.0
_SERIES_SECONDS = 360.0
_REMEMBERED = 4_096


class Said(NamedTuple):
    """What a component reports."""

    by: str
    host: str
    about: tuple[str, str, str, str, str]
    """apiVersion, kind, namespace, name and uid of the object."""
    part: str
    """Field path of the part of the object that it is about."""
    version: str
    """resourceVersion of the object."""
    type: str
    reason: str
    message: str
    action: str = ""

    @property
    def namespace(self) -> str:
        """Where the event goes: objects outside of namespaces have theirs in ``default``."""
        return self.about[2] or "default"

    @property
    def series(self) -> bool:
        """Whether the component writes events.k8s.io."""
        return bool(self.action)

    @property
    def spam(self) -> tuple[object, ...]:
        """By what a component's many words are told apart."""
        return self.by, self.host, self.about

    @property
    def alike(self) -> tuple[object, ...]:
        """By what similar events are known."""
        return self.by, self.host, self.about, self.type, self.reason

    @property
    def key(self) -> tuple[object, ...]:
        """By what the same event is known."""
        if self.series:
            return self.by, self.about, self.version, self.type, self.reason, self.action
        return self.by, self.host, self.about, self.part, self.type, self.reason, self.message


class _Seen(msgspec.Struct):
    """The last event of a key."""

    name: str
    count: int
    first: str
    last: float


class _Group(msgspec.Struct):
    """Similar events: their messages, and when the last one came."""

    messages: dict[str, None] = msgspec.field(default_factory=dict)
    last: float = 0.0


class _Bucket(msgspec.Struct):
    """How much more a component may say of an object."""

    left: float = _BURST
    at: float = 0.0


class Observed(msgspec.Struct, frozen=True):
    """What is to be written of a report."""

    name: str
    """Of the event that counts it; empty for a new one."""
    message: str
    count: int
    first: str
    """When it was said first, as metadata has it."""


class Correlator:
    """The memory of all components' recorders of one cluster."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[object, ...], _Seen] = OrderedDict()
        self._groups: OrderedDict[tuple[object, ...], _Group] = OrderedDict()
        self._buckets: OrderedDict[tuple[object, ...], _Bucket] = OrderedDict()
        self._last_name = 0

    def recall(self, events: list[JsonObject]) -> None:
        """Remember what was said: components go on from events that are there already."""
        for event in sorted(events, key=last_time):
            said, last = _said(event), last_time(event)
            first = str(event.get("firstTimestamp") or event.get("eventTime") or "")
            count = int(dig(event, "series", "count") or event.get("count") or 1)
            seen = _Seen(event["metadata"]["name"], count, first, last)
            combined = said.message.startswith(COMBINED)
            self._seen[said.alike if combined else said.key] = seen
            said = said._replace(message=said.message.removeprefix(COMBINED))
            if not said.series:
                group = self._groups.setdefault(said.alike, _Group())
                if last - group.last > _ALIKE_SECONDS:
                    group.messages.clear()
                group.messages[said.message] = None
                group.last = last

    def observe(self, said: Said, now: float, stamp: str, every: float = 0.0) -> Observed | None:
        """Count a report.

        Args:
            said: The report.
            now: Seconds since the epoch.
            stamp: The same as metadata has it.
            every: Seconds between two of these that are said one by one, where some may have been left out;
                0 when none are.

        Returns:
            What to write; None when there was too much of it.
        """
        key, message = said.key, said.message
        if not said.series and self._many(said, now):
            key, message = said.alike, COMBINED + said.message
        seen = self._seen.get(key)
        if said.series and seen is not None and not every and now - seen.last > _SERIES_SECONDS:
            seen = None
        if seen is None:
            self._keep(key, _Seen("", 1, stamp, now))
            found = Observed("", message, 1, stamp)
        else:
            more = max(1, round((now - seen.last) / every)) if every else 1
            seen.count, seen.last = seen.count + more, now
            self._seen.move_to_end(key)
            found = Observed(seen.name, message, seen.count, seen.first)
        return found if said.series or self._allowed(said, now) else None

    def named(self, said: Said, message: str, name: str) -> None:
        """Remember under which name a new event was written."""
        key = said.alike if message.startswith(COMBINED) else said.key
        if (seen := self._seen.get(key)) is not None:
            seen.name = name

    def name(self, about: str, now: float) -> str:
        """A name for a new event: the object's, and the time in nanoseconds."""
        self._last_name = max(self._last_name + 1, int(now * 1_000_000_000))
        return f"{about}.{self._last_name:x}"

    def _many(self, said: Said, now: float) -> bool:
        """Whether there were many messages that differ in nothing else lately."""
        group = self._groups.get(said.alike)
        if group is None:
            group = self._groups[said.alike] = _Group()
            if len(self._groups) > _REMEMBERED:
                self._groups.popitem(last=False)
        if now - group.last > _ALIKE_SECONDS:
            group.messages.clear()
        group.last = now
        group.messages[said.message] = None
        if len(group.messages) < _MOST_ALIKE:
            return False
        del group.messages[next(iter(group.messages))]
        return True

    def _allowed(self, said: Said, now: float) -> bool:
        """Take one from what the component may say of the object."""
        bucket = self._buckets.get(said.spam)
        if bucket is None:
            bucket = self._buckets[said.spam] = _Bucket(at=now)
            if len(self._buckets) > _REMEMBERED:
                self._buckets.popitem(last=False)
        bucket.left = min(_BURST, bucket.left + (now - bucket.at) / _REFILL_SECONDS)
        bucket.at = now
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True

    def _keep(self, key: tuple[object, ...], seen: _Seen) -> None:
        self._seen[key] = seen
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)


def last_time(event: JsonObject) -> float:
    """When an event was said last, in seconds since the epoch."""
    series = event.get("series") or {}
    said = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
    return parse_time(said or event["metadata"].get("creationTimestamp")) or 0.0


def _said(event: JsonObject) -> Said:
    """The report of which an event was written."""
    about, source = event.get("involvedObject") or {}, event.get("source") or {}
    return Said(
        str(source.get("component") or event.get("reportingComponent") or ""),
        str(source.get("host") or ""),
        (
            *(str(about.get("apiVersion") or ""), str(about.get("kind") or "")),
            *(str(about.get("namespace") or ""), str(about.get("name") or ""), str(about.get("uid") or "")),
        ),
        str(about.get("fieldPath") or ""),
        str(about.get("resourceVersion") or ""),
        str(event.get("type") or ""),
        str(event.get("reason") or ""),
        str(event.get("message") or ""),
        str(event.get("action") or ""),
    )
