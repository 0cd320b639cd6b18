"""The files of the seed: YAML, and what was made of it last time, which is read in no time.

As Python does with modules, the objects of a file are kept beside it in ``__pycache__``, and made anew when
the file is another one.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
import tempfile
from importlib import resources
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import msgspec

from k8stui.core.objects import JsonObject

FORMAT = 1
"""To be raised when the files are read differently."""
_AGO = 1
"""The code of ``Ago`` among MessagePack's extensions."""


class Ago(msgspec.Struct, frozen=True):
    """A time in the seed: so many seconds before now."""

    seconds: float


def read(name: str) -> list[JsonObject]:
    """The entries of one file of the seed.

    Raises:
        ValueError: an ``!ago`` is no age.
        yaml.YAMLError: the file is not YAML.
    """
    found = resources.files("k8stui.practice") / "seed" / f"{name}.yaml"
    if not isinstance(found, Path):
        return _parsed(found.read_text(encoding="utf-8"))
    return compiled(found)


def compiled(path: Path) -> list[JsonObject]:
    """The entries of a file, from what is kept of it if it has not changed since.

    Raises:
        ValueError: an ``!ago`` is no age.
        yaml.YAMLError: the file is not YAML.
    """
    stat = path.stat()
    key = [FORMAT, stat.st_size, stat.st_mtime_ns]
    kept = Path(cache_from_source(str(path))).with_suffix(".msgpack")
    with contextlib.suppress(OSError, msgspec.MsgspecError, struct.error):
        known, entries = msgspec.msgpack.decode(kept.read_bytes(), type=tuple[Any, Any], ext_hook=_from_kept)
        if known == key and isinstance(entries, list):
            return entries
    entries = _parsed(path.read_text(encoding="utf-8"))
    if not sys.dont_write_bytecode:
        _keep(kept, msgspec.msgpack.encode((key, _to_keep(entries))))
    return entries


def _parsed(text: str) -> list[JsonObject]:
    from k8stui.practice.seedyaml import parsed  # whoever finds the objects made needs no YAML

    return parsed(text)


def _keep(path: Path, data: bytes) -> None:
    """Write what whoever reads sees whole, or not at all."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".seed-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(name, path)
        except OSError:
            Path(name).unlink(missing_ok=True)


def _to_keep(value: Any) -> Any:
    if isinstance(value, Ago):
        return msgspec.msgpack.Ext(_AGO, struct.pack(">d", value.seconds))
    if isinstance(value, dict):
        return {key: _to_keep(each) for key, each in value.items()}
    return [_to_keep(each) for each in value] if isinstance(value, list) else value


def _from_kept(code: int, data: memoryview) -> Ago:
    if code != _AGO:
        raise msgspec.DecodeError(f"no extension {code}")
    return Ago(*struct.unpack(">d", data))
