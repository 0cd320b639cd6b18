"""What programs print: the profiles of seed/logs.yaml, and how one of their lines is filled in."""

from __future__ import annotations

import fnmatch
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from k8stui.core.objects import JsonObject, dig
from k8stui.practice.controllers.programs import DOMAIN
from k8stui.practice.inside.runs import Run

ANNOTATION = f"{DOMAIN}/log"
"""Annotation of a Pod that names a profile for its containers; with ``NAME.`` before it, for one of them."""
_HOLE = re.compile(r"\{([a-z]+)(?::([^{}]*))?\}")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a program says, in one or several lines."""

    lines: Sequence[str]
    weight: float = 1.0
    """How often, compared with the others."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How one kind of program talks."""

    name: str
    images: Sequence[str] = ()
    """Patterns of the repositories whose images talk like this."""
    every: float = 10.0
    """Seconds between two entries, on average."""
    start: Sequence[str] = ()
    entries: Sequence[Entry] = ()
    stop: Sequence[str] = ()
    """What it says when it is told to end."""
    done: Sequence[str] = ()
    """What it says before it ends well."""
    fails: Sequence[str] = ()
    """What it says before it ends badly."""
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Words to choose from, by the name of the hole that they fill."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a line is about: a run, at a time, by chance."""

    run: Run
    at: float
    """Seconds since the epoch."""
    chance: random.Random
    share: float = 0.0
    """How much of its work a program has done, from 0 to 1."""


class Profiles:
    """All profiles."""

    def __init__(self, entries: Iterable[JsonObject]) -> None:
        found = [_profile(entry) for entry in entries]
        self._by_name = {profile.name: profile for profile in found}
        self._all = found

    def named(self, name: str) -> Profile | None:
        """The profile of a name."""
        return self._by_name.get(name)

    def of(self, run: Run, said: str = "") -> Profile:
        """How a run talks: as its Pod's annotations say, or what is ``said`` of its image, or by its name."""
        notes: Mapping[str, str] = dig(run.pod, "metadata", "annotations") or {}
        for name in (notes.get(f"{run.name}.{ANNOTATION}"), notes.get(ANNOTATION), said):
            if name and name in self._by_name:
                return self._by_name[name]
        place = repository(run.image)
        for profile in self._all:
            if any(fnmatch.fnmatchcase(place, pattern) for pattern in profile.images):
                return profile
        return self._by_name["service"]


def repository(image: str) -> str:
    """An image's name without tag and digest, and without Docker Hub's own prefixes."""
    bare = image.partition("@")[0]
    head, colon, tail = bare.rpartition(":")
    if colon and "/" not in tail:
        bare = head
    return bare.removeprefix("docker.io/").removeprefix("library/")


def tag(image: str) -> str:
    """An image's tag."""
    _, colon, tail = image.partition("@")[0].rpartition(":")
    return tail if colon and "/" not in tail else "latest"


def filled(profile: Profile, line: str, moment: Moment) -> str:
    """A line with its holes filled."""

    def fill(hole: re.Match[str]) -> str:
        name, argument = hole[1], hole[2] or ""
        words = profile.words.get(name)
        if words is not None:
            chosen = words[moment.chance.randrange(len(words))]
            return filled(profile, chosen, moment) if "{" in chosen else chosen
        made = _HOLES.get(name)
        return hole[0] if made is None else made(moment, argument)

    return _HOLE.sub(fill, line)


def _profile(entry: JsonObject) -> Profile:
    fields = {key: value for key, value in entry.items() if key != "lines"}
    entries = [_entry(each) for each in entry.get("lines", ())]
    return Profile(**fields, entries=entries)


def _entry(entry: JsonObject | str) -> Entry:
    if isinstance(entry, str):
        return Entry((entry,))
    said = entry["say"]
    return Entry((said,) if isinstance(said, str) else tuple(said), float(entry.get("often", 1)))


def _time(form: str) -> Callable[[Moment, str], str]:
    def write(moment: Moment, argument: str) -> str:
        when = datetime.fromtimestamp(moment.at, UTC)
        month = _MONTHS[when.month - 1]
        text = when.strftime(form.replace("%b", month))
        return text.replace("@ms", f"{when.microsecond // 1000:03d}")

    return write


def _integer(moment: Moment, argument: str) -> str:
    low, _, high = argument.partition("-")
    return str(moment.chance.randint(int(low), int(high)))


def _decimal(moment: Moment, argument: str) -> str:
    low, _, high = argument.partition("-")
    return f"{moment.chance.uniform(float(low), float(high)):.3f}"


def _hex(moment: Moment, argument: str) -> str:
    length = int(argument)
    return f"{moment.chance.getrandbits(4 * length):0{length}x}"


def _client(moment: Moment, argument: str) -> str:
    return f"10.244.{moment.chance.randint(0, 3)}.{moment.chance.randint(2, 60)}"


def _percent(moment: Moment, argument: str) -> str:
    return str(min(100, int(moment.share * 100)))


def _since(moment: Moment, argument: str) -> str:
    return str(int(moment.at - moment.run.started))


def _sequence(moment: Moment, argument: str) -> str:
    """A number that only grows: so many of them in a second."""
    return str(int(moment.at * float(argument or 1)) % 10_000_000)


_HOLES: Mapping[str, Callable[[Moment, str], str]] = {
    "clf": _time("%d/%b/%Y:%H:%M:%S +0000"),
    "iso": _time("%Y-%m-%dT%H:%M:%S.@msZ"),
    "slashes": _time("%Y/%m/%d %H:%M:%S"),
    "sql": _time("%Y-%m-%d %H:%M:%S.@ms UTC"),
    "redis": _time("%d %b %Y %H:%M:%S.@ms"),
    "klog": _time("%m%d %H:%M:%S.%f"),
    "ctime": _time("%a %b %d %H:%M:%S.%f %Y"),
    "int": _integer,
    "float": _decimal,
    "hex": _hex,
    "client": _client,
    "percent": _percent,
    "since": _since,
    "seq": _sequence,
    "pod": lambda moment, _: str(moment.run.pod["metadata"]["name"]),
    "namespace": lambda moment, _: str(moment.run.pod["metadata"]["namespace"]),
    "node": lambda moment, _: str(dig(moment.run.pod, "spec", "nodeName") or ""),
    "address": lambda moment, _: str(dig(moment.run.pod, "status", "podIP") or "127.0.0.1"),
    "container": lambda moment, _: moment.run.name,
    "tag": lambda moment, _: tag(moment.run.image),
    "program": lambda moment, _: repository(moment.run.image).rpartition("/")[2],
    "code": lambda moment, _: str(moment.run.code),
}
