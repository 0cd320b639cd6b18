"""Commands of a note with the object's own names in them, fit for a shell."""

from __future__ import annotations

import re
import shlex

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dig
from k8stui.core.text import clean
from k8stui.notes.model import Command, Subject

NAMES = ("name", "namespace", "kind")
_PLACEHOLDER = re.compile(r"\{(name|namespace|kind)\}")
_ANY = re.compile(r"\{(\w+)\}", re.ASCII)
_IN_NAMESPACE = re.compile(r" (?:-n|--namespace)[ =]\{namespace\}")
_QUOTED = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*\"""")


def examine(run: str) -> Text | None:
    """What is wrong with a command as its author wrote it; None when nothing is."""
    if clean(run) != run:
        return Text("A command is one line.", "コマンドは1行で書いてください。")
    for quoted in _QUOTED.findall(run):
        if _PLACEHOLDER.search(quoted):
            return Text(
                "A placeholder may not stand inside quotes; it is quoted when it is filled in.",
                "プレースホルダーを引用符の中に書くことはできません。値を入れるときに自動で引用符が付きます。",
            )
    bare = _QUOTED.sub("", run)
    if "'" in bare or '"' in bare:
        return Text("A quote is not closed.", "引用符が閉じられていません。")
    for found in _ANY.findall(bare):
        if found not in NAMES:
            return Text(
                f"There is no placeholder {{{found}}}, only {{name}}, {{namespace}} and {{kind}}.",
                f"{{{found}}}は使えません。使えるのは{{name}}、{{namespace}}、{{kind}}です。",
            )
    return None


def fill(command: Command, about: Subject, obj: JsonObject | None) -> Command | None:
    """The command for one object, or for a kind when there is none.

    A namespace that the object does not have goes, together with its ``-n``. Without an object the words
    NAME and NAMESPACE stand where a value is missing. Names come from the cluster and may hold anything,
    so they are quoted; None when a value would be read as an option.
    """
    values = _values(about, obj)
    run = command.run if values.get("namespace") else _IN_NAMESPACE.sub("", command.run)
    ready = True
    for match in _PLACEHOLDER.finditer(run):
        value = values.get(match[1])
        if not value:
            ready = False
        elif value.startswith("-") and run[: match.start()].endswith((" ", "=")):
            return None
    return Command(
        _PLACEHOLDER.sub(lambda m: shlex.quote(values.get(m[1]) or m[1].upper()), run), command.does, ready
    )


def _values(about: Subject, obj: JsonObject | None) -> dict[str, str]:
    def word(*steps: str) -> str:
        value = dig(obj, *steps)
        return clean(value) if isinstance(value, str) else ""

    kind = word("kind") or about.kind
    group = word("apiVersion").rpartition("/")[0] if word("kind") else about.group
    name = word("metadata", "name")
    return {
        "name": name,
        "namespace": word("metadata", "namespace"),
        "kind": f"{kind.lower()}.{group}" if kind and group else kind.lower(),
    }
