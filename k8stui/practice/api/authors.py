"""managedFields of what the cluster's own components wrote, made when somebody looks.

See ``writes`` for what is noted. What the server itself fills in (a Pod's node, a Service's address,
the volume with a Pod's token) belongs to nobody, as on a real server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.practice.api import convert, fields, managers
from k8stui.practice.api.managers import UPDATE, Manager, Writer
from k8stui.practice.kinds import builtin
from k8stui.practice.shelf import Entry
from k8stui.practice.writes import Write


class Shapes:
    """Field sets that were made already. What they are of is kept with them, so that its id stays its own."""

    __slots__ = ("looks", "parts", "specs")

    def __init__(self) -> None:
        self.parts: dict[int, tuple[object, str, JsonObject]] = {}
        """Those of parts that objects share, by the part's id."""
        self.specs: dict[tuple[object, ...], tuple[JsonObject, JsonObject]] = {}
        """Those of specs that differ in nothing but the node."""
        self.looks: dict[int, tuple[Entry, JsonObject]] = {}
        """The metadata of what was asked for last: every watch asks for the same."""


_MOST_SHAPES = 2_000
_MOST_LOOKS = 32
_EVENT = builtin("events", "events.k8s.io")
_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_TOKEN_VOLUME = "kube-api-access-"
_PROTECTION = frozenset(("kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"))
_NOT_READY = frozenset(("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"))
_OWN = frozenset(("hostIPs", "podIPs", "ownerReferences"))
"""Lists that no two objects share."""
_BINDING = (".", 'k:{"type":"PodScheduled"}')
_JOB_LABELS = frozenset(
    ("batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name")
)
_ZEROS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "ReplicaSet": frozenset(("replicas",)),
        "ReplicationController": frozenset(("replicas",)),
        "StatefulSet": frozenset(("replicas", "availableReplicas")),
        "DaemonSet": frozenset(
            ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
        ),
        "PodDisruptionBudget": frozenset(
            ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
        ),
        "HorizontalPodAutoscaler": frozenset(("currentReplicas", "desiredReplicas")),
    }
)
"""Numbers of a status that are there from the start: while they are 0, nobody has set them."""


def whole(entry: Entry, shapes: Shapes | None = None) -> JsonObject:
    """A stored object with its managedFields; itself when there is nothing to add.

    Args:
        entry: The stored version.
        shapes: What earlier calls for objects of the kind found out; this one adds to it.
    """
    if not entry.writes:
        return entry.object
    return {**entry.object, "metadata": metadata(entry, shapes)}


def later(entry: Entry, obj: JsonObject) -> JsonObject:
    """A later version of a stored object, of which nobody has written any more, with its managedFields."""
    return whole(Entry(entry.namespace, entry.name, entry.revision, obj, entry.writes))


def metadata(entry: Entry, shapes: Shapes | None = None) -> JsonObject:
    """The metadata of ``whole``."""
    if not entry.writes:
        found: JsonObject = entry.object["metadata"]
        return found
    if shapes is None:
        return _metadata_of(entry, None)
    if (known := shapes.looks.get(id(entry))) is not None:
        return known[1]
    if len(shapes.looks) >= _MOST_LOOKS:
        shapes.looks.clear()
    made = _metadata_of(entry, shapes)
    shapes.looks[id(entry)] = entry, made
    return made


def _metadata_of(entry: Entry, shapes: Shapes | None) -> JsonObject:
    obj: JsonObject = entry.object
    found: JsonObject = obj["metadata"]
    if "managedFields" in found or any(write.paths is not None for write in entry.writes):
        listed = [manager.to_json() for manager in _mixed(obj, entry.writes) if manager.owned]
    else:
        listed = [
            _json(obj, write, tree)
            for write in entry.writes
            if (tree := _part(obj, write.subresource, shapes))
        ]
    return {**found, "managedFields": sorted(listed, key=managers.order)} if listed else found


def creator(obj: JsonObject, given: JsonObject, writer: Writer) -> Manager:
    """The entry of the client that makes an object.

    Args:
        obj: The object with its defaults, before admission.
        given: What the client sent.
        writer: The client.
    """
    kind = writer.kind.kind
    present, said = fields.values(obj, kind, obj), fields.values(given, kind, given)
    owned = frozenset(fields.flat(_part(obj, "", None))) | (said.keys() & present.keys())
    return Manager(writer.name, UPDATE, writer.kind.api_version, writer.subresource, writer.time, owned)


