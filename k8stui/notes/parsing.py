"""From a file of notes to notes, each mistake with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from k8stui.core.lang import Lang, Text
from k8stui.core.nearest import did_you_mean
from k8stui.core.text import clean, clean_lines
from k8stui.notes.agreement import agree
from k8stui.notes.model import (
    BENEFITS,
    CATEGORIES,
    ENVIRONMENTS,
    FORMS,
    NETWORKS,
    Command,
    Example,
    Link,
    Note,
    NoteError,
    Severity,
    Subject,
)
from k8stui.notes.paths import near_relation
from k8stui.notes.placeholders import examine, examine_text
from k8stui.notes.relations import RELATIONS
from k8stui.settings.document import Fields, Items, Mistake, Scalar, Value, read_document

REQUIRED = ("id", "about", "severity", "title", "short")
OPTIONAL = (
    "when", "needs", "unless", "text", "category", "neighbours", "changed", "commands", "evidence", "links",
    "shows", "book", "facts", "docs",
)  # fmt: skip

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KIND = re.compile(r"[A-Z][A-Za-z0-9]*")
_GROUP = re.compile(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?")
_BOOK = re.compile(r"\d+(\.\d+)?")
_FACT = re.compile(r"F\d+(\.\d+)?")
_DOCS = re.compile(r"https://[^\s<>\"'`]+")

T = TypeVar("T")


def parse_file(path: Path, file: str) -> tuple[list[Note], list[NoteError]]:
    """The notes of a file and the mistakes in it. A note with a mistake is left out; the others stand.

    Args:
        path: The file.
        file: What to call it in errors.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = clean(str(error))
        message = Text(f"The file cannot be read: {reason}.", f"ファイルを読み込めません: {reason}")
        return [], [NoteError(file, 1, message)]
    notes: list[Note] = []
    mistakes: list[NoteError] = []
    try:
        for item in _notes(read_document(text)):
            try:
                note, wrong = _note(_mapping(item), file)
            except Mistake as mistake:
                wrong = [mistake]
            else:
                notes += [note] if not wrong else []
            mistakes += [NoteError(file, mistake.line, mistake.message) for mistake in wrong]
    except Mistake as mistake:
        mistakes.append(NoteError(file, mistake.line, mistake.message))
    return notes, mistakes


def _notes(document: Value | None) -> tuple[Value, ...]:
    if document is None:
        return ()
    if isinstance(document, Fields):
        _only(document, ("notes",))
        value = document.fields["notes"][1] if document.fields else None
        if isinstance(value, Items):
            return value.items
    raise Mistake(
        document.line,
        Text(
            "A file of notes is `notes:` with a list below it.",
            "`notes:`の下に、ノートをリストで書いてください。",
        ),
    )


class _Reader:
    """Reads the fields of one note. What cannot be read is kept as a mistake, and the others are read on."""

    def __init__(self, note: Fields) -> None:
        self._note = note
        self.mistakes: list[Mistake] = []
        try:
            _only(note, (*REQUIRED, *OPTIONAL))
        except Mistake as mistake:
            self.mistakes.append(mistake)
        for name in REQUIRED:
            if name not in note.fields:
                self.mistakes.append(
                    Mistake(note.line, Text(f"The note has no {name}.", f"ノートに{name}がありません。"))
                )

    def get(self, name: str, read: Callable[[Value], T], otherwise: T) -> T:
        """The value of a field; another when it is not there or wrong."""
        try:
            return read(self._note.fields[name][1]) if name in self._note.fields else otherwise
        except Mistake as mistake:
            self.mistakes.append(mistake)
            return otherwise

    def each(self, name: str, read: Callable[[Value], T]) -> tuple[T, ...]:
        """The values of a list."""
        return self.get(name, lambda value: _each(value, read), ())


