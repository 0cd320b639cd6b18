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
        (
            "openapi/*/limits/map of",
            "openapi/*/requests/map of",
            "openapi/*/overhead/map of",
            "openapi/*/sizeLimit",
            "openapi/*/divisor",
        ),
        "schemas come from the client package's models, in which a quantity is a string",
    ),
    Known(
        (
            "creating/no JSON/message",
            "creating/a list/message",
            "creating/another version/message",
            "creating/a bad finalizer/*",
            "creating/a bad generateName/*",
            "unchangeable/a Job's template/*",
            "creating/nothing/message",
            "json_and_merge_patches/no JSON/2",
            "updating/another uid/message",
            "watch_initial_events/exact match/*",
            "strategic_patches/a wrong type/2",
            "creating/what a client cannot say/metadata/generation",
        ),
        "a few refusals are worded otherwise, with the same code and reason",
    ),
    Known(
        ("strictness/doubled fields/*",),
        "a field that stands twice in a body counts once, the last time, even under Strict",
    ),
    Known(
        ("watch_tables/*/cells/*",),
        "the empty row of a bookmark has empty cells",
    ),
    Known(
        ("forms/Accept *: answered in*",),
        "answers are JSON, whatever else a client would take as well",
    ),
    Known(
        ("outcome_scaffolding/certificate/metadata/annotations/*",),
        "annotations that only explain are left out or worded otherwise",
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
