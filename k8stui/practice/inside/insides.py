"""The insides of all containers of a cluster.

What is inside is imported when somebody first looks: a cluster has to start before that.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.programs import Ending, Programs, ending
from k8stui.practice.controllers.world import stamp
from k8stui.practice.inside import runs
from k8stui.practice.inside.runs import Run
from k8stui.practice.kinds import builtin
from k8stui.practice.seedfile import read
from k8stui.practice.store import Event, Store

if TYPE_CHECKING:
    from k8stui.practice.inside.box import Box
    from k8stui.practice.inside.families import Families
    from k8stui.practice.inside.files import Disk
    from k8stui.practice.inside.loglines import Line, Lines
    from k8stui.practice.inside.network import Network
    from k8stui.practice.inside.pages import Asked, Page
    from k8stui.practice.inside.profiles import Profiles

PODS = builtin("pods")
DiskKey = tuple[str, ...]
"""What kind of disk, whose, and which one."""
_MOST_DISKS = 1_000
_MOST_NOTES = 200
_LONGEST_LINE = 4_000
_LOOK = 0.05
"""Real seconds after which somebody who waits for the cluster's time looks again."""


class Insides:
    """What is needed to look into any container; made when it is first asked for.

    Args:
        store: The cluster.
        clock: Its time, seconds since the epoch.
    """

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self.store = store
        self.clock = clock
        self.asked = 0
        """How many connections were made so far."""
        self._disks: OrderedDict[DiskKey, Disk] = OrderedDict()
        self._notes: OrderedDict[DiskKey, deque[Line]] = OrderedDict()
        self._unsubscribe: Callable[[], None] | None = None

    @cached_property
    def programs(self) -> Programs:
        """What images do."""
        return Programs.load(read("images"))

    @cached_property
    def profiles(self) -> Profiles:
        """How programs talk."""
        from k8stui.practice.inside.profiles import Profiles

        return Profiles(read("logs"))

    @cached_property
    def families(self) -> Families:
        """What is in images."""
        from k8stui.practice.inside.families import Families

        return Families(read("insides"))

    @cached_property
    def network(self) -> Network:
        """Who answers where."""
        from k8stui.practice.inside.network import Network

        return Network(self.store, self.families)

    def box(self, run: Run) -> Box:
        """A container from inside."""
        from k8stui.practice.inside.box import Box

        return Box(self, run, self.families.of(run.image))

    def disk(self, key: DiskKey, make: Callable[[], Disk]) -> Disk:
        """The disk of a key, made when there is none yet; those of a Pod go with it."""
        if self._unsubscribe is None:
            self._unsubscribe = self.store.subscribe(PODS, self._learn)
        found = self._disks.get(key)
        if found is None:
            while len(self._disks) >= _MOST_DISKS:
                self._disks.popitem(last=False)
            found = self._disks[key] = make()
        self._disks.move_to_end(key)
        return found

    def visited(self, run: Run, asked: Asked, found: Page) -> None:
        """Note a request in the log of the container that has answered it."""
        now = self.clock()
        length = len(found.body)
        agent, target = asked.headers.get("user-agent", "-"), asked.target
        if self.families.of(run.image).talks == "static":
            when = datetime.fromtimestamp(now, UTC)
            month = "JanFebMarAprMayJunJulAugSepOctNovDec"[3 * when.month - 3 : 3 * when.month]
            clf = when.strftime(f"%d/{month}/%Y:%H:%M:%S +0000")
            first = f'"{asked.method} {target} HTTP/1.1"'
            text = f'{asked.client} - - [{clf}] {first} {found.status} {length} "-" "{agent}"'
        else:
            text = f"{stamp(now)} INFO {asked.method} {target} {found.status} from {asked.client}"
        self._note(run, now, text)

    def printed(self, run: Run, data: bytes) -> None:
        """Note what somebody has written to the output of a container's main process."""
        for text in data.decode(errors="replace").splitlines():
            self._note(run, self.clock(), text)

    def _note(self, run: Run, at: float, text: str) -> None:
        from k8stui.practice.inside.loglines import Line

        key = run.pod["metadata"]["uid"], run.key
        if key not in self._notes:
            while len(self._notes) >= _MOST_DISKS:
                self._notes.popitem(last=False)
            self._notes[key] = deque(maxlen=_MOST_NOTES)
        self._notes[key].append(Line(at, text[:_LONGEST_LINE]))

    def end(self, run: Run, code: int) -> None:
        """End the run of a container as its main process would; the kubelet takes it from there."""
        run = self.again(run) or run
        pod = self.pod(run.pod)
        if pod is None or run.finished is not None:
            return
        field = runs.status_field(pod, run.name)
        gone = {
            "exitCode": code,
            "reason": "Error" if code else "Completed",
            "startedAt": stamp(run.started),
            "finishedAt": stamp(self.clock()),
        }

        def ended(status: JsonObject) -> JsonObject:
            if status.get("name") != run.name:
                return status
            state = {"terminated": {**gone, "containerID": status.get("containerID", "")}}
            return {**status, "state": state, "ready": False, "started": False}

        statuses = [ended(each) for each in dicts(pod, "status", field)]
        self.store.update(PODS, {**pod, "status": {**pod["status"], field: statuses}})

    def close(self) -> None:
        """Let go of the store."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    def _learn(self, event: Event) -> None:
        if event.type == "DELETED":
            uid = event.entry.object["metadata"]["uid"]
            for key in [key for key in self._disks if key[1] == uid]:
                del self._disks[key]

    def pod(self, like: JsonObject) -> JsonObject | None:
        """A Pod as it is now; None when it has gone, or another one has its name."""
        metadata = like["metadata"]
        found = self.store.find(PODS, metadata["namespace"], metadata["name"])
        return found if found is not None and found["metadata"]["uid"] == metadata["uid"] else None

    def expected(self, run: Run) -> Run:
        """A run as it will turn out: with the end that it comes to by itself, if it has not ended yet."""
        end = None if run.finished is not None else self.ending(run)
        if end is None:
            return run
        return msgspec.structs.replace(
            run, finished=run.started + end.after, code=end.code, reason=end.reason
        )

    def ending(self, run: Run) -> Ending | None:
        """How a run ends by itself; None for never."""
        policy = dig(run.pod, "spec", "restartPolicy") or "Always"
        first = any(each is run.spec for each in dicts(run.pod, "spec", "initContainers"))
        lasting = (policy == "Always" and not first) or run.spec.get("restartPolicy") == "Always"
        return ending(self.programs.running(run.pod, run.spec), run.spec, to_completion=not lasting)

    def lines(self, run: Run) -> Lines:
        """What a run says."""
        from k8stui.practice.inside.loglines import Lines

        profile = self.profiles.of(run, self.programs.of(run.image).log)
        run = self.expected(run)
        length = None if run.finished is None else run.finished - run.started
        return Lines(run, profile, length, tuple(self._notes.get((run.pod["metadata"]["uid"], run.key), ())))

    def again(self, run: Run) -> Run | None:
        """A run as it is known now; None when nothing is known of it any more."""
        pod = self.pod(run.pod)
        if pod is None:
            return None
        for found in (runs.current(pod, run.name), runs.previous(pod, run.name)):
            if found is not None and found.key == run.key:
                return found
        return None

    def heard(self, run: Run) -> tuple[JsonObject | None, Line | None]:
        """What a run's log follows from: its Pod as it is now, and the last note. The same while both are."""
        notes = self._notes.get((run.pod["metadata"]["uid"], run.key))
        return self.pod(run.pod), notes[-1] if notes else None

    async def until(self, due: float) -> None:
        """Come back when it is due by the cluster's clock, which may be faster than others or stand still."""
        while self.clock() < due:
            await self.tick()

    async def tick(self) -> None:
        """Come back a little later."""
        await asyncio.sleep(_LOOK)
