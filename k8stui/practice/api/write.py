"""Creating and changing objects: what a request says, checked, completed, and stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice import errors
from k8stui.practice.admission import Admission
from k8stui.practice.api import (
    allocation,
    authors,
    bodies,
    certificates,
    convert,
    defaults,
    encode,
    managers,
    read,
    removal,
    validation,
)
from k8stui.practice.api.call import Call
from k8stui.practice.api.decoding import Decoder
from k8stui.practice.api.managers import Writer
from k8stui.practice.api.validation import custom, expressions, updates
from k8stui.practice.authority import escalation
from k8stui.practice.kinds import builtin
from k8stui.practice.registry import Served
from k8stui.practice.store import Entry, has_generation

_SERVER_SET = (
    *("uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp"),
    *("deletionGracePeriodSeconds", "selfLink"),
)
_KEPT = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds")
_WITH_STATUS = frozenset(("nodes", "customresourcedefinitions"))
"""Kinds whose status may come with a new object: a kubelet registers its node whole."""
_PROTECTED: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("", "persistentvolumeclaims"): "kubernetes.io/pvc-protection",
        ("", "persistentvolumes"): "kubernetes.io/pv-protection",
    }
)
"""What keeps storage that is in use from being deleted; controllers take it away."""
_VALIDATIONS = ("Ignore", "Strict", "Warn")
_OF_STATUS = ("status", "approval")
"""Subresources through which only the status is written."""
_NAMESPACES = builtin("namespaces")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")


async def create(call: Call) -> tuple[int, bytes]:
    """POST of a new object: 201 and the object as stored."""
    if call.target.name:
        raise errors.method_not_allowed()
    obj = await _body(call)
    return 201, shown(call, new_object(call, obj, manager(call)))


async def _body(call: Call) -> JsonObject:
    """The object in the body, checked, in the version in which it will be kept."""
    obj = await bodies.read(call)
    served = call.answered or call.target.served
    return convert.kept(served.kind, await decoded(call, served, obj))


def new_object(call: Call, obj: JsonObject, writer: Writer | None) -> JsonObject:
    """Complete, check and store a new object; ``writer`` None leaves managedFields alone."""
    served = call.target.served
    kind = served.kind
    given = obj.get("metadata")
    if (given or {}).get("resourceVersion"):
        why = "resourceVersion should not be set on objects to be created"
        raise errors.StatusError(500, "", why)
    metadata: JsonObject = {k: v for k, v in (given or {}).items() if k not in _SERVER_SET and v is not None}
    if writer is not None:
        metadata.pop("managedFields", None)
    _place(call, metadata)
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"] + call.server.store.suffix()
    if not metadata.get("name"):
        why = "Required value: name or generateName is required"
        raise errors.invalid(kind.group, kind.kind, "", [("FieldValueRequired", "metadata.name", why)])
    new: JsonObject = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": metadata}
    new |= {key: encode.copied(value) for key, value in obj.items() if key not in new}
    if "status" in kind.subresources and kind.plural not in _WITH_STATUS:
        new.pop("status", None)
    if certificates.is_request(kind):
        certificates.stamp_requester(new, call.user)
    new = complete(call, new)
    if writer is not None:
        new = managers.write(new, [authors.creator(new, obj, writer)])
    _check_allocation(call, new, None)
    new = _admission(call).create(kind, new, call.warnings)
    if call.server.graceful and (keeper := _PROTECTED.get((kind.group, kind.plural))):
        others = [each for each in new["metadata"].get("finalizers") or () if each != keeper]
        new["metadata"]["finalizers"] = [*others, keeper]
    if call.server.store.entry(kind, metadata.get("namespace", ""), metadata["name"]) is not None:
        raise _taken(call, metadata)
    escalation.check(call.server.gate, call.user, kind, new)
    if call.dry_run:
        stamps = {"uid": call.server.store.new_uid(), "creationTimestamp": call.server.store.now()}
        if has_generation(kind):
            stamps["generation"] = 1  # type: ignore[assignment]
        return {**new, "metadata": {**new["metadata"], **stamps}}
    return call.server.store.create(kind, new)


def _taken(call: Call, metadata: JsonObject) -> errors.StatusError:
    """409 for a name that another object has, be it on its way out."""
    error = errors.already_exists((call.answered or call.target.served).kind, metadata["name"])
    entry = call.server.store.entry(call.target.served.kind, metadata.get("namespace", ""), metadata["name"])
    if entry is None or not entry.object["metadata"].get("deletionTimestamp"):
        return error
    message = f"object is being deleted: {error.message}"
    return errors.StatusError(error.code, error.reason, message, error.details)


def _admission(call: Call) -> Admission:
    server = call.server
    return Admission(server.store, server.clock, server.store.suffix, controlled=server.graceful)


def _place(call: Call, metadata: JsonObject) -> None:
    """Put the namespace of the path into metadata, and see that it is one that takes new objects."""
    kind = call.target.served.kind
    if not kind.namespaced:
        metadata.pop("namespace", None)
        return
    namespace = call.target.namespace
    if metadata.get("namespace", namespace) != namespace:
        why = "the namespace of the provided object does not match the namespace sent on the request"
        raise errors.bad_request(why)
    metadata["namespace"] = namespace
    found = call.server.store.find(_NAMESPACES, "", namespace)
    if found is None:
        raise errors.not_found(_NAMESPACES, namespace)
    if found["metadata"].get("deletionTimestamp"):
        name = str(metadata.get("name") or metadata.get("generateName") or "")
        message = (
            f'{kind.name} "{name}" is forbidden: unable to create new content in namespace {namespace} '
            "because it is being terminated"
        )
        cause = {
            "reason": "NamespaceTerminating",
            "message": f"namespace {namespace} is being terminated",
            "field": "metadata.namespace",
        }
        grouped = {"group": kind.group} if kind.group else {}
        details = {"name": name, **grouped, "kind": kind.plural, "causes": [cause]}
        raise errors.StatusError(403, "Forbidden", message, details)


def complete(
    call: Call, new: JsonObject, old: JsonObject | None = None, *, filled: bool = False
) -> JsonObject:
    """Fill in defaults and refuse what breaks a rule of the kind. The object must be the caller's own.

    Args:
        call: The request.
        new: What is to be stored.
        old: What is stored already, of an update.
        filled: Whether all defaults are there; then nothing is changed, and the object may share parts.
    """
    served = call.target.served
    kind = served.kind
    found: list[validation.Cause] = []
    if served.custom is not None:
        schema = served.custom.schema
        identity = {key: new[key] for key in ("kind", "apiVersion", "metadata")}
        new = {**custom.prune(schema, new), **identity}
        defaults.custom(schema, new)
        found = custom.check(schema, new).causes or list(expressions.verdicts(schema, new, old, ""))
    elif not filled:
        defaults.fill(kind, new, call.server.store)
    if call.target.subresource != "status":
        found = [*validation.causes(kind, new), *found]
        if old is not None and not call.target.subresource:
            found += updates.changes(old, new)
    if found:
        raise errors.invalid(kind.group, kind.kind, new["metadata"].get("name", ""), found)
    return new


async def update(call: Call) -> tuple[int, bytes]:
    """PUT of a whole object: 200 and the object as stored."""
    obj = await _body(call)
    name = dig(obj, "metadata", "name")
    if name != call.target.name:
        why = f"the name of the object ({name or ''}) does not match the name on the URL ({call.target.name})"
        raise errors.bad_request(why)
    return 200, shown(call, replace(call, authors.whole(read.entry_of(call)), obj, manager(call)))


def replace(call: Call, old: JsonObject, obj: JsonObject, writer: Writer | None) -> JsonObject:
    """Complete, check and store the new version of an object.

    A version that has been deleted and waited only for its finalizers goes when the last of them does.
    """
    kind = call.target.served.kind
    before: JsonObject = old["metadata"]
    given: JsonObject = obj.get("metadata") or {}
    _check_identity(call, before, given)
    metadata = {key: value for key, value in given.items() if key not in _SERVER_SET and value is not None}
    metadata |= {key: before[key] for key in _KEPT if key in before}
    metadata["name"] = before["name"]
    if "namespace" in before:
        metadata["namespace"] = before["namespace"]
    if "managedFields" not in metadata and "managedFields" in before:
        metadata["managedFields"] = before["managedFields"]
    new: JsonObject = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": metadata}
    filled = _only_status(call, obj)
    if call.target.subresource in _OF_STATUS:
        _keep_but_status(kind, old, new, obj.get("status"), shared=filled)
    else:
        new |= {key: encode.copied(value) for key, value in obj.items() if key not in new}
        _keep_status(kind, old, new)
    if (kind.group, kind.plural) == ("", "services"):
        allocation.carried(old, new)
    if call.target.subresource == "approval":
        certificates.date_conditions(new, old, call.server.store.now())
    new = complete(call, new, old, filled=filled)
    _check_allocation(call, new, old)
    escalation.check(call.server.gate, call.user, kind, new)
    if call.target.subresource != "status":
        _admission(call).update(kind, old, new, call.warnings)
    if writer is not None:
        new = managers.updated(old, new, writer)
    return _store(call, old, new)


def _check_allocation(call: Call, new: JsonObject, old: JsonObject | None) -> None:
    """See that a Service can have the address and ports that it asks for."""
    kind = call.target.served.kind
    if (kind.group, kind.plural) != ("", "services") or call.target.subresource:
        return
    if found := allocation.causes(call.server.store, new, old):
        raise errors.invalid("", kind.kind, new["metadata"]["name"], found)


def _only_status(call: Call, obj: JsonObject) -> bool:
    """Whether a write brings nothing that has defaults: the rest of the object got them when it was made."""
    served = call.target.served
    if served.custom is not None or call.target.subresource != "status":
        return False
    return obj.get("status") is not None and not defaults.in_status(served.kind)


def _keep_but_status(
    kind: ResourceKind, old: JsonObject, new: JsonObject, status: JsonObject | None, *, shared: bool
) -> None:
    """Through ``status`` and ``approval`` only the status is written; ``shared``: nobody changes the rest."""
    kept = {"finalizers", "ownerReferences"}
    if kind.group:
        kept |= {"labels", "annotations"}
    metadata = {key: value for key, value in new["metadata"].items() if key not in kept}
    new["metadata"] = metadata | {key: value for key, value in old["metadata"].items() if key in kept}
    for key, value in old.items():
        if key not in new and (key != "status" or status is None):
            new[key] = value if shared else encode.copied(value)
    if status is not None:
        new["status"] = status if shared else encode.copied(status)


def _keep_status(kind: ResourceKind, old: JsonObject, new: JsonObject) -> None:
    """Through the object itself everything but the status is written."""
    if "status" in kind.subresources:
        new.pop("status", None)
        if "status" in old:
            new["status"] = old["status"]


def _check_identity(call: Call, before: JsonObject, given: JsonObject) -> None:
    kind = call.target.served.kind
    if given.get("resourceVersion") and given["resourceVersion"] != before["resourceVersion"]:
        raise errors.conflict(kind, before["name"])
    if given.get("uid") and given["uid"] != before["uid"]:
        why = f"Precondition failed: UID in precondition: {given['uid']}, UID in object meta: {before['uid']}"
        raise errors.conflict(kind, before["name"], why)
    if given.get("namespace", before.get("namespace")) != before.get("namespace"):
        why = "the namespace of the provided object does not match the namespace sent on the request"
        raise errors.bad_request(why)


def _store(call: Call, old: JsonObject, new: JsonObject) -> JsonObject:
    kind, store = call.target.served.kind, call.server.store
    if call.dry_run:
        metadata = {**new["metadata"], "resourceVersion": old["metadata"]["resourceVersion"]}
        return {**new, "metadata": metadata}
    metadata = {**new["metadata"], "resourceVersion": old["metadata"]["resourceVersion"]}
    if {**new, "metadata": metadata} == old:
        return old
    del metadata["resourceVersion"]
    stored = store.update(kind, {**new, "metadata": metadata})
    if stored["metadata"].get("deletionTimestamp") and not removal.waiting(kind, stored):
        return store.delete(kind, metadata.get("namespace", ""), metadata["name"])
    return stored


def manager(call: Call) -> Writer:
    """Who writes: the query's fieldManager, or else the name of the client program."""
    name = call.text("fieldManager") or call.request.headers.get("User-Agent", "").partition("/")[0]
    return Writer(
        name[:128] or "unknown",
        call.target.served.kind,
        call.server.store.now(),
        call.target.subresource,
    )


