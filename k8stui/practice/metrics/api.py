"""metrics.k8s.io/v1beta1 as a metrics server answers it, behind an APIService."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice import errors
from k8stui.practice.kinds import builtin
from k8stui.practice.metrics.availability import API_SERVICES, available
from k8stui.practice.metrics.usage import Metrics, Sample, Usage
from k8stui.practice.printers.base import Printer, column, name_of
from k8stui.practice.registry import Served
from k8stui.practice.store import Entry, Store

GROUP, VERSION = "metrics.k8s.io", "v1beta1"
API_SERVICE = f"{VERSION}.{GROUP}"
_READ = frozenset(("get", "list"))
POD_METRICS = ResourceKind(
    group=GROUP, version=VERSION, kind="PodMetrics", plural="pods", namespaced=True, verbs=_READ
)
NODE_METRICS = ResourceKind(
    group=GROUP, version=VERSION, kind="NodeMetrics", plural="nodes", namespaced=False, verbs=_READ
)
_USAGE: JsonObject = {
    "type": "object",
    "description": "What is used, by the name of the resource.",
    "additionalProperties": {"type": "string"},
}
_SCHEMA: JsonObject = {
    "timestamp": {"type": "string", "format": "date-time", "description": "When the figures were read."},
    "window": {"type": "string", "description": "Over how long the CPU time was counted."},
}
_SCHEMAS: Mapping[str, JsonObject] = MappingProxyType(
    {
        "PodMetrics": {
            "type": "object",
            "description": "What the containers of a Pod use.",
            "properties": {
                **_SCHEMA,
                "containers": {
                    "type": "array",
                    "description": "The containers that run.",
                    "items": {
                        "type": "object",
                        "properties": {
                            "name": {"type": "string", "description": "Name of the container."},
                            "usage": _USAGE,
                        },
                    },
                },
            },
        },
        "NodeMetrics": {
            "type": "object",
            "description": "What a node uses, its Pods and its system together.",
            "properties": {**_SCHEMA, "usage": _USAGE},
        },
    }
)


def served(store: Store, clock: Callable[[], float], metrics: Metrics) -> tuple[Served, ...]:
    """The kinds of the group, as the registry wants them: each with the source of its objects."""
    return tuple(
        Served(kind, _printer(), source=_Source(kind, store, clock, metrics))
        for kind in (NODE_METRICS, POD_METRICS)
    )


class _Source:
    """The objects of one kind, made when they are asked for."""

    service = API_SERVICE

    def __init__(
        self, kind: ResourceKind, store: Store, clock: Callable[[], float], metrics: Metrics
    ) -> None:
        self._kind = kind
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._of = builtin(kind.plural)
        self.schema = _SCHEMAS[kind.kind]

    def list(self, namespace: str | None) -> Sequence[Entry]:
        """Those of a namespace, or all."""
        self._check("list")
        return sorted(self._entries(namespace), key=lambda entry: entry.key)

    def get(self, namespace: str, name: str) -> Entry:
        """One of them."""
        self._check("get")
        shown = f"{namespace}/{name}" if self._kind.namespaced else name
        subject = self._store.find(self._of, namespace, name)
        if subject is None or (self._kind.namespaced and dig(subject, "status", "phase") != "Running"):
            raise errors.not_found(self._of, shown)
        if self._kind.namespaced:
            found = list(self._metrics.of(namespace, [subject]))
        else:
            found = list(self._metrics.nodes([name]))
        if not found:
            raise errors.not_found(_named(self._kind), shown)
        return self._entry(found[0])

    def _check(self, verb: str) -> None:
        service = self._store.find(API_SERVICES, "", self.service)
        if service is None or not available(self._store, service).status:
            message = (
                "the server is currently unable to handle the request "
                f"({verb} {self._kind.plural}.{self._kind.group})"
            )
            raise errors.StatusError(503, "ServiceUnavailable", message, {})

    def _entries(self, namespace: str | None) -> Iterator[Entry]:
        found = self._metrics.pods(namespace) if self._kind.namespaced else self._metrics.nodes()
        return (self._entry(sample) for sample in found)

    def _entry(self, sample: Sample) -> Entry:
        about = sample.subject["metadata"]
        metadata: JsonObject = {"name": about["name"]}
        if self._kind.namespaced:
            metadata["namespace"] = about["namespace"]
        metadata["creationTimestamp"] = _stamp(self._clock())
        if about.get("labels"):
            metadata["labels"] = about["labels"]
        obj: JsonObject = {
            "kind": self._kind.kind,
            "apiVersion": self._kind.api_version,
            "metadata": metadata,
            "timestamp": _stamp(sample.at),
            "window": f"{round(sample.window, 3):g}s",
        }
        if self._kind.namespaced:
            obj["containers"] = [{"name": name, "usage": _written(use)} for name, use in sample.usage]
        else:
            obj["usage"] = _written(sample.total)
        return Entry(metadata.get("namespace", ""), about["name"], 0, obj)


def _named(kind: ResourceKind) -> ResourceKind:
    """The resource by the name under which a metrics server says that it has no figures."""
    return ResourceKind(GROUP, VERSION, kind.kind, kind.kind.lower(), namespaced=kind.namespaced)


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")[:19] + "Z"


def _written(use: Usage) -> JsonObject:
    """Usage as quantities: billionths of a core, and kibibytes."""
    return {"cpu": f"{round(use.cpu * 1e9)}n", "memory": f"{round(use.memory / 1024)}Ki"}


def _sum(obj: JsonObject) -> JsonObject:
    if "usage" in obj:
        found: JsonObject = obj["usage"]
        return found
    cpu, memory = (
        sum(int(item["usage"][key].rstrip("Kin")) for item in obj.get("containers") or ())
        for key in ("cpu", "memory")
    )
    return {"cpu": f"{cpu}n", "memory": f"{memory}Ki"}


def _cells(obj: JsonObject, _now: float) -> list[Any]:
    use = _sum(obj)
    return [name_of(obj), use["cpu"], use["memory"], obj["window"]]


def _printer() -> Printer:
    columns = (
        column("Name", "Name of the resource", form="name"),
        column("cpu", form="quantity"),
        column("memory", form="quantity"),
        column("Window", form="duration"),
    )
    return Printer(columns, _cells)
