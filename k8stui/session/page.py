"""What an object's page shows: the object as it is now, or as it was when it went."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from k8stui.core.freshness import Freshness
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef

if TYPE_CHECKING:
    from k8stui.session.session import Session


@dataclass(frozen=True, slots=True)
class ObjectState:
    """One object at one moment. Whoever shows a string of it makes it harmless."""

    ref: ObjectRef
    obj: JsonObject | None = None
    """The last version; None before the first one, and when there never was an object of that name."""
    deleted_at: float | None = None
    """When it was found to be gone (seconds since the epoch)."""
    missing: bool = False
    """The server has answered: there is no such object."""
    freshness: Freshness | None = None
    """Whether ``obj`` is the server's truth, or from when it is; None before the first answer."""


async def states(session: Session, ref: ObjectRef) -> AsyncGenerator[ObjectState, None]:
    """The object whenever it or its freshness changes, for as long as the iterator lives.

    A lost server costs nothing that is known: the last version stays in every later state.
    """
    state = ObjectState(ref)
    async with aclosing(session.follow_object(ref)) as steps:
        async for step in steps:
            if isinstance(step, Freshness):
                state = replace(state, freshness=step)
            elif step is not None:
                state = replace(state, obj=step, deleted_at=None, missing=False)
            else:
                gone = session.clock() if state.obj is not None else None
                state = replace(state, deleted_at=state.deleted_at or gone, missing=True)
            yield state
