"""Every known difference between the practice cluster and a real API server, each with its reason.

The README lists the same reasons; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Known:
    """A difference that is meant."""

    where: Sequence[str]
    """Patterns of paths on the sheets, as ``scenario/what/field/below``; ``*`` stands for anything."""
    why: str
    """The reason, as the README has it."""


KNOWN: tuple[Known, ...] = (
    Known(
        ("kinds_core/Node *: made/spec", "kinds_core/Node *: made/spec/taints"),
        "a Node that you create is ready at once, so it begins without the not-ready taint",
    ),
    Known(
        ("kinds_storage/VolumeAttributesClass *: made/metadata/finalizers",),
        "a VolumeAttributesClass is not protected from deletion",
    ),
)


def explained(path: str) -> Known | None:
    """The known difference that a path belongs to."""
    for known in KNOWN:
        if any(fnmatchcase(path, pattern) for pattern in known.where):
            return known
    return None