def _json(obj: JsonObject, write: Write, tree: JsonObject) -> JsonObject:
    entry: JsonObject = {
        "manager": write.manager,
        "operation": write.operation,
        "apiVersion": _version(obj),
        "time": write.time,
        "fieldsType": "FieldsV1",
        "fieldsV1": tree,
    }
    if write.subresource:
        entry["subresource"] = write.subresource
    return entry


def _version(obj: JsonObject) -> str:
    """In which version components write an object."""
    if obj["kind"] == "Event" and obj.get("eventTime"):
        return _EVENT.api_version
    return str(obj["apiVersion"])


def _mixed(obj: JsonObject, writes: tuple[Write, ...]) -> list[Manager]:
    """The entries of an object that several have written to."""
    kind = obj["kind"]
    present = fields.values(obj, kind, obj).keys()
    found = {each.identity: each for each in managers.read(obj)}
    explicit = [write.paths for write in writes if write.paths is not None]
    for write in writes:
        me = write.manager, write.operation, write.subresource
        others = [each for key, each in found.items() if key != me]
        if write.paths is None:
            tree = _part(obj, write.subresource, None)
            owned = frozenset(fields.flat(tree)).difference(*explicit, *(each.owned for each in others))
        else:
            owned = write.paths & present
            found.update((each.identity, each.without(owned)) for each in others)
        if me in found:
            owned |= found[me].owned & present
        found[me] = Manager(*me[:2], _version(obj), write.subresource, write.time, owned)
    return list(found.values())


def _part(obj: JsonObject, subresource: str, shapes: Shapes | None) -> JsonObject:
    """The field set of a status, or of everything else, as far as anybody owns it."""
    if subresource:
        tree = _status(obj, shapes)
        return {"f:status": tree} if tree else {}
    if obj["kind"] == "Event":
        return _event(obj)
    kind = obj["kind"]
    result: JsonObject = {}
    for key in sorted(obj):
        value = obj[key]
        if key in ("kind", "apiVersion", "status"):
            continue
        if key == "metadata":
            tree = _metadata(kind, value, shapes)
        elif key == "spec" and isinstance(value, dict):
            tree = _spec(kind, value, shapes)
            if not tree:
                continue
        else:
            result[f"f:{key}"] = fields.tree(key, value, kind, zero=True)
            continue
        if tree:
            result[f"f:{key}"] = tree
    return result


def _metadata(kind: str, value: JsonObject, shapes: Shapes | None) -> JsonObject:
    owned = {key: each for key, each in value.items() if key not in fields.UNOWNED}
    if kind == "Job" and "labels" in owned:
        owned["labels"] = _own_labels(owned["labels"])
        if not owned["labels"]:
            del owned["labels"]
    if "finalizers" in owned:
        owned["finalizers"] = [each for each in owned["finalizers"] if each not in _PROTECTION]
        if not owned["finalizers"]:
            del owned["finalizers"]
    return {
        f"f:{key}": _shape(key, owned[key], "ObjectMeta", kind, shapes, zero=True) for key in sorted(owned)
    }


def _spec(kind: str, spec: JsonObject, shapes: Shapes | None) -> JsonObject:
    if shapes is None:
        return _spec_of(kind, spec, None)
    alike = tuple(
        (key, id(value) if isinstance(value, (dict, list)) else value)
        for key, value in spec.items()
        if key != "nodeName"
    )
    known = shapes.specs.get(alike)
    if known is None:
        if len(shapes.specs) >= _MOST_SHAPES:
            shapes.specs.clear()
        known = shapes.specs[alike] = spec, _spec_of(kind, spec, shapes)
    return known[1]


def _spec_of(kind: str, spec: JsonObject, shapes: Shapes | None) -> JsonObject:
    left_out = _LEFT_OUT.get(kind)
    if left_out is not None:
        spec = left_out(spec)
    owner = fields.step(kind, "spec")
    builtin_kind = fields.embedded(kind, "spec")
    tree = {
        f"f:{key}": _shape(key, spec[key], owner, kind, shapes, zero=builtin_kind)
        for key in sorted(spec)
        if not fields.unset(owner, key, spec[key], zero=builtin_kind)
    }
    return tree if builtin_kind or not tree else {".": {}, **tree}


