"""The company of the seed, as several tests look at it."""

from __future__ import annotations

import random
from collections.abc import Iterator

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.kinds import BUILTIN_KINDS, builtin
from k8stui.practice.seeding import seed
from k8stui.practice.store import Store

NOW = 1_790_000_000.0
PODS = builtin("pods")


def seeded(**options: int) -> Store:
    store = Store(lambda: NOW, rng=random.Random(1))
    seed(store, lambda: NOW, **options)
    return store


def everything(store: Store) -> Iterator[tuple[ResourceKind, JsonObject]]:
    shown_twice = (("autoscaling", "v1"), ("events.k8s.io", "v1"))
    for kind in BUILTIN_KINDS:
        if kind.listable and (kind.group, kind.version) not in shown_twice:
            for obj in store.list(kind):
                yield kind, obj


def the_pod(store: Store, namespace: str, app: str) -> JsonObject:
    return next(
        p for p in store.list(PODS, namespace) if (dig(p, "metadata", "labels") or {}).get("app") == app
    )


def is_ready(pod: JsonObject) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in dicts(pod, "status", "conditions"))
