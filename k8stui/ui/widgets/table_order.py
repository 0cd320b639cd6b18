"""A list that stays in order while rows come and go, without looking at every row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

_FEW = 12
"""Up to so many changes, moving the list's tail for each is cheaper than building the list anew."""


class Keyed(Protocol):
    """Something with a sort key that does not change while it is in a list."""

    @property
    def skey(self) -> Any:
        """The sort key: unique, and comparable with those of its list."""


T = TypeVar("T", bound=Keyed)
_KEY = attrgetter("skey")


class Order(Generic[T]):
    """Items in ascending order of ``skey``. Positions are found by bisection, batches go in one pass."""

    __slots__ = ("items",)

    def __init__(self, items: Iterable[T] = ()) -> None:
        self.items: list[T] = sorted(items, key=_KEY)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> T:
        return self.items[index]

    def place(self, skey: Any) -> int:
        """Where an item with this key stands, or would stand."""
        return bisect_left(self.items, skey, key=_KEY)

    def index(self, item: T) -> int | None:
        """The position of an item; None when it is not here."""
        at = self.place(item.skey)
        return at if at < len(self.items) and self.items[at] is item else None

    def sort(self) -> None:
        """Restore the order after keys have changed in bulk."""
        self.items.sort(key=_KEY)

    def remove(self, gone: Sequence[T]) -> None:
        """Take items out; their keys must still be those they were put in with."""
        items = self.items
        places = sorted(at for item in gone if (at := self.index(item)) is not None)
        if len(places) <= _FEW:
            for at in reversed(places):
                del items[at]
            return
        kept: list[T] = []
        start = 0
        for at in places:
            kept += items[start:at]
            start = at + 1
        kept += items[start:]
        self.items = kept

    def insert(self, new: list[T]) -> None:
        """Put items in at their places."""
        items = self.items
        if len(new) <= _FEW:
            for item in new:
                items.insert(self.place(item.skey), item)
            return
        if len(new) * 4 > len(items):
            items += new
            self.sort()
            return
        new.sort(key=_KEY)
        merged: list[T] = []
        start = 0
        for item in new:
            at = bisect_left(items, item.skey, start, key=_KEY)
            merged += items[start:at]
            merged.append(item)
            start = at
        merged += items[start:]
        self.items = merged
