"""CustomResourceDefinitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.session.describe.beside import Beside
from k8stui.session.describe.model import (
    Phrase,
    Section,
    Writer,
    joined,
    pairs,
    phrase,
    quiet,
    string,
    strings,
    strong,
    words,
)

DEEPEST = 4
"""Objects in objects whose fields are named."""

_SERVED = Text("served", "提供中")
_NOT_SERVED = Text("not served", "提供なし")
_STORED = Text("stored in this version", "この版で保存")
_REQUIRED = Text(" required", " 必須")
_NO_SCHEMA = Text("no schema: any fields are kept", "スキーマなし（どのフィールドも保存）")


def definition(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A CustomResourceDefinition: its names, versions and fields."""
    writer = Writer()
    writer.fact(Text("Group", "グループ"), dig(obj, "spec", "group"))
    writer.fact(Text("Kind", "種類"), dig(obj, "spec", "names", "kind"))
    writer.fact(Text("List kind", "一覧の種類"), dig(obj, "spec", "names", "listKind"))
    writer.fact(Text("Plural", "複数形"), dig(obj, "spec", "names", "plural"))
    writer.fact(Text("Singular", "単数形"), dig(obj, "spec", "names", "singular"))
    writer.fact(Text("Short names", "短縮名"), ", ".join(strings(obj, "spec", "names", "shortNames")))
    writer.fact(Text("Categories", "カテゴリー"), ", ".join(strings(obj, "spec", "names", "categories")))
    writer.fact(Text("Scope", "範囲"), dig(obj, "spec", "scope"))
    writer.fact(Text("Conversion", "変換"), dig(obj, "spec", "conversion", "strategy"))
    writer.fact(Text("Stored versions", "保存済みの版"), ", ".join(strings(obj, "status", "storedVersions")))
    yield from writer.section(Text("Definition", "定義"))
    for version in dicts(obj, "spec", "versions"):
        yield from _version(version)


def _version(version: JsonObject) -> Iterator[Section]:
    writer = Writer()
    parts = [_SERVED if version.get("served") is True else _NOT_SERVED]
    if version.get("storage") is True:
        parts.append(_STORED)
    writer.say(*joined(parts, " · "))
    writer.fact(Text("Deprecated", "非推奨"), version.get("deprecationWarning") or version.get("deprecated"))
    writer.fact(
        Text("Subresources", "サブリソース"),
        ", ".join(words(k).en for k, _ in pairs(version, "subresources")),
    )
    columns = (
        phrase(strong(one.get("name")), "  ", quiet(one.get("jsonPath")))
        for one in dicts(version, "additionalPrinterColumns")
    )
    writer.fact(Text("Columns", "表示する列"), *columns)
    schema = dig(version, "schema", "openAPIV3Schema")
    if isinstance(schema, dict):
        must = strings(schema, "required")
        found = dict(pairs(schema, "properties"))
        top = [*_PARTS, *(name for name in found if name not in _USUAL)]
        fields = (line for name in top for line in _fields(name, found.get(name), name in must, 0))
        writer.fact(Text("Fields", "フィールド"), *fields)
    else:
        writer.say(quiet(_NO_SCHEMA))
    told = words(string(version, "name"))
    yield from writer.section(Text(f"Version {told.en}", f"バージョン {told.ja}"))


_PARTS = ("spec", "status")
_USUAL = frozenset({"apiVersion", "kind", "metadata", *_PARTS})


def _fields(name: str, schema: Any, required: bool, depth: int) -> Iterator[Phrase]:
    """A field and those in it, one a line."""
    if not isinstance(schema, dict):
        return
    kind = string(schema, "type") or (
        "int-or-string" if schema.get("x-kubernetes-int-or-string") is True else ""
    )
    inner = schema
    if kind == "array":
        inner = schema["items"] if isinstance(schema.get("items"), dict) else {}
        kind = f"[]{string(inner, 'type')}"
    parts: list[Any] = ["  " * depth, name, "  ", quiet(kind)]
    if required:
        parts.append(quiet(_REQUIRED))
    if schema.get("description"):
        parts += ["  ", quiet(schema["description"])]
    yield phrase(*parts)
    if depth < DEEPEST:
        must = strings(inner, "required")
        for child, found in pairs(inner, "properties"):
            yield from _fields(child, found, child in must, depth + 1)
