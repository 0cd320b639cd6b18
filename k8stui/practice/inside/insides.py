"""The insides of all containers of a cluster."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from functools import cached_property

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.programs import Ending, Programs, ending
from k8stui.practice.inside import runs
from k8stui.practice.inside.loglines import Lines
from k8stui.practice.inside.profiles import Profiles
from k8stui.practice.inside.runs import Run
from k8stui.practice.kinds import builtin
from k8stui.practice.seedfile import read
from k8stui.practice.store import Store

PODS = builtin("pods")
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

    @cached_property
    def programs(self) -> Programs:
        """What images do."""
        return Programs.load(read("images"))

    @cached_property
    def profiles(self) -> Profiles:
        """How programs talk."""
        return Profiles(read("logs"))

    def close(self) -> None:
        """Let go of the store."""

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
        return dataclasses.replace(run, finished=run.started + end.after, code=end.code, reason=end.reason)

    def ending(self, run: Run) -> Ending | None:
        """How a run ends by itself; None for never."""
        policy = dig(run.pod, "spec", "restartPolicy") or "Always"
        first = any(each is run.spec for each in dicts(run.pod, "spec", "initContainers"))
        lasting = (policy == "Always" and not first) or run.spec.get("restartPolicy") == "Always"
        return ending(self.programs.of(run.image), run.spec, to_completion=not lasting)

    def lines(self, run: Run) -> Lines:
        """What a run says."""
        profile = self.profiles.of(run, self.programs.of(run.image).log)
        run = self.expected(run)
        length = None if run.finished is None else run.finished - run.started
        return Lines(run, profile, length)

    def again(self, run: Run) -> Run | None:
        """A run as it is known now; None when nothing is known of it any more."""
        pod = self.pod(run.pod)
        if pod is None:
            return None
        for found in (runs.current(pod, run.name), runs.previous(pod, run.name)):
            if found is not None and found.key == run.key:
                return found
        return None

    async def until(self, due: float) -> None:
        """Come back when it is due by the cluster's clock, which may be faster than others or stand still."""
        while self.clock() < due:
            await self.tick()

    async def tick(self) -> None:
        """Come back a little later."""
        await asyncio.sleep(_LOOK)
