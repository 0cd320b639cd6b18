"""Users, as the API sees them, and the people of the practice cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from k8stui.core.objects import JsonObject

AUTHENTICATED = "system:authenticated"
MASTERS = "system:masters"
_ACCOUNT = "system:serviceaccount:"


@dataclass(frozen=True, slots=True)
class User:
    """Who a request comes from."""

    name: str
    groups: tuple[str, ...]
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    privileged: bool = field(init=False)
    """Whether it is in the group that no rule can hold back."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "privileged", MASTERS in self.groups)

    def info(self) -> JsonObject:
        """The user as reviews show it (authentication.k8s.io/v1 UserInfo)."""
        found: JsonObject = {"username": self.name}
        if self.uid:
            found["uid"] = self.uid
        if self.groups:
            found["groups"] = list(self.groups)
        if self.extra:
            found["extra"] = {key: list(values) for key, values in self.extra.items()}
        return found


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody for whom the practice cluster writes a kubeconfig."""

    user: User
    namespace: str
    """Where the kubeconfig's context starts."""


def _person(name: str, group: str, namespace: str) -> Person:
    return Person(User(name, (group, AUTHENTICATED), uid=name), namespace)


ADMIN = "practice-admin"
PEOPLE: Mapping[str, Person] = MappingProxyType(
    {
        ADMIN: _person(ADMIN, MASTERS, "default"),
        "viewer": _person("viewer", "viewers", "default"),
        "dev-team": _person("dev-team", "storefront", "storefront"),
    }
)
"""Who has a token from the start: one who may do everything, and two who may not."""


def account_name(namespace: str, name: str) -> str:
    """The user name of a ServiceAccount."""
    return f"{_ACCOUNT}{namespace}:{name}"


def account_groups(namespace: str) -> tuple[str, ...]:
    """The groups of the ServiceAccounts of a namespace."""
    return ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")


def account_of(user: str) -> tuple[str, str] | None:
    """Namespace and name of the ServiceAccount that a user name stands for; None for other users."""
    namespace, colon, name = user.removeprefix(_ACCOUNT).partition(":")
    if not user.startswith(_ACCOUNT) or not colon or not namespace or not name or ":" in name:
        return None
    return namespace, name
