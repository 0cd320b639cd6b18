"""Events as objects of their own: what happened to which object, how often, and who says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dig
from k8stui.session.describe.beside import Beside
from k8stui.session.describe.model import (
    Phrase,
    Piece,
    Section,
    Tone,
    Writer,
    group_of,
    link,
    moment,
    phrase,
    quiet,
    string,
    words,
)
from k8stui.session.describe.occurrences import occurrences


def event(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """An Event of v1 or of events.k8s.io."""
    (one,) = occurrences([obj])
    writer = Writer()
    writer.fact(Text("Type", "タイプ"), Piece(words(one.kind), Tone.WARN if one.warns else Tone.PLAIN))
    writer.fact(Text("Reason", "理由"), Piece(words(one.reason), Tone.STRONG))
    writer.fact(Text("Message", "メッセージ"), one.message)
    about = obj.get("involvedObject") or obj.get("regarding")
    writer.fact(Text("About", "対象"), _object(about, one.field))
    writer.fact(Text("Related", "関連"), _object(obj.get("related")))
    writer.fact(Text("Action", "操作"), dig(obj, "action"))
    writer.fact(Text("Reported by", "報告元"), one.source)
    writer.fact(Text("Times", "回数"), one.count)
    first = obj.get("firstTimestamp") or obj.get("deprecatedFirstTimestamp") or obj.get("eventTime")
    last = dig(obj, "series", "lastObservedTime") or obj.get("lastTimestamp")
    writer.fact(Text("First", "最初"), moment(first, now))
    writer.fact(Text("Last", "最後"), moment(last or obj.get("deprecatedLastTimestamp"), now))
    yield from writer.section(Text("What happened", "出来事"))


def _object(ref: Any, field: str = "") -> Phrase | None:
    """What a reference names, and which part of it; None when it names nothing."""
    kind, name = string(ref, "kind"), string(ref, "name")
    to = link(kind, name, string(ref, "namespace"), group_of(string(ref, "apiVersion")))
    return phrase(f"{words(kind).en} ", to, *([quiet(f"  {field}")] if field else [])) if name else None
