"""Fills the practice cluster with a small company: seed/*.yaml, lived through from its first day to now.

The YAML says what people would have written, and how long ago. Everything that a cluster makes of it itself
(ReplicaSets, Pods, addresses, conditions, restarts, events) is made by the same controllers that run later,
in a time that starts long ago and ends now. So it is as consistent as theirs, and the same for the same seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import msgspec

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.core.units import parse_age
from k8stui.practice import bulk, furnishing, hands
from k8stui.practice.controllers import STEADY
from k8stui.practice.controllers.autoscaling import Autoscalers
from k8stui.practice.controllers.base import reference
from k8stui.practice.controllers.engine import Engine
from k8stui.practice.controllers.programs import Programs
from k8stui.practice.controllers.template import filled
from k8stui.practice.controllers.world import EVENT_LIFETIME, World, micro, stamp
from k8stui.practice.kinds import BUILTIN_KINDS
from k8stui.practice.registry import Registry
from k8stui.practice.seedfile import Ago, read
from k8stui.practice.store import Store
from k8stui.practice.writes import status_writer

FILES = (
    *("cluster", "system", "rbac", "platform", "samples"),
    *("storefront", "orders", "warehouse", "analytics", "payments", "roastery", "school", "extensions"),
)
"""The files of the seed, in the order in which they are read."""
_GRAIN = 3.0
"""Seconds of the past that are looked at as one moment: containers keep their own times all the same."""


@dataclass(order=True, frozen=True, slots=True)
class Deed:
    """Something that somebody did to the cluster at some time."""

    at: float
    order: int
    born: float = field(compare=False)
    """creationTimestamp, which may be before ``at``: the cluster's life begins later than the object's."""
    manifest: JsonObject = field(compare=False)
    manager: str = field(compare=False)
    """Who did it: see ``hands``."""
    change: bool = field(compare=False, default=False)
    """Whether it changes an object that is there."""
    owner: str = field(compare=False, default="")
    """``Kind/name`` of an owner outside of any namespace."""


def programs() -> Programs:
    """What the images of the seed do."""
    return Programs.load(read("images"))


def seed(store: Store, clock: Callable[[], float], *, pods: int = 0, random_seed: int = 0) -> None:
    """Fill an empty store with the company, and with that many cheap Pods besides.

    Args:
        store: Where to; it has another clock and other chance meanwhile, so nothing else may use it.
        clock: Seconds since the epoch; the last thing happened at the time it tells now.
        pods: How many more running Pods, of two containers each, over twenty namespaces.
        random_seed: The same number gives the same names, uids and addresses.
    """
    now = clock()
    past = _Past(now)
    rng = random.Random(random_seed)
    world = World(store, past, rng, programs())
    world.until, world.quiet_before = now, now - EVENT_LIFETIME
    registry = Registry(store, BUILTIN_KINDS)
    keep, store.clock, store.rng = (store.clock, store.rng), past, rng
    try:
        _live(world, past, registry, now)
    finally:
        store.clock, store.rng = keep
        registry.close()
    if pods:
        bulk.fill(store, now, pods, random_seed)


class _Past:
    """A clock that is moved by hand."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def _live(world: World, past: _Past, registry: Registry, now: float) -> None:
    """Do everything that was ever done, and let the cluster live in between."""
    engine = Engine(world, (*STEADY, Autoscalers))
    deeds = sorted(_deeds(now))
    past.now = deeds[0].at - 1
    engine.attach()
    engine.put_off(_GRAIN)
    try:
        for at, together in groupby(deeds, key=lambda deed: deed.at):
            _pass(engine, past, at)
            for deed in together:
                _do(world, registry, deed, now)
        _pass(engine, past, now)
        engine.put_off(0.0)
        furnishing.furnish(world)
        engine.run()
    finally:
        engine.detach()


def _pass(engine: Engine, past: _Past, until: float) -> None:
    """Let time go by; what falls due within the grain of it is done together."""
    while True:
        due = engine.run()
        if due is None or due > until:
            break
        past.now = min(until, max(past.now, due) + _GRAIN)
    past.now = until


