"""What a kubelet reports."""

from __future__ import annotations

import msgspec


class Said(msgspec.Struct, frozen=True):
    """Something the kubelet reports about a Pod or one of its containers."""

    reason: str
    message: str
    warning: bool = False
    every: float = 0.0
    """Seconds between two of these, where some may have been left out."""
