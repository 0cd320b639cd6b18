"""The whole description of an object."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import spoken_age
from k8stui.session.describe import (
    access,
    cluster,
    definition,
    generic,
    incident,
    jobs,
    network,
    pods,
    scaling,
    storage,
    workloads,
)
from k8stui.session.describe.beside import Beside, listed
from k8stui.session.describe.conditions import conditions
from k8stui.session.describe.model import (
    Description,
    Phrase,
    Piece,
    Section,
    Tone,
    Writer,
    group_of,
    labelled,
    link,
    moment,
    own_namespace,
    pairs,
    phrase,
    quiet,
    string,
    strings,
    strong,
    words,
)
from k8stui.session.describe.occurrences import Occurrence, occurrences

MOST_EVENTS = 10
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

Describer = Callable[[JsonObject, Beside, float], Iterator[Section]]
"""The sections of one kind between identity and conditions: object, what is beside it, now."""

_KINDS: Mapping[tuple[str, str], Describer] = MappingProxyType(
    {
        ("", "Pod"): pods.pod,
        ("", "ReplicationController"): workloads.replica_set,
        ("apps", "ReplicaSet"): workloads.replica_set,
        ("apps", "Deployment"): workloads.deployment,
        ("apps", "DaemonSet"): workloads.daemon_set,
        ("apps", "StatefulSet"): workloads.stateful_set,
        ("batch", "Job"): jobs.job,
        ("batch", "CronJob"): jobs.cron_job,
        ("", "Service"): network.service,
        ("discovery.k8s.io", "EndpointSlice"): network.endpoint_slice,
        ("networking.k8s.io", "Ingress"): network.ingress,
        ("networking.k8s.io", "NetworkPolicy"): network.network_policy,
        ("", "Secret"): storage.secret,
        ("", "ConfigMap"): storage.config_map,
        ("", "PersistentVolumeClaim"): storage.claim,
        ("", "PersistentVolume"): storage.volume,
        ("", "Event"): incident.event,
        ("events.k8s.io", "Event"): incident.event,
        ("", "Node"): cluster.node,
        ("", "Namespace"): cluster.namespace,
        ("", "ResourceQuota"): cluster.quota,
        ("", "LimitRange"): cluster.limit_range,
        ("", "ServiceAccount"): access.service_account,
        ("rbac.authorization.k8s.io", "Role"): access.role,
        ("rbac.authorization.k8s.io", "ClusterRole"): access.role,
        ("rbac.authorization.k8s.io", "RoleBinding"): access.binding,
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"): access.binding,
        ("autoscaling", "HorizontalPodAutoscaler"): scaling.autoscaler,
        ("policy", "PodDisruptionBudget"): scaling.budget,
        ("apiextensions.k8s.io", "CustomResourceDefinition"): definition.definition,
    }
)

_LEFT_OUT = Text(
    "the manifest that kubectl apply used last: the YAML has it",
    "kubectl applyが最後に使ったマニフェスト（YAMLで読めます）",
)
_FROM = Text("{age} ago", "{age}前")
_OVER = Text("{count} times since {age} ago", "{age}前から{count}回")
_NO_EVENTS = Text(
    "none that the cluster remembers; it forgets them after about an hour",
    "記録なし（イベントは1時間ほどで消えます）",
)
_EARLIER = Text("… and {count} earlier", "…それ以前に{count}件")


def describe(obj: JsonObject, kind: ResourceKind, beside: Beside, now: float) -> Description:
    """Describe an object.

    Args:
        obj: Anything that decoded JSON can be; nothing in it is trusted.
        kind: What it is, by the path it was read from.
        beside: What was read beside it, as far as it has come in.
        now: Seconds since the epoch, for ages.
    """
    obj = {**obj, "kind": kind.kind, "apiVersion": kind.api_version}
    sections = [*_identity(obj, kind, now)]
    describer = _KINDS.get((kind.group, kind.kind), generic.anything)
    sections += describer(obj, beside, now)
    sections += conditions(obj, now)
    if kind.kind != "Event":
        sections += _events(beside, now)
    return Description(tuple(sections))


def _identity(obj: JsonObject, kind: ResourceKind, now: float) -> Iterator[Section]:
    writer = Writer()
    space = own_namespace(obj)
    writer.fact(Text("Name", "名前"), strong(string(obj, "metadata", "name")))
    writer.fact(Text("Namespace", "Namespace"), link("Namespace", space) if space else None)
    writer.fact(Text("Kind", "種類"), phrase(kind.kind, "  ", quiet(kind.api_version)))
    writer.fact(Text("Created", "作成"), moment(dig(obj, "metadata", "creationTimestamp"), now))
    gone = moment(dig(obj, "metadata", "deletionTimestamp"), now)
    if gone is not None:
        grace = dig(obj, "metadata", "deletionGracePeriodSeconds")
        told = phrase(Piece(gone, Tone.WARN), quiet(f"  ({words(grace).en}s)" if grace is not None else ""))
        writer.fact(Text("Deletion due", "削除予定"), told)
    writer.fact(
        Text("Owned by", "所有者"), *(_owner(one, space) for one in dicts(obj, "metadata", "ownerReferences"))
    )
    writer.fact(Text("Finalizers", "finalizer"), *strings(obj, "metadata", "finalizers"))
    writer.fact(Text("Labels", "ラベル"), *labelled(pairs(obj, "metadata", "labels")))
    writer.fact(Text("Annotations", "アノテーション"), *_annotations(obj))
    yield from writer.section(Text("Identity", "基本情報"))


def _owner(owner: JsonObject, space: str) -> Phrase:
    kind, group = string(owner, "kind"), group_of(string(owner, "apiVersion"))
    # The owner of an object in a namespace may be one without; who follows the link finds out.
    parts = phrase(f"{words(kind).en} ", link(kind, owner.get("name"), space, group))
    told = Text("  its controller", "  コントローラー")
    return phrase(*parts, quiet(told)) if owner.get("controller") is True else parts


def _annotations(obj: JsonObject) -> Iterator[Phrase]:
    for key, value in pairs(obj, "metadata", "annotations"):
        yield phrase(words(key), quiet(": "), quiet(_LEFT_OUT) if key == LAST_APPLIED else words(value))


def _events(beside: Beside, now: float) -> Iterator[Section]:
    writer = Writer()
    found = occurrences(listed(writer, beside["events"], _NO_EVENTS))
    if len(found) > MOST_EVENTS:
        writer.say(quiet(_EARLIER.format(count=f"{len(found) - MOST_EVENTS:,}")))
    writer.grid((Text("", ""),) * 4, (_happened(one, now) for one in found[-MOST_EVENTS:]), last=30)
    yield from writer.section(Text("Events", "イベント"))


def _happened(one: Occurrence, now: float) -> list[Phrase]:
    mark = Piece(Text.same("! " if one.warns else "· "), Tone.WARN if one.warns else Tone.QUIET)
    named = phrase(mark, Piece(words(one.reason), Tone.WARN if one.warns else Tone.STRONG))
    kind = [] if one.kind in ("Normal", "Warning") else [quiet(f"  {one.kind}")]
    return [phrase(named, *kind), phrase(when(one, now)), phrase(quiet(one.source)), phrase(one.message)]


def when(one: Occurrence, now: float) -> Text:
    """When it happened last, and how often since when."""
    if one.last is None:
        return Text.same("?")
    told = _FROM.format(age=spoken_age(max(0.0, now - one.last)))
    if one.count < 2 or one.first is None:
        return told
    often = _OVER.format(count=one.count, age=spoken_age(max(0.0, now - one.first)))
    return Text(f"{told.en}, {often.en}", f"{told.ja}、{often.ja}")
