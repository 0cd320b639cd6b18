"""The volumes of a Pod or of a template, and the sources of PersistentVolumes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.session.describe.model import (
    Phrase,
    Writer,
    labelled,
    leaves,
    link,
    pairs,
    phrase,
    quiet,
    string,
    words,
)

_OPTIONAL = Text("  (optional)", "（省略可）")
_ITEM = Text("key {key} as {path}", "キー{key}を{path}として")
_MODE = Text("  mode {mode:04o}", "  モード{mode:04o}")
_EMPTY = Text("empty at the start, gone with the Pod", "最初は空で、Podとともに消える")
_AS_LARGE = Text("  at most {size}", "  最大{size}")
_READ_ONLY = Text("  read only", "  読み取り専用")
_TOKEN = Text("token for {audience}, valid {seconds}s", "{audience}宛てのトークン、有効期間{seconds}秒")
_OWN = Text("the API server", "APIサーバー")
_CLAIM_OF = Text("own claim from a template", "テンプレートから作る専用の")


def volumes(writer: Writer, pod: JsonObject, namespace: str) -> None:
    """Describe ``spec.volumes``."""
    for volume in dicts(pod, "spec", "volumes"):
        lines = [
            line
            for kind, source in pairs(volume)
            if kind != "name"
            for line in _volume(kind, source, namespace)
        ]
        writer.fact(words(volume.get("name")), *lines)


def _volume(kind: str, source: Any, namespace: str) -> Iterator[Phrase]:
    match kind:
        case "configMap" | "secret":
            yield from _keys(kind, source, namespace)
        case "persistentVolumeClaim":
            claim = link("PersistentVolumeClaim", dig(source, "claimName"), namespace)
            yield phrase(quiet("PersistentVolumeClaim "), claim, *_read_only(source))
        case "emptyDir":
            yield _empty_dir(source)
        case "hostPath":
            yield phrase("hostPath ", dig(source, "path"), "  ", quiet(dig(source, "type")))
        case "projected":
            yield phrase("projected")
            for one in dicts(source, "sources"):
                for part, what in pairs(one):
                    yield from _projected(part, what, namespace)
        case "downwardAPI":
            yield phrase("downwardAPI")
            yield from _downward(source)
        case "ephemeral":
            yield from _ephemeral(dig(source, "volumeClaimTemplate"))
        case _:
            yield phrase(kind)
            yield from scalars(source)


def _empty_dir(source: Any) -> Phrase:
    parts: list[Any] = ["emptyDir  ", quiet(_EMPTY)]
    if dig(source, "medium"):
        parts.append(phrase("  ", dig(source, "medium")))
    if dig(source, "sizeLimit"):
        parts.append(_AS_LARGE.format(size=words(dig(source, "sizeLimit"))))
    return phrase(*parts)


def _ephemeral(template: Any) -> Iterator[Phrase]:
    yield phrase("ephemeral  ", quiet(_CLAIM_OF), quiet(" PersistentVolumeClaim"))
    for part in ("labels", "annotations"):
        for entry in labelled(pairs(template, "metadata", part)):
            yield phrase("  ", quiet(f"{part}: "), *entry)
    yield from scalars(dig(template, "spec"))


def scalars(source: Any) -> Iterator[Phrase]:
    """Fields and values of a source, one a line; objects inside stand as they are."""
    for entry in labelled(leaves(source), ": "):
        yield phrase("  ", *entry)


def _read_only(source: Any) -> list[Any]:
    return [quiet(_READ_ONLY)] if dig(source, "readOnly") is True else []


def _keys(kind: str, source: Any, namespace: str) -> Iterator[Phrase]:
    title = "ConfigMap" if kind == "configMap" else "Secret"
    name = dig(source, "secretName") or dig(source, "name")
    parts: list[Any] = [quiet(f"{title} "), link(title, name, namespace)]
    if dig(source, "optional") is True:
        parts.append(quiet(_OPTIONAL))
    mode = dig(source, "defaultMode")
    if isinstance(mode, int) and 0 <= mode <= 0o7777 and mode != 0o644:
        parts.append(quiet(_MODE.format(mode=mode)))
    yield phrase(*parts)
    for item in dicts(source, "items"):
        yield phrase("  ", _ITEM.format(key=words(item.get("key")), path=words(item.get("path"))))


def _projected(kind: str, source: Any, namespace: str) -> Iterator[Phrase]:
    if kind in ("configMap", "secret"):
        for line in _keys(kind, source, namespace):
            yield phrase("  ", *line)
    elif kind == "serviceAccountToken":
        audience = dig(source, "audience")
        told = _TOKEN.format(
            audience=words(audience) if audience else _OWN,
            seconds=words(dig(source, "expirationSeconds") or 3600),
        )
        yield phrase("  ", told, quiet(f"  → {string(source, 'path')}"))
    elif kind == "downwardAPI":
        yield phrase("  downwardAPI")
        for line in _downward(source):
            yield phrase("  ", *line)
    else:
        yield phrase("  ", kind)
        for line in scalars(source):
            yield phrase("  ", *line)


def _downward(source: Any) -> Iterator[Phrase]:
    for item in dicts(source, "items"):
        field = dig(item, "fieldRef", "fieldPath") or dig(item, "resourceFieldRef", "resource")
        yield phrase("  ", field, quiet(" → "), item.get("path"))
