"""The versions of objects that this explorer has seen, and what changed from each to the next.

Kept compressed and within a bound: of one object the last ``MOST_OF_ONE`` versions, of all objects
``MOST_BYTES``; whatever is older goes, the object that was looked at longest ago first.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from k8stui.core.objects import JsonObject, dig
from k8stui.core.paths import Path
from k8stui.core.refs import ObjectRef
from k8stui.core.text import clean
from k8stui.session.managers import FieldManager, latest_manager, managers_of

MOST_OF_ONE = 200
MOST_BYTES = 16 << 20
_NOISE: frozenset[Path] = frozenset((("metadata", "resourceVersion"), ("metadata", "managedFields")))
_IDENTITY = ("name", "type", "uid", "ip", "mountPath", "containerPort", "port", "key", "resourceName")
_MOST_CHANGES = 500
LONGEST = 500
"""Characters of a value that are kept; a longer one ends in an ellipsis."""
_OVERHEAD = 200
"""Bytes that a change or an edition takes beside its texts, roughly."""
MASK = "••••••"


@dataclass(frozen=True, slots=True)
class Change:
    """One place where two versions differ."""

    path: Path
    """In the newer version; in the older one where the place has gone."""
    before: str | None
    """The value as compact JSON on one harmless line, at most ``LONGEST`` characters; None where the place
    was not there. Of Secrets only that there is one."""
    after: str | None
    """The same; None where the place is there no more."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One version that was seen, and how it differs from the one seen before."""

    number: int
    """Counts the versions seen of this object, from 1."""
    seen_at: float
    """Seconds since the epoch."""
    version: str
    """resourceVersion."""
    changes: tuple[Change, ...] = ()
    more: int = 0
    """Changes beyond those told."""
    by: FieldManager | None = None
    """Who most likely made the changes: the manager of the changed fields that wrote last."""
    deleted: bool = False


@dataclass(slots=True)
class _Kept:
    data: bytes
    """The object as JSON, compressed; empty for a deletion."""
    edition: Edition
    size: int
    """Bytes, roughly."""


@dataclass(slots=True)
class _Shelf:
    kept: deque[_Kept] = field(default_factory=deque)
    size: int = 0
    count: int = 0


