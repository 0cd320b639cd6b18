"""metadata.managedFields: kept up to date by every write, and the ground of server-side apply."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts
from k8stui.practice.api import fields
from k8stui.practice.errors import StatusError

APPLY = "Apply"
UPDATE = "Update"


@dataclass(frozen=True, slots=True)
class Manager:
    """One entry of managedFields."""

    name: str
    operation: str
    api_version: str
    subresource: str
    time: str
    owned: frozenset[fields.Path]
    written: JsonObject | None = None
    """The entry as it stood in an object, while it is the same."""

    def without(self, paths: Set[fields.Path]) -> Manager:
        """The entry after others have taken some paths."""
        if self.owned.isdisjoint(paths):
            return self
        return replace(self, owned=self.owned - paths, written=None)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two entries the same manager's."""
        return self.name, self.operation, self.subresource

    def to_json(self) -> JsonObject:
        """The entry as metadata has it."""
        if self.written is not None:
            return self.written
        entry: JsonObject = {
            "manager": self.name,
            "operation": self.operation,
            "apiVersion": self.api_version,
            "time": self.time,
            "fieldsType": "FieldsV1",
            "fieldsV1": fields.nested(self.owned),
        }
        if self.subresource:
            entry["subresource"] = self.subresource
        return entry


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, by which way, and when (RFC 3339)."""

    name: str
    kind: ResourceKind
    time: str
    subresource: str = ""


def read(obj: JsonObject) -> list[Manager]:
    """The entries of an object."""
    return [
        Manager(
            str(entry.get("manager", "")),
            str(entry.get("operation", UPDATE)),
            str(entry.get("apiVersion", "")),
            str(entry.get("subresource", "")),
            str(entry.get("time", "")),
            frozenset(fields.flat(entry.get("fieldsV1"))),
            entry,
        )
        for entry in dicts(obj, "metadata", "managedFields")
        if entry
    ]


def write(obj: JsonObject, managers: Sequence[Manager]) -> JsonObject:
    """The object with these entries; those that own nothing are left out."""
    metadata = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    kept = [manager.to_json() for manager in managers if manager.owned]
    if kept:
        metadata["managedFields"] = sorted(kept, key=order)
    return {**obj, "metadata": metadata}


def order(entry: JsonObject) -> tuple[str, ...]:
    """By what a server sorts the entries of an object."""
    return tuple(str(entry.get(key, "")) for key in ("operation", "time", "manager", "apiVersion"))


def updated(old: JsonObject | None, new: JsonObject, writer: Writer) -> JsonObject:
    """The new object of a create, update or patch, with what changed now owned by the writer."""
    kind = writer.kind.kind
    before: JsonObject = old or {key: value for key, value in new.items() if key == "status"}
    ours, theirs = fields.differing(new, before)
    now, then = fields.values(ours, kind, ours), fields.values(theirs, kind, theirs)
    changed = frozenset(path for path, value in now.items() if path not in then or then[path] != value)
    gone = _gone(then.keys() - now.keys(), now)
    me = (writer.name, UPDATE, writer.subresource)
    managers: list[Manager] = []
    mine = frozenset[fields.Path]()
    time = writer.time
    for manager in read(new):
        if manager.identity == me:
            mine, time = manager.owned, manager.time if not changed else writer.time
        else:
            managers.append(manager.without(changed | gone))
    owned = (mine - gone) | changed
    managers.append(Manager(writer.name, UPDATE, writer.kind.api_version, writer.subresource, time, owned))
    return write(new, managers)


def _gone(missing: Set[fields.Path], now: Mapping[fields.Path, object]) -> frozenset[fields.Path]:
    """Of the paths that an object has no more, those that have not merely grown branches."""
    if not missing:
        return frozenset()
    prefixes = {path[:length] for path in now for length in range(1, len(path))}
    return frozenset(path for path in missing if path not in prefixes)


def applied(live: JsonObject | None, config: JsonObject, writer: Writer, *, force: bool) -> JsonObject:
    """The object after a server-side apply.

    Raises:
        StatusError: 409 when fields with other values are owned by other managers and ``force`` is not set.
    """
    kind = writer.kind.kind
    named = {
        path: value for path, value in fields.values(config, kind, config).items() if not _container(path)
    }
    wanted = frozenset(named)
    me = (writer.name, APPLY, writer.subresource)
    managers = read(live) if live is not None else []
    mine = next((manager for manager in managers if manager.identity == me), None)
    others = [manager for manager in managers if manager.identity != me]
    if live is None:
        result = copy.deepcopy(config)
    else:
        taken = _conflicts(fields.values(live, kind, live), named, others)
        if taken and not force:
            raise _conflict(taken)
        gone = {path for _, path in taken}
        others = [manager.without(gone) for manager in others]
        result = fields.merge(live, config, kind)
        result = _without_dropped(result, mine, wanted, others)
    unchanged = mine is not None and mine.owned == wanted and live is not None and result == live
    time = mine.time if mine is not None and unchanged else writer.time
    entry = Manager(writer.name, APPLY, writer.kind.api_version, writer.subresource, time, wanted)
    return write(result, [entry, *others])


def _conflicts(
    live: Mapping[fields.Path, object], named: Mapping[fields.Path, object], others: Sequence[Manager]
) -> list[tuple[Manager, fields.Path]]:
    return [
        (manager, path)
        for manager in others
        for path in sorted(named.keys() & manager.owned)
        if path not in live or live[path] != named[path]
    ]


def _conflict(taken: Sequence[tuple[Manager, fields.Path]]) -> StatusError:
    causes = []
    groups: dict[str, list[str]] = {}
    for manager, path in taken:
        version = f" using {manager.api_version}" if manager.operation == UPDATE else ""
        below = f' with subresource "{manager.subresource}"' if manager.subresource else ""
        who = f'"{manager.name}"{below}{version}'
        causes.append(
            {
                "reason": "FieldManagerConflict",
                "message": f"conflict with {who}",
                "field": fields.shown(path),
            }
        )
        groups.setdefault(who, []).append(fields.shown(path))
    said = []
    for who, paths in groups.items():
        if len(paths) == 1:
            said.append(f"conflict with {who}: {paths[0]}")
        else:
            said.append(f"conflicts with {who}:" + "".join(f"\n- {path}" for path in paths))
    count = f"{len(taken)} conflict{'' if len(taken) == 1 else 's'}"
    return StatusError(409, "Conflict", f"Apply failed with {count}: " + "\n".join(said), {"causes": causes})


def _without_dropped(
    result: JsonObject, mine: Manager | None, wanted: frozenset[fields.Path], others: Sequence[Manager]
) -> JsonObject:
    """Take out what this manager applied before and does not name any more, unless others own it too."""
    if mine is None:
        return result
    kept = wanted.union(*(manager.owned for manager in others))
    prefixes = {path[:length] for path in kept for length in range(1, len(path) + 1)}
    dropped = [path for path in mine.owned - kept if _thing(path) not in prefixes]
    if not dropped:
        return result
    result = copy.deepcopy(result)
    for path in sorted(dropped, key=lambda path: (path[-1] != ".", path)):
        fields.remove(result, path)
        above = _thing(path)[:-1]
        while len(above) > 1 and above not in prefixes and fields.empty(result, above):
            fields.remove(result, above)
            above = above[:-1]
    return result


def _container(path: fields.Path) -> bool:
    """Whether a path is a map or a list itself: who applies owns what is in it, not the thing."""
    return path[-1] == "." and not path[-2].startswith("k:")


def _thing(path: fields.Path) -> fields.Path:
    return path[:-1] if path[-1] == "." else path
