"""From what a person types to the kind that is meant."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from k8stui.catalog.placement import book_order, canonical, place
from k8stui.core.kinds import ResourceKind
from k8stui.core.nearest import nearest

_ALIASES = MappingProxyType(
    {
        "cr": ("rbac.authorization.k8s.io", "ClusterRole"),
        "crb": ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        "dep": ("apps", "Deployment"),
        "dp": ("apps", "Deployment"),
        "jo": ("batch", "Job"),
        "np": ("networking.k8s.io", "NetworkPolicy"),
        "rb": ("rbac.authorization.k8s.io", "RoleBinding"),
        "ro": ("rbac.authorization.k8s.io", "Role"),
        "sec": ("", "Secret"),
    }
)
"""Shorts that terminal users expect and no API server declares."""

_DECLARED, _ALIAS, _PREFIX = range(3)


def resolve(text: str, kinds: Iterable[ResourceKind]) -> list[ResourceKind]:
    """The kinds that a typed name means, the best first; empty when it means none.

    Understood are plural, singular, short and Kind names in any letter case, alone or as ``name.group``,
    ``name.version.group`` (``pods.v1.`` for core), ``version/name``, ``group/name`` and
    ``group/version/name``. A whole name beats the beginning of one: beginnings count only when nothing
    has the whole name. Among equals the book's kinds come first, then core, then Kubernetes' own groups,
    then custom resources.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return []
    every = list(kinds)
    found: dict[int, list[ResourceKind]] = {}
    for name, group, version in _readings(wanted):
        for kind in every:
            if (group is None or kind.group == group) and (version is None or kind.version == version):
                rank = _rank(name, kind)
                if rank is not None:
                    found.setdefault(rank, []).append(kind)
    if _DECLARED in found or _ALIAS in found:
        found.pop(_PREFIX, None)
    return _without_twins([kind for rank in sorted(found) for kind in sorted(found[rank], key=_preference)])


def suggest(text: str, kinds: Iterable[ResourceKind]) -> list[str]:
    """Up to three plural names near to one that :func:`resolve` did not know, the best first."""
    wanted = text.strip().casefold().rpartition("/")[2].partition(".")[0]
    names: dict[str, ResourceKind] = {}
    for kind in sorted(kinds, key=_preference, reverse=True):
        names |= dict.fromkeys(_names(kind), kind)
    inside = sorted((name for name in names if len(wanted) > 2 and wanted in name), key=len)
    near = nearest(wanted, names, limit=6)
    return list(dict.fromkeys(names[name].plural for name in (*near, *inside)))[:3]


def _readings(wanted: str) -> Iterable[tuple[str, str | None, str | None]]:
    """Every way to read a name as (name, group, version); None where it does not say."""
    prefix, slash, name = wanted.rpartition("/")
    if slash:
        group, _, version = prefix.rpartition("/")
        yield name, group, version
        if not group:
            yield name, prefix, None
        return
    yield wanted, None, None
    name, dot, rest = wanted.partition(".")
    if dot:
        yield name, rest, None
        version, dot, group = rest.partition(".")
        yield name, group, version


def _names(kind: ResourceKind) -> tuple[str, ...]:
    return (kind.plural, kind.singular or kind.kind.casefold(), kind.kind.casefold(), *kind.short_names)


def _rank(name: str, kind: ResourceKind) -> int | None:
    names = _names(kind)
    if name in names:
        return _DECLARED
    if _ALIASES.get(name) == (kind.group, kind.kind):
        return _ALIAS
    if len(name) > 1 and any(known.startswith(name) for known in names):
        return _PREFIX
    return None


def _preference(kind: ResourceKind) -> tuple[bool, int, bool, bool, str, str]:
    placement = place(kind)
    order = book_order(kind) if placement.in_book else 0
    return (not placement.in_book, order, kind.group != "", placement.custom, kind.group, kind.plural)


def _without_twins(kinds: list[ResourceKind]) -> list[ResourceKind]:
    """Each resource once: in its first version, and in the group of its row when that is among them."""
    served = {(kind.group, kind.kind) for kind in kinds}
    found: dict[tuple[str, str], ResourceKind] = {}
    for kind in kinds:
        home = canonical(kind.group, kind.kind)
        if home == (kind.group, kind.kind) or home not in served:
            found.setdefault((kind.group, kind.plural), kind)
    return list(found.values())
