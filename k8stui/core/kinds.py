"""A kind of object that an API server serves."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """One resource of one API group and version, as discovery describes it.

    Two kinds are equal when they name the same resource: group, version and plural.
    """

    group: str
    """API group; empty for the core group."""
    version: str
    kind: str = field(compare=False)
    plural: str
    namespaced: bool = field(compare=False)
    singular: str = field(default="", compare=False)
    verbs: frozenset[str] = field(default=frozenset(), compare=False)
    short_names: tuple[str, ...] = field(default=(), compare=False)
    categories: tuple[str, ...] = field(default=(), compare=False)
    subresources: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def api_version(self) -> str:
        """What stands in a manifest's apiVersion, such as ``apps/v1`` or ``v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def name(self) -> str:
        """The unambiguous name of kubectl, such as ``deployments.apps`` or ``pods``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def listable(self) -> bool:
        """Whether the server lists objects of this kind at all."""
        return "list" in self.verbs

    def path(
        self, namespace: str | None = None, name: str | None = None, subresource: str | None = None
    ) -> str:
        """The URL path of the collection, or of one object, or of its subresource."""
        parts = [f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"]
        if namespace and self.namespaced:
            parts += ["namespaces", quote(namespace, safe="")]
        parts.append(self.plural)
        if name:
            parts.append(quote(name, safe=""))
        if subresource:
            parts.append(subresource)
        return "/".join(parts)
