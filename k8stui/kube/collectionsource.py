"""Whole objects of a small collection: listed, and kept true by the events of a watch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.kube.errors import status_error
from k8stui.kube.lists import Target
from k8stui.kube.objectwatch import Happened, decoded, watch_objects
from k8stui.kube.pulse import Beat, Interrupted, Why
from k8stui.kube.rowsource import Done, Upstream
from k8stui.kube.watch import gone_back

MOST_KEPT = 1_000
"""Objects kept; of more the oldest are forgotten."""
PAGE = 500

PutObjects = Callable[[tuple[JsonObject, ...]], Awaitable[None]]


class CollectionSource:
    """The objects of a target; puts all of them whenever some have changed."""

    def __init__(self, upstream: Upstream, target: Target, put: PutObjects) -> None:
        self.version = ""
        self.heard = 0.0
        self.events = 0
        self._upstream = upstream
        self._target = target
        self._put = put
        self._kept: dict[tuple[str, str], JsonObject] = {}

    async def sync(self, done: Done) -> None:
        """List the collection.

        Raises:
            ExplorerError: refused or broken.
        """
        found: dict[tuple[str, str], JsonObject] = {}
        target, token, version = self._target, "", ""
        while True:
            answer = await self._upstream.transport.request(
                "GET", target.path, query=target.query(None, ("limit", str(PAGE)), ("continue", token))
            )
            page = decoded(answer.body, target.path)
            found |= {_key(item): item for item in dicts(page, "items")}
            version = _text(page, "metadata", "resourceVersion")
            token = _text(page, "metadata", "continue")
            if not token:
                break
            found = _newest(found)
        self._kept = _newest(found)
        await self._put(tuple(self._kept.values()))
        self.version = version
        self.heard = self._upstream.timing.clock()

    async def watch(self, beat: Beat, live: Callable[[], Awaitable[None]]) -> None:
        """Watch the collection; what comes in one piece is put at once."""
        timing = self._upstream.timing

        async def take(happened: Happened) -> None:
            beat.touched, self.heard = timing.monotonic(), timing.clock()
            await self._apply(happened, beat, live)

        await watch_objects(self._upstream, self._target, self.version, live, take)

    async def _apply(self, happened: Happened, beat: Beat, live: Callable[[], Awaitable[None]]) -> None:
        changed = marked = False
        for kind, found in happened:
            if kind == "ERROR":
                raise status_error(found, f"GET {self._target.path}")
            self.events += 1
            version = _text(found, "metadata", "resourceVersion")
            if kind == "BOOKMARK":
                beat.bookmarks = marked = True
                if gone_back(self.version, version):
                    raise Interrupted(Why.RELIST)
            elif kind == "DELETED":
                changed = self._kept.pop(_key(found), None) is not None or changed
            else:
                self._kept[_key(found)] = found
                changed = True
            self.version = version or self.version
        if changed:
            self._kept = _newest(self._kept)
            await self._put(tuple(self._kept.values()))
        if marked:
            await live()


def _newest(found: dict[tuple[str, str], JsonObject]) -> dict[tuple[str, str], JsonObject]:
    if len(found) <= MOST_KEPT:
        return found
    order = sorted(found.items(), key=lambda item: _text(item[1], "metadata", "creationTimestamp"))
    return dict(order[-MOST_KEPT:])


def _key(found: JsonObject) -> tuple[str, str]:
    return _text(found, "metadata", "namespace"), _text(found, "metadata", "name")


def _text(found: JsonObject, *steps: str) -> str:
    value = dig(found, *steps)
    return value if isinstance(value, str) else ""
