"""The events about one object, while somebody looks at them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from k8stui.core.freshness import Freshness
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.session.describe.occurrences import Occurrence, occurrences
from k8stui.session.relations import wishes

if TYPE_CHECKING:
    from k8stui.session.session import Session


@dataclass(frozen=True, slots=True)
class Happenings:
    """What has happened to an object, folded, the latest last."""

    occurrences: tuple[Occurrence, ...] | None = None
    """None before the first answer."""
    freshness: Freshness | None = None


async def happenings(
    session: Session, obj: JsonObject, kind: ResourceKind
) -> AsyncGenerator[Happenings, None]:
    """The events about an object at each change, and how fresh they are; ends when the server refuses."""
    wish = next(iter(wishes("events", {**obj, "kind": kind.kind}, kind) or ()), None)
    events = next((known for known in session.kinds if known.name == "events"), None)
    if wish is None or events is None:
        yield Happenings(())
        return
    now = Happenings()
    async with aclosing(
        session.client.follow_objects(events, wish.namespace, field_selector=wish.fields)
    ) as steps:
        async for step in steps:
            if isinstance(step, Freshness):
                now = replace(now, freshness=step)
            else:
                meant = [event for event in step if wish.keep is None or wish.keep(event)]
                now = replace(now, occurrences=occurrences(meant))
            yield now
