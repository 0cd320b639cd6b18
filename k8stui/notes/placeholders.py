"""Commands and texts of a note with the object's own values in them; commands fit for a shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from functools import cached_property

from k8stui.core import selectors
from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.text import clean
from k8stui.notes.model import Command, Note, Subject
from k8stui.notes.paths import evidence, near_relation, values
from k8stui.notes.relations import Near

NAMES = ("name", "namespace", "kind", "container", "selector")
IN_TEXTS = ("container",)
"""Those that texts may have too, beside ``{=path}``."""
MISSING = "…"
"""What stands in a text for a value that is not there."""

_PATH = r"\{=([^{}]+)\}"
_PLACEHOLDER = re.compile(rf"\{{({'|'.join(NAMES)})\}}|{_PATH}")
_IN_TEXT = re.compile(rf"\{{({'|'.join(IN_TEXTS)})\}}|{_PATH}")
_ANY = re.compile(r"\{(\w+)\}", re.ASCII)
_IN_NAMESPACE = re.compile(r" (?:-n|--namespace)[ =]\{namespace\}")
_QUOTED = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*\"""")
_STAND_IN = "\x00"


def examine(run: str) -> Text | None:
    """What is wrong with a command as its author wrote it; None when nothing is."""
    if clean(run) != run:
        return Text("A command is one line.", "コマンドは1行で書いてください。")
    marked = _PLACEHOLDER.sub(_STAND_IN, run)
    for quoted in _QUOTED.findall(marked):
        if _STAND_IN in quoted:
            return Text(
                "A placeholder may not stand inside quotes; it is quoted when it is filled in.",
                "プレースホルダーを引用符の中に書くことはできません。値を入れるときに自動で引用符が付きます。",
            )
    bare = _QUOTED.sub("", marked)
    if "'" in bare or '"' in bare:
        return Text("A quote is not closed.", "引用符が閉じられていません。")
    for found in _ANY.findall(bare):
        known = ", ".join(f"{{{name}}}" for name in NAMES)
        return Text(
            f"There is no placeholder {{{found}}}, only {known} and {{=path}}.",
            f"{{{found}}}は使えません。使えるのは{known}と{{=パス}}です。",
        )
    return _bad_path(run)


def examine_text(text: Text) -> Text | None:
    """What is wrong with the placeholders of a text; None when nothing is."""
    return _bad_path(text.en) or _bad_path(text.ja)


def _bad_path(words: str) -> Text | None:
    for path in paths_in(words):
        try:
            near_relation(path)
        except ValueError:
            return Text(f'"{path}" is no path.', f"「{path}」はパスとして読めません。")
    return None


def paths_in(words: str) -> Iterator[str]:
    """The paths of all placeholders ``{=path}``."""
    return (found[1] for found in re.finditer(_PATH, words))


def has_values(text: Text) -> bool:
    """Whether a text speaks of values of an object."""
    return _IN_TEXT.search(text.en) is not None or _IN_TEXT.search(text.ja) is not None


def without_values(words: str) -> str:
    """A text of a note as it reads with no object at hand."""
    return _IN_TEXT.sub(MISSING, words)


