"""What the practice server refuses, as the ``Status`` objects of the Kubernetes API (meta/v1 Status)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject


class StatusError(Exception):
    """A refusal with the HTTP code, reason, message and details that a real API server gives.

    These are protocol answers, read by clients such as kubectl, and so in English only, as on any cluster.
    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: JsonObject | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        metadata: JsonObject | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.headers = dict(headers or {})
        self.metadata = metadata or {}

    def body(self) -> JsonObject:
        """The Status object."""
        body: JsonObject = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            body["reason"] = self.reason
        if self.details is not None:
            body["details"] = self.details
        body["code"] = self.code
        return body


def _about(kind: ResourceKind, name: str) -> JsonObject:
    details: JsonObject = {"name": name} if name else {}
    if kind.group:
        details["group"] = kind.group
    details["kind"] = kind.plural
    return details


def not_found(kind: ResourceKind, name: str) -> StatusError:
    """404: the kind is served, the object is not there."""
    return StatusError(404, "NotFound", f'{kind.name} "{name}" not found', _about(kind, name))


def no_such_path() -> StatusError:
    """404 for a path that names no resource at all."""
    return StatusError(404, "NotFound", "the server could not find the requested resource", {})


def already_exists(kind: ResourceKind, name: str) -> StatusError:
    """409: create of a name that is taken."""
    return StatusError(409, "AlreadyExists", f'{kind.name} "{name}" already exists', _about(kind, name))


def conflict(kind: ResourceKind, name: str, why: str = "") -> StatusError:
    """409: the object has changed since the writer read it, or is not the one it takes it for."""
    why = why or (
        "the object has been modified; please apply your changes to the latest version and try again"
    )
    message = f'Operation cannot be fulfilled on {kind.name} "{name}": {why}'
    return StatusError(409, "Conflict", message, _about(kind, name))


def bad_request(message: str) -> StatusError:
    """400: the request cannot be understood."""
    return StatusError(400, "BadRequest", message)


def expired(message: str, *, continue_token: str = "") -> StatusError:
    """410: a resourceVersion or a continue token from before what the server still remembers."""
    metadata: JsonObject = {"continue": continue_token} if continue_token else {}
    return StatusError(410, "Expired", message, metadata=metadata)


def invalid(
    group: str, kind: str, name: str, causes: Sequence[tuple[str, str, str]], *, plural: str = ""
) -> StatusError:
    """422: the object breaks a rule of its kind. Causes are (reason, field, message) triples."""
    details: JsonObject = {"name": name} if name else {}
    if group:
        details["group"] = group
    details["kind"] = kind
    details["causes"] = [
        {"reason": reason, "message": message, "field": field} for reason, field, message in causes
    ]
    text = ", ".join(f"{field}: {message}" for _, field, message in causes)
    if len(causes) > 1:
        text = f"[{text}]"
    qualified = f"{kind}.{group}" if group else kind
    return StatusError(422, "Invalid", f'{qualified} "{name}" is invalid: {text}', details)


def forbidden(
    user: str, verb: str, kind: ResourceKind, *, subresource: str = "", namespace: str = "", name: str = ""
) -> StatusError:
    """403 in the words of the RBAC authorizer."""
    resource = f"{kind.plural}/{subresource}" if subresource else kind.plural
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    named = f'{kind.name} "{name}"' if name else kind.name
    message = (
        f'{named} is forbidden: User "{user}" cannot {verb} resource "{resource}" '
        f'in API group "{kind.group}" {where}'
    )
    return StatusError(403, "Forbidden", message, _about(kind, name))


def forbidden_path(user: str, verb: str, path: str) -> StatusError:
    """403 for a URL that is no resource, such as ``/metrics``."""
    return StatusError(403, "Forbidden", f'forbidden: User "{user}" cannot {verb} path "{path}"', {})


def unauthorized() -> StatusError:
    """401: no token, or not the right one."""
    return StatusError(401, "Unauthorized", "Unauthorized")


def unsupported_media_type(accepted: Sequence[str], advice: str = "") -> StatusError:
    """415: a body that cannot be read."""
    message = (
        "the body of the request was in an unknown format - accepted media types include: "
        + ", ".join(accepted)
        + (f"; {advice}" if advice else "")
    )
    return StatusError(415, "UnsupportedMediaType", message)


def not_acceptable(offered: Sequence[str]) -> StatusError:
    """406: the client accepts none of the forms that the server has."""
    message = f"only the following media types are accepted: {', '.join(offered)}"
    return StatusError(406, "NotAcceptable", message)


def method_not_allowed(kind: ResourceKind | None = None, method: str = "") -> StatusError:
    """405: the resource has no such verb."""
    message = "the server does not allow this method on the requested resource"
    return StatusError(405, "MethodNotAllowed", message, {} if kind is None else _about(kind, ""))


def too_large_version(wanted: int, current: int) -> StatusError:
    """504: a resourceVersion from the future (after a restore, or of another server)."""
    details: dict[str, Any] = {
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }
    message = f"Timeout: Too large resource version: {wanted}, current: {current}"
    return StatusError(504, "Timeout", message, details, headers={"Retry-After": "1"})