def _shape(key: str, value: Any, owner: str, kind: str, shapes: Shapes | None, *, zero: bool) -> JsonObject:
    """The field set of one field; that of a part that several objects share is made once."""
    if not isinstance(value, (dict, list)) or not value:
        return {}
    known = shapes.parts.get(id(value)) if shapes is not None else None
    if known is not None and known[0] is value and known[1] == key:
        return known[2]
    part: Any = value
    if kind == "Pod" and key in ("containers", "initContainers") and isinstance(value, list):
        part = _without_tokens(value)
    tree = fields.tree(key, part, owner, zero=zero)
    if kind == "Pod" and key == "conditions":
        # A Pod is scheduled by its binding, which is nobody's; so the list is there before others write.
        tree = {step: below for step, below in tree.items() if step not in _BINDING}
    if shapes is not None and key not in _OWN:
        if len(shapes.parts) >= _MOST_SHAPES:
            shapes.parts.clear()
        shapes.parts[id(value)] = value, key, tree
    return tree


def _status(obj: JsonObject, shapes: Shapes | None) -> JsonObject:
    """The field set of a status, without what the server set at the object's creation."""
    kind, status = obj["kind"], obj.get("status") or {}
    owner, zeros = fields.step(kind, "status"), _ZEROS.get(kind, frozenset())
    tree: JsonObject = {}
    for key in sorted(status):
        value = status[key]
        if key in zeros and value == 0:
            continue
        if kind == "Pod" and (key == "qosClass" or (key == "phase" and value == "Pending")):
            continue
        tree[f"f:{key}"] = _shape(key, value, owner, kind, shapes, zero=True)
    if kind == "Pod" and not tree.get("f:conditions", True):
        del tree["f:conditions"]
    return tree if fields.embedded(kind, "status") or not tree else {".": {}, **tree}


def _event(obj: JsonObject) -> JsonObject:
    """The field set of an Event in the version in which it was written."""
    if obj.get("eventTime"):
        obj = convert.view(_EVENT, obj)
    said = {
        key: value for key, value in obj.items() if value and key not in ("metadata", "kind", "apiVersion")
    }
    return {f"f:{key}": fields.tree(key, said[key], "Event", zero=True) for key in sorted(said)}


def _without_tokens(containers: list[JsonObject]) -> list[JsonObject]:
    """Containers without the mount of their token."""
    result = []
    for container in containers:
        mounts = container.get("volumeMounts") or ()
        kept = [mount for mount in mounts if mount.get("mountPath") != _TOKEN_PATH]
        if len(kept) != len(mounts):
            container = {**container, "volumeMounts": kept}
            if not kept:
                del container["volumeMounts"]
        result.append(container)
    return result


def _pod(spec: JsonObject) -> JsonObject:
    out = {"nodeName", "priority", "preemptionPolicy"}
    if spec.get("serviceAccountName") == "default":
        out |= {"serviceAccount", "serviceAccountName"}
    if all(each.get("key") in _NOT_READY for each in spec.get("tolerations") or ()):
        out.add("tolerations")
    volumes = spec.get("volumes") or ()
    mine = [each for each in volumes if not str(each.get("name")).startswith(_TOKEN_VOLUME)]
    if len(mine) != len(volumes):
        spec = {**spec, "volumes": mine}
        if not mine:
            out.add("volumes")
    return {key: value for key, value in spec.items() if key not in out}


def _service(spec: JsonObject) -> JsonObject:
    out = {"clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort"}
    if spec.get("clusterIP") != "None":
        out.add("clusterIP")
    kept = {key: value for key, value in spec.items() if key not in out}
    if spec.get("ports"):
        kept["ports"] = [
            {key: value for key, value in port.items() if key != "nodePort"} for port in spec["ports"]
        ]
    return kept


def _job(spec: JsonObject) -> JsonObject:
    kept = {key: value for key, value in spec.items() if key != "selector" or spec.get("manualSelector")}
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    mine = _own_labels(labels)
    if len(mine) != len(labels):
        said = {key: value for key, value in template["metadata"].items() if key != "labels"}
        said |= {"labels": mine} if mine else {}
        kept["template"] = {key: value for key, value in template.items() if key != "metadata"}
        kept["template"] |= {"metadata": said} if said else {}
    return kept


def _own_labels(labels: JsonObject | None) -> JsonObject:
    """Labels of a Job without those that the server gives it."""
    return {key: value for key, value in (labels or {}).items() if key not in _JOB_LABELS}


def _namespace(spec: JsonObject) -> JsonObject:
    return {key: value for key, value in spec.items() if key != "finalizers"}


_LEFT_OUT: Mapping[str, Callable[[JsonObject], JsonObject]] = MappingProxyType(
    {"Pod": _pod, "Service": _service, "Job": _job, "Namespace": _namespace}
)
"""By kind: a spec without what the server fills in by itself."""
