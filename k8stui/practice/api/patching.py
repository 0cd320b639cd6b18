"""PATCH: the four kinds of patch that the API has, server-side apply among them."""

from __future__ import annotations

import json
from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice import errors
from k8stui.practice.api import authors, bodies, convert, encode, managers, patch, read, write
from k8stui.practice.api.call import Call
from k8stui.practice.api.decoding import json_type
from k8stui.practice.api.managers import Writer
from k8stui.practice.authority.attributes import Attributes

_JSON_PATCH = "application/json-patch+json"
_MERGE_PATCH = "application/merge-patch+json"
_STRATEGIC = "application/strategic-merge-patch+json"
_APPLY = "application/apply-patch+yaml"
_OTHER_NAME = "the name of the object ({}) does not match the name on the URL ({})"


async def patched(call: Call) -> tuple[int, bytes]:
    """PATCH of any of the four kinds."""
    media = call.request.content_type
    body = await call.request.read()
    if media == _APPLY:
        return await _applied(call, body)
    served = call.target.served
    if media not in (_JSON_PATCH, _MERGE_PATCH, _STRATEGIC) or (media == _STRATEGIC and served.custom):
        raise errors.StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    if call.flag("force"):
        why = "Forbidden: may not be specified for non-apply patch"
        raise call.wrong_option("force", why, "FieldValueForbidden")
    text = bodies.parse(body, yaml=False)
    _check_form(media, text)
    entry = None
    while (current := read.entry_of(call)) is not entry:
        entry, old = current, authors.whole(current)
        new = await _changed(call, media, old, text)
    return 200, write.shown(call, write.replace(call, old, new, write.manager(call)))


async def _changed(call: Call, media: str, old: JsonObject, text: Any) -> JsonObject:
    """The object after a patch, checked, in the version in which it will be kept."""
    served = call.answered or call.target.served
    view = convert.view(served.kind, old)
    new = change(served.kind, media, view, text)
    try:
        return convert.kept(served.kind, await write.decoded(call, served, new, view))
    except errors.StatusError as error:
        if error.code != 400 or served.custom is not None:
            raise
        # A server names the patched object, and then what is wrong with it.
        reason = error.message.partition(f"cannot be handled as a {served.kind.kind}: ")[2] or error.message
        shown = json.dumps(encode.encode(new).decode(), ensure_ascii=False)
        cause = ("FieldValueInvalid", "patch", f"Invalid value: {shown}: {reason}")
        raise errors.invalid("", "", "", [cause]) from None


def change(kind: ResourceKind, media: str, old: JsonObject, text: Any) -> JsonObject:
    """The object after a patch.

    Raises:
        StatusError: 400 and 422 for patches that do not fit the object.
    """
    try:
        if media == _JSON_PATCH:
            new = patch.json_patch(old, text)
        elif media == _MERGE_PATCH:
            new = patch.merge_patch(old, text)
        else:
            new = patch.strategic_patch(old, text, kind.kind)
    except patch.MalformedPatch as error:
        raise errors.StatusError(500, "", str(error)) from None
    except patch.PatchError:
        why = "the server rejected our request due to an error in our request"
        raise errors.StatusError(422, "Invalid", why, {}) from None
    if not isinstance(new, dict) or not isinstance(new.get("metadata"), dict):
        raise errors.bad_request("the patch leaves no object")
    given, name = str(new["metadata"].get("name") or ""), old["metadata"]["name"]
    if given != name:
        raise errors.bad_request(_OTHER_NAME.format(given, name))
    return new


def _check_form(media: str, text: Any) -> None:
    """A list of operations for a JSON patch, an object for the others."""
    wanted, go_type = (
        (list, "[]handlers.jsonPatchOp") if media == _JSON_PATCH else (dict, "map[string]interface {}")
    )
    if not isinstance(text, wanted):
        actual = {"integer": "number", "boolean": "bool"}.get(found := json_type(text), found)
        why = f"error decoding patch: json: cannot unmarshal {actual} into Go value of type {go_type}"
        raise errors.bad_request(why)


def _untyped(call: Call, config: JsonObject, warning: str) -> errors.StatusError:
    """Server-side apply needs to know every field."""
    path = warning.partition('"')[2].rstrip('"')
    where = f"{dig(config, 'metadata', 'namespace') or ''}/{call.target.name}"
    what = f"{config['apiVersion']}, Kind={config['kind']}"
    why = f"failed to create typed patch object ({where}; {what}): .{path}: field not declared in schema"
    return errors.StatusError(500, "", why)


async def _applied(call: Call, body: bytes) -> tuple[int, bytes]:
    """Server-side apply: 200, or 201 when the object is new."""
    config = bodies.parse(body, yaml=True)
    if not isinstance(config, dict):
        raise errors.bad_request("error decoding YAML: the body is no object")
    name = call.text("fieldManager")
    if not name:
        why = "Required value: is required for apply patch"
        raise errors.invalid("meta.k8s.io", "PatchOptions", "", [("FieldValueRequired", "fieldManager", why)])
    served = call.answered or call.target.served
    if not config.get("kind") or not config.get("apiVersion"):
        group, _, version = str(config.get("apiVersion") or "").rpartition("/")
        raise errors.bad_request(f"invalid object type: {group}/{version}, Kind={config.get('kind') or ''}")
    said = len(call.warnings)
    config = await write.decoded(call, served, config)
    if served.custom is None and len(call.warnings) > said:
        raise _untyped(call, config, call.warnings[said])
    if dig(config, "metadata", "managedFields"):
        raise errors.bad_request("metadata.managedFields must be nil")
    if dig(config, "metadata", "name") not in (None, call.target.name):
        raise errors.bad_request(_OTHER_NAME.format(config["metadata"]["name"], call.target.name))
    config = convert.kept(served.kind, config)
    kind = call.target.served.kind
    metadata = {**(config.get("metadata") or {}), "name": call.target.name}
    wanted_version = metadata.pop("resourceVersion", None)
    config = {**config, "metadata": metadata}
    writer = Writer(name, kind, call.server.store.now(), call.target.subresource)
    entry = call.server.store.entry(kind, call.target.namespace, call.target.name)
    if entry is None:
        if wanted_version or call.target.subresource:
            raise errors.not_found(kind, call.target.name)
        wanted = Attributes("create", kind.group, kind.plural, "", call.target.namespace, call.target.name)
        call.server.gate.check(call.user, wanted)
        made = managers.applied(None, config, writer, force=True)
        return 201, write.shown(call, write.new_object(call, made, None))
    if wanted_version and wanted_version != entry.object["metadata"]["resourceVersion"]:
        raise errors.conflict(kind, call.target.name)
    old = authors.whole(entry)
    new = managers.applied(old, config, writer, force=call.flag("force"))
    return 200, write.shown(call, write.replace(call, old, new, None))
