"""Objects of the cluster that show what a note says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from k8stui import catalog
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.core.text import clean
from k8stui.session.explain import about_kind
from k8stui.session.model import Link

if TYPE_CHECKING:
    from k8stui.notes import Near, Note, NoteLibrary

MOST_READ = 300
"""Objects of a kind that are looked at."""
MOST_AMONG = 30
"""Objects whose neighbours are asked for, when a note needs them."""
MOST_KINDS = 4
"""Kinds of custom resources that are looked at."""

ListObjects = Callable[[ResourceKind, int], Awaitable[Sequence[JsonObject]]]
AskNear = Callable[[JsonObject, ResourceKind, frozenset[str]], Awaitable["Near"]]


async def examples(
    library: NoteLibrary,
    note: Note,
    kinds: Sequence[ResourceKind],
    listed: ListObjects,
    near: AskNear,
    most: int,
) -> list[Link]:
    """Objects that show a note, at most so many.

    Args:
        library: All notes.
        note: The note.
        kinds: Every kind that the cluster serves.
        listed: Lists objects of a kind wherever the person may, up to a number of them.
        near: Asks for relations of an object.
        most: So many are enough.

    Raises:
        ExplorerError: the cluster could not be asked. What may not be listed is passed over.
    """
    from k8stui.kube.errors import Forbidden, NotFound

    found: list[Link] = []
    places = list(_places(note, kinds))
    of_each = max(2, -(-most // max(1, len(places))))
    for kind, when in places:
        try:
            objects = await listed(kind, MOST_READ)
        except (Forbidden, NotFound):
            continue
        room = min(of_each, most - len(found))
        if note.needs:
            fitting = await _among(library, note, kind, objects[:MOST_AMONG], near, room)
        else:
            fitting = await asyncio.to_thread(_alone, library, note, kind, when, objects, room)
        found += [link for link in fitting if link not in found]
        if len(found) >= most:
            break
    return found


def _places(note: Note, kinds: Sequence[ResourceKind]) -> Iterator[tuple[ResourceKind, str]]:
    """Each kind to look at, with the condition that its objects must fit."""
    about = note.about
    known = {(kind.group, kind.kind): kind for kind in kinds if kind.listable}
    if about.kind and (about.group, about.kind) in known:
        yield known[about.group, about.kind], note.when
    elif about.form:
        yield known["", "Service"], note.when
    elif about.custom_resource:
        custom = [kind for kind in known.values() if catalog.place(kind).custom]
        yield from ((kind, note.when) for kind in custom[:MOST_KINDS])
    for example in note.shows:
        kind = known.get((example.group, example.kind))
        if kind is not None:
            yield kind, example.when


def _alone(
    library: NoteLibrary,
    note: Note,
    kind: ResourceKind,
    when: str,
    objects: Sequence[JsonObject],
    most: int,
) -> list[Link]:
    form = note.about.form
    fitting = (
        obj
        for obj in objects
        if (not form or any(found.value == form for found in catalog.service_forms(obj)))
        and library.shows(when, obj)
    )
    return [_link(kind, obj) for obj, _ in zip(fitting, range(most), strict=False)]


async def _among(
    library: NoteLibrary,
    note: Note,
    kind: ResourceKind,
    objects: Sequence[JsonObject],
    near: AskNear,
    most: int,
) -> list[Link]:
    found: list[Link] = []
    for obj in objects:
        neighbours = await near(obj, kind, frozenset(note.needs))
        about = note.about if note.about.form else about_kind(kind)
        matched = await asyncio.to_thread(library.match, about, obj, neighbours)
        if any(match.note.id == note.id for match in matched):
            found.append(_link(kind, obj))
        if len(found) >= most:
            break
    return found


def _link(kind: ResourceKind, obj: JsonObject) -> Link:
    name, namespace = str(dig(obj, "metadata", "name")), str(dig(obj, "metadata", "namespace") or "")
    where = f"{clean(namespace)}/" if namespace else ""
    return Link(f"{kind.kind} {where}{clean(name)}", kind, namespace, name)