class Versions:
    """What was seen of every object, within the bounds."""

    def __init__(self, *, most_of_one: int = MOST_OF_ONE, most_bytes: int = MOST_BYTES) -> None:
        self.most_of_one = most_of_one
        self.most_bytes = most_bytes
        self._shelves: OrderedDict[ObjectRef, _Shelf] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes kept."""
        return self._size

    def saw(self, ref: ObjectRef, obj: JsonObject | None, now: float) -> bool:
        """Note a version, or with None that the object is gone; whether it is news."""
        shelf = self._shelves.get(ref) or _Shelf()
        last = shelf.kept[-1] if shelf.kept else None
        version = str(dig(obj, "metadata", "resourceVersion") or "")
        if last is None:
            known = obj is None
        elif obj is None:
            known = last.edition.deleted
        else:
            known = last.edition.version == version and not last.edition.deleted
        if known:
            return False
        self._shelves[ref] = shelf
        self._shelves.move_to_end(ref)
        shelf.count += 1
        older = next((_unpacked(kept) for kept in reversed(shelf.kept) if kept.data), None)
        edition = _edition(Edition(shelf.count, now, version), older, obj)
        data = b"" if obj is None else zlib.compress(msgspec.json.encode(obj), 1)
        words = sum(len(c.before or "") + len(c.after or "") + _OVERHEAD for c in edition.changes)
        shelf.kept.append(_Kept(data, edition, len(data) + words + _OVERHEAD))
        self._grow(shelf, shelf.kept[-1].size)
        while len(shelf.kept) > self.most_of_one:
            self._grow(shelf, -shelf.kept.popleft().size)
        self._shrink()
        return True

    def of(self, ref: ObjectRef) -> tuple[Edition, ...]:
        """The versions kept of an object, the newest first."""
        shelf = self._shelves.get(ref)
        return tuple(kept.edition for kept in reversed(shelf.kept)) if shelf is not None else ()

    def object_at(self, ref: ObjectRef, number: int) -> JsonObject | None:
        """The whole object of one edition; None when it is kept no more."""
        shelf = self._shelves.get(ref)
        found = (
            next((k for k in shelf.kept if k.edition.number == number), None) if shelf is not None else None
        )
        return _unpacked(found) if found is not None else None

    def _grow(self, shelf: _Shelf, by: int) -> None:
        shelf.size += by
        self._size += by

    def _shrink(self) -> None:
        """Drop the object looked at longest ago; of the last one its oldest versions."""
        while self._size > self.most_bytes and len(self._shelves) > 1:
            _, shelf = self._shelves.popitem(last=False)
            self._size -= shelf.size
        for shelf in self._shelves.values():
            while self._size > self.most_bytes and len(shelf.kept) > 1:
                self._grow(shelf, -shelf.kept.popleft().size)


def _unpacked(kept: _Kept) -> JsonObject | None:
    if not kept.data:
        return None
    found: JsonObject = msgspec.json.decode(zlib.decompress(kept.data))
    return found


def _edition(bare: Edition, older: JsonObject | None, obj: JsonObject | None) -> Edition:
    if obj is None:
        return replace(bare, deleted=True)
    if older is None:
        return replace(bare, by=latest_manager(obj))
    secret = obj.get("kind") == "Secret"
    changes = [_masked(change) if secret else change for change in differences(older, obj)]
    told = tuple(changes[:_MOST_CHANGES])
    return replace(bare, changes=told, more=len(changes) - len(told), by=_author(obj, told))


def _masked(change: Change) -> Change:
    if change.path[:1] not in (("data",), ("stringData",)) and change.path[:2] != ("metadata", "annotations"):
        return change
    return replace(
        change,
        before=None if change.before is None else MASK,
        after=None if change.after is None else MASK,
    )


def _author(obj: JsonObject, changes: tuple[Change, ...]) -> FieldManager | None:
    """The manager, of any changed field, that wrote last; of removed fields nobody is told any more."""
    found = [
        manager
        for change in changes
        if change.after is not None
        for manager in managers_of(obj, change.path)[:1]
    ]
    return max(found, key=lambda manager: manager.time or 0, default=latest_manager(obj))


def differences(before: Any, after: Any, path: Path = ()) -> Iterator[Change]:
    """Where two versions of an object differ, in the order of the newer one; noise is left out.

    Items of lists are matched by what names them (name, type, port, …), so an item that only moved is no
    change; lists without such a field are compared by place.
    """
    if path in _NOISE or before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_objects(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, path)
    else:
        yield Change(path, _shown(before), _shown(after))


def _of_objects(before: JsonObject, after: JsonObject, path: Path) -> Iterator[Change]:
    for key, value in after.items():
        if key in before:
            yield from differences(before[key], value, (*path, key))
        elif (*path, key) not in _NOISE:
            yield Change((*path, key), None, _shown(value))
    for key, value in before.items():
        if key not in after and (*path, key) not in _NOISE:
            yield Change((*path, key), _shown(value), None)


def _of_lists(before: list[Any], after: list[Any], path: Path) -> Iterator[Change]:
    name = next((name for name in _IDENTITY if _named(before, name) and _named(after, name)), None)
    old = {_id(item, name, at): (at, item) for at, item in enumerate(before)}
    met = set()
    for at, item in enumerate(after):
        key = _id(item, name, at)
        met.add(key)
        if key in old:
            yield from differences(old[key][1], item, (*path, at))
        else:
            yield Change((*path, at), None, _shown(item))
    for key, (at, item) in old.items():
        if key not in met:
            yield Change((*path, at), _shown(item), None)


def _named(items: list[Any], name: str) -> bool:
    """Whether a field tells every item of a list from the others."""
    values = [item.get(name) for item in items if isinstance(item, dict)]
    plain = all(isinstance(value, str | int) for value in values)
    return plain and len(values) == len(items) and len(set(values)) == len(items)


def _id(item: Any, name: str | None, at: int) -> object:
    return item[name] if name is not None else at


def _shown(value: Any) -> str:
    """A value on one harmless line; a string stands without quotes where it cannot be taken for another."""
    plain = isinstance(value, str) and value and not value[0].isspace() and not value[-1].isspace()
    text = value if plain else msgspec.json.encode(value).decode()
    return clean(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
