"""Lists: whole, in pages, at a resourceVersion, of selected objects, in every form."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice import errors
from k8stui.practice.api import encode, selectors
from k8stui.practice.api.call import Call
from k8stui.practice.api.negotiate import Form
from k8stui.practice.api.selectors import Selector
from k8stui.practice.registry import Served
from k8stui.practice.store import Entry, Key, Store, sort_key

_SLICE = 250


@dataclass(frozen=True, slots=True)
class Page:
    """The entries of one answer, and what its metadata says."""

    entries: Sequence[Entry]
    revision: int | None
    """None for objects that are made when they are asked for."""
    token: str = ""
    remaining: int | None = None

    def metadata(self) -> JsonObject:
        """The ListMeta of the answer."""
        metadata: JsonObject = {} if self.revision is None else {"resourceVersion": str(self.revision)}
        if self.token:
            metadata["continue"] = self.token
            if self.remaining is not None:
                metadata["remainingItemCount"] = self.remaining
        return metadata


def selector_of(call: Call) -> Selector:
    """The selectors of a request."""
    served = call.target.served
    selectable = served.custom.selectable if served.custom else ()
    return selectors.parse(served.kind, call.text("labelSelector"), call.text("fieldSelector"), selectable)


def page(call: Call) -> Page:
    """The objects that a list request asks for.

    Raises:
        StatusError: 400, 422 for parameters that do not fit, 410 for the forgotten, 504 for the future.
    """
    if call.text("sendInitialEvents"):
        why = "Forbidden: sendInitialEvents is forbidden for list"
        raise _invalid_option("sendInitialEvents", "FieldValueForbidden", why)
    selector = selector_of(call)
    source = call.target.served.source
    if source is not None:
        made = source.list(call.target.namespace or None)
        return Page([entry for entry in made if selector.matches(entry.object)], None)
    limit = call.integer("limit") or 0
    match = call.text("resourceVersionMatch")
    token = call.text("continue")
    version = call.text("resourceVersion")
    store = call.server.store
    check_match(match, version, token)
    if token:
        if version and version != "0":
            raise errors.bad_request("specifying resource version is not allowed when using continue")
        revision, after = read_token(token)
    else:
        revision, after = _revision(store, version, match, limit), None
        if version == "0":
            limit = 0
    entries = _entries(call, selector, revision, after)
    at = store.revision if revision is None else revision
    if limit <= 0:
        return Page(list(entries), at)
    chosen = list(islice(entries, limit + 1))
    if len(chosen) <= limit:
        return Page(chosen, at)
    remaining = None
    if selector.empty and after is None and revision in (None, store.revision):
        remaining = store.count(call.target.served.kind, call.target.namespace or None) - limit
    elif selector.empty:
        remaining = 1 + sum(1 for _ in entries)
    last = chosen[limit - 1]
    return Page(chosen[:limit], at, write_token(at, last.key), remaining)


def check_match(match: str, version: str, token: str = "") -> None:
    """Refuse a resourceVersionMatch that does not fit the rest of the request."""
    if match and match not in ("Exact", "NotOlderThan"):
        why = f'Unsupported value: "{match}": supported values: "Exact", "NotOlderThan", ""'
        raise _invalid_option("resourceVersionMatch", "FieldValueNotSupported", why)
    if match and token:
        why = "Forbidden: resourceVersionMatch is forbidden when continue is provided"
        raise _invalid_option("resourceVersionMatch", "FieldValueForbidden", why)
    if match and not version:
        why = "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
        raise _invalid_option("resourceVersionMatch", "FieldValueForbidden", why)
    if match == "Exact" and version == "0":
        why = 'Forbidden: resourceVersionMatch "Exact" is forbidden for resourceVersion "0"'
        raise _invalid_option("resourceVersionMatch", "FieldValueForbidden", why)


def _invalid_option(option: str, reason: str, why: str) -> errors.StatusError:
    return errors.invalid("meta.k8s.io", "ListOptions", "", [(reason, option, why)])


def _revision(store: Store, version: str, match: str, limit: int) -> int | None:
    """The revision to list at; None for the newest."""
    if version in ("", "0"):
        return None
    try:
        wanted = int(version)
    except ValueError:
        raise errors.bad_request(
            f'invalid resource version: resourceVersion: Invalid value: "{version}": '
            f'strconv.ParseUint: parsing "{version}": invalid syntax'
        ) from None
    if wanted > store.revision:
        raise errors.too_large_version(wanted, store.revision)
    exact = match == "Exact" or (not match and limit > 0)
    return wanted if exact else None


def _entries(call: Call, selector: Selector, revision: int | None, after: Key | None) -> Iterator[Entry]:
    store, kind = call.server.store, call.target.served.kind
    namespace = call.target.namespace or selector.exact("metadata.namespace")
    name = call.target.name or selector.exact("metadata.name")
    past = revision is not None and revision != store.revision
    if past:
        assert revision is not None
        found = iter(_at_revision(store, kind, namespace, revision, after))
    elif name is not None and (namespace is not None or not kind.namespaced):
        entry = store.entry(kind, namespace or "", name)
        found = iter(() if entry is None else (entry,))
    else:
        found = store.entries(kind, namespace, after=after)
    if call.target.name:
        found = (entry for entry in found if entry.name == name)
    return found if selector.empty else (entry for entry in found if selector.matches(entry.object))


def _at_revision(
    store: Store, kind: ResourceKind, namespace: str | None, revision: int, after: Key | None
) -> list[Entry]:
    """The state of a moment ago: today's entries with every later change taken back."""
    try:
        undone = store.undo(kind, revision)
    except errors.StatusError:
        if after is None:
            raise errors.expired("The resourceVersion for the provided list is too old.") from None
        raise errors.expired(
            "The provided continue parameter is too old to display a consistent list result. "
            "Start a new list, or go on with the token in this answer for the rest as it is now.",
            continue_token=write_token(-1, after),
        ) from None
    current = {entry.key: entry for entry in store.entries(kind, namespace, after=after)}
    for key, entry in undone.items():
        if namespace is not None and key[0] != namespace:
            continue
        if after is not None and _order(key) <= _order(after):
            continue
        if entry is None:
            current.pop(key, None)
        else:
            current[key] = entry
    return [current[key] for key in sorted(current, key=_order)]


