"""One whole object: read, and kept true by the events of a watch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.refs import ObjectRef
from k8stui.kube.errors import Forbidden, NotFound, status_error
from k8stui.kube.lists import Target
from k8stui.kube.objectwatch import Happened, decoded, watch_objects
from k8stui.kube.pulse import Beat, Interrupted, Why
from k8stui.kube.rowsource import Done, Upstream
from k8stui.kube.watch import gone_back

PutObject = Callable[[JsonObject | None], Awaitable[None]]


class ObjectSource:
    """An object by name; puts it at each change, and None when it is not there."""

    def __init__(self, upstream: Upstream, ref: ObjectRef, put: PutObject) -> None:
        self.version = ""
        self.heard = 0.0
        self.events = 0
        self._upstream = upstream
        self._ref = ref
        self._put = put
        self._target = Target(ref.kind, ref.namespace, field_selector=f"metadata.name={ref.name}")
        self._last: JsonObject | None = None
        self._told = False

    async def sync(self, done: Done) -> None:
        """GET the object. When there is none, an empty list says from where to wait for it.

        Raises:
            ExplorerError: refused or broken; not when the object is not there.
        """
        transport, path = self._upstream.transport, self._ref.path
        try:
            answer = await transport.request("GET", path)
        except NotFound:
            found, version = await self._listed()
        else:
            found = decoded(answer.body, path)
            version = _version(found)
        await self._tell(found)
        self.version = version
        self.heard = self._upstream.timing.clock()

    async def watch(self, beat: Beat, live: Callable[[], Awaitable[None]]) -> None:
        """Watch the one object of that name, deletions and new births too."""
        timing = self._upstream.timing

        async def take(happened: Happened) -> None:
            beat.touched, self.heard = timing.monotonic(), timing.clock()
            for kind, found in happened:
                await self._apply(kind, found, beat)
                if kind == "BOOKMARK":
                    await live()

        await watch_objects(self._upstream, self._target, self.version, live, take)

    async def _apply(self, kind: str, found: JsonObject, beat: Beat) -> None:
        if kind == "ERROR":
            raise status_error(found, f"GET {self._target.path}")
        self.events += 1
        version = _version(found)
        if kind == "BOOKMARK":
            beat.bookmarks = True
            if gone_back(self.version, version):
                raise Interrupted(Why.RELIST)
        elif dig(found, "metadata", "name") == self._ref.name:
            await self._tell(None if kind == "DELETED" else found)
        self.version = version or self.version

    async def _tell(self, found: JsonObject | None) -> None:
        """Put the object unless it is what was put last: a list again after trouble often brings the same."""
        if self._told and found == self._last:
            return
        await self._put(found)
        self._told, self._last = True, found

    async def _listed(self) -> tuple[JsonObject | None, str]:
        """The object by a list of its name, None most likely, and the version of that list."""
        target, kind = self._target, self._ref.kind
        try:
            answer = await self._upstream.transport.request(
                "GET", target.path, query=target.query(None, ("limit", "1"))
            )
        except Forbidden:
            return None, ""
        page = decoded(answer.body, target.path)
        for item in dicts(page, "items"):
            return {"apiVersion": kind.api_version, "kind": kind.kind} | item, _version(page)
        return None, _version(page)


def _version(found: JsonObject) -> str:
    version = dig(found, "metadata", "resourceVersion")
    return version if isinstance(version, str) else ""
