"""From a subject to its explanation: the notes that hold, with evidence and neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from k8stui import catalog
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang, Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.text import clean
from k8stui.session.environment import Environment
from k8stui.session.model import Explanation, Link, NoteView, Subject

if TYPE_CHECKING:
    from k8stui.notes import Matched, Near, NoteError, NoteLibrary
    from k8stui.notes import Subject as About

MOST_LINKS = 9
"""Links are followed by one digit."""
MOST_NEAR = 4
"""Links to neighbours that notes speak of."""
OF_A_RELATION = 2
"""Of each relation."""


def explain(
    library: NoteLibrary,
    subject: Subject,
    obj: JsonObject | None,
    kinds: Sequence[ResourceKind],
    lang: Lang,
    *,
    near: Near | None = None,
    environment: Environment | None = None,
    deleted: bool = False,
    problem: Text | None = None,
) -> Explanation:
    """The explanation of a subject in one language.

    ``obj`` is the live object when the subject is one, ``near`` what is known of its neighbours,
    ``environment`` of the cluster.
    """
    matched = _matched(library, subject, obj, near)
    if environment is not None and concerns_cluster(subject):
        matched = _inserted(matched, _of_environment(library, environment))
    links: list[Link] = []
    if obj is not None and subject.ref is not None:
        links += _object_links(obj, subject.ref.namespace, kinds)
        links += [link for link in _near_links(matched, near or {}, kinds) if link not in links]
    links += _note_links(matched, kinds, links)
    return Explanation(
        subject,
        title_of(subject),
        tuple(note_view(match, lang) for match in matched),
        tuple(links[:MOST_LINKS]),
        deleted=deleted,
        problem=problem,
        mistakes=tuple(_sentence(mistake) for mistake in library.mistakes),
    )


def _sentence(mistake: NoteError) -> Text:
    return Text(mistake.sentence(Lang.EN), mistake.sentence(Lang.JA))


def title_of(subject: Subject) -> str:
    """The headline of the pane."""
    if subject.cluster:
        return "Cluster"
    if subject.ref is not None:
        return f"{subject.ref.kind.kind}  {clean(subject.ref.name)}"
    if subject.form is not None:
        return f"Service  {subject.form.value}"
    if subject.kind is not None:
        return subject.kind.kind
    return subject.category.title if subject.category is not None else ""


def needs(library: NoteLibrary, kind: ResourceKind, obj: JsonObject) -> frozenset[str]:
    """The relations that any note on an object needs."""
    from k8stui.notes import Subject as About

    found = library.needs(about_kind(kind))
    for form in _forms(kind, obj):
        found |= library.needs(About(form=form.value))
    return found


def about_kind(kind: ResourceKind) -> About:
    """A kind as notes are asked about it."""
    from k8stui.notes import Subject as About

    return About(kind=kind.kind, group=kind.group, custom_resource=catalog.place(kind).custom)


def _forms(kind: ResourceKind, obj: JsonObject | None) -> list[catalog.ServiceForm]:
    """The forms of an object that is a Service, in the book's order."""
    if obj is None or (kind.group, kind.kind) != ("", "Service"):
        return []
    taken = catalog.service_forms(obj)
    return [form for form in catalog.ServiceForm if form in taken]


def _matched(
    library: NoteLibrary, subject: Subject, obj: JsonObject | None, near: Near | None
) -> tuple[Matched, ...]:
    from k8stui.notes import Subject as About

    if subject.category is not None:
        return library.match(About(category=subject.category.slug), None)
    if subject.form is not None:
        return library.match(About(form=subject.form.value), None)
    kind = subject.ref.kind if subject.ref is not None else subject.kind
    if kind is None:
        return ()
    forms = [About(form=form.value) for form in _forms(kind, obj)]
    return library.match(about_kind(kind), obj, near, also=forms)


def concerns_cluster(subject: Subject) -> bool:
    """Whether what the cluster runs on belongs to an explanation: its own, its category's, that of Nodes."""
    kind = subject.kind
    return (
        subject.cluster
        or subject.category is catalog.Category.CLUSTER
        or (kind is not None and (kind.group, kind.kind) == ("", "Node"))
    )


