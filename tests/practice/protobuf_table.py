"""Writes ``k8stui/practice/api/protobuf.tbl`` from the Go types of a Kubernetes release.

The struct tags of k8s.io/api and k8s.io/apimachinery fix field numbers, JSON names, and what is left out::

    python -m tests.practice.protobuf_table API_DIR APIMACHINERY_DIR > k8stui/practice/api/protobuf.tbl
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

GROUPS = (
    *("core/v1", "apps/v1", "batch/v1", "autoscaling/v1", "autoscaling/v2", "policy/v1", "rbac/v1"),
    *("networking/v1", "scheduling/v1", "storage/v1", "authentication/v1", "authorization/v1"),
    *("certificates/v1", "coordination/v1", "discovery/v1", "events/v1", "node/v1", "resource/v1"),
    *("admissionregistration/v1", "flowcontrol/v1"),
)
_SCALARS = {
    **{name: name for name in ("string", "bool", "int32", "int64")},
    **{"[]byte": "bytes", "types.UID": "string", "types.NodeName": "string"},
}
_SPECIAL = {
    **{f"meta/v1.{name}": name for name in ("Time", "MicroTime", "FieldsV1")},
    **{"resource.Quantity": "Quantity", "intstr.IntOrString": "IntOrString"},
    "runtime.RawExtension": "RawExtension",
}
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.M | re.S)
_ALIAS = re.compile(r"^type (\w+) (?:= )?([\w.\[\]]+)\s*(?://.*)?$", re.M)
_FIELD = re.compile(r"^\t(?:(\w+)\s+)?([^\s`/]+)\s+`([^`]*)`", re.M)
_IMPORT = re.compile(r'^(?:import)?\s+(\w+)? ?"k8s\.io/(?:api|apimachinery/pkg/apis)/(\w+/v\w+)"$', re.M)


@dataclass
class Package:
    """The types of one Go package."""

    imports: dict[str, str] = field(default_factory=dict)
    structs: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)


def package(folder: Path) -> Package:
    """What the type files of a package declare."""
    found = Package()
    for path in sorted(folder.glob("*.go")):
        if path.name.startswith("zz_") or path.name.startswith("generated") or path.name.endswith("_test.go"):
            continue
        text = path.read_text("utf-8")
        found.imports.update((alias or name.split("/")[1], name) for alias, name in _IMPORT.findall(text))
        found.structs.update(_STRUCT.findall(text))
        found.aliases.update(_ALIAS.findall(text))
    return found


class Table:
    """The lines of the table, for everything that the kinds of some packages reach."""

    def __init__(self, api: Path, machinery: Path) -> None:
        self._roots = {"meta": machinery / "pkg" / "apis"}
        self._api = api
        self._packages: dict[str, Package] = {}
        self._found: dict[str, list[str]] = {}

    def _package(self, name: str) -> Package:
        if name not in self._packages:
            folder = self._roots.get(name.partition("/")[0], self._api)
            self._packages[name] = package(folder / name)
        return self._packages[name]

    def lines(self) -> Iterator[str]:
        """Each message: a line with its name, then its fields: number, JSON name, type.

        ``-`` names a field whose own fields stand beside it, ``[]`` a list, ``{}`` a map by strings, and
        ``!`` a value that JSON has even when it is zero.
        """
        waiting = ["meta/v1.DeleteOptions"]
        for name in GROUPS:
            waiting += [
                f"{name}.{struct}"
                for struct, body in self._package(name).structs.items()
                if "metav1.ObjectMeta" in body and "metav1.TypeMeta" in body
            ]
        while waiting:
            name = waiting.pop()
            if name not in self._found:
                fields = [*self._fields(*name.split("."))]
                self._found[name] = [line for line, _ in fields]
                waiting += [each for _, reached in fields for each in reached]
        for name, lines in sorted(self._found.items()):
            yield name
            yield from sorted(lines, key=lambda line: int(line.split()[0]))

    def _fields(self, where: str, struct: str) -> Iterator[tuple[str, list[str]]]:
        for _, go_type, tags in _FIELD.findall(self._package(where).structs[struct]):
            number = re.search(r'protobuf:"\w+,(\d+),', tags)
            json = re.search(r'json:"([^"]*)"', tags)
            if number is None or json is None:
                continue
            name, *options = json[1].split(",")
            kind, reached = self._type(where, go_type.lstrip("*"))
            shown = kind.removeprefix(f"{where}.")
            for many in ("[]", "{}"):
                shown = shown.replace(f"{many}{where}.", many)
            kept = go_type.startswith("*") or not {"omitempty", "omitzero"} & {*options}
            mark = "!" if kept and kind in _SCALARS.values() else ""
            yield f"{number[1]} {name or '-'} {shown}{mark}", reached

    def _type(self, where: str, go_type: str) -> tuple[str, list[str]]:
        if go_type in _SCALARS:
            return _SCALARS[go_type], []
        if go_type.startswith("[]"):
            kind, reached = self._type(where, go_type[2:].lstrip("*"))
            return f"[]{kind}", reached
        if match := re.fullmatch(r"map\[[\w.]+\](.+)", go_type):
            kind, reached = self._type(where, match[1])
            return f"{{}}{kind}", reached
        if go_type in _SPECIAL:
            return _SPECIAL[go_type], []
        if "." in go_type:
            alias, go_type = go_type.split(".")
            where = self._package(where).imports[alias]
        return self._named(where, go_type)

    def _named(self, where: str, name: str) -> tuple[str, list[str]]:
        if (special := _SPECIAL.get(f"{where}.{name}")) is not None:
            return special, []
        if name in self._package(where).structs:
            return f"{where}.{name}", [f"{where}.{name}"]
        behind = self._package(where).aliases[name]
        # A named list is a message of its own on the wire.
        return ("Strings", []) if behind == "[]string" else self._type(where, behind)


def main(api: str, machinery: str) -> None:
    """Prints the table."""
    print("\n".join(Table(Path(api), Path(machinery)).lines()))


if __name__ == "__main__":
    main(*sys.argv[1:3])
