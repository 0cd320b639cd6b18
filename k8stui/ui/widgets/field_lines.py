"""The field under the cursor set into lines: what it is, where its value comes from, the note on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from k8stui.core.lang import Lang, Text
from k8stui.core.paths import dotted
from k8stui.core.text import clean_lines
from k8stui.core.units import spoken_age
from k8stui.kube.schemas import FieldDoc
from k8stui.session.fields import FieldFacts, Origin
from k8stui.session.managers import FieldManager
from k8stui.ui.prose import Line, Span, inline, wrap
from k8stui.ui.widgets.note_lines import command_lines, headline

_MOST_VALUE = 2_000
"""Characters of a value that are shown in full."""
_MOST_FIELDS = 40
_INDENT: Line = (Span("  "),)

_WHOLE = Text("the whole object", "オブジェクト全体")
_REQUIRED = Text("required", "必須")
_UNKNOWN = Text("The schema of this kind names no such field.", "スキーマにこのフィールドはありません。")
_READING = Text("Reading the schema", "スキーマを取得しています")
_DEFAULT = Text("Default", "既定値")
_ALLOWED = Text("Allowed", "指定できる値")
_FORMAT = Text("Format", "形式")
_LIMIT = Text("Limit", "制約")
_FREE = Text("Any value may stand here.", "任意の値を書けます。")
_SET = Text("Set by", "設定者")
_ALSO = Text("Also set by", "ほかの設定者")
_EQUALS = Text("It equals the default.", "既定値と同じ値です。")
_FIELDS = Text("Fields", "フィールド")
_MORE = Text("… and {count} more", "…ほか{count}件")
_AGO = Text("{age} ago", "{age}前")
_ORIGINS = {
    Origin.DEFAULT: Text("The default: nobody has set it.", "既定値のままです。誰も設定していません。"),
    Origin.SERVER: Text(
        "Kept by the API server: no field manager owns it.",
        "APIサーバーが管理する値です。フィールドマネージャーはいません。",
    ),
    Origin.UNTRACKED: Text(
        "This object does not tell who set its fields.",
        "誰が設定したかの記録がありません。",
    ),
}
_PACKAGE = Text(
    "Explained by the Kubernetes client package: the server told nothing of this kind.",
    "サーバーから情報を得られないため、Kubernetesクライアントパッケージの説明を表示しています。",
)


def field_lines(
    facts: FieldFacts, value: str, command: str, now: float, cells: int, lang: Lang
) -> list[Line]:
    """The facts as lines.

    Args:
        facts: What is known.
        value: The value in full where the line is too short for it; empty otherwise.
        command: The kubectl command that explains the field.
        now: Seconds since the epoch, for ages.
        cells: Width.
        lang: Language.
    """
    lines = list(_head(facts, cells, lang))
    lines += _origin(facts, now, cells, lang)
    for note in facts.notes:
        lines += [(), *headline(note, cells), *wrap(inline(note.short), cells, first=_INDENT, rest=_INDENT)]
    if value:
        text = value if len(value) <= _MOST_VALUE else f"{value[:_MOST_VALUE]}…"
        lines.append(())
        for line in clean_lines(text).split("\n"):
            lines += wrap([Span(line, "strong")], cells, first=_INDENT, rest=_INDENT)
    lines += _meaning(facts, cells, lang)
    return [*lines, (), *command_lines(command, cells, "")]


def reading_lines(cells: int, lang: Lang) -> list[Line]:
    """While the schema is under way."""
    return [(Span(f"◌ {_READING.get(lang)}", "busy"),)]


def _head(facts: FieldFacts, cells: int, lang: Lang) -> Iterator[Line]:
    name = dotted(facts.path) or _WHOLE.get(lang)
    spans = [Span(name, "title")]
    if facts.doc is not None:
        spans += [Span("  "), Span(facts.doc.type, "accent")]
        if facts.doc.required:
            spans += [Span("  "), Span(_REQUIRED.get(lang), "warn")]
    yield from wrap(spans, cells)


def _origin(facts: FieldFacts, now: float, cells: int, lang: Lang) -> Iterator[Line]:
    if facts.origin is Origin.SET:
        first, *others = facts.managers
        yield from wrap([Span(f"{_SET.get(lang)} ", "quiet"), *_manager(first, now, lang)], cells)
        for other in others[:4]:
            yield from wrap([Span(f"{_ALSO.get(lang)} ", "quiet"), *_manager(other, now, lang)], cells)
        if facts.is_default:
            yield from wrap([Span(_EQUALS.get(lang), "quiet")], cells)
    elif facts.origin in _ORIGINS and not facts.reading:
        yield from wrap([Span(_ORIGINS[facts.origin].get(lang), "quiet")], cells)


def _manager(manager: FieldManager, now: float, lang: Lang) -> list[Span]:
    details = [manager.operation, manager.subresource]
    if manager.time is not None:
        details.append(_AGO.format(age=spoken_age(now - manager.time)).get(lang))
    return [Span(manager.name, "ink"), Span(f" ({', '.join(word for word in details if word)})", "quiet")]


def _meaning(facts: FieldFacts, cells: int, lang: Lang) -> Iterator[Line]:
    doc = facts.doc
    if doc is None:
        yield ()
        if facts.reading:
            yield from reading_lines(cells, lang)
        else:
            yield from wrap([Span((facts.problem or _UNKNOWN).get(lang), "quiet")], cells)
        return
    told = _told(doc, lang)
    if told:
        yield ()
        for name, value in told:
            yield from wrap([Span(f"{name}  ", "quiet"), Span(value, "ink")], cells, rest=_INDENT)
    for text, tone in ((doc.description, "ink"), (doc.type_description, "quiet")):
        if text:
            yield ()
            yield from _paragraphs(text, cells, tone)
    if doc.free:
        yield from ((), *wrap([Span(_FREE.get(lang), "quiet")], cells))
    if doc.fields:
        yield ()
        yield (Span(_FIELDS.get(lang), "accent"),)
        for entry in doc.fields[:_MOST_FIELDS]:
            mark = f"  {_REQUIRED.get(lang)}" if entry.required else ""
            spans = [Span(entry.name, "ink"), Span(f"  {entry.type}", "quiet"), Span(mark, "warn")]
            yield from wrap(spans, cells, first=_INDENT, rest=_INDENT)
        if len(doc.fields) > _MOST_FIELDS:
            more = _MORE.format(count=len(doc.fields) - _MOST_FIELDS)
            yield (*_INDENT, Span(more.get(lang), "quiet"))
    if doc.package:
        yield from ((), *wrap([Span(_PACKAGE.get(lang), "faint")], cells))


def _told(doc: FieldDoc, lang: Lang) -> list[tuple[str, str]]:
    """What the schema demands of a value."""
    told = []
    if doc.default is not None:
        told.append((_DEFAULT.get(lang), doc.default))
    if doc.enum:
        told.append((_ALLOWED.get(lang), ", ".join(doc.enum)))
    if doc.format:
        told.append((_FORMAT.get(lang), doc.format))
    return told + [(_LIMIT.get(lang), f"{name} {value}") for name, value in doc.limits]


def _paragraphs(text: str, cells: int, tone: str) -> Sequence[Line]:
    lines: list[Line] = []
    for paragraph in text.split("\n"):
        lines += wrap([Span(paragraph, tone)], cells) if paragraph.strip() else [()]
    return lines
