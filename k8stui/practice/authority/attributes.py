"""What a request wants, as an authorizer looks at it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from k8stui.practice.errors import StatusError

_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch"}
_OWN_PARTS = frozenset(("status", "finalize"))


@dataclass(frozen=True, slots=True)
class Attributes:
    """A verb on a resource, or on a path that is none (then ``resource`` is empty)."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def below(self) -> str:
        """The resource as rules name it, such as ``pods/log``."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    def refusal(self, user: str, why: str = "") -> StatusError:
        """403 in the words of an API server; ``why`` is what kept rules from being found."""
        tail = f": {why}" if why else ""
        if not self.resource:
            message = f'forbidden: User "{user}" cannot {self.verb} path "{self.path}"{tail}'
            return StatusError(403, "Forbidden", message, {})
        kind = f"{self.resource}.{self.group}" if self.group else self.resource
        named = f'{kind} "{self.name}"' if self.name else kind
        where = f'in the namespace "{self.namespace}"' if self.namespace else "at the cluster scope"
        message = (
            f'{named} is forbidden: User "{user}" cannot {self.verb} resource "{self.below}" '
            f'in API group "{self.group}" {where}{tail}'
        )
        details = {"name": self.name, "group": self.group, "kind": self.resource}
        return StatusError(403, "Forbidden", message, {key: text for key, text in details.items() if text})


def of_request(method: str, path: str, *, watch: bool, selected: str) -> Attributes:
    """Read a request as every API server does, whether or not it has such a resource.

    Args:
        method: GET and so on.
        path: The URL path, still quoted.
        watch: Whether the query asks for a watch.
        selected: The name that a field selector on ``metadata.name`` picks, or nothing.
    """
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) > 2:
        group, rest = "", parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, rest = parts[1], parts[3:]
    else:
        return Attributes(method.lower(), path=path)
    verb = _VERBS.get(method, "delete" if method == "DELETE" else "")
    if rest[0] == "watch" and len(rest) > 1:
        verb, rest = "watch", rest[1:]
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
        if len(rest) > 2 and rest[2] not in _OWN_PARTS:
            rest = rest[2:]
    resource, name, subresource = (*rest, "", "")[:3]
    if not name:
        verb = {"get": "list", "delete": "deletecollection"}.get(verb, verb)
    if verb in ("get", "list") and watch:
        verb = "watch"
    if not name and verb in ("list", "watch", "deletecollection"):
        name = selected
    return Attributes(verb, group, resource, subresource, namespace, name)


def selected_name(selector: str) -> str:
    """The name that a field selector asks for; empty when it does not pick one object by its name."""
    for term in selector.split(","):
        key, _, value = term.replace("==", "=").partition("=")
        if key.strip() == "metadata.name":
            return value.strip()
    return ""


def listed(values: Iterable[str]) -> str:
    """Texts as Go prints a slice of them."""
    return "[" + " ".join(f'"{value}"' for value in values) + "]"