def _deeds(now: float) -> Iterator[Deed]:
    order = 0
    for name in FILES:
        for entry in read(name):
            manifest = {key: value for key, value in entry.items() if key != "seed"}
            how = entry["seed"]
            born = now - _seconds(how["age"])
            at = now - _seconds(how["since"]) if "since" in how else born
            manager = hands.manager_of(name, manifest, how.get("owner", ""))
            yield Deed(at, order, born, manifest, manager, owner=how.get("owner", ""))
            order += 1
            for change in how.get("then", ()):
                merge = {key: value for key, value in change.items() if key != "age"}
                target = {key: manifest[key] for key in ("apiVersion", "kind", "metadata")}
                said = target["metadata"]
                merge["metadata"] = {
                    **{key: said[key] for key in ("name", "namespace") if key in said},
                    **merge.get("metadata", {}),
                }
                when = now - _seconds(change["age"])
                yield Deed(when, order, born, {**target, **merge}, manager, change=True)
                order += 1


def _seconds(age: str) -> float:
    seconds = parse_age(str(age))
    if seconds is None:
        raise ValueError(f"seed: {age!r} is no age")
    return float(seconds)


def _do(world: World, registry: Registry, deed: Deed, now: float) -> None:
    manifest = _dated(deed.manifest, now)
    kind = _kind(registry, manifest)
    metadata = manifest["metadata"]
    if deed.change:
        old = world.store.get(kind, metadata.get("namespace", ""), metadata["name"])
        if manifest.pop("delete", False):
            world.delete(kind, old)
            return
        _change(world, kind, old, manifest, deed.manager)
        return
    manifest = hands.annotated(manifest, deed.manager, manifest)
    metadata = manifest["metadata"]
    metadata["creationTimestamp"] = stamp(deed.born)
    metadata["uid"] = world.new_uid()
    if deed.owner:
        owner_kind, _, name = deed.owner.partition("/")
        owner = world.store.get(registry.by_kind("", "v1", owner_kind).kind, "", name)  # type: ignore[union-attr]
        metadata["ownerReferences"] = [reference(owner)]
    new = filled(world, kind, manifest)
    world.create(kind, new, hands.writes(deed.manager, kind, manifest, new))


def _change(world: World, kind: ResourceKind, old: JsonObject, merge: JsonObject, manager: str) -> None:
    """Apply a change to an object as the hand that made it does."""
    new = _merged(old, merge)
    text = (old["metadata"].get("annotations") or {}).get(hands.LAST_APPLIED)
    if manager == hands.CLIENT_SIDE and text:
        new = hands.annotated(new, manager, _merged(msgspec.json.decode(text), merge))
    with world.store.written_by(status_writer(kind, manager) if "status" in merge else manager):
        world.store.update(kind, new)


def _kind(registry: Registry, manifest: Mapping[str, Any]) -> ResourceKind:
    group, _, version = str(manifest["apiVersion"]).rpartition("/")
    served = registry.by_kind(group, version, manifest["kind"])
    if served is None:
        raise ValueError(f"seed: no kind {manifest['apiVersion']} {manifest['kind']}")
    return served.kind


def _dated(value: Any, now: float, key: str = "") -> Any:
    """A copy in which every ``!ago`` has become a time; those of leases have microseconds."""
    if isinstance(value, Ago):
        write = micro if key in ("acquireTime", "renewTime") else stamp
        return write(now - value.seconds)
    if isinstance(value, dict):
        return {name: _dated(each, now, name) for name, each in value.items()}
    return [_dated(each, now) for each in value] if isinstance(value, list) else value


def _merged(old: Any, new: Any) -> Any:
    """A JSON merge patch (RFC 7386)."""
    if not isinstance(new, dict):
        return new
    merged = dict(old) if isinstance(old, dict) else {}
    for key, value in new.items():
        if value is None and isinstance(old, dict) and key in old:
            del merged[key]
        elif value is not None:
            merged[key] = _merged(merged.get(key), value)
    return merged
