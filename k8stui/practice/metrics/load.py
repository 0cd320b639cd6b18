"""The work that arrives at each workload of a namespace, and how its Pods share it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Store

_SERVICES = builtin("services")
_CALLS = re.compile(r"\b(?:wget|curl|hey|ab|siege|fortio|k6)\b[^;|&]*?\bhttps?://([a-z0-9-]+)")
_AGAIN = re.compile(r"\b(?:while|until|for|hey|ab|siege|fortio|k6)\b")
_HAMMER = 0.6
"""Cores that a Pod which calls a Service over and over again makes the Pods behind it use."""

Workload = tuple[str, str]
"""Kind and name of what made a Pod: for the Pods of a Deployment that, and not one of its ReplicaSets."""


def workload_of(pod: JsonObject) -> Workload:
    """What a Pod belongs to; itself when nothing made it."""
    metadata = pod["metadata"]
    for ref in metadata.get("ownerReferences") or ():
        if ref.get("controller"):
            name = str(ref.get("name", ""))
            mark = (metadata.get("labels") or {}).get("pod-template-hash")
            if ref.get("kind") == "ReplicaSet" and mark and name.endswith(f"-{mark}"):
                return "Deployment", name.removesuffix(f"-{mark}")
            return str(ref.get("kind", "")), name
    return "Pod", str(metadata["name"])


def wave(at: float, every: float, phase: float) -> float:
    """A tide between 0 and 1 that comes back every so many seconds; ``phase`` from 0 to 1 shifts it."""
    return 0.5 - 0.5 * math.cos((at / every + phase) * math.tau)


class Sharing:
    """Who shares the work of one namespace at one moment.

    Args:
        store: The cluster.
        namespace: The namespace.
        pods: Its Pods.
    """

    def __init__(self, store: Store, namespace: str, pods: Iterable[JsonObject]) -> None:
        self._ready: Counter[Workload] = Counter()
        self._called: Counter[str] = Counter()
        ready = []
        for pod in pods:
            if _is_ready(pod):
                self._ready[workload_of(pod)] += 1
                ready.append(pod)
                self._called.update(_called(pod))
        self._behind = self._backends(store, namespace, ready) if self._called else {}

    def share(self, pod: JsonObject) -> float:
        """The part of its workload's work that a Pod does: all of it for a Pod that is alone."""
        return 1 / max(1, self._ready[workload_of(pod)])

    def called(self, pod: JsonObject) -> float:
        """Cores that a Pod needs to answer those who call its Services over and over."""
        return self._behind.get(pod["metadata"]["uid"], 0.0)

    def _backends(self, store: Store, namespace: str, ready: list[JsonObject]) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, callers in self._called.items():
            selector = dig(store.find(_SERVICES, namespace, name), "spec", "selector")
            if not selector:
                continue
            behind = [
                pod["metadata"]["uid"]
                for pod in ready
                if selector.items() <= (pod["metadata"].get("labels") or {}).items()
            ]
            for uid in behind:
                found[uid] = found.get(uid, 0.0) + callers * _HAMMER / len(behind)
        return found


def _is_ready(pod: JsonObject) -> bool:
    return any(
        c.get("type") == "Ready" and c.get("status") == "True" for c in dicts(pod, "status", "conditions")
    )


def _called(pod: JsonObject) -> Iterable[str]:
    """The Services of its own namespace that a Pod's commands call in a loop."""
    for item in dicts(pod, "spec", "containers"):
        if "command" not in item and "args" not in item:
            continue
        text = " ".join(str(word) for word in (*(item.get("command") or ()), *(item.get("args") or ())))
        if _AGAIN.search(text):
            yield from _CALLS.findall(text)
