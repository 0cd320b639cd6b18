"""What the person may do: the rules that the server says hold for them in one namespace.

Source: authorization.k8s.io/v1 SelfSubjectRulesReview and SelfSubjectAccessReview. A hint for greying out,
never a promise: the server decides again at each request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from k8stui.kube.wire import not_kubernetes

if TYPE_CHECKING:
    from k8stui.kube.transport import Transport

GOOD_FOR = 300.0
"""Seconds for which an answer is kept."""
_RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
_ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class _Rule(Struct, rename="camel"):
    verbs: list[str] | None = None
    api_groups: list[str] | None = None
    resources: list[str] | None = None
    resource_names: list[str] | None = None


class _Status(Struct, rename="camel"):
    resource_rules: list[_Rule] | None = None
    incomplete: bool | None = None
    allowed: bool | None = None


class _Review(Struct):
    status: _Status | None = None


_REVIEW = msgspec.json.Decoder(_Review)


@dataclass(frozen=True, slots=True)
class Rule:
    """Verbs allowed on resources (``*`` means any; ``pods/log`` is a subresource)."""

    verbs: frozenset[str]
    groups: frozenset[str]
    resources: frozenset[str]
    names: frozenset[str]
    """Only these objects; empty means all."""

    def covers(self, verb: str, group: str, resource: str, subresource: str) -> bool:
        """Whether the rule speaks of this, leaving aside the names."""
        wanted = {f"{resource}/{subresource}", f"*/{subresource}"} if subresource else {resource}
        return (
            not self.verbs.isdisjoint((verb, "*"))
            and not self.groups.isdisjoint((group, "*"))
            and not self.resources.isdisjoint(wanted | {"*"})
        )


@dataclass(frozen=True, slots=True)
class Rights:
    """What holds in one namespace, and at cluster scope as far as the server says it there."""

    namespace: str
    rules: tuple[Rule, ...]
    incomplete: bool
    """Whether the server could not list all rules (an authorizer outside of it has a say too)."""

    def may(self, verb: str, group: str, resource: str, subresource: str = "", name: str = "") -> bool | None:
        """Whether something is allowed.

        Args:
            verb: such as ``delete``.
            group: API group, empty for the core group.
            resource: plural.
            subresource: such as ``log``.
            name: of the object; without it the question is about objects in general.

        Returns:
            None when it cannot be told: the rules are incomplete, or hold for some names only.
        """
        some = False
        for rule in self.rules:
            if rule.covers(verb, group, resource, subresource):
                if not rule.names or name in rule.names:
                    return True
                some = some or not name
        return None if some or self.incomplete else False


class Access:
    """Asks for rights and remembers the answers for a while."""

    def __init__(self, transport: Transport, monotonic: Callable[[], float]) -> None:
        self._transport = transport
        self._monotonic = monotonic
        self._kept: dict[str, tuple[float, Rights]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def rights(self, namespace: str) -> Rights:
        """The rights in a namespace, at most five minutes old.

        Raises:
            ExplorerError: the server did not say.
        """
        async with self._locks.setdefault(namespace, asyncio.Lock()):
            kept = self._kept.get(namespace)
            if kept is not None and self._monotonic() - kept[0] < GOOD_FOR:
                return kept[1]
            status = await self._review(_RULES, "SelfSubjectRulesReview", {"namespace": namespace})
            rights = Rights(
                namespace,
                tuple(_rule(rule) for rule in status.resource_rules or []),
                bool(status.incomplete),
            )
            self._kept[namespace] = (self._monotonic(), rights)
            return rights

    async def allowed(
        self, namespace: str, verb: str, group: str, resource: str, subresource: str = "", name: str = ""
    ) -> bool:
        """Ask about exactly one thing, for when ``Rights.may`` cannot tell.

        Raises:
            ExplorerError: the server did not say.
        """
        attributes = {
            "namespace": namespace,
            "verb": verb,
            "group": group,
            "resource": resource,
            "subresource": subresource,
            "name": name,
        }
        spec = {"resourceAttributes": {key: value for key, value in attributes.items() if value}}
        return bool((await self._review(_ACCESS, "SelfSubjectAccessReview", spec)).allowed)

    def forget(self) -> None:
        """Ask anew next time."""
        self._kept.clear()

    async def _review(self, path: str, kind: str, spec: object) -> _Status:
        body = msgspec.json.encode({"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec})
        answer = await self._transport.request("POST", path, body=body)
        try:
            status = _REVIEW.decode(answer.body).status
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise not_kubernetes(f"POST {path}", error) from None
        if status is None:
            raise not_kubernetes(f"POST {path}")
        return status


def _rule(rule: _Rule) -> Rule:
    return Rule(
        frozenset(rule.verbs or ()),
        frozenset(rule.api_groups or ()),
        frozenset(rule.resources or ()),
        frozenset(rule.resource_names or ()),
    )
