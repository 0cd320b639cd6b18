"""Which form of an answer a client asks for in its Accept header."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from k8stui.practice import errors

_OFFERED = ("application/json",)


class Shape(Enum):
    """What stands in the answer for each object."""

    OBJECT = "object"
    TABLE = "table"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an answer; ``include`` is what a row of a Table has of its object."""

    shape: Shape = Shape.OBJECT
    version: str = "v1"
    """Version of meta.k8s.io, for tables and metadata."""
    include: str = "Metadata"
    """``None``, ``Metadata`` or ``Object``."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One media type of an Accept header with its parameters."""

    media: str
    parameters: dict[str, str]

    @property
    def json(self) -> bool:
        """Whether JSON satisfies it."""
        return self.media in ("application/json", "application/*", "*/*")


def clauses(accept: str) -> list[Clause]:
    """The media types of a header, best first; an empty header accepts everything."""
    found = []
    for part in accept.split(",") if accept.strip() else ("*/*",):
        media, *rest = (piece.strip() for piece in part.split(";"))
        pairs = (piece.partition("=") for piece in rest)
        found.append(Clause(media.lower(), {key.strip(): value.strip() for key, _, value in pairs}))
    found.sort(key=lambda clause: -_quality(clause))
    return found


def _quality(clause: Clause) -> float:
    try:
        return float(clause.parameters.get("q", "1"))
    except ValueError:
        return 0.0


def form(accept: str, include: str, *, several: bool) -> Form:
    """The form in which to answer.

    Args:
        accept: The Accept header.
        include: The query parameter ``includeObject``.
        several: Whether the answer is a list or a watch.

    Raises:
        StatusError: 406 when nothing in the header can be served; 400 for an unknown ``includeObject``.
    """
    wrong = ""
    for clause in clauses(accept):
        if not clause.json:
            continue
        wanted = clause.parameters.get("as")
        version = clause.parameters.get("v", "")
        if wanted is None:
            return Form()
        if clause.parameters.get("g") != "meta.k8s.io" or version not in ("v1", "v1beta1"):
            continue
        if wanted == "Table":
            return Form(Shape.TABLE, version, _include(include))
        if wanted == "PartialObjectMetadataList" and several:
            return Form(Shape.METADATA, version)
        if wanted == "PartialObjectMetadata":
            if not several:
                return Form(Shape.METADATA, version)
            wrong = "you requested PartialObjectMetadata, but the requested object is a list"
    if wrong:
        raise errors.StatusError(406, "NotAcceptable", wrong)
    raise errors.not_acceptable(_OFFERED)


def watch_form(accept: str, include: str) -> Form:
    """The form of the objects in a watch: clients may name the list or the single form."""
    return form(
        accept.replace("as=PartialObjectMetadata;", "as=PartialObjectMetadataList;"), include, several=True
    )


def _include(value: str) -> str:
    if value in ("", "Metadata"):
        return "Metadata"
    if value in ("None", "Object"):
        return value
    raise errors.bad_request(f'unrecognized includeObject value: "{value}"')
