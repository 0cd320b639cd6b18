"""References to objects, and the part of a cluster that a view looks at."""

from __future__ import annotations

from dataclasses import dataclass

from k8stui.core.kinds import ResourceKind


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """One object by kind, namespace and name. ``namespace`` is empty for a cluster-scoped kind."""

    kind: ResourceKind
    namespace: str
    name: str

    @property
    def path(self) -> str:
        """The URL path of the object."""
        return self.kind.path(self.namespace or None, self.name)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which namespaces a view covers: all of them, or the named ones. Cluster-scoped kinds ignore it."""

    namespaces: tuple[str, ...] = ()
    """Empty means every namespace."""

    @property
    def everywhere(self) -> bool:
        """Whether the scope is every namespace."""
        return not self.namespaces

    @classmethod
    def all(cls) -> Scope:
        """Every namespace."""
        return cls()

    @classmethod
    def of(cls, *namespaces: str) -> Scope:
        """The named namespaces."""
        return cls(tuple(namespaces))
