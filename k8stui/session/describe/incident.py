"""Events as objects of their own: what happened to which object, how often, and who says so."""

from __future__ import annotations

from collections.abc import Iterator

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dig
from k8stui.session.describe.beside import Beside
from k8stui.session.describe.model import (
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
    kind, name = string(about, "kind"), string(about, "name")
    to = link(kind, name, string(about, "namespace"), group_of(string(about, "apiVersion")))
    part = [quiet(f"  {one.field}")] if one.field else []
    writer.fact(Text("About", "対象"), phrase(f"{words(kind).en} ", to, *part) if name else None)
    related = obj.get("related")
    kind, name = string(related, "kind"), string(related, "name")
    to = link(kind, name, string(related, "namespace"), group_of(string(related, "apiVersion")))
    writer.fact(Text("Related", "関連"), phrase(f"{words(kind).en} ", to) if name else None)
    writer.fact(Text("Action", "操作"), dig(obj, "action"))
    writer.fact(Text("Reported by", "報告元"), one.source)
    writer.fact(Text("Times", "回数"), one.count)
    for title, fields in (
        (Text("First", "最初"), ("firstTimestamp", "deprecatedFirstTimestamp", "eventTime")),
        (Text("Last", "最後"), ("lastTimestamp", "deprecatedLastTimestamp")),
    ):
        times = [obj.get(field) for field in fields if obj.get(field)]
        if title.en == "Last" and dig(obj, "series", "lastObservedTime"):
            times.insert(0, dig(obj, "series", "lastObservedTime"))
        writer.fact(title, moment(times[0], now) if times else None)
    yield from writer.section(Text("What happened", "出来事"))
