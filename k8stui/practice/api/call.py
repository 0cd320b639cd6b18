"""One request: what it asks of which resource, and the parts of the server that can answer it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import unquote

from aiohttp import web

from k8stui.practice import errors
from k8stui.practice.api.discovery import Discovery
from k8stui.practice.api.openapi import OpenApi
from k8stui.practice.api.protobuf import Protobuf
from k8stui.practice.authority.gate import Gate
from k8stui.practice.authority.users import User
from k8stui.practice.faults import Active, Faults
from k8stui.practice.inside.insides import Insides
from k8stui.practice.registry import Registry, Served
from k8stui.practice.store import Store

_OPTIONS: Mapping[str, str] = MappingProxyType(
    {"create": "CreateOptions", "update": "UpdateOptions", "patch": "PatchOptions"}
)


@dataclass(frozen=True, slots=True)
class Server:
    """What every request may use."""

    store: Store
    registry: Registry
    discovery: Discovery
    openapi: OpenApi
    faults: Faults
    insides: Insides
    clock: Callable[[], float]
    """Seconds since the epoch."""
    gate: Gate
    exposed: bool
    """Whether it listens beyond loopback, so that clients call it by an address of this machine."""
    graceful: bool
    """Whether controllers run that end what is being deleted; without them everything goes at once."""
    bookmark_seconds: float
    """How often a watch that allows it gets a bookmark."""
    protobuf: Protobuf = field(default_factory=Protobuf)
    tasks: set[asyncio.Task[object]] = field(default_factory=set)
    """Requests that stream, to be ended with the server."""

    def close(self) -> None:
        """End every request that still streams."""
        for task in tuple(self.tasks):
            task.cancel()


@dataclass(frozen=True, slots=True)
class Target:
    """The resource that a path names; ``name`` and ``subresource`` are empty for a collection."""

    served: Served
    namespace: str
    name: str
    subresource: str


@dataclass(slots=True)
class Call:
    """A request under way."""

    server: Server
    request: web.BaseRequest
    verb: str
    target: Target
    active: Active
    user: User
    warnings: list[str] = field(default_factory=list)
    answered: Served | None = None
    """The kind that was asked for, where ``target`` has the one in which its objects are kept instead."""
    deleted_uid: str = ""
    """The uid of the object that a delete has met."""

    def text(self, parameter: str) -> str:
        """A query parameter, empty when it is not there."""
        return self.request.query.get(parameter, "")

    def flag(self, parameter: str) -> bool:
        """A boolean query parameter."""
        return truthy(self.text(parameter))

    def integer(self, parameter: str) -> int | None:
        """A whole number in the query.

        Raises:
            StatusError: 400 when it is none.
        """
        value = self.text(parameter)
        if not value:
            return None
        try:
            return int(value)
        except ValueError:
            raise errors.bad_request(f'strconv.ParseInt: parsing "{value}": invalid syntax') from None

    @property
    def dry_run(self) -> bool:
        """Whether nothing may be stored.

        Raises:
            StatusError: 422 for any other value than All.
        """
        wanted = [value for value in self.request.query.getall("dryRun", []) if value]
        if any(value != "All" for value in wanted):
            listed = ",".join(f'"{value}"' for value in wanted)
            raise self.wrong_option("dryRun", f'Unsupported value: [{listed}]: supported values: "All"')
        return bool(wanted)

    def wrong_option(
        self, option: str, why: str, reason: str = "FieldValueNotSupported"
    ) -> errors.StatusError:
        """422 for a query parameter of a write."""
        return errors.invalid(
            "meta.k8s.io", _OPTIONS.get(self.verb, "DeleteOptions"), "", [(reason, option, why)]
        )

    @property
    def accept(self) -> str:
        """The Accept header."""
        return self.request.headers.get("Accept", "")


def truthy(value: str) -> bool:
    """A boolean as Go's strconv.ParseBool reads it; anything else is false."""
    return value in ("1", "t", "T", "true", "TRUE", "True")


def find_target(registry: Registry, path: str) -> Target | None:
    """The resource that a path names; None when there is none."""
    parts = [unquote(part) for part in path.split("/")[1:]]
    if parts[0] == "api":
        group, version, rest = "", parts[1] if len(parts) > 1 else "", parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = ""
    if len(rest) > 2 and rest[0] == "namespaces" and not (group == "" and rest[2] in ("status", "finalize")):
        namespace, rest = rest[1], rest[2:]
    if rest[2:3] == ["proxy"]:
        rest = rest[:3]
    if not rest or len(rest) > 3 or not all(rest):
        return None
    served = registry.find(group, version, rest[0])
    name = rest[1] if len(rest) > 1 else ""
    subresource = rest[2] if len(rest) > 2 else ""
    if served is None or (namespace and not served.kind.namespaced):
        return None
    if subresource and subresource not in served.kind.subresources:
        return None
    if name and served.kind.namespaced and not namespace:
        return None
    return Target(served, namespace, name, subresource)


def verb_of(method: str, target: Target, *, watch: bool) -> str:
    """The authorizer's verb for a method, such as list or deletecollection; empty for an odd method."""
    match method:
        case "GET" | "HEAD":
            if target.name:
                return "get"  # a watch of one object is asked for with a field selector
            return "watch" if watch else "list"
        case "POST":
            return "create"
        case "PUT":
            return "update"
        case "PATCH":
            return "patch"
        case "DELETE":
            return "delete" if target.name else "deletecollection"
        case _:
            return ""
