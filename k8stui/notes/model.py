"""What a note is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Lang, Text

CATEGORIES = ("workloads", "service", "config-storage", "cluster", "metadata")
"""The five API categories as notes write them."""

FORMS = ("ClusterIP", "ExternalIP", "NodePort", "LoadBalancer", "Headless", "ExternalName", "None-Selector")
"""The forms of a Service as notes write them."""


ENVIRONMENTS = (
    "practice", "minikube", "docker-desktop", "kind", "k3d", "k3s", "rancher-desktop", "colima", "orbstack",
    "microk8s", "kubeadm", "rke2", "rancher", "openshift", "gke", "aks", "eks", "unknown",
)  # fmt: skip
"""What a cluster may run on, as notes write it."""

NETWORKS = (
    "flannel", "calico", "cilium", "kindnet", "weave-net", "antrea", "kube-router", "ovn-kubernetes", "canal",
    "aws-vpc-cni", "azure-cni", "gke-netd",
)  # fmt: skip
"""Network plugins as notes write them."""

BENEFITS = (
    "many-nodes", "scheduling", "resources", "rolling-updates", "scaling", "liveness", "self-healing",
    "service-discovery", "load-balancing", "data", "workloads", "logs", "declarative",
)  # fmt: skip
"""What Kubernetes brings, the thirteen things of the book in its order."""


class NoteError(ExplorerError):
    """A mistake in a note, for its author: with the file and the line (0: the file or directory itself)."""

    title = Text("A note has a mistake", "ノートに誤りがあります")

    def __init__(self, file: str, line: int, message: Text, hint: Text | None = None) -> None:
        where = f"{file}:{line}: " if line else f"{file}: "
        super().__init__(Text(where + message.en, where + message.ja), hint)
        self.file = file
        self.line = line


class Severity(Enum):
    """How much a note matters; the order here is the order on the screen."""

    WRONG = "wrong"
    """Something does not work."""
    WORTH_KNOWING = "worth-knowing"
    """It works, and will surprise somebody."""
    SPECIAL = "special"
    """What sets this object apart from others of its kind."""
    KIND = "kind"
    """What every object of the kind is."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a note is about, or a reader asks about: a kind, or one of the other things below.

    A reader who asks about one custom resource sets ``kind``, ``group`` and ``custom_resource``.
    """

    kind: str = ""
    """Kind name, such as ``Deployment``."""
    group: str = ""
    """API group of the kind; empty for the core group."""
    category: str = ""
    """One of CATEGORIES."""
    form: str = ""
    """One of FORMS."""
    custom_resource: bool = False
    """Every kind that a CustomResourceDefinition defines."""
    environment: str = ""
    """One of ENVIRONMENTS."""
    network: str = ""
    """One of NETWORKS."""
    benefit: str = ""
    """One of BENEFITS."""
    handbook: str = ""
    """A page of the handbook that stands for itself, by a name of its own."""

    def covers(self, other: Subject) -> bool:
        """Whether a note about this is for a reader of that."""
        if self.kind:
            return self.kind == other.kind and _home_group(self) == _home_group(other)
        if self.custom_resource:
            return other.custom_resource
        own = self._named()
        return any(own) and own == other._named()

    def _named(self) -> tuple[str, ...]:
        return self.category, self.form, self.environment, self.network, self.benefit, self.handbook


def _home_group(subject: Subject) -> str:
    # The API server keeps Events once and serves them under two groups.
    return "" if (subject.kind, subject.group) == ("Event", "events.k8s.io") else subject.group


@dataclass(frozen=True, slots=True)
class Command:
    """A command to try, and what it shows."""

    run: str
    """A shell command. In a note with placeholders such as {name}; in a match with the object's own values,
    quoted."""
    does: Text
    ready: bool = True
    """False in a match without an object, when words such as NAME still stand for something."""


@dataclass(frozen=True, slots=True)
class Link:
    """A neighbouring kind."""

    kind: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """Where to look for objects that show what a note says."""

    kind: str
    group: str = ""
    when: str = ""
    """A condition over the object; empty for every object of the kind."""


@dataclass(frozen=True, slots=True)
class Note:
    """One note in both languages, as its author wrote it; the package's docstring explains the fields."""

    id: str
    about: Subject
    severity: Severity
    title: Text
    short: Text
    when: str = ""
    needs: tuple[str, ...] = ()
    """Relations (see ``relations``) without which the condition cannot be told."""
    unless: tuple[str, ...] = ()
    """Ids of notes beside which this one would say the same again."""
    text: Text | None = None
    category: Text | None = None
    neighbours: Text | None = None
    changed: Text | None = None
    commands: tuple[Command, ...] = ()
    evidence: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    shows: tuple[Example, ...] = ()
    book: str = ""
    facts: tuple[str, ...] = ()
    docs: str = ""
    file: str = field(default="", compare=False)
    """Where it stands: relative to the directory of notes."""
    line: int = field(default=0, compare=False)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    """The line of each field."""

    def mistake(self, field_name: str, message: Text, hint: Text | None = None) -> NoteError:
        """An error at one field of this note."""
        return NoteError(self.file, self.lines.get(field_name, self.line), message, hint)


@dataclass(frozen=True, slots=True)
class Matched:
    """A note that holds, with what it says about this very object."""

    note: Note
    evidence: tuple[tuple[str, str], ...] = ()
    """Path and value; the value is one short line in which nothing can steer a terminal. The path into a
    neighbour begins with its kind and name: ``Pod/web spec.nodeName``."""
    commands: tuple[Command, ...] = ()
    """The note's commands with the placeholders filled in, fit for a shell."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What stands for the placeholders of the texts."""

    def say(self, text: Text | None, lang: Lang) -> str:
        """A text of the note in one language, with the object's values; empty for None."""
        if text is None:
            return ""
        said = text.get(lang)
        if not self.values:
            return said
        return re.sub("|".join(map(re.escape, self.values)), lambda found: self.values[found[0]], said)
