"""Watches: changes as they happen, one JSON line each."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

from k8stui.practice import errors
from k8stui.practice.api import encode, lists
from k8stui.practice.api.call import Call
from k8stui.practice.api.negotiate import Form, Shape, watch_form
from k8stui.practice.api.selectors import Selector
from k8stui.practice.faults import Action
from k8stui.practice.store import Entry, Event

_SLICE = 250
_BACKLOG = 50_000
_BEFORE_END_SECONDS = 2.0
_REST_SECONDS = 0.02
"""How long a watch collects what follows a change that it has told: sending costs more than what is sent."""


@dataclass(slots=True)
class Watch:
    """One watch under way."""

    call: Call
    form: Form
    selector: Selector
    namespace: str | None
    name: str | None
    alike: str = ""
    """The same for watches that are told the same of the same event."""
    pending: deque[Event] = field(default_factory=deque)
    wake: Callable[[], None] | None = None
    """Ends the wait for a change, while there is one."""
    columns_due: bool = True
    seconds: float = 0.0
    """How long it lasts."""
    start: int = 0
    """The revision that the client knows; only later events are told."""

    def heard(self, event: Event) -> None:
        """The store's listener."""
        self.pending.append(event)
        if self.wake is not None:
            self.wake()

    async def news(self, seconds: float) -> None:
        """Wait for a change, so many seconds at most."""
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()

        def wake() -> None:
            if not waiter.done():
                waiter.set_result(None)

        timer = loop.call_later(seconds, wake)
        self.wake = wake
        try:
            await waiter
        finally:
            self.wake = None
            timer.cancel()

    def includes(self, entry: Entry) -> bool:
        """Whether an object belongs to what is watched."""
        if self.namespace is not None and entry.namespace != self.namespace:
            return False
        if self.name is not None and entry.name != self.name:
            return False
        return self.selector.empty or self.selector.matches(entry.object)

    def line(self, event: Event) -> bytes | None:
        """What this watch says of an event, or None.

        Entering the selection is ADDED; leaving it is DELETED, with the last version that was inside.
        """
        if event.revision <= self.start:
            return None
        kind, entry = event.type, event.entry
        if kind == "MODIFIED" and not self.selector.empty and event.previous is not None:
            before, after = self.includes(event.previous), self.includes(entry)
            if not before and not after:
                return None
            if not after:
                kind, entry = "DELETED", _left(event.previous, event.revision)
            elif not before:
                kind = "ADDED"
        elif not self.includes(entry):
            return None
        return self.written(kind, entry, event)

    def written(self, kind: str, entry: Entry, event: Event | None = None) -> bytes:
        """A line; the same line for other watches of the same form is made only once."""
        served = self.call.target.served
        first = self.columns_due and self.form.shape is Shape.TABLE
        self.columns_due = False
        key = kind, self.alike
        if event is not None and not first and (known := event.encoded.get(key)) is not None:
            return known
        obj = encode.single(served, self.form, entry, self.call.server.clock(), columns=first)
        line = b'{"type":"%b","object":%b}\n' % (kind.encode(), obj)
        if event is not None and not first:
            event.encoded[key] = line
        return line

    def bookmark(self, *, initial: bool = False) -> bytes:
        """A BOOKMARK line for the newest revision."""
        first = self.columns_due and self.form.shape is Shape.TABLE
        self.columns_due = False
        obj = encode.bookmark(
            self.call.target.served,
            self.form,
            self.call.server.store.revision,
            initial=initial,
            columns=first,
        )
        return b'{"type":"BOOKMARK","object":%b}\n' % obj


def _left(last: Entry, revision: int) -> Entry:
    metadata = {**last.object["metadata"], "resourceVersion": str(revision)}
    return Entry(last.namespace, last.name, revision, {**last.object, "metadata": metadata}, last.writes)


def error_line(error: errors.StatusError) -> bytes:
    """An ERROR event."""
    return b'{"type":"ERROR","object":%b}\n' % encode.encode(error.body())


