"""What holds data: ConfigMaps, Secrets, PersistentVolumeClaims, PersistentVolumes."""

from __future__ import annotations

from collections.abc import Iterator

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dig
from k8stui.core.text import clean_lines
from k8stui.session.describe.beside import Beside, listed
from k8stui.session.describe.model import (
    MOST_CHARS,
    Phrase,
    Piece,
    Section,
    Tone,
    Writer,
    link,
    own_namespace,
    pairs,
    phrase,
    quiet,
    string,
    strings,
    strong,
    words,
)
from k8stui.session.describe.scheduling import node_terms
from k8stui.session.describe.volumes import scalars

MOST_VALUE_LINES = 20
MOST_VALUE_CHARS = 4_000
"""Bounds of what is shown of one value of a ConfigMap; the YAML has the rest."""

_ONE_BYTE = Text("1 byte", "1バイト")
_BYTES = Text("{count} bytes", "{count}バイト")
_LINES = Text("{count} lines, {bytes} bytes", "{count}行・{bytes}バイト")
_REST = Text("… {count} lines in all; the YAML has the rest", "…全{count}行。残りはYAMLで読めます")
_MASKED = Text(
    "Values are not shown here. In the YAML one key press shows one value.",
    "値はここには表示しません。YAMLでは、キーを押した値だけを表示できます。",
)
_DATA = Text("Data", "データ")
_USED_BY = Text("Used by", "使っているPod")
_EMPTY = Text("no data", "データなし")
_IMMUTABLE = Text("It cannot be changed, only replaced.", "変更できません。作り直しが必要です。")


