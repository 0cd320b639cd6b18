"""The lines of a run's log: made when somebody asks, the same for everybody, nothing is kept.

Time is cut into slots as long as a program's average silence. Each slot has one entry, at a moment and with
words that follow from the run and the slot. So the lines of any stretch of time can be made by themselves.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from k8stui.core.units import parse_time
from k8stui.practice.inside import chance
from k8stui.practice.inside.profiles import Entry, Moment, Profile, filled
from k8stui.practice.inside.runs import Run

_APART = 0.011
"""Seconds between lines that are said in one go."""
_BEGIN = 0.12
_KEPT = 2_000
"""Slots in one file of a log: when it is full the next one begins, and only the one before is kept."""
_QUICKEST = 0.2


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One line of a log."""

    at: float
    """Seconds since the epoch."""
    text: str


class Lines:
    """The log of a run of a program that talks in some way.

    Args:
        run: The run as it is known now.
        profile: How it talks.
        length: How many seconds its work takes, where that is known.
        notes: Lines besides: of requests that were really made.
    """

    def __init__(
        self, run: Run, profile: Profile, length: float | None = None, notes: Sequence[Line] = ()
    ) -> None:
        self._notes = notes
        self._run = run
        self._profile = profile
        self._seed = chance.number(run.key, run.name)
        self._slot = max(_QUICKEST, profile.every)
        self._weights = [entry.weight for entry in profile.entries]
        self._length = length
        self._talks = run.started + _BEGIN + _APART * len(profile.start) + 0.5

    def between(self, begin: float, end: float) -> Iterator[Line]:
        """The lines from a time to before another one, in order."""
        made = self._made(begin, end)
        if not self._notes:
            return made
        return heapq.merge(made, _within(list(self._notes), begin, end), key=lambda line: line.at)

    def _made(self, begin: float, end: float) -> Iterator[Line]:
        run = self._run
        over = math.inf if run.finished is None else run.finished
        end = min(end, over + 1)
        begin = max(begin, self._oldest(end))
        if begin <= self._talks:
            yield from _within(self._said(self._profile.start, run.started + _BEGIN, "start"), begin, end)
        last = self._farewell()
        until = min(end, over, last[0].at if last else math.inf)
        first, stop = math.floor(begin / self._slot), math.ceil(until / self._slot)
        if self._profile.entries:
            for slot in range(first - 1, stop + 1):
                yield from _within(self._entry(slot), max(begin, self._talks), until)
        yield from _within(last, begin, end)

    def last(self, count: int, end: float) -> list[Line]:
        """The last lines before a time."""
        reach = self._slot * max(8, count)
        begin = end if self._run.finished is None else min(end, self._run.finished + 1)
        while True:
            begin -= reach
            found = list(self.between(begin, end))
            if len(found) >= count or begin <= max(self._run.started, self._oldest(end)):
                return found[len(found) - count :] if count < len(found) else found
            reach *= 4

    def _oldest(self, end: float) -> float:
        """Where the log begins: it is cut into files, of which two are kept."""
        began = self._run.started
        file = self._slot * _KEPT
        return began + max(0, math.floor((end - began) / file) - 1) * file

    def _entry(self, slot: int) -> Iterator[Line]:
        source = chance.source(self._seed, slot)
        at = (slot + source.random()) * self._slot
        entry: Entry = source.choices(self._profile.entries, self._weights)[0]
        return self._said(entry.lines, at, slot)

    def _farewell(self) -> list[Line]:
        run, profile = self._run, self._profile
        if run.finished is not None:
            if run.reason == "OOMKilled":
                return []
            told = profile.stop if run.code == 143 or not profile.done else profile.done
            words = told if run.code in (0, 143) else profile.fails if run.code != 137 else ()
            begin = max(run.started + _BEGIN + 0.3, run.finished - _APART * len(words) - 0.2)
            return list(self._said(words, begin, "end"))
        told = run.pod["metadata"].get("deletionTimestamp")
        if not told:
            return []
        return list(self._said(profile.stop, _told(run), "stop"))

    def _said(self, lines: object, at: float, what: object) -> Iterator[Line]:
        source = chance.source(self._seed, what, "words")
        run = self._run
        for line in lines if isinstance(lines, list | tuple) else ():
            share = 0.0 if not self._length else (at - run.started) / self._length
            yield Line(at, filled(self._profile, line, Moment(run, at, source, share)))
            at += _APART * (0.2 + source.random())


def _told(run: Run) -> float:
    """When a Pod that is being deleted was told to end."""
    metadata = run.pod["metadata"]
    return (parse_time(metadata["deletionTimestamp"]) or 0.0) - (
        metadata.get("deletionGracePeriodSeconds") or 0
    )


def _within(lines: Iterator[Line] | list[Line], begin: float, end: float) -> Iterator[Line]:
    for line in lines:
        if begin <= line.at < end:
            yield line
