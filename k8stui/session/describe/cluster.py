"""Nodes, Namespaces, quotas and limits."""

from __future__ import annotations

from collections.abc import Iterator

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.session.describe.beside import PARTIAL, Answer, Beside, listed
from k8stui.session.describe.containers import total
from k8stui.session.describe.marks import state_piece
from k8stui.session.describe.model import (
    NONE,
    Phrase,
    Piece,
    Section,
    Tone,
    Writer,
    age,
    joined,
    link,
    moment,
    pairs,
    phrase,
    quiet,
    string,
    strings,
    words,
)
from k8stui.session.describe.quantities import amount, share, written
from k8stui.session.describe.workloads import AGE, NAME, STATE
from k8stui.session.wellbeing import state_of

MOST_PODS = 50
"""Pods of a node named one by one; all are summed up."""

_OF = Text("{used} of {hard}", "{used} / {hard}")


def node(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A Node: what it is, how much of it is given away, what runs on it."""
    writer = Writer()
    prefix = "node-role.kubernetes.io/"
    roles = [
        key.removeprefix(prefix) for key, _ in pairs(obj, "metadata", "labels") if key.startswith(prefix)
    ]
    writer.or_none(Text("Roles", "役割"), roles)
    unschedulable = dig(obj, "spec", "unschedulable") is True
    cordoned = Text("no: it is cordoned", "いいえ（cordon中）")
    taken = Piece(cordoned, Tone.WARN) if unschedulable else Text("yes", "はい")
    writer.fact(Text("Takes Pods", "Podの受け入れ"), taken)
    writer.or_none(Text("Taints", "Taint"), [_taint(taint) for taint in dicts(obj, "spec", "taints")])
    addresses = (
        phrase(quiet(f"{string(one, 'type')}  "), one.get("address"))
        for one in dicts(obj, "status", "addresses")
    )
    writer.fact(Text("Addresses", "アドレス"), *addresses)
    cidrs = strings(obj, "spec", "podCIDRs") or [string(obj, "spec", "podCIDR")]
    writer.fact(Text("Pod addresses", "Podのアドレス範囲"), *cidrs)
    writer.fact(Text("Provider ID", "プロバイダーID"), dig(obj, "spec", "providerID"))
    for lease in beside.objects("lease"):
        writer.fact(Text("Last heartbeat", "最終ハートビート"), moment(dig(lease, "spec", "renewTime"), now))
        writer.fact(Text("Lease holder", "リースの保持者"), dig(lease, "spec", "holderIdentity"))
    yield from writer.section(Text("Node", "ノード"))
    yield from _resources(obj, beside)
    yield from _pods(obj, beside["pods"], now)
    info = Writer()
    for key, title in _INFO:
        value = dig(obj, "status", "nodeInfo", key)
        info.fact(title, value if value else None)
    yield from info.section(Text("System", "システム"))


_INFO = (
    ("kernelVersion", Text("Kernel", "カーネル")),
    ("osImage", Text("OS image", "OSイメージ")),
    ("operatingSystem", Text("Operating system", "OS")),
    ("architecture", Text("Architecture", "アーキテクチャ")),
    ("containerRuntimeVersion", Text("Container runtime", "コンテナランタイム")),
    ("kubeletVersion", Text("kubelet", "kubelet")),
    ("kubeProxyVersion", Text("kube-proxy", "kube-proxy")),
    ("machineID", Text("Machine ID", "マシンID")),
    ("systemUUID", Text("System UUID", "システムUUID")),
    ("bootID", Text("Boot ID", "ブートID")),
)


def _taint(taint: JsonObject) -> str:
    value = string(taint, "value")
    return f"{string(taint, 'key')}{'=' + value if value else ''}:{string(taint, 'effect')}"


def _resources(obj: JsonObject, beside: Beside) -> Iterator[Section]:
    writer = Writer()
    capacity, allocatable = dict(pairs(obj, "status", "capacity")), dict(pairs(obj, "status", "allocatable"))
    answer, metrics = beside["pods"], beside["metrics"]
    running = _running(answer)
    usage = dict(pairs(metrics.objects[0], "usage")) if metrics is not None and metrics.objects else {}
    known = answer is not None and answer.denied is None
    names = list(dict.fromkeys([*capacity, *allocatable]))
    sums = {
        (what, name): sum(total(pod, what, name) for pod in running)
        for what in ("requests", "limits")
        for name in names
    }
    rows = []
    for name in names:
        most = allocatable.get(name, capacity.get(name))
        row = [phrase(name), phrase(_readable(capacity.get(name), name)), phrase(_readable(most, name))]
        for what in ("requests", "limits"):
            row.append(_asked(sums[what, name], name, most) if known and name != "pods" else phrase("–"))
        row.append(_used(usage.get(name), most, name))
        rows.append(row)
    head = (Text("resource", "リソース"), Text("capacity", "容量"), Text("allocatable", "割り当て可能"),
            Text("requested", "要求の合計"), Text("limits", "上限の合計"), Text("use", "使用量"))  # fmt: skip
    writer.grid(head, rows)
    for name in ("cpu", "memory"):
        most = allocatable.get(name)
        asked = sums.get(("requests", name), 0.0)
        part = share(asked, most)
        if known and part is not None:
            told = _OF.format(used=written(asked, name), hard=words(_readable(most, name)))
            writer.bar(Text(f"{name} requested", f"{name}の要求"), part, told)
    part = share(len(running), allocatable.get("pods"))
    if known and part is not None:
        told = _OF.format(used=len(running), hard=words(allocatable["pods"]))
        writer.bar(Text("Pods", "Pod"), part, told)
    if answer is not None and answer.partial:
        writer.say(Piece(PARTIAL, Tone.WARN))
    if metrics is not None and metrics.denied is not None:
        writer.say(quiet(metrics.denied))
    yield from writer.section(Text("Capacity and allocation", "容量と割り当て"))


def _running(answer: Answer | None) -> list[JsonObject]:
    """The Pods that hold what they have asked for: not those that have ended."""
    return [
        pod
        for pod in (answer.objects if answer is not None else ())
        if string(pod, "status", "phase") not in ("Succeeded", "Failed")
    ]


def _asked(asked: float, resource: str, most: object) -> Phrase:
    part = share(asked, most)
    shown = f" ({int(part * 100)}%)" if part is not None else ""
    tone = Tone.WARN if part is not None and part > 1 else Tone.PLAIN
    return phrase(Piece(words(f"{written(asked, resource)}{shown}"), tone))


def _used(used: object, most: object, resource: str) -> Phrase:
    part = share(used, most)
    if part is None:
        return phrase(quiet("n/a" if resource in ("cpu", "memory") else "–"))
    return phrase(_readable(used, resource), f"  ({part:.0%})")


def _readable(value: object, resource: str) -> object:
    """A quantity in the unit that suits it; anything else as it stands."""
    found = amount(value)
    return written(found, resource) if found is not None else value


def _pods(obj: JsonObject, answer: Answer | None, now: float) -> Iterator[Section]:
    writer = Writer()
    allocatable = dict(pairs(obj, "status", "allocatable"))
    listed(writer, answer, None)
    found = _running(answer)
    if not found and answer is not None and answer.denied is None:
        writer.say(quiet(NONE))
    rows = []
    for pod in found[:MOST_PODS]:
        space, name = string(pod, "metadata", "namespace"), string(pod, "metadata", "name")
        rows.append([
            phrase(space), link("Pod", name, space), state_piece(state_of(pod)),
            *(_asked(total(pod, what, resource), resource, allocatable.get(resource))
              for resource in ("cpu", "memory") for what in ("requests", "limits")),
            phrase(age(dig(pod, "metadata", "creationTimestamp"), now)),
        ])  # fmt: skip
    head = (Text("namespace", "Namespace"), NAME, STATE,
            Text("cpu req", "cpu要求"), Text("cpu lim", "cpu上限"), Text("mem req", "mem要求"),
            Text("mem lim", "mem上限"), AGE)  # fmt: skip
    writer.grid(head, rows, count=len(found))
    yield from writer.section(Text("Pods on it", "動いているPod"))


def namespace(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A Namespace with its quotas and limits."""
    writer = Writer()
    phase = string(obj, "status", "phase")
    writer.fact(
        Text("Status", "状態"),
        Piece(words(phase), Tone.GOOD if phase == "Active" else Tone.BUSY) if phase else None,
    )
    writer.fact(Text("Content finalizers", "中身のfinalizer"), *strings(obj, "spec", "finalizers"))
    yield from writer.section(Text("Namespace", "Namespace"))
    own = string(obj, "metadata", "name")
    for name, kind, told, title in (
        ("resourcequotas", "ResourceQuota", _bars, Text("Quotas", "リソースクォータ")),
        ("limitranges", "LimitRange", _limits, Text("Limits", "LimitRange")),
    ):
        writer = Writer()
        for one in writer.some(listed(writer, beside[name])):
            writer.say(link(kind, string(one, "metadata", "name"), own))
            told(writer.deeper(), one)
        yield from writer.section(title)


def quota(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A ResourceQuota as bars."""
    writer = Writer()
    writer.fact(Text("Scopes", "スコープ"), *(_scope(name) for name in strings(obj, "spec", "scopes")))
    for one in dicts(obj, "spec", "scopeSelector", "matchExpressions"):
        told = joined((one.get("scopeName"), one.get("operator"), one.get("values")), " ")
        writer.fact(Text("Scope", "スコープ"), told)
    _bars(writer, obj)
    yield from writer.section(Text("Used", "使用量"))


_SCOPES = {
    "Terminating": Text("Pods with a time limit", "制限時間のあるPod"),
    "NotTerminating": Text("Pods without a time limit", "制限時間のないPod"),
    "BestEffort": Text("Pods that ask for nothing", "要求・上限のないPod"),
    "NotBestEffort": Text("Pods that ask for something", "要求か上限のあるPod"),
    "PriorityClass": Text("Pods of a priority class", "PriorityClassを指定したPod"),
    "CrossNamespacePodAffinity": Text(
        "Pods with affinity across namespaces", "NamespaceをまたぐアフィニティのあるPod"
    ),
}


def _scope(name: str) -> Phrase:
    return phrase(name, "  ", quiet(_SCOPES[name])) if name in _SCOPES else phrase(name)


def _bars(writer: Writer, obj: JsonObject) -> None:
    hard = dict(pairs(obj, "spec", "hard")) | dict(pairs(obj, "status", "hard"))
    used = dict(pairs(obj, "status", "used"))
    for name, most in hard.items():
        # Of nothing everything is used.
        part = 1.0 if amount(most) == 0 else share(used.get(name, 0), most)
        writer.bar(name, part if part is not None else 0.0, words(used.get(name, "0")), " / ", words(most))


def limit_range(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A LimitRange."""
    writer = Writer()
    _limits(writer, obj)
    yield from writer.section(Text("Limits", "制限"))


_LIMITS = (
    ("min", Text("min", "最小")),
    ("max", Text("max", "最大")),
    ("defaultRequest", Text("default request", "既定の要求")),
    ("default", Text("default limit", "既定の上限")),
    ("maxLimitRequestRatio", Text("max limit/request", "上限と要求の比の最大")),
)


def _limits(writer: Writer, obj: JsonObject) -> None:
    rows = []
    for limit in dicts(obj, "spec", "limits"):
        maps = [dict(pairs(limit, field)) for field, _ in _LIMITS]
        for resource in sorted({name for found in maps for name in found}):
            values = [phrase(found.get(resource, "–")) for found in maps]
            rows.append([phrase(limit.get("type")), phrase(resource), *values])
    head = [Text("type", "対象"), Text("resource", "リソース"), *(title for _, title in _LIMITS)]
    writer.grid(head, rows)
