"""``k8stui explain KIND.FIELD…``: what a field is, in the manner of kubectl explain."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from k8stui.core.lang import Lang, Text

if TYPE_CHECKING:
    from k8stui.kube.schemas import FieldDoc

_WIDTH = 80
_REQUIRED = Text("required", "必須")
_DEFAULT = Text("default: {value}", "既定値: {value}")
_ALLOWED = Text("allowed: {values}", "指定できる値: {values}")
_FREE = Text("Any value may stand here.", "任意の値を書けます。")
_PACKAGE = Text(
    "From the models of the Kubernetes client package, not from the cluster.",
    "クラスターではなく、Kubernetesクライアントパッケージのモデルによる説明です。",
)


def as_data(doc: FieldDoc) -> dict[str, Any]:
    """The field for ``-o json``."""
    return {
        "group": doc.kind.group,
        "version": doc.kind.version,
        "kind": doc.kind.kind,
        "path": list(doc.path),
        "type": doc.type,
        "description": doc.description,
        "typeDescription": doc.type_description,
        "required": doc.required,
        "default": doc.default,
        "enum": list(doc.enum),
        "format": doc.format,
        "limits": dict(doc.limits),
        "fromCluster": not doc.package,
        "fields": [
            {"name": entry.name, "type": entry.type, "required": entry.required, "enum": list(entry.enum)}
            for entry in doc.fields
        ],
    }


def as_text(doc: FieldDoc, lang: Lang) -> Iterator[str]:
    """The field as lines."""
    yield f"{doc.kind.kind}  {doc.kind.api_version}"
    required = f"  {_REQUIRED.get(lang)}" if doc.required else ""
    yield f"{'.'.join(doc.path)} <{doc.type}>{required}"
    for part in (doc.description, doc.type_description):
        if part:
            yield ""
            yield from _wrapped(part, "  ")
    facts = [f"{name}: {value}" for name, value in doc.limits]
    if doc.enum:
        facts.insert(0, _ALLOWED.format(values=", ".join(doc.enum)).get(lang))
    if doc.default is not None:
        facts.insert(0, _DEFAULT.format(value=doc.default).get(lang))
    if doc.format:
        facts.append(f"format: {doc.format}")
    if doc.free:
        facts.append(_FREE.get(lang))
    if facts:
        yield ""
        yield from (f"  {fact}" for fact in facts)
    for entry in doc.fields:
        yield ""
        mark = f"  {_REQUIRED.get(lang)}" if entry.required else ""
        yield f"  {entry.name} <{entry.type}>{mark}"
        yield from _wrapped(entry.description, "    ")
    if doc.package:
        yield ""
        yield f"  {_PACKAGE.get(lang)}"


def _wrapped(text: str, indent: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield from textwrap.wrap(line, _WIDTH, initial_indent=indent, subsequent_indent=indent) or [""]
