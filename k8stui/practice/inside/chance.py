"""Chance that is the same for everybody who asks about the same thing."""

from __future__ import annotations

import hashlib
import random


def number(*parts: object) -> int:
    """A whole number of 64 bits that follows from the parts."""
    text = "\0".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def source(*parts: object) -> random.Random:
    """A source of chance that follows from the parts."""
    return random.Random(number(*parts))
