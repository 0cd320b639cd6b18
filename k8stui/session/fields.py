"""The field under the cursor: what it is, whether its value was set and by whom, and the note on it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from k8stui import catalog
from k8stui.core.errors import ExplorerError
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dig
from k8stui.core.paths import Path
from k8stui.session.managers import FieldManager, managers_of
from k8stui.session.model import NoteView

if TYPE_CHECKING:
    from k8stui.kube.schemas import FieldDoc
    from k8stui.session.session import Session


class Origin(Enum):
    """Where a field's value comes from, as far as the object tells."""

    SET = "set"
    """Somebody manages it: see ``FieldFacts.managers``."""
    DEFAULT = "default"
    """It is the schema's default, and nobody manages it."""
    SERVER = "server"
    """The server keeps it (identity, versions, defaults that depend on others): nobody manages it."""
    UNTRACKED = "untracked"
    """The object tells nothing of managers."""
    ABSENT = "absent"
    """There is no value."""


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """Everything that the field pane shows of one place of one object."""

    path: Path
    doc: FieldDoc | None
    """None when no schema knows the place, or could be read: see ``problem``."""
    origin: Origin
    is_default: bool = False
    """The value equals the schema's default."""
    managers: tuple[FieldManager, ...] = ()
    notes: tuple[NoteView, ...] = ()
    """The notes that hold for the object and give this field as evidence."""
    problem: Text | None = None
    """Why there is no schema: a whole sentence."""
    reading: bool = False
    """The schema is still under way: ``doc``, and with it what is the default, is not known yet."""


async def facts(session: Session, kind: ResourceKind, obj: JsonObject, path: Path) -> FieldFacts:
    """The facts of a place. A server that does not explain its fields is told in ``problem``."""
    doc: FieldDoc | None = None
    problem: Text | None = None
    try:
        doc = await explain(session, kind, path)
    except ExplorerError as error:
        problem = error.message
    return await _facts(session, kind, obj, path, doc, problem)


async def facts_without_schema(
    session: Session, kind: ResourceKind, obj: JsonObject, path: Path
) -> FieldFacts:
    """What the object alone tells of a place, while its schema is under way."""
    return replace(await _facts(session, kind, obj, path, None, None), reading=True)


async def explain(
    session: Session, kind: ResourceKind, path: Path, *, offline: bool = False
) -> FieldDoc | None:
    """What the schema says of a place; None when it knows no such place.

    Args:
        session: Its cluster is asked.
        kind: The kind of the object.
        path: The place.
        offline: Ask no server: the client package's models tell.

    Raises:
        ExplorerError: neither the server nor the client package could tell of the kind.
    """
    from k8stui.kube.packagedocs import PackageModels
    from k8stui.kube.schemas import SchemaSource, field_doc

    source: SchemaSource = PackageModels() if offline else await session.client.openapi.source(kind)
    return await asyncio.to_thread(field_doc, source, kind, path)


async def _facts(
    session: Session,
    kind: ResourceKind,
    obj: JsonObject,
    path: Path,
    doc: FieldDoc | None,
    problem: Text | None,
) -> FieldFacts:
    managers = managers_of(obj, path)
    origin, is_default = _origin(obj, path, doc, managers)
    notes = await asyncio.to_thread(_notes, session, kind, obj, path)
    return FieldFacts(path, doc, origin, is_default, managers, notes, problem)


def _origin(
    obj: JsonObject, path: Path, doc: FieldDoc | None, managers: tuple[FieldManager, ...]
) -> tuple[Origin, bool]:
    value = dig(obj, *path)
    if value is None:
        return Origin.ABSENT, False
    is_default = doc is not None and doc.default is not None and _same(value, doc.default)
    if managers:
        return Origin.SET, is_default
    if is_default:
        return Origin.DEFAULT, True
    tracked = bool(dig(obj, "metadata", "managedFields"))
    return (Origin.SERVER if tracked else Origin.UNTRACKED), False


def _same(value: Any, default: str) -> bool:
    try:
        return bool(json.loads(default) == value)
    except ValueError:
        return False


def _notes(session: Session, kind: ResourceKind, obj: JsonObject, path: Path) -> tuple[NoteView, ...]:
    from k8stui.notes import Subject
    from k8stui.notes.paths import is_at
    from k8stui.session.explain import note_view

    about = Subject(kind=kind.kind, group=kind.group, custom_resource=catalog.place(kind).custom)
    found = session.explainer.library.match(about, obj)
    return tuple(
        note_view(match, session.lang)
        for match in found
        if any(is_at(pattern, path) for pattern in match.note.evidence)
    )