class Words:
    """What stands for the placeholders of every note on one object, or on a kind when there is none."""

    def __init__(self, about: Subject, obj: JsonObject | None, near: Near | None = None) -> None:
        self._about = about
        self._obj = obj
        self._near = near

    @cached_property
    def _named(self) -> dict[str, str]:
        about, obj = self._about, self._obj
        kind = _word(dig(obj, "kind")) or about.kind
        group = _word(dig(obj, "apiVersion")).rpartition("/")[0] if dig(obj, "kind") else about.group
        return {
            "name": _word(dig(obj, "metadata", "name")),
            "namespace": _word(dig(obj, "metadata", "namespace")),
            "kind": f"{kind.lower()}.{group}" if kind and group else kind.lower(),
            "container": failing_container(obj) if obj is not None else "",
            "selector": clean(selectors.pod_selector(obj) or "") if obj is not None else "",
        }

    def fill(self, command: Command) -> Command | None:
        """A command for the object.

        A namespace that the object does not have goes, together with its ``-n``. Without an object the words
        NAME and NAMESPACE stand where a value is missing. Names come from the cluster and may hold anything,
        so they are quoted. None when a value would be read as an option, or when the object has no value for
        a path, container or selector.
        """
        run = command.run if self._named["namespace"] else _IN_NAMESPACE.sub("", command.run)
        ready = True
        parts: list[str] = []
        end = 0
        for match in _PLACEHOLDER.finditer(run):
            said = self._said(match)
            if not said:
                if self._obj is not None and match[1] not in ("name", "namespace", "kind"):
                    return None
                ready = False
                said = (_stand_in(match),)
            elif run[: match.start()].endswith((" ", "=")) and any(word.startswith("-") for word in said):
                return None
            parts += [run[end : match.start()], " ".join(shlex.quote(word) for word in said)]
            end = match.end()
        return Command("".join((*parts, run[end:])), command.does, ready)

    def of_texts(self, note: Note) -> dict[str, str]:
        """What stands for each placeholder of a note's texts."""
        found: dict[str, str] = {}
        for words in (words for text in texts_of(note) for words in (text.en, text.ja) if "{" in words):
            for match in _IN_TEXT.finditer(words):
                if match[0] not in found:
                    found[match[0]] = ", ".join(self._shown(match)).replace("`", "'") or MISSING
        return found

    def _said(self, match: re.Match[str]) -> tuple[str, ...]:
        if not match[2]:
            word = self._named[match[1]]
            return (word,) if word else ()
        return values(self._obj, match[2], self._near) if self._obj is not None else ()

    def _shown(self, match: re.Match[str]) -> tuple[str, ...]:
        if not match[2] or self._obj is None:
            return self._said(match)
        return tuple(value for _, value in evidence(self._obj, match[2], self._near))


def texts_of(note: Note) -> Iterator[Text]:
    """Every text of a note."""
    for text in (note.title, note.short, note.text, note.category, note.neighbours, note.changed):
        if text is not None:
            yield text
    yield from (command.does for command in note.commands)


def failing_container(obj: JsonObject) -> str:
    """The container of a Pod that a note on it most likely means; of another object, of its template.

    The first that waits with an error, ended with one, or is not ready, init containers first; else the one
    that kubectl takes by default. Empty when there is none.
    """
    statuses = [
        *dicts(obj, "status", "initContainerStatuses"),
        *dicts(obj, "status", "containerStatuses"),
        *dicts(obj, "status", "ephemeralContainerStatuses"),
    ]
    for fails in (_cannot_start, _ended_badly, _not_ready):
        for status in statuses:
            if fails(status):
                return _word(status.get("name"))
    template = dig(obj, "spec", "jobTemplate", "spec", "template") or dig(obj, "spec", "template") or obj
    default = dig(template, "metadata", "annotations", "kubectl.kubernetes.io/default-container")
    return _word(default) or _word(dig(template, "spec", "containers", 0, "name"))


_PATIENT = ("PodInitializing", "ContainerCreating")
"""Reasons to wait that are no error."""


def _cannot_start(status: JsonObject) -> bool:
    reason = dig(status, "state", "waiting", "reason")
    return reason is not None and reason not in _PATIENT


def _ended_badly(status: JsonObject) -> bool:
    ends = (dig(status, "state", "terminated"), dig(status, "lastState", "terminated"))
    return any(dig(end, "exitCode") not in (0, None) for end in ends)


def _not_ready(status: JsonObject) -> bool:
    return status.get("ready") is False and dig(status, "state", "running") is not None


def _stand_in(match: re.Match[str]) -> str:
    name = match[1] or next(iter(re.findall(r"[A-Za-z]\w*", match[2])[::-1]), "value")
    return name.upper()


def _word(value: object) -> str:
    return clean(value) if isinstance(value, str) else ""


def relations_named(words: Iterable[str]) -> set[str]:
    """The relations that placeholders of some texts or commands go through."""
    return {relation for said in words for path in paths_in(said) if (relation := near_relation(path))}
