"""The rules of roles (rbac/v1 PolicyRule): what they allow, what they cover, how they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from k8stui.core.objects import JsonObject
from k8stui.practice.authority.attributes import Attributes, listed

_ALL = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Everything is as the object has it, in its order."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()

    @classmethod
    def read(cls, rule: JsonObject) -> Rule:
        """The rule of an object."""
        fields = ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")
        return cls(*(tuple(map(str, rule.get(name) or ())) for name in fields))

    def written(self) -> JsonObject:
        """The rule as rules reviews show it."""
        found: JsonObject = {"verbs": list(self.verbs)}
        if self.urls:
            return {**found, "nonResourceURLs": list(self.urls)}
        found |= {"apiGroups": list(self.groups), "resources": list(self.resources)}
        if self.names:
            found["resourceNames"] = list(self.names)
        return found

    def allows(self, wanted: Attributes) -> bool:
        """Whether the rule allows a request."""
        if not _has(self.verbs, wanted.verb):
            return False
        if not wanted.resource:
            return any(_url_covers(url, wanted.path) for url in self.urls)
        return (
            _has(self.groups, wanted.group)
            and _resource_covered(self.resources, wanted.resource, wanted.subresource)
            and (not self.names or wanted.name in self.names)
        )

    def covers(self, one: Rule) -> bool:
        """Whether the rule allows all that a rule of one verb, one resource and one name does."""
        if not set(self.verbs) & {_ALL, *one.verbs}:
            return False
        if one.urls:
            return any(_url_covers(url, one.urls[0]) for url in self.urls)
        resource, _, below = one.resources[0].partition("/")
        return (
            _has(self.groups, one.groups[0])
            and _resource_covered(self.resources, resource, below)
            and (not self.names or (bool(one.names) and one.names[0] in self.names))
        )

    def __str__(self) -> str:
        """The rule as refusals to grant it show it."""
        fields = (
            ("APIGroups", self.groups),
            ("Resources", self.resources),
            ("ResourceNames", self.names),
            ("NonResourceURLs", self.urls),
            ("Verbs", self.verbs),
        )
        return "{" + ", ".join(f"{name}:{listed(values)}" for name, values in fields if values) + "}"


def _has(values: Sequence[str], wanted: str) -> bool:
    return wanted in values or _ALL in values


def _resource_covered(resources: Sequence[str], resource: str, below: str) -> bool:
    if _ALL in resources:
        return True
    if not below:
        return resource in resources
    return f"{resource}/{below}" in resources or f"{_ALL}/{below}" in resources


def _url_covers(url: str, path: str) -> bool:
    if url in (_ALL, path):
        return True
    return url.endswith(_ALL) and path.startswith(url.rstrip(_ALL))


def missing(held: Sequence[Rule], wanted: Iterable[Rule]) -> list[Rule]:
    """What of some rules others do not cover, as few rules as can be, in the order of a refusal."""
    lacking = [
        one for rule in wanted for one in _broken_down(rule) if not any(own.covers(one) for own in held)
    ]
    compact: dict[Rule, dict[str, None]] = {}
    for one in lacking:
        compact.setdefault(replace(one, verbs=()), {})[one.verbs[0]] = None
    return sorted((replace(key, verbs=tuple(verbs)) for key, verbs in compact.items()), key=str)


def _broken_down(rule: Rule) -> Iterator[Rule]:
    """A rule as rules of one verb, one resource and one name each."""
    for verb in rule.verbs:
        for url in rule.urls:
            yield Rule((verb,), urls=(url,))
        for group in rule.groups:
            for resource in rule.resources:
                for name in rule.names or (None,):
                    yield Rule((verb,), (group,), (resource,), () if name is None else (name,))
