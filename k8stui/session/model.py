"""Values that a session hands to a front end."""

from __future__ import annotations

from dataclasses import dataclass, replace

from k8stui.catalog import Category, ServiceForm
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Text
from k8stui.core.refs import ObjectRef, Scope
from k8stui.core.rows import RowKey


@dataclass(frozen=True, slots=True)
class ClusterInfo:
    """The cluster that the session looks at."""

    context: str
    host: str
    """Host and port, for sentences."""
    namespace: str
    """The namespace that the context names, ``default`` when it names none."""
    version: str = ""
    """The server's gitVersion; empty until it has answered."""
    practice: bool = False
    insecure: bool = False
    """The server's certificate is not checked (insecure-skip-tls-verify, or plain http)."""
    reason: Text | None = None
    """Why the practice cluster was opened although nobody asked for it: a whole sentence."""

    def identified(self, version: str) -> ClusterInfo:
        """The same with the server's version."""
        return replace(self, version=version)


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """One context of the kubeconfig, as the list of contexts shows it."""

    name: str
    cluster: str
    user: str
    namespace: str
    current: bool
    practice: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What the table shows: a kind, where, and narrowed down how. Views make up the history."""

    kind: ResourceKind
    scope: Scope
    form: ServiceForm | None = None
    """One form of Service: only rows whose marks contain it."""
    label_selector: str = ""
    filter: str = ""
    cursor: RowKey | None = None

    def narrowed(self, *, label_selector: str | None = None, filter: str | None = None) -> View:
        """The same view with another filter."""
        return replace(
            self,
            label_selector=self.label_selector if label_selector is None else label_selector,
            filter=self.filter if filter is None else filter,
        )

    def same_rows(self, other: View) -> bool:
        """Whether both views need the same rows of the server, so that no new list is due."""
        return (self.kind, self.scope, self.label_selector) == (other.kind, other.scope, other.label_selector)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a note is asked for: an object, a kind, a form of Service, a category or the cluster itself.

    Exactly one is set.
    """

    ref: ObjectRef | None = None
    kind: ResourceKind | None = None
    form: ServiceForm | None = None
    category: Category | None = None
    cluster: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A neighbour that a key jumps to: an object, or all objects of a kind."""

    title: str
    """Kind, and name when it is an object: ``ReplicaSet api-6b8f9c7d4``."""
    kind: ResourceKind
    namespace: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class NoteView:
    """One note in one language, filled in for the subject."""

    id: str
    severity: str
    """``wrong``, ``worth-knowing``, ``special`` or ``kind``."""
    title: str
    short: str
    """At most three lines of the pane."""
    text: str = ""
    """The long form: Markdown."""
    category: str = ""
    """Why the kind stands in its category."""
    neighbours: str = ""
    changed: str = ""
    """The book of 2020 and today."""
    evidence: tuple[tuple[str, str], ...] = ()
    """Paths in the object, each with its value."""
    commands: tuple[tuple[str, str], ...] = ()
    """kubectl command and what it shows."""
    book: str = ""
    """Section of the book's notes, such as ``5.2``."""
    docs: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything the note pane shows for one subject, what is wrong first."""

    subject: Subject
    title: str
    """``Pod api-6b8f9c7d4-2xk4p``, or the kind, form or category."""
    notes: tuple[NoteView, ...]
    links: tuple[Link, ...] = ()
    deleted: bool = False
    """The object is gone; the notes are of its last state."""
    problem: Text | None = None
    """Why the object itself could not be read; the notes then speak of the kind alone."""
    mistakes: tuple[Text, ...] = ()
    """Notes that were left out so far, each a sentence with file and line; most likely a person's own."""
