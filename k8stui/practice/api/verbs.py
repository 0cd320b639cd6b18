"""Which part of the server does what a writing verb asks."""

from __future__ import annotations

import dataclasses

from k8stui.practice import errors
from k8stui.practice.api import convert, patching, removal, write
from k8stui.practice.api.call import Call


async def answer(call: Call) -> tuple[int, bytes]:
    """Do what a writing request asks.

    Returns:
        Status and body.

    Raises:
        StatusError: whatever a server refuses.
    """
    if call.verb in ("update", "patch") and not call.target.name:
        raise errors.method_not_allowed()
    _ = call.dry_run  # refuses what is no dry run before anything else
    asked = call.target.served
    kept = call.server.registry.find(*convert.stored_kind(asked.kind))
    if kept is not None and kept is not asked:
        call.answered, call.target = asked, dataclasses.replace(call.target, served=kept)
    match call.verb:
        case "create":
            return await write.create(call)
        case "update":
            return await write.update(call)
        case "patch":
            return await patching.patched(call)
        case "delete":
            return await removal.delete(call)
        case _:
            return await removal.delete_collection(call)
