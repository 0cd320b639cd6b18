"""Times as the API writes them."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def stamp(seconds: float) -> str:
    """A time as metadata has it: RFC 3339 in UTC, whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def micro(seconds: float) -> str:
    """A time as leases have it: RFC 3339 in UTC with microseconds."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