def _note(note: Fields, file: str) -> tuple[Note, list[Mistake]]:
    """A note and its mistakes; with any, the note is not to be used."""
    reader = _Reader(note)
    nothing = Text("", "")
    read = Note(
        id=reader.get("id", _id, ""),
        about=reader.get("about", _about, Subject()),
        severity=reader.get("severity", _severity, Severity.KIND),
        title=reader.get("title", _text, nothing),
        short=reader.get("short", _text, nothing),
        when=reader.get("when", _words, ""),
        needs=reader.each("needs", _relation),
        unless=reader.each("unless", _id),
        text=reader.get("text", _text, None),
        category=reader.get("category", _text, None),
        neighbours=reader.get("neighbours", _text, None),
        changed=reader.get("changed", _text, None),
        commands=reader.each("commands", _command),
        evidence=reader.each("evidence", _path),
        links=reader.each("links", _link),
        shows=reader.each("shows", _example),
        book=reader.get("book", _book, ""),
        facts=reader.each("facts", _fact),
        docs=reader.get("docs", _docs, ""),
        file=file,
        line=note.line,
        lines={name: line for name, (line, _) in note.fields.items()},
    )
    if not reader.mistakes:
        reader.mistakes += [Mistake(read.lines.get(name, read.line), said) for name, said in agree(read)]
    return read, reader.mistakes


def _severity(value: Value) -> Severity:
    return Severity(_one_of(value, [severity.value for severity in Severity]))


def _get(mapping: Fields, name: str, read: Callable[[Value], T], default: T) -> T:
    return read(mapping.fields[name][1]) if name in mapping.fields else default


def _only(mapping: Fields, known: Iterable[str]) -> None:
    known = tuple(known)
    for name, (line, _) in mapping.fields.items():
        if name not in known:
            question = did_you_mean(name, known) or Text(
                f"Known are {', '.join(known)}.", f"使えるのは {', '.join(known)} です。"
            )
            shown = clean(name[:60])
            raise Mistake(
                line,
                Text(
                    f"There is no field {shown}. {question.en}",
                    f"{shown}という項目はありません。{question.ja}",
                ),
            )


def _mapping(value: Value) -> Fields:
    if isinstance(value, Fields):
        return value
    raise Mistake(
        value.line, Text("Names with values are expected here.", "「名前: 値」の形で書いてください。")
    )


def _each(value: Value, read: Callable[[Value], T]) -> tuple[T, ...]:
    if isinstance(value, Items):
        return tuple(read(item) for item in value.items)
    raise Mistake(value.line, Text("A list is expected here.", "リストで書いてください。"))


def _words(value: Value) -> str:
    if isinstance(value, Scalar) and value.text.strip():
        return clean_lines(value.text.strip())
    raise Mistake(value.line, Text("Words are expected here.", "文字列を書いてください。"))


def _pattern(value: Value, pattern: re.Pattern[str], en: str, ja: str) -> str:
    words = _words(value)
    if not pattern.fullmatch(words):
        shown = clean(words[:60])
        raise Mistake(
            value.line,
            Text(
                f'"{shown}" does not fit: {en} is expected.',
                f"「{shown}」は使えません。{ja}を書いてください。",
            ),
        )
    return words


def _id(value: Value) -> str:
    return _pattern(value, _ID, "a name in small letters and hyphens", "小文字とハイフンの名前")


def _book(value: Value) -> str:
    return _pattern(value, _BOOK, "a section such as 5.2", "5.2のような節番号")


def _fact(value: Value) -> str:
    return _pattern(value, _FACT, "a number such as F5.2", "F5.2のような番号")


def _docs(value: Value) -> str:
    return _pattern(value, _DOCS, "an https:// address", "https://で始まるURL")


def _kind(value: Value) -> str:
    return _pattern(value, _KIND, "a kind such as Deployment", "DeploymentのようなKind名")


def _group(value: Value) -> str:
    if isinstance(value, Scalar) and not value.text:
        return ""
    return _pattern(value, _GROUP, "an API group such as apps", "appsのようなAPIグループ名")


def _one_of(value: Value, known: Iterable[str]) -> str:
    words = _words(value)
    known = tuple(known)
    if words not in known:
        shown = clean(words[:60])
        raise Mistake(
            value.line,
            Text(
                f'"{shown}" does not fit: it is one of {", ".join(known)}.',
                f"「{shown}」は使えません。{'、'.join(known)}のどれかを書いてください。",
            ),
        )
    return words


