"""Containers of a Pod, and their runs: from a start to an end."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time

DEFAULT = "kubectl.kubernetes.io/default-container"
"""Annotation that names the container to use when none is asked for."""
_LISTS = (
    ("initContainers", "initContainerStatuses"),
    ("containers", "containerStatuses"),
    ("ephemeralContainers", "ephemeralContainerStatuses"),
)


class Run(msgspec.Struct, frozen=True):
    """One run of a container."""

    pod: JsonObject
    spec: JsonObject
    """The container in the Pod's spec."""
    key: str
    """The same for the same run, whoever asks and whenever."""
    number: int
    """How many runs there were before."""
    started: float
    """Seconds since the epoch."""
    finished: float | None = None
    """The same; None while it runs."""
    code: int = 0
    reason: str = ""
    """Why it ended, as its status says."""

    @property
    def name(self) -> str:
        """The container's name."""
        return str(self.spec["name"])

    @property
    def image(self) -> str:
        """The container's image."""
        return str(self.spec.get("image", ""))


def specs(pod: JsonObject) -> Iterator[JsonObject]:
    """Every container in the spec: init, main, ephemeral."""
    for field, _ in _LISTS:
        yield from dicts(pod, "spec", field)


def spec_of(pod: JsonObject, name: str) -> JsonObject | None:
    """A container in the spec."""
    return next((each for each in specs(pod) if each.get("name") == name), None)


def status_of(pod: JsonObject, name: str) -> JsonObject | None:
    """The status of a container; None when the kubelet has not said anything yet."""
    for _, field in _LISTS:
        for each in dicts(pod, "status", field):
            if each.get("name") == name:
                return each
    return None


def status_field(pod: JsonObject, name: str) -> str:
    """The field of the Pod's status that has the container's."""
    for field, statuses in _LISTS:
        if any(each.get("name") == name for each in dicts(pod, "spec", field)):
            return statuses
    return _LISTS[1][1]


def current(pod: JsonObject, name: str) -> Run | None:
    """The run that goes on, or else the last one that has ended."""
    spec, status = spec_of(pod, name), status_of(pod, name)
    if spec is None or status is None:
        return None
    number = int(status.get("restartCount") or 0)
    running = dig(status, "state", "running")
    if running:
        started = parse_time(running.get("startedAt")) or 0.0
        return Run(pod, spec, _key(pod, spec, status.get("containerID"), number), number, started)
    gone = dig(status, "state", "terminated") or dig(status, "lastState", "terminated")
    return _over(pod, spec, gone, number) if gone else None


def running(pod: JsonObject, name: str) -> Run | None:
    """The run that goes on."""
    found = current(pod, name)
    return found if found is not None and found.finished is None else None


def previous(pod: JsonObject, name: str) -> Run | None:
    """The run before the current one; of a container that waits for its next start, the last one."""
    spec, status = spec_of(pod, name), status_of(pod, name)
    gone = dig(status, "lastState", "terminated")
    if spec is None or status is None or not gone:
        return None
    number = int(status.get("restartCount") or 0)
    waiting = "waiting" in (status.get("state") or {})
    return _over(pod, spec, gone, number if waiting else max(0, number - 1))


def _over(pod: JsonObject, spec: JsonObject, gone: JsonObject, number: int) -> Run:
    finished = parse_time(gone.get("finishedAt")) or 0.0
    started = parse_time(gone.get("startedAt")) or finished
    key = _key(pod, spec, gone.get("containerID"), number)
    code, reason = int(gone.get("exitCode") or 0), str(gone.get("reason") or "")
    return Run(pod, spec, key, number, started, finished, code, reason)


def _key(pod: JsonObject, spec: JsonObject, container_id: str | None, number: int) -> str:
    return container_id or f"{pod['metadata'].get('uid', '')}/{spec.get('name', '')}/{number}"