def _of_environment(library: NoteLibrary, environment: Environment) -> tuple[Matched, ...]:
    from k8stui.notes import Subject as About

    asked = [(About(environment=slug), proof) for slug, proof in environment.kinds]
    asked += [(About(network=slug), proof) for slug, proof in environment.networks]
    return tuple(
        replace(match, evidence=proof) for about, proof in asked for match in library.match(about, None)
    )


def _inserted(notes: tuple[Matched, ...], forms: tuple[Matched, ...]) -> tuple[Matched, ...]:
    """Other notes before the kind's own."""
    at = next((i for i, m in enumerate(notes) if m.note.severity.value == "kind"), len(notes))
    return notes[:at] + forms + notes[at:]


def note_view(match: Matched, lang: Lang) -> NoteView:
    """One matched note in one language."""
    note = match.note

    def say(text: Text | None) -> str:
        return match.say(text, lang)

    return NoteView(
        id=note.id,
        severity=note.severity.value,
        title=say(note.title),
        short=say(note.short),
        text=say(note.text),
        category=say(note.category),
        neighbours=say(note.neighbours),
        changed=say(note.changed),
        evidence=match.evidence,
        commands=tuple((command.run, say(command.does)) for command in match.commands),
        book=note.book,
        docs=note.docs,
    )


def _object_links(obj: JsonObject, namespace: str, kinds: Sequence[ResourceKind]) -> Iterator[Link]:
    """Upwards to the owners, then to what the object names."""
    for owner in dicts(obj, "metadata", "ownerReferences"):
        group = str(owner.get("apiVersion", "")).rpartition("/")[0]
        kind = _find(kinds, str(owner.get("kind")), group)
        if kind is not None:
            yield _link(kind, namespace, str(owner.get("name", "")))
    for kind_name, group, steps in _NAMED:
        name = dig(obj, *steps)
        kind = _find(kinds, kind_name, group)
        if isinstance(name, str) and name and kind is not None:
            yield _link(kind, namespace, name)
    target = dig(obj, "spec", "scaleTargetRef")
    if isinstance(target, dict):
        kind = _find(kinds, str(target.get("kind")), str(target.get("apiVersion", "")).rpartition("/")[0])
        if kind is not None:
            yield _link(kind, namespace, str(target.get("name", "")))


_NAMED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Node", "", ("spec", "nodeName")),
    ("ServiceAccount", "", ("spec", "serviceAccountName")),
    ("PersistentVolume", "", ("spec", "volumeName")),
    ("StorageClass", "storage.k8s.io", ("spec", "storageClassName")),
    ("Service", "", ("spec", "serviceName")),
    ("IngressClass", "networking.k8s.io", ("spec", "ingressClassName")),
)


def _link(kind: ResourceKind, namespace: str, name: str) -> Link:
    shown = clean(name)
    return Link(f"{kind.kind} {shown}", kind, namespace if kind.namespaced else "", shown)


def _near_links(matched: Sequence[Matched], near: Near, kinds: Sequence[ResourceKind]) -> list[Link]:
    """Neighbours that notes speak of: the first few of each relation."""
    found: dict[Link, None] = {}
    for relation in dict.fromkeys(need for match in matched for need in match.note.needs):
        for neighbour in near.get(relation, ())[:OF_A_RELATION] if relation not in _NOWHERE else ():
            group = str(neighbour.get("apiVersion", "")).rpartition("/")[0]
            kind = _find(kinds, str(neighbour.get("kind")), group)
            name = dig(neighbour, "metadata", "name")
            if kind is not None and isinstance(name, str):
                found[_link(kind, str(dig(neighbour, "metadata", "namespace") or ""), name)] = None
    return list(found)[:MOST_NEAR]


_NOWHERE = ("events", "namespace")
"""Relations that a person would not go to from here."""


def _note_links(
    matched: Sequence[Matched], kinds: Sequence[ResourceKind], already: Sequence[Link]
) -> Iterator[Link]:
    seen = {link.kind for link in already}
    for match in matched:
        for link in match.note.links:
            kind = _find(kinds, link.kind, link.group)
            if kind is not None and kind not in seen:
                seen.add(kind)
                yield Link(kind.kind, kind)


def _find(kinds: Sequence[ResourceKind], kind: str, group: str) -> ResourceKind | None:
    return next((k for k in kinds if k.kind == kind and k.group == group), None)
