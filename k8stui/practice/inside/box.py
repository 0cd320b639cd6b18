"""One container as a program in it sees it: files, variables, processes, who it is."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from k8stui.core.objects import dig
from k8stui.practice.inside import environment, runs, volumes
from k8stui.practice.inside.families import Family, worded
from k8stui.practice.inside.files import FileSystem
from k8stui.practice.inside.runs import Run

if TYPE_CHECKING:
    from k8stui.practice.inside.insides import Insides

_OPEN = ("/tmp", "/var/tmp", "/run", "/var/cache", "/var/log", "/home")


class Box:
    """A running container from inside.

    Args:
        insides: The cluster's containers.
        run: The one that this is.
        family: What its image has in it.
    """

    def __init__(self, insides: Insides, run: Run, family: Family) -> None:
        self.insides = insides
        self.run = run
        self.family = family

    @property
    def host(self) -> str:
        """Its host name: the Pod's, or the node's where it is on that one's network."""
        if dig(self.run.pod, "spec", "hostNetwork"):
            return str(dig(self.run.pod, "spec", "nodeName") or "")
        named = dig(self.run.pod, "spec", "hostname")
        return str(named or self.run.pod["metadata"]["name"])[:63]

    @property
    def address(self) -> str:
        """The Pod's address."""
        return str(dig(self.run.pod, "status", "podIP") or "127.0.0.1")

    @property
    def user(self) -> int:
        """The user's number."""
        for where in (self.run.spec, self.run.pod["spec"]):
            found = dig(where, "securityContext", "runAsUser")
            if isinstance(found, int):
                return found
        return self.family.user

    @property
    def group(self) -> int:
        """The group's number."""
        for where in (self.run.spec, self.run.pod["spec"]):
            found = dig(where, "securityContext", "runAsGroup")
            if isinstance(found, int):
                return found
        return 0 if self.user == 0 or self.user >= 1000 else self.user

    @property
    def user_name(self) -> str:
        """The user's name; empty when the number has none."""
        names = {0: "root", 101: "nginx", 999: "app", 65534: "nobody", 472: "grafana"}
        return names.get(self.user, "")

    @property
    def workdir(self) -> str:
        """Where one finds oneself."""
        return str(self.run.spec.get("workingDir") or self.family.workdir)

    @property
    def command(self) -> list[str]:
        """Command and arguments that the spec gives, with variables replaced; empty for the image's own."""
        words = [*(self.run.spec.get("command") or ()), *(self.run.spec.get("args") or ())]
        return [environment.expanded(str(word), self.variables) for word in words]

    @cached_property
    def variables(self) -> dict[str, str]:
        """The environment."""
        found = environment.environ(self.insides.store, self.run, self.family.env, self.host)
        home = "/root" if self.user == 0 else "/"
        return {**found, "HOME": found.get("HOME", home)}

    @property
    def leader(self) -> Run:
        """The run whose processes are seen: its own, or that of the container which it was made to debug."""
        target = runs.running(self.run.pod, str(self.run.spec.get("targetContainerName") or ""))
        return self.run if target is None else target

    def processes(self) -> Iterator[tuple[int, str]]:
        """Number and command line of what one sees running."""
        if dig(self.run.pod, "spec", "shareProcessNamespace"):
            yield 1, "/pause"
        leader = self.leader
        if leader.name != self.run.name:
            yield from self.insides.box(leader).programs()
            yield 60, " ".join(self.command) or "sh"
        else:
            yield from self.programs()

    def programs(self) -> Iterator[tuple[int, str]]:
        """Number and command line of what runs in it by itself."""
        own = self.command
        if self.run.spec.get("command"):
            yield 1, " ".join(own)
            return
        for number, words in enumerate(self.family.processes):
            text = worded(words, self.run.image)
            if number == 0 and own:
                text = " ".join([text, *own])
            yield (1 if number == 0 else 28 + number), text

    @cached_property
    def files(self) -> FileSystem:
        """Its files."""
        return FileSystem(volumes.mounts(self), self.insides.clock, self._may_write)

    def _may_write(self, path: str) -> bool:
        if self.user == 0:
            return True
        home = self.workdir
        return any(posixpath.commonpath((path, each)) == each for each in (*_OPEN, home) if each != "/")
