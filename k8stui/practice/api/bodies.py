"""Request bodies: JSON, YAML, and the protobuf messages that kubectl's typed clients send."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from k8stui.core.objects import JsonObject
from k8stui.practice import errors
from k8stui.practice.api import protobuf
from k8stui.practice.api.call import Call

JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
_YAML_ADVICE = "use kubectl apply -f, or --dry-run=client -o yaml | kubectl apply -f -"


async def read(call: Call) -> JsonObject:
    """The object in the body of a create or update.

    Raises:
        StatusError: 400 for a body that cannot be read, 415 for a media type that is not known.
    """
    body = await call.request.read()
    media = call.request.content_type
    if media == PROTOBUF or body.startswith(protobuf.MAGIC):
        return _protobuf(call, body)
    if "Content-Type" in call.request.headers and media not in (JSON, YAML):
        raise errors.unsupported_media_type((JSON, YAML))
    value = parse(body, yaml=media == YAML)
    if not isinstance(value, dict):
        raise _unrecognized(call, "couldn't get version/kind; the body is no object", body)
    return value


async def optional(call: Call) -> JsonObject:
    """The body of a delete: DeleteOptions, or nothing."""
    body = await call.request.read()
    if not body:
        return {}
    if body.startswith(protobuf.MAGIC):
        return _protobuf(call, body)
    value = parse(body, yaml=call.request.content_type == YAML)
    return value if isinstance(value, dict) else {}


def parse(body: bytes, *, yaml: bool) -> Any:
    """JSON, or YAML (of which JSON is a part).

    Raises:
        StatusError: 400 for anything else.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        if not yaml:
            shown = body[:32].decode("utf-8", "replace")
            raise errors.bad_request(
                f"couldn't get version/kind; json parse error: {error} ({shown} ...)"
            ) from None
    return _yaml(body)


def _yaml(body: bytes) -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """Plain YAML: no dates, which JSON does not have."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        return yaml.load(body, Loader)
    except (yaml.YAMLError, RecursionError) as error:
        where = re.sub(r"\s+", " ", str(error))
        raise errors.bad_request(f"error converting YAML to JSON: yaml: {where}") from None


def _protobuf(call: Call, body: bytes) -> JsonObject:
    try:
        return call.server.protobuf.decode(body)
    except ValueError as error:
        raise errors.bad_request(f"the protobuf body cannot be read: {error}") from None
    except protobuf.Unsupported as error:
        why = f"its protobuf has {error}, which is not known here: {_YAML_ADVICE}"
        raise errors.unsupported_media_type((JSON, YAML), why) from None


def _unrecognized(call: Call, why: str, body: bytes) -> errors.StatusError:
    kind = call.target.served.kind.kind
    shown = body[:32].decode("utf-8", "replace")
    message = f"the object provided is unrecognized (must be of type {kind}): {why} ({shown} ...)"
    return errors.bad_request(message)
