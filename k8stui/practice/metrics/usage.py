"""What containers and nodes use: it follows from what they ask for, what they do, and time."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_quantity, parse_time
from k8stui.practice.kinds import builtin
from k8stui.practice.metrics.load import Sharing, wave, workload_of
from k8stui.practice.store import Store

if TYPE_CHECKING:
    from k8stui.practice.controllers.programs import Program, Programs

_PODS, _NODES = builtin("pods"), builtin("nodes")
_RESOLUTION = 15.0
"""Seconds from one reading of a node's figures to the next."""
_FRESH = 10.0
"""Seconds that a container must have run before its first reading says something."""
_MEBI = 2**20


class Usage(msgspec.Struct, frozen=True):
    """What something uses."""

    cpu: float
    """Cores."""
    memory: float
    """Bytes of its working set."""


class Sample(msgspec.Struct, frozen=True):
    """One reading of a Pod's or a node's figures."""

    subject: JsonObject
    """The Pod or node."""
    at: float
    """When it was read, seconds since the epoch."""
    window: float
    """Seconds over which the CPU time was counted."""
    usage: tuple[tuple[str, Usage], ...]
    """By container; one entry with an empty name for a node."""

    @property
    def total(self) -> Usage:
        """All of it together."""
        return Usage(sum(use.cpu for _, use in self.usage), sum(use.memory for _, use in self.usage))


class Metrics:
    """What a metrics server would know of the cluster now: the same at every question between two readings.

    Args:
        store: The cluster.
        clock: Seconds since the epoch.
        programs: What the images do.
    """

    def __init__(self, store: Store, clock: Callable[[], float], programs: Programs) -> None:
        self._store = store
        self._clock = clock
        self._programs = programs

    def pods(self, namespace: str | None = None) -> Iterator[Sample]:
        """The Pods of a namespace, or all, whose containers have been read twice."""
        spaces = [namespace] if namespace is not None else self._spaces()
        for space in spaces:
            pods = self._store.list(_PODS, space)
            yield from self._samples(space, pods, pods)

    def of(self, namespace: str, pods: Iterable[JsonObject]) -> Iterator[Sample]:
        """Those of some Pods of one namespace."""
        return self._samples(namespace, pods, self._store.list(_PODS, namespace))

    def nodes(self, names: Iterable[str] | None = None) -> Iterator[Sample]:
        """The nodes that answer, or those of some names: what their Pods use, and the system besides."""
        wanted = None if names is None else frozenset(names)
        used: dict[str, list[Usage]] = {}
        for sample in self.pods():
            used.setdefault(sample.subject["spec"]["nodeName"], []).append(sample.total)
        for node in self._store.list(_NODES):
            name = node["metadata"]["name"]
            if (wanted is not None and name not in wanted) or not _answers(node):
                continue
            at, window = self._reading(name)
            system = _system(name, at)
            pods = used.get(name, [])
            total = Usage(
                system.cpu + sum(use.cpu for use in pods), system.memory + sum(use.memory for use in pods)
            )
            yield Sample(node, at, window, (("", _capped(total, dig(node, "status", "capacity"))),))

    def _spaces(self) -> list[str]:
        return list(dict.fromkeys(entry.namespace for entry in self._store.entries(_PODS)))

    def _samples(
        self, namespace: str, pods: Iterable[JsonObject], neighbours: Iterable[JsonObject]
    ) -> Iterator[Sample]:
        sharing: Sharing | None = None
        answering: dict[str, bool] = {}
        for pod in pods:
            node = pod["spec"].get("nodeName", "")
            if dig(pod, "status", "phase") != "Running" or not node:
                continue
            if node not in answering:
                answering[node] = _answers(self._store.find(_NODES, "", node))
            if not answering[node]:
                continue
            at, window = self._reading(node)
            running = list(_running(pod))
            first = min((at - started for _, started in running), default=0.0)
            if first < _FRESH:
                continue
            sharing = sharing or Sharing(self._store, namespace, neighbours)
            usage = tuple(
                (item["name"], self._use(pod, item, at, started, sharing)) for item, started in running
            )
            yield Sample(pod, at, min(window, first), usage)

    def _reading(self, node: str) -> tuple[float, float]:
        """When a node was read last, and how long after the time before."""
        offset = chance(node) * _RESOLUTION
        number = math.floor((self._clock() - offset - 1.0) / _RESOLUTION)
        late = [chance(node, str(each)) for each in (number, number - 1)]
        return number * _RESOLUTION + offset + late[0], _RESOLUTION + late[0] - late[1]

    def _use(self, pod: JsonObject, item: JsonObject, at: float, started: float, sharing: Sharing) -> Usage:
        program = self._programs.of(str(item.get("image", "")))
        requests = dig(item, "resources", "requests") or {}
        cpu = _cpu(pod, item, program, amount(requests.get("cpu")), at)
        if program.busy:
            tide = wave(at, program.tide, chance(*workload_of(pod)))
            cpu += (program.quiet + (program.busy - program.quiet) * tide) * sharing.share(pod)
        if item is (dig(pod, "spec", "containers") or [item])[0]:
            cpu += sharing.called(pod)
        cpu *= 0.95 + 0.1 * chance(pod["metadata"]["uid"], item["name"], str(at))
        memory = _memory(pod, item, program, amount(requests.get("memory")), at - started, at)
        return _capped(Usage(cpu, memory), dig(item, "resources", "limits"))


