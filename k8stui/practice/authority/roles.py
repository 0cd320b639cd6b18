"""The roles that every API server makes by itself, and those that are made of others by their labels."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts
from k8stui.practice.authority.rbac import (
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    GROUP,
    ROLE_BINDINGS,
    ROLES,
)
from k8stui.practice.controllers.base import matches
from k8stui.practice.errors import StatusError
from k8stui.practice.seedfile import read
from k8stui.practice.store import Event, Store

FILE = "default-roles"
_CONTROLLER = "system:controller:"
_LABELS = {"kubernetes.io/bootstrapping": "rbac-defaults"}
_ANNOTATIONS = {"rbac.authorization.kubernetes.io/autoupdate": "true"}
_AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"
_LARGEST_ROUND = 10


def bootstrap(store: Store, created: str | None = None) -> None:
    """Make the default roles and bindings that are not there yet.

    Args:
        store: Where to.
        created: Their creationTimestamp; now when None.
    """
    for entry in read(FILE):
        for kind, obj in _objects(entry):
            if created is not None:
                obj["metadata"]["creationTimestamp"] = created
            with suppress(StatusError):
                store.create(kind, obj)
    aggregate(store)


def _objects(entry: JsonObject) -> Iterator[tuple[ResourceKind, JsonObject]]:
    name, namespace = entry["role"], entry.get("namespace", "")
    within = {"namespace": namespace} if namespace else {}
    labels = {**_LABELS, **({_AGGREGATE + entry["into"]: "true"} if "into" in entry else {})}
    role: JsonObject = {"metadata": {"name": name, **within, "labels": labels, "annotations": _ANNOTATIONS}}
    if "from" in entry:
        selector = {"matchLabels": {_AGGREGATE + entry["from"]: "true"}}
        role["aggregationRule"] = {"clusterRoleSelectors": [selector]}
    role["rules"] = [_rule(text) for text in entry.get("rules", ())]
    yield ROLES if namespace else CLUSTER_ROLES, role
    subjects = entry.get("to")
    if subjects is None and name.startswith(_CONTROLLER) and not namespace:
        subjects = [f"ServiceAccount kube-system/{name.removeprefix(_CONTROLLER)}"]
    if subjects is None:
        return
    binding: JsonObject = {
        "metadata": {
            "name": entry.get("binding", name),
            **within,
            "labels": _LABELS,
            "annotations": _ANNOTATIONS,
        },
        "roleRef": {"apiGroup": GROUP, "kind": "Role" if namespace else "ClusterRole", "name": name},
    }
    if subjects:
        binding["subjects"] = [_subject(text) for text in subjects]
    yield ROLE_BINDINGS if namespace else CLUSTER_ROLE_BINDINGS, binding


def _rule(text: str) -> JsonObject:
    first, what, verbs, *names = text.split()
    if first == "url":
        return {"nonResourceURLs": what.split(","), "verbs": verbs.split(",")}
    groups = ["" if group == "core" else group for group in first.split(",")]
    rule: JsonObject = {"apiGroups": groups, "resources": what.split(","), "verbs": verbs.split(",")}
    if names:
        rule["resourceNames"] = names[0].split(",")
    return rule


def _subject(text: str) -> JsonObject:
    kind, _, name = text.partition(" ")
    if kind == "ServiceAccount":
        namespace, _, name = name.partition("/")
        return {"kind": kind, "name": name, "namespace": namespace}
    return {"kind": kind, "apiGroup": GROUP, "name": name}


def aggregate(store: Store) -> None:
    """Write the rules of every ClusterRole with an aggregationRule, made of those that it selects."""
    for _ in range(_LARGEST_ROUND):
        roles = store.list(CLUSTER_ROLES)
        changed = False
        for role in roles:
            if not role.get("aggregationRule"):
                continue
            rules = _collected(role, roles)
            if rules != role.get("rules"):
                store.update(CLUSTER_ROLES, {**role, "rules": rules})
                changed = True
        if not changed:
            return


def _collected(role: JsonObject, roles: list[JsonObject]) -> list[JsonObject]:
    rules: list[JsonObject] = []
    for selector in dicts(role, "aggregationRule", "clusterRoleSelectors"):
        for other in roles:
            labels = other["metadata"].get("labels") or {}
            if other["metadata"]["name"] != role["metadata"]["name"] and matches(selector, labels):
                rules += [rule for rule in other.get("rules") or () if rule not in rules]
    return rules


class Aggregation:
    """Keeps aggregated ClusterRoles up to date with those that they are made of."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due: asyncio.Handle | None = None
        self._end = store.subscribe(CLUSTER_ROLES, self._changed)

    def close(self) -> None:
        """Stop following the store."""
        self._end()
        if self._due is not None:
            self._due.cancel()

    def _changed(self, _event: Event) -> None:
        # Not at once: whoever hears of a change must hear of it before the changes that it brings about.
        if self._due is None:
            self._due = asyncio.get_running_loop().call_soon(self._run)

    def _run(self) -> None:
        try:
            aggregate(self._store)
        finally:
            self._due = None
