"""How fresh what is on the screen is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from k8stui.core.lang import Text


class Phase(Enum):
    """Where a live view stands with its server."""

    CONNECTING = "connecting"
    SYNCING = "syncing"
    """The first list, or a list anew, is under way; rows already shown stay."""
    LIVE = "live"
    POLLING = "polling"
    """The server lists this kind but does not let it be watched: it is listed again every few seconds."""
    RECONNECTING = "reconnecting"
    """The connection broke; rows stay, ``retry_at`` says when the next try is."""
    DENIED = "denied"
    """403: an ordinary answer, shown and not retried by itself."""
    FAILED = "failed"
    """Trying again will not mend it by itself: no or wrong credentials, 404, 405, rubbish."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """The state of one feed at one moment. Times are seconds since the epoch."""

    phase: Phase
    current_at: float | None = None
    """When the rows were last known to be the server's truth; None before the first complete list."""
    done: int = 0
    """While syncing: rows so far."""
    total: int | None = None
    """While syncing: rows in all, when the server said."""
    retry_at: float | None = None
    """While reconnecting: when the next attempt starts."""
    message: Text | None = None
    """Why, for reconnecting, denied, failed and polling: a whole sentence. While live it says why the view is
    narrower than what was asked for, as when the list of all namespaces is forbidden."""
    hint: Text | None = None
    """What to do about it, where ``message`` tells of a failure."""
    partial: tuple[str, ...] = ()
    """Namespaces of the scope that could not be listed (403); the rest is shown."""
    only: tuple[str, ...] = ()
    """Namespaces that are shown in place of all, when the list of all is forbidden."""
