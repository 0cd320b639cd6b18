"""The life of one followed thing: list, watch, and after every kind of trouble back to it.

The rules are client-go's where it has one: resume from the last version, list again only when that is too
old, wait longer after each failure, obey Retry-After. A refusal is an answer, not a failure.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from k8stui.core.errors import ExplorerError
from k8stui.core.freshness import Freshness, Phase
from k8stui.core.lang import Text
from k8stui.kube.errors import (
    ApiError,
    Cause,
    CredentialError,
    Expired,
    Forbidden,
    InvalidAnswer,
    NotFound,
    ServerTrouble,
    TooManyRequests,
    Unauthorized,
    Unreachable,
)
from k8stui.kube.pulse import Beat, Interrupted, Why
from k8stui.kube.rowsource import Done, Upstream
from k8stui.kube.timing import Backoff

POLL = (5.0, 10.0)
"""Seconds between lists of what cannot be watched: by chance in between."""
PROGRESS = 0.1
"""Seconds between two reports of progress, at least."""
VERY_SHORT = 1.0
"""Seconds: a watch that ends sooner and without events is a failure."""
PROBE = 5.0
"""Seconds that the server may take to say that it lives."""
_PATIENCE = 3

_POLLING = Text(
    "This kind can be listed here but not watched: it is listed again every few seconds.",
    "この種類は一覧できますが、変更の監視はできません。数秒ごとに一覧を取り直しています。",
)
_CLOSED_AT_ONCE = Text(
    "The server ends the watch as soon as it is opened.",
    "監視を始めてもサーバーがすぐに終了させています。",
)

Report = Callable[[Freshness], Awaitable[None]]


class Source(Protocol):
    """What a reflector keeps current."""

    version: str
    heard: float
    events: int

    async def sync(self, done: Done) -> None:
        """Read the present state; sets ``version``, or empties it when it cannot be watched."""

    async def watch(self, beat: Beat, live: Callable[[], Awaitable[None]]) -> None:
        """Watch from ``version`` until the server ends it."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a reflector has ended."""

    freshness: Freshness
    error: ExplorerError
    synced: bool
    """Whether it ever had a complete state."""


