"""All notes as a book: by chapter or by category, searched in both languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from k8stui import catalog
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang, Text

if TYPE_CHECKING:
    from k8stui.notes import Note, Subject


class Order(Enum):
    """How the handbook is laid out."""

    CHAPTERS = "chapters"
    """By the chapters of the book's notes."""
    CATEGORIES = "categories"
    """By the five API categories."""
    BENEFITS = "why"
    """The thirteen things that Kubernetes brings, and nothing else."""


CHAPTERS = {
    "1": Text("Containers before Kubernetes", "Kubernetesの前に知るコンテナ"),
    "2": Text("Why Kubernetes", "なぜKubernetesなのか"),
    "3": Text("Where to run it", "Kubernetesを動かす環境"),
    "4": Text("API resources and kubectl", "APIリソースとkubectl"),
    "5": Text("Workloads", "ワークロード"),
}
"""The chapters of the notes on the book."""
_BEYOND_BOOK = Text("Beyond the book", "本にない内容")
_BEYOND_KINDS = Text("Around the API", "APIのまわり")
_BENEFITS = Text("Why Kubernetes, here", "このクラスターで見るKubernetesの利点")
_FORM = Text("Service {form}", "Service {form}")
_CUSTOM = Text("custom resources", "カスタムリソース")
_CLUSTER = Text("cluster", "クラスター")
_NETWORK = Text("network", "ネットワーク")
_HANDBOOK = Text("handbook", "ハンドブック")
_BENEFIT = Text("benefit", "利点")

_SEVERITIES = {"kind": 0, "special": 1, "worth-knowing": 2, "wrong": 3}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the handbook."""

    id: str
    """Number of the chapter, name of the category, or a word of its own."""
    title: Text
    notes: tuple[Note, ...]


def sections(notes: Iterable[Note], order: Order, query: str = "") -> tuple[Section, ...]:
    """The notes in a layout, those that fit a search alone; a section without any is left out."""
    found = [note for note in notes if fits(note, query)]
    if order is Order.BENEFITS:
        return tuple(_benefits(found))
    if order is Order.CHAPTERS:
        titles = [*CHAPTERS.items(), ("", _BEYOND_BOOK)]
        key = chapter_of
    else:
        titles = [(category.slug, Text.same(category.title)) for category in catalog.Category]
        titles.append(("", _BEYOND_KINDS))
        key = category_of
    known = {name for name, _ in titles}
    rank = _by_section if order is Order.CHAPTERS else _by_kind
    made = []
    for name, title in titles:
        inside = [note for note in found if (key(note) if key(note) in known else "") == name]
        if inside:
            made.append(Section(name or "beyond", title, tuple(sorted(inside, key=rank))))
    return tuple(made)


def _benefits(notes: Sequence[Note]) -> Iterable[Section]:
    from k8stui.notes import BENEFITS

    inside = sorted((n for n in notes if n.about.benefit), key=lambda n: BENEFITS.index(n.about.benefit))
    if inside:
        yield Section("why", _BENEFITS, tuple(inside))


def title_of(note: Note, lang: Lang) -> str:
    """The title of a note in a list, where no object is at hand."""
    from k8stui.notes import without_values

    return without_values(note.title.get(lang))


def chapter_of(note: Note) -> str:
    """The number of the chapter that a note belongs to; empty for none."""
    return note.book.partition(".")[0]


def category_of(note: Note) -> str:
    """The category that a note belongs to, as notes write it; empty for none."""
    about = note.about
    if about.category:
        return about.category
    if about.form:
        return catalog.Category.SERVICE.slug
    if about.custom_resource:
        return catalog.Category.METADATA.slug
    if about.environment or about.network:
        return catalog.Category.CLUSTER.slug
    return catalog.place(_kind(about)).category.slug if about.kind else ""


def subject_of(about: Subject) -> Text:
    """What a note is about, in a word."""
    if about.kind:
        return Text.same(about.kind)
    if about.form:
        return _FORM.format(form=about.form)
    for named, text in (
        (about.custom_resource, _CUSTOM),
        (about.environment, _CLUSTER),
        (about.network, _NETWORK),
        (about.benefit, _BENEFIT),
        (about.handbook, _HANDBOOK),
    ):
        if named:
            return text
    titles = {category.slug: category.title for category in catalog.Category}
    return Text.same(titles.get(about.category, about.category))


def fits(note: Note, query: str) -> bool:
    """Whether every word of a search is somewhere in a note, in either language."""
    words = folded(query).split()
    return not words or all(word in _haystack(note) for word in words)


def folded(words: str) -> str:
    """Without differences of case and width."""
    return unicodedata.normalize("NFKC", words).casefold()


def _haystack(note: Note) -> str:
    texts = (note.title, note.short, note.text, note.category, note.neighbours, note.changed)
    said = [text.get(lang) for text in texts if text is not None for lang in Lang]
    about = note.about
    named = (about.kind, about.group, about.form, about.environment, about.network, note.book)
    return folded(" ".join((note.id, *named, *note.facts, *said)))


def _by_section(note: Note) -> tuple[object, ...]:
    number = note.book.partition(".")[2]
    return (int(number) if number else 0, *_by_kind(note))


def _by_kind(note: Note) -> tuple[object, ...]:
    from k8stui.notes import BENEFITS, ENVIRONMENTS, FORMS, NETWORKS

    about = note.about
    place = catalog.book_order(_kind(about)) if about.kind else -1
    rest = [
        known.index(said) if said in known else -1
        for said, known in (
            (about.benefit, BENEFITS),
            (about.environment, ENVIRONMENTS),
            (about.network, NETWORKS),
            (about.form, FORMS),
        )
    ]
    return (place, about.kind, about.category, about.handbook, rest, _SEVERITIES[note.severity.value])


def _kind(about: Subject) -> ResourceKind:
    return ResourceKind(about.group, "v1", about.kind, about.kind.lower(), namespaced=True)