def secret(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A Secret: its keys with the sizes of their values, and never a value."""
    writer = Writer()
    writer.fact(Text("Type", "タイプ"), dig(obj, "type"))
    if obj.get("immutable") is True:
        writer.say(_IMMUTABLE)
    keys = [(key, _decoded_size(value)) for key, value in pairs(obj, "data")]
    keys += [
        (key, len(value.encode("utf-8", "replace")))
        for key, value in pairs(obj, "stringData")
        if isinstance(value, str)
    ]
    for key, size in writer.some(keys):
        writer.fact(words(key), _bytes(size))
    writer.say(quiet(_MASKED if keys else _EMPTY))
    yield from writer.section(_DATA)


def _bytes(count: int) -> Text:
    return _ONE_BYTE if count == 1 else _BYTES.format(count=f"{count:,}")


def _decoded_size(value: object) -> int:
    """The bytes that base64 stands for."""
    if not isinstance(value, str):
        return 0
    packed = "".join(value.split())
    return max(0, len(packed) * 3 // 4 - (packed[-2:].count("=")))


def config_map(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A ConfigMap: its data, bounded."""
    writer = Writer()
    if obj.get("immutable") is True:
        writer.say(_IMMUTABLE)
    entries, packed = pairs(obj, "data"), pairs(obj, "binaryData")
    for key, value in writer.some(entries):
        _entry(writer, key, value)
    if not entries and not packed:
        writer.say(quiet(_EMPTY))
    yield from writer.section(_DATA)
    binary = Writer()
    for key, value in binary.some(packed):
        binary.fact(words(key), _bytes(_decoded_size(value)))
    yield from binary.section(Text("Binary data", "バイナリーデータ"))


def _entry(writer: Writer, key: str, value: object) -> None:
    text = value if isinstance(value, str) else words(value).en
    lines = text.rstrip("\n").split("\n") if text else []
    if len(lines) <= 1 and len(text) <= 200:
        writer.fact(words(key), text.rstrip("\n") or quiet('""'))
        return
    size = len(text.encode("utf-8", "replace"))
    told = _LINES.format(count=f"{len(lines):,}", bytes=f"{size:,}")
    writer.say(strong(key), "  ", quiet(told if len(lines) != 1 else _bytes(size)))
    inner = writer.deeper()
    room = MOST_VALUE_CHARS
    for shown, line in enumerate(lines):
        if shown == MOST_VALUE_LINES or room <= 0:
            inner.say(quiet(_REST.format(count=f"{len(lines):,}")))
            break
        inner.say(clean_lines(line))
        room -= min(len(line), MOST_CHARS)


def claim(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A PersistentVolumeClaim."""
    writer = Writer()
    _phase(writer, obj)
    volume = dig(obj, "spec", "volumeName")
    writer.fact(Text("Volume", "ボリューム"), link("PersistentVolume", volume) if volume else None)
    _class(writer, obj)
    writer.fact(Text("Capacity", "容量"), dig(obj, "status", "capacity", "storage"))
    writer.fact(Text("Requested", "要求"), dig(obj, "spec", "resources", "requests", "storage"))
    _modes(writer, obj, strings(obj, "status", "accessModes") or strings(obj, "spec", "accessModes"))
    for field in ("dataSource", "dataSourceRef"):
        source = dig(obj, "spec", field)
        if isinstance(source, dict):
            found = link(
                string(source, "kind"), source.get("name"), own_namespace(obj), string(source, "apiGroup")
            )
            writer.fact(Text("Made from", "コピー元"), phrase(f"{words(source.get('kind')).en} ", found))
            break
    yield from writer.section(Text("Claim", "要求"))
    users = Writer()
    for one in users.some(listed(users, beside["pods"])):
        users.say(link("Pod", string(one, "metadata", "name"), own_namespace(obj)))
    yield from users.section(_USED_BY)


def _class(writer: Writer, obj: JsonObject) -> None:
    name = dig(obj, "spec", "storageClassName")
    writer.fact(
        Text("Storage class", "StorageClass"),
        link("StorageClass", name, "", "storage.k8s.io") if name else None,
    )


def _modes(writer: Writer, obj: JsonObject, modes: list[str]) -> None:
    writer.fact(Text("Access modes", "アクセスモード"), *(_access_mode(mode) for mode in modes))
    writer.fact(Text("Volume mode", "ボリュームモード"), dig(obj, "spec", "volumeMode"))
    writer.fact(
        Text("Attributes class", "VolumeAttributesClass"), dig(obj, "spec", "volumeAttributesClassName")
    )


def _phase(writer: Writer, obj: JsonObject) -> None:
    phase = string(obj, "status", "phase")
    tone = {
        "Bound": Tone.GOOD,
        "Available": Tone.GOOD,
        "Pending": Tone.BUSY,
        "Lost": Tone.BAD,
        "Failed": Tone.BAD,
    }
    parts = phrase(Piece(words(phase), tone.get(phase, Tone.PLAIN)))
    if dig(obj, "status", "reason"):
        parts = phrase(*parts, "  ", dig(obj, "status", "reason"))
    writer.fact(Text("Status", "状態"), parts if phase else None, dig(obj, "status", "message"))


_MODES = {
    "ReadWriteOnce": ("RWO", Text("one node reads and writes", "1つのノードが読み書き")),
    "ReadOnlyMany": ("ROX", Text("many nodes read", "複数のノードが読み取り")),
    "ReadWriteMany": ("RWX", Text("many nodes read and write", "複数のノードが読み書き")),
    "ReadWriteOncePod": ("RWOP", Text("one Pod reads and writes", "1つのPodが読み書き")),
}


def _access_mode(mode: str) -> Phrase:
    """An access mode, its abbreviation, and what it means."""
    found = _MODES.get(mode)
    if found is None:
        return phrase(mode)
    short, means = found
    return phrase(mode, "  ", quiet(short), "  ", quiet(means))


def volume(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A PersistentVolume."""
    writer = Writer()
    _phase(writer, obj)
    ref = dig(obj, "spec", "claimRef")
    name, space = dig(ref, "name"), string(ref, "namespace")
    writer.fact(
        Text("Claim", "PersistentVolumeClaim"),
        phrase(link("PersistentVolumeClaim", name, space), quiet(f"  {words(space).en}")) if name else None,
    )
    _class(writer, obj)
    writer.fact(Text("Capacity", "容量"), dig(obj, "spec", "capacity", "storage"))
    _modes(writer, obj, strings(obj, "spec", "accessModes"))
    writer.fact(Text("Reclaim policy", "回収方針"), _reclaim(obj))
    writer.fact(Text("Mount options", "マウントオプション"), *strings(obj, "spec", "mountOptions"))
    yield from writer.section(Text("Volume", "ボリューム"))
    source = Writer()
    for kind, value in pairs(obj, "spec"):
        if isinstance(value, dict) and kind not in ("capacity", "claimRef", "nodeAffinity"):
            source.fact(words(kind), *(list(scalars(value)) or [phrase(quiet("{}"))]))
    source.fact(
        Text("Reachable from", "使えるノード"), *node_terms(dig(obj, "spec", "nodeAffinity", "required"))
    )
    yield from source.section(Text("Source", "実体"))


_RECLAIM = {
    "Delete": Text("goes with its claim", "PVCとともに消える"),
    "Retain": Text("stays when its claim goes", "PVCが消えても残る"),
    "Recycle": Text("is emptied and offered again", "中身を消して再利用される"),
}


def _reclaim(obj: JsonObject) -> Phrase | None:
    policy = string(obj, "spec", "persistentVolumeReclaimPolicy")
    if not policy:
        return None
    return phrase(policy, "  ", quiet(_RECLAIM[policy])) if policy in _RECLAIM else phrase(policy)