def _text(value: Value) -> Text:
    if not isinstance(value, Fields):
        raise Mistake(
            value.line,
            Text(
                "Write it in both languages: {en: …, ja: …}.",
                "{en: …, ja: …}の形で両方の言語を書いてください。",
            ),
        )
    _only(value, (lang.value for lang in Lang))
    for lang in Lang:
        if lang.value not in value.fields:
            missing = Text("English", "英語") if lang is Lang.EN else Text("Japanese", "日本語")
            raise Mistake(
                value.line,
                Text(f"The {missing.en} is missing.", f"{missing.ja}（{lang.value}）がありません。"),
            )
    text = Text(_words(value.fields["en"][1]), _words(value.fields["ja"][1]))
    problem = examine_text(text)
    if problem is not None:
        raise Mistake(value.line, problem)
    return text


_CLOSED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "category": CATEGORIES, "form": FORMS, "environment": ENVIRONMENTS, "network": NETWORKS,
        "benefit": BENEFITS,
    }
)  # fmt: skip
_SUBJECTS = ("kind", *_CLOSED, "handbook", "custom-resource")


def _about(value: Value) -> Subject:
    about = _mapping(value)
    _only(about, ("group", *_SUBJECTS))
    subjects = [name for name in about.fields if name != "group"]
    if len(subjects) != 1 or ("group" in about.fields and subjects != ["kind"]):
        raise Mistake(
            about.line,
            Text(
                f"A note is about one of {', '.join(_SUBJECTS)}; a kind may have a group.",
                f"aboutには、{'、'.join(_SUBJECTS)}のうち1つを書いてください（kindにはgroupを添えられます）。",
            ),
        )
    name = subjects[0]
    line, said = about.fields[name]
    if name == "kind":
        return Subject(kind=_kind(said), group=_get(about, "group", _group, ""))
    if name in _CLOSED:
        return _named(name, _one_of(said, _CLOSED[name]))
    if name == "handbook":
        return Subject(handbook=_id(said))
    if _words(said) != "true":
        raise Mistake(line, Text("custom-resource can only be true.", "custom-resourceの値はtrueだけです。"))
    return Subject(custom_resource=True)


def _named(subject: str, name: str) -> Subject:
    match subject:
        case "category":
            return Subject(category=name)
        case "form":
            return Subject(form=name)
        case "environment":
            return Subject(environment=name)
        case "network":
            return Subject(network=name)
        case _:
            return Subject(benefit=name)


def _command(value: Value) -> Command:
    command = _mapping(value)
    _only(command, ("run", "does"))
    if len(command.fields) < 2:
        raise Mistake(
            command.line,
            Text("A command has run and does.", "コマンドにはrunとdoesの両方を書いてください。"),
        )
    line, said = command.fields["run"]
    run = _words(said)
    problem = examine(run)
    if problem is not None:
        raise Mistake(line, problem)
    return Command(run, _text(command.fields["does"][1]))


def _path(value: Value) -> str:
    path = _words(value)
    try:
        near_relation(path)
    except ValueError as error:
        rest = clean(str(error)[:60])
        raise Mistake(
            value.line,
            Text(f'The path cannot be read from "{rest}" on.', f"パスの「{rest}」以降を読めません。"),
        ) from None
    return path


def _relation(value: Value) -> str:
    return _one_of(value, RELATIONS)


def _example(value: Value) -> Example:
    example = _mapping(value)
    _only(example, ("kind", "group", "when"))
    if "kind" not in example.fields:
        raise Mistake(example.line, Text("An example has a kind.", "例にはkindが必要です。"))
    kind = _kind(example.fields["kind"][1])
    return Example(kind, _get(example, "group", _group, ""), _get(example, "when", _words, ""))


def _link(value: Value) -> Link:
    link = _mapping(value)
    _only(link, ("kind", "group"))
    if "kind" not in link.fields:
        raise Mistake(link.line, Text("A link has a kind.", "リンクにはkindが必要です。"))
    return Link(_kind(link.fields["kind"][1]), _get(link, "group", _group, ""))
