"""Reading one object, and the form of lists."""

from __future__ import annotations

from k8stui.practice import errors
from k8stui.practice.api import encode, negotiate
from k8stui.practice.api.call import Call
from k8stui.practice.api.negotiate import Form
from k8stui.practice.faults import Action
from k8stui.practice.store import Entry


async def get(call: Call) -> tuple[int, bytes]:
    """One object.

    Returns:
        Status and body.

    Raises:
        StatusError: 404, 406.
    """
    form = object_form(call)
    return 200, encode.single(call.target.served, form, entry_of(call), call.server.clock())


def entry_of(call: Call) -> Entry:
    """The stored object that the path names.

    Raises:
        StatusError: 404.
    """
    target = call.target
    if target.served.source is not None:
        return target.served.source.get(target.namespace, target.name)
    entry = call.server.store.entry(target.served.kind, target.namespace, target.name)
    if entry is None:
        raise errors.not_found(target.served.kind, target.name)
    return entry


def object_form(call: Call) -> Form:
    """The form of an answer with one object."""
    if call.active.first(Action.PLAIN):
        return Form()
    return negotiate.form(call.accept, call.text("includeObject"), several=False)


def list_form(call: Call) -> Form:
    """The form of a list."""
    if call.active.first(Action.PLAIN):
        return Form()
    return negotiate.form(call.accept, call.text("includeObject"), several=True)