class Reflector:
    """Keeps one source current until the server refuses for good."""

    def __init__(self, upstream: Upstream, source: Source, report: Report, *, watchable: bool = True) -> None:
        """Prepare.

        Args:
            upstream: the server.
            source: what to keep current.
            report: told each change of freshness.
            watchable: whether the kind has the verb watch.
        """
        self._upstream = upstream
        self._timing = upstream.timing
        self._source = source
        self._report = report
        self._backoff = Backoff(upstream.timing)
        self._polling = not watchable
        self._current: float | None = None
        self._synced_at = 0.0
        self._told_at: float | None = None
        self._told_total: int | None = None
        self._refusals = 0
        self._misses = 0

    async def run(self) -> Ending:
        """Follow; ends only when the server refuses (401, 403, 404 …)."""
        await self._report(Freshness(Phase.CONNECTING))
        while True:
            ending = await self._sync()
            if ending is not None:
                return ending
            ending = await (self._poll() if self._cannot_watch() else self._watch())
            if ending is not None:
                return ending

    # -- listing ---------------------------------------------------------------------------------

    async def _sync(self) -> Ending | None:
        while True:
            self._told_at = None
            try:
                await self._source.sync(self._progress)
            except ExplorerError as error:
                ending = self._verdict(error)
                if ending is not None:
                    return ending
                await self._pause(error)
            else:
                self._current = self._timing.clock()
                self._synced_at = self._timing.monotonic()
                self._misses = 0
                return None

    def _verdict(self, error: ExplorerError) -> Ending | None:
        """Whether a failed list is the end."""
        had = self._current is not None
        if isinstance(error, Forbidden):
            return self._ending(Phase.DENIED, error)
        if isinstance(error, CredentialError):
            return None if had else self._ending(Phase.FAILED, error)
        if isinstance(error, Unreachable):
            return self._ending(Phase.FAILED, error) if error.cause is Cause.CLOSED else None
        if isinstance(error, Expired | TooManyRequests | ServerTrouble):
            return None
        if isinstance(error, InvalidAnswer | NotFound) and had:
            # A portal that comes between, or a server that starts and does not know its CRDs yet.
            self._misses += 1
            return self._ending(Phase.FAILED, error) if self._misses > _PATIENCE else None
        return self._ending(Phase.FAILED, error)

    def _ending(self, phase: Phase, error: ExplorerError) -> Ending:
        freshness = Freshness(phase, current_at=self._current, message=error.message, hint=error.hint)
        return Ending(freshness, error, self._current is not None)

    async def _progress(self, done: int, total: int | None) -> None:
        if self._polling and self._current is not None:
            return
        now = self._timing.monotonic()
        if self._told_at is not None and total == self._told_total and now - self._told_at < PROGRESS:
            return
        self._told_at, self._told_total = now, total
        await self._report(Freshness(Phase.SYNCING, self._current, done=done, total=total))

    # -- watching --------------------------------------------------------------------------------

    def _cannot_watch(self) -> bool:
        return self._polling or not self._source.version

    async def _poll(self) -> Ending | None:
        self._polling = True
        await self._report(Freshness(Phase.POLLING, self._current, message=_POLLING))
        await self._upstream.pulse.wait(self._timing.between(*POLL))
        return None

    async def _watch(self) -> Ending | None:
        """Watch again and again; returns when the collection must be listed again."""
        while True:
            opened, events = self._timing.monotonic(), self._source.events
            try:
                async with self._upstream.pulse.guard() as beat:
                    await self._source.watch(beat, self._live)
            except Interrupted as interruption:
                if interruption.why is Why.RELIST:
                    self._source.version = ""
                    return await self._again()
                if interruption.why is Why.SILENT:
                    await self._probe()
                continue
            except ExplorerError as error:
                if self._source.events > events:
                    self._refusals = 0
                if self._stale(error):
                    self._source.version = ""
                    return await self._again()
                if isinstance(error, Unauthorized):
                    return self._ending(Phase.FAILED, error)
                if isinstance(error, Unreachable) and error.cause is Cause.CLOSED:
                    return self._ending(Phase.FAILED, error)
                if self._refused(error):
                    return None
                await self._pause(error)
                continue
            self._refusals = 0
            if self._timing.monotonic() - opened < VERY_SHORT and self._source.events == events:
                await self._pause(None)

    async def _live(self) -> None:
        self._current = self._timing.clock()
        await self._report(Freshness(Phase.LIVE, self._current))

    def _stale(self, error: ExplorerError) -> bool:
        """Whether the version is of no use: too old (410), or of a history that is no more (504 Timeout)."""
        if isinstance(error, Expired):
            return True
        return (
            isinstance(error, ServerTrouble)
            and error.status == 504
            and (error.reason == "Timeout" or error.has_cause("ResourceVersionTooLarge"))
        )

    def _refused(self, error: ExplorerError) -> bool:
        """Whether the watch, though not the list, is refused; then there is only polling."""
        if not isinstance(error, ApiError) or isinstance(error, TooManyRequests | ServerTrouble):
            return False
        self._refusals += 1
        if isinstance(error, Forbidden) or error.status == 405 or self._refusals > 1:
            self._polling = True
        self._source.version = ""
        return True

    async def _again(self) -> Ending | None:
        """Before listing again: not at once when the last list is but a moment ago."""
        if self._timing.monotonic() - self._synced_at < VERY_SHORT:
            await self._upstream.pulse.wait(self._backoff.next())
        return None

    async def _probe(self) -> None:
        """After a silence: whether the server lives, before connecting again."""
        transport = self._upstream.transport
        while True:
            try:
                await transport.request("GET", "/livez", accept="*/*", timeout=PROBE)
            except (ApiError, InvalidAnswer):
                return
            except ExplorerError as error:
                if isinstance(error, Unreachable) and error.cause is Cause.CLOSED:
                    return
                await self._pause(error)
            else:
                return

    async def _pause(self, error: ExplorerError | None) -> None:
        """Say why, and wait: as long as the server asks, or longer after each failure."""
        wait = self._backoff.next()
        if isinstance(error, ApiError) and error.retry_after is not None:
            wait = error.retry_after
        elif isinstance(error, CredentialError):
            wait = Backoff.cap
        if self._current is not None:
            self._current = max(self._current, self._source.heard)
        await self._report(
            Freshness(
                Phase.RECONNECTING,
                self._current,
                retry_at=self._timing.clock() + wait,
                message=error.message if error is not None else _CLOSED_AT_ONCE,
                hint=error.hint if error is not None else None,
            )
        )
        await self._upstream.pulse.wait(wait)