def _order(key: Key) -> Key:
    return sort_key(key[0]), key[1]


def write_token(revision: int, last: Key) -> str:
    """A continue token, as the API server writes it: a revision and the key behind which to go on."""
    text = msgspec.json.encode({"v": "meta.k8s.io/v1", "rv": revision, "start": f"{last[0]}/{last[1]}\0"})
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def read_token(token: str) -> tuple[int | None, Key]:
    """Revision (None for the newest) and key of a continue token.

    Raises:
        StatusError: 400 for anything else.
    """
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        value = msgspec.json.decode(text, type=dict[str, int | str])
        revision, (namespace, _, name) = int(value["rv"]), str(value["start"]).rstrip("\0").partition("/")
    except (binascii.Error, ValueError, KeyError) as error:
        raise errors.bad_request(f"invalid continue token: continue key is not valid: {error}") from None
    return (None if revision < 0 else revision), (namespace, name)


async def chunks(served: Served, form: Form, found: Page, now: float) -> AsyncIterator[bytes]:
    """The body of a list, some hundred objects at a time; others get their turn in between."""
    yield encode.list_head(served, form, found.metadata())
    for start in range(0, len(found.entries), _SLICE):
        part = found.entries[start : start + _SLICE]
        text = b",".join([encode.item_bytes(served, form, entry, now) for entry in part])
        yield text if start == 0 else b"," + text
        await asyncio.sleep(0)
    yield b"]}\n"