def check_type(served: Served, obj: JsonObject) -> None:
    """Refuse an object of another kind or version than the path's."""
    kind = served.kind
    given_kind, given_version = obj.get("kind"), obj.get("apiVersion")
    if given_kind is None and given_version is None and served.custom is None:
        return
    if served.custom is None:
        given_kind, given_version = given_kind or kind.kind, given_version or kind.api_version
    if not given_kind or not given_version:
        missing = "Kind" if not given_kind else "apiVersion"
        raise errors.bad_request(f"Object '{missing}' is missing in the body")
    if given_kind != kind.kind or given_version != kind.api_version:
        version = str(given_version).rpartition("/")[2]
        why = f'{given_kind} in version "{version}" cannot be handled as a {kind.kind}'
        if given_kind == kind.kind and given_version != kind.api_version:
            reason = f'no kind "{given_kind}" is registered for version "{given_version}"'
        else:
            package = kind.group.partition(".")[0] or "core"
            reason = f"converting ({version}.{given_kind}) to ({package}.{kind.kind}): unknown conversion"
        raise errors.bad_request(f"{why}: {reason}")


async def decoded(call: Call, served: Served, obj: JsonObject, known: JsonObject | None = None) -> JsonObject:
    """A copy of the object in the types of its kind; what it shares with a ``known`` one fits already.

    Unknown fields are left out, silently, with a warning or with a refusal, as ``fieldValidation`` in the
    query says (Ignore, Warn, Strict). Nulls become nothing.

    Raises:
        StatusError: 400 for values of a wrong type, or unknown fields under Strict.
    """
    kind = served.kind
    check_type(served, obj)
    unknown: list[str] = []
    decoder = Decoder(call.server.openapi.schemas)
    root = await call.server.openapi.root(kind if served.custom is None else "V1ObjectMeta")
    assert root is not None
    if served.custom is None:
        new, mistakes = decoder.decode(root, obj, known)
    else:
        unknown += custom.check(served.custom.schema, obj).unknown
        metadata, mistakes = decoder.decode(root, obj.get("metadata") or {})
        new = {**obj, "metadata": metadata}
    why = f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}'
    if mistakes.mistyped:
        raise errors.bad_request(f"{why}: {mistakes.mistyped[0]}")
    if kind.plural in ("secrets", "configmaps") and served.custom is None:
        data = new.get("data" if kind.plural == "secrets" else "binaryData")
        if (byte := _not_base64(data)) is not None:
            raise errors.bad_request(f"{why}: illegal base64 data at input byte {byte}")
    said = [f'unknown field "{path}"' for path in (*mistakes.unknown, *unknown)]
    wanted = call.text("fieldValidation") or "Warn"
    if wanted not in _VALIDATIONS:
        choices = ", ".join(f'"{value}"' for value in ("", *_VALIDATIONS))
        why = f'Unsupported value: "{wanted}": supported values: {choices}'
        raise call.wrong_option("fieldValidation", why)
    if said and wanted == "Strict":
        raise errors.bad_request(f"{why}: strict decoding error: {', '.join(said)}")
    if wanted == "Warn":
        call.warnings += said
    return new


def _not_base64(data: object) -> int | None:
    """Where the first value that is no base64 goes wrong; None when all are."""
    for value in data.values() if isinstance(data, dict) else ():
        if not isinstance(value, str):
            continue
        letters = value.replace("\n", "").replace("\r", "")
        good = _BASE64.match(letters)
        end = 0 if good is None else good.end()
        if end != len(letters) or len(letters) % 4:
            return end
    return None


def shown(call: Call, obj: JsonObject) -> bytes:
    """The object as the client wants to see it."""
    metadata = obj["metadata"]
    entry = Entry(metadata.get("namespace", ""), metadata["name"], 0, obj)
    served = call.answered or call.target.served
    return encode.single(served, read.object_form(call), entry, call.server.clock())