def begin(call: Call) -> tuple[Watch, list[Entry] | None, bool]:
    """Check a watch request.

    Returns:
        The watch; the objects to tell first (None when it goes on from a resourceVersion); and whether the
        end of these is to be marked.

    Raises:
        StatusError: for parameters that do not fit.
    """
    form = watch_form(call.accept, call.text("includeObject"))
    if call.active.first(Action.PLAIN):
        form = Form()
    selector = lists.selector_of(call)
    watch = Watch(
        call,
        form,
        selector,
        call.target.namespace or selector.exact("metadata.namespace"),
        call.target.name or selector.exact("metadata.name"),
    )
    watch.alike = f"{form.shape.value} {form.version} {form.include} {call.target.served.kind.version}"
    watch.seconds = call.integer("timeoutSeconds") or random.uniform(1_800, 3_600)
    version, match = call.text("resourceVersion"), call.text("resourceVersionMatch")
    stream = call.text("sendInitialEvents")
    if stream and match != "NotOlderThan":
        why = "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        raise _invalid("resourceVersionMatch", why)
    if match and not stream:
        why = "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        raise _invalid("resourceVersionMatch", why)
    wanted = _number(version)
    all_first = call.flag("sendInitialEvents") or (not stream and wanted == 0)
    if all_first:
        watch.start = call.server.store.revision
        kind = call.target.served.kind
        entries = [e for e in call.server.store.entries(kind, watch.namespace) if watch.includes(e)]
        return watch, entries, bool(stream) and call.flag("allowWatchBookmarks")
    watch.start = wanted or call.server.store.revision
    return watch, None, False


def _invalid(option: str, why: str) -> errors.StatusError:
    return errors.invalid("meta.k8s.io", "ListOptions", "", [("FieldValueForbidden", option, why)])


def _number(version: str) -> int:
    if not version:
        return 0
    try:
        if not version.isdecimal():
            raise ValueError(version)
        return int(version)
    except ValueError:
        why = (
            f'resourceVersion: Invalid value: "{version}": '
            f'strconv.ParseUint: parsing "{version}": invalid syntax'
        )
        raise errors.StatusError(500, "", why) from None


async def batches(watch: Watch, first: list[Entry] | None, mark: bool) -> AsyncIterator[list[bytes]]:
    """The lines of a watch, in batches, until its time is over or it cannot keep up."""
    call, store = watch.call, watch.call.server.store
    kind = call.target.served.kind
    if (fault := call.active.first(Action.ERROR_EVENT)) is not None:
        yield [error_line(_asked_for(fault.code))]
        return
    try:
        watch.pending.extend(store.since(kind, watch.start))
    except errors.StatusError as error:
        yield [error_line(error)]
        return
    end = store.subscribe(kind, watch.heard)
    try:
        for start in range(0, len(first or ()), _SLICE):
            yield [watch.written("ADDED", entry) for entry in (first or ())[start : start + _SLICE]]
            await asyncio.sleep(0)
        if mark:
            while watch.pending:
                yield list(_drain(watch))
            yield [watch.bookmark(initial=True)]
        async for lines in _live(watch):
            yield lines
    finally:
        end()


async def _live(watch: Watch) -> AsyncIterator[list[bytes]]:
    loop = asyncio.get_running_loop()
    call = watch.call
    bookmarks, every = call.flag("allowWatchBookmarks"), call.server.bookmark_seconds
    over = loop.time() + watch.seconds
    last_bookmark = max(loop.time(), over - _BEFORE_END_SECONDS)
    due = min(loop.time() + every, last_bookmark) if bookmarks else over
    while (now := loop.time()) < over:
        if len(watch.pending) > _BACKLOG:
            return
        if watch.pending:
            lines = list(_drain(watch))
            if lines:
                yield lines
            # What comes alone goes at once; many changes go together, and a long backlog does not wait.
            await asyncio.sleep(_REST_SECONDS if lines and len(watch.pending) < _SLICE else 0)
            continue
        if bookmarks and now >= due:
            yield [watch.bookmark()]
            due = over if now >= last_bookmark else min(now + every, last_bookmark)
            continue
        await watch.news(min(over, due) - now)


def _drain(watch: Watch) -> Iterator[bytes]:
    for _ in range(min(len(watch.pending), _SLICE)):
        line = watch.line(watch.pending.popleft())
        if line is not None:
            yield line


def _asked_for(code: int) -> errors.StatusError:
    if code == 410:
        return errors.expired("too old resource version: 1 (2)")
    return errors.StatusError(code, "InternalError", "an error on the server was asked for")