def _cpu(pod: JsonObject, item: JsonObject, program: Program, request: float, at: float) -> float:
    """Cores that a container uses for itself, before any work arrives."""
    if "command" in item or "args" in item:
        said = " ".join(str(word) for word in (*(item.get("command") or ()), *(item.get("args") or ())))
        if "sleep" in said or "tail -f" in said:
            return 0.004 if "while" in said or "for " in said else 0.0002
    if program.exits is not None or pod["spec"].get("restartPolicy", "Always") != "Always":
        return 0.8 * (request or 0.1)
    own = chance(str(item.get("image", "")), item["name"])
    if program.busy:
        return 0.02 * request
    pace = 240 + 360 * own
    return (
        (request or 0.02)
        * (0.08 + 0.27 * own)
        * (0.85 + 0.3 * wave(at, pace, chance(pod["metadata"]["uid"])))
    )


def _memory(
    pod: JsonObject, item: JsonObject, program: Program, request: float, age: float, at: float
) -> float:
    """Bytes that a container holds: they grow in its first minute, and with some programs for ever."""
    own = chance(str(item.get("image", "")), item["name"], "memory")
    plain = request * (0.5 + 0.35 * own) if request else (10 + 40 * own) * _MEBI
    plain *= 0.97 + 0.06 * wave(at, 900.0, chance(pod["metadata"]["uid"], item["name"]))
    plain *= 0.6 + 0.4 * min(1.0, age / 60)
    if program.memory:
        plain = min(plain, 0.2 * program.memory)
        return plain + (program.memory - plain) * min(1.0, age / max(1.0, program.after))
    return plain


def _system(node: str, at: float) -> Usage:
    """What a node uses for itself: its kernel, kubelet and container runtime."""
    own = chance(node, "system")
    cpu = (0.06 + 0.06 * own) * (0.8 + 0.4 * wave(at, 420.0, own))
    return Usage(cpu, (640 + 320 * own + 24 * wave(at, 1_300.0, own)) * _MEBI)


def _capped(use: Usage, most: JsonObject | None) -> Usage:
    cpu, memory = (amount((most or {}).get(key)) for key in ("cpu", "memory"))
    return Usage(
        min(use.cpu, cpu) if cpu else use.cpu, min(use.memory, 0.99 * memory) if memory else use.memory
    )


def _running(pod: JsonObject) -> Iterator[tuple[JsonObject, float]]:
    """The containers of a Pod that run, sidecars too, each with the time at which it started."""
    since = {
        status["name"]: parse_time(dig(status, "state", "running", "startedAt"))
        for key in ("containerStatuses", "initContainerStatuses")
        for status in dicts(pod, "status", key)
    }
    for key in ("initContainers", "containers"):
        for item in dicts(pod, "spec", key):
            started = since.get(item["name"])
            if started is not None:
                yield item, started


def _answers(node: JsonObject | None) -> bool:
    """Whether a node's kubelet can be read; one that tells no conditions is taken to be well."""
    said = [c.get("status") for c in dicts(node, "status", "conditions") if c.get("type") == "Ready"]
    return node is not None and (not said or said[0] == "True")


def amount(quantity: object) -> float:
    """A quantity as a number, 0 for none."""
    return parse_quantity(str(quantity)) or 0.0 if quantity is not None else 0.0


def chance(*parts: str) -> float:
    """A number from 0 up to 1 that always is the same for the same words."""
    found = hashlib.blake2b("/".join(parts).encode(), digest_size=4).digest()
    return int.from_bytes(found) / 2**32
