"""What goes wrong on purpose: rules that make the practice cluster refuse, dawdle or break off."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

import msgspec

from k8stui.core.kinds import ResourceKind


class Action(Enum):
    """What happens to a request that a fault meets."""

    FORBID = "forbid"
    """403 in the words of RBAC."""
    DELAY = "delay"
    """The answer starts ``seconds`` later."""
    HANG = "hang"
    """No answer at all, until the fault is removed."""
    CUT = "cut"
    """The connection breaks after ``events`` watch events or ``after_bytes`` bytes of the body."""
    EXPIRED = "expired"
    """410, as for a resourceVersion that is too old."""
    STATUS = "status"
    """A refusal with the HTTP ``code``; ``retry_after`` seconds go into its Retry-After header."""
    RUBBISH = "rubbish"
    """200 and the ``body``, which is no Kubernetes answer, as ``type``."""
    PLAIN = "plain"
    """Whole objects where a Table was asked for, as some aggregated servers do."""
    ERROR_EVENT = "error-event"
    """A watch that starts with 200 and then says ERROR with the ``code``."""


class Fault(msgspec.Struct, eq=False):
    """One rule: whom it meets, how often, and what it does. Empty conditions meet everything."""

    action: Action
    verbs: frozenset[str] = frozenset()
    """get, list, watch, create, update, patch, delete, deletecollection; of other paths the HTTP method."""
    path: str = ""
    """Regular expression that the URL path must contain."""
    resource: str = ""
    """Plural, ``plural.group`` or ``plural/subresource``."""
    namespace: str | None = None
    """A namespace; the empty text is a request at the cluster scope."""
    times: int | None = None
    """How many more requests it meets; None for all."""
    seconds: float = 0.0
    code: int = 500
    retry_after: int | None = None
    events: int | None = None
    after_bytes: int | None = None
    body: bytes = b""
    type: str = "text/html"
    hits: int = 0
    """How many requests it has met."""
    ended: asyncio.Event = msgspec.field(default_factory=asyncio.Event)

    def meets(self, verb: str, path: str, place: Place | None) -> bool:
        """Whether a request falls under the rule."""
        if self.times == 0 or (self.verbs and verb not in self.verbs):
            return False
        if self.path and re.search(self.path, path) is None:
            return False
        if self.resource and (place is None or self.resource not in place.names):
            return False
        return self.namespace is None or (place is not None and place.namespace == self.namespace)


class Place(msgspec.Struct, frozen=True):
    """The resource of a request, as faults and authorization speak of it."""

    kind: ResourceKind
    namespace: str
    name: str
    subresource: str

    @property
    def names(self) -> tuple[str, ...]:
        """What a rule may call the resource."""
        if self.subresource:
            return (f"{self.kind.plural}/{self.subresource}", f"{self.kind.name}/{self.subresource}")
        return (self.kind.plural, self.kind.name)


class Active(msgspec.Struct, frozen=True):
    """The faults that one request has met."""

    faults: tuple[Fault, ...] = ()

    def first(self, *actions: Action) -> Fault | None:
        """The first fault of some actions, if any."""
        return next((fault for fault in self.faults if fault.action in actions), None)


NONE = Active()
_HTML = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>"
_HALF_JSON = b'{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"metada'


class Faults:
    """The rules that hold now. Rules apply in the order in which they were added."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self.token_expired = False
        """While True every request is answered 401, as with a token whose time has run out."""

    @property
    def rules(self) -> tuple[Fault, ...]:
        """The rules that hold, in order."""
        return tuple(self._rules)

    def add(self, fault: Fault) -> Fault:
        """Let a rule hold from now on."""
        self._rules.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """End a rule; requests that hang on it go on."""
        if fault in self._rules:
            self._rules.remove(fault)
        fault.ended.set()

    def clear(self) -> None:
        """End every rule."""
        self.token_expired = False
        for fault in tuple(self._rules):
            self.remove(fault)

    def meet(self, verb: str, path: str, place: Place | None) -> Active:
        """The rules that a request falls under; counts it."""
        if not self._rules:
            return NONE
        met = tuple(fault for fault in self._rules if fault.meets(verb, path, place))
        for fault in met:
            fault.hits += 1
            if fault.times is not None:
                fault.times -= 1
        return Active(met) if met else NONE

    def forbid(self, resource: str = "", *verbs: str, **where: Any) -> Fault:
        """Answer 403 for a resource and verbs; ``where`` as the fields of Fault."""
        return self._rule(Action.FORBID, resource, verbs, where)

    def delay(self, seconds: float, resource: str = "", *verbs: str, **where: Any) -> Fault:
        """Answer some seconds later."""
        return self._rule(Action.DELAY, resource, verbs, {"seconds": seconds, **where})

    def hang(self, resource: str = "", *verbs: str, **where: Any) -> Fault:
        """Do not answer until the fault is removed."""
        return self._rule(Action.HANG, resource, verbs, where)

    def cut(
        self,
        resource: str = "",
        *verbs: str,
        events: int | None = None,
        after_bytes: int | None = None,
        **where: Any,
    ) -> Fault:
        """Break the connection after so many events of a watch, or bytes of a body."""
        return self._rule(
            Action.CUT, resource, verbs, {"events": events, "after_bytes": after_bytes, **where}
        )

    def expire(self, resource: str = "", *verbs: str, **where: Any) -> Fault:
        """Answer 410, as for a resourceVersion that is too old."""
        return self._rule(Action.EXPIRED, resource, verbs, where)

    def fail(self, code: int, resource: str = "", *verbs: str, **where: Any) -> Fault:
        """Answer with an HTTP code such as 429, 500 or 503; ``retry_after`` in seconds."""
        return self._rule(Action.STATUS, resource, verbs, {"code": code, **where})

    def rubbish(self, resource: str = "", *verbs: str, half_json: bool = False, **where: Any) -> Fault:
        """Answer 200 with a web page, or with JSON that stops in the middle."""
        body, media = (_HALF_JSON, "application/json") if half_json else (_HTML, "text/html")
        return self._rule(Action.RUBBISH, resource, verbs, {"body": body, "type": media, **where})

    def plain(self, resource: str = "", *verbs: str, **where: Any) -> Fault:
        """Answer whole objects where a Table was asked for."""
        return self._rule(Action.PLAIN, resource, verbs, where)

    def error_event(self, code: int, resource: str = "", **where: Any) -> Fault:
        """Let watches start and then say ERROR."""
        return self._rule(Action.ERROR_EVENT, resource, ("watch",), {"code": code, **where})

    def load(self, rules: Iterable[Mapping[str, Any]]) -> None:
        """Add rules as a file has them: the fields of Fault, ``action`` by its value, ``verbs`` as a list.

        Raises:
            ValueError: a rule with an unknown action or field.
        """
        for rule in rules:
            values = dict(rule)
            action = Action(values.pop("action", None))
            verbs = frozenset(values.pop("verbs", ()))
            if isinstance(values.get("body"), str):
                values["body"] = values["body"].encode()
            try:
                self.add(Fault(action, verbs, **values))
            except TypeError as error:
                raise ValueError(str(error)) from error

    def _rule(
        self, action: Action, resource: str, verbs: tuple[str, ...], values: Mapping[str, Any]
    ) -> Fault:
        return self.add(Fault(action, frozenset(verbs), resource=resource, **values))
