"""Pods, and the templates of those that make Pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.session.describe import containers
from k8stui.session.describe.beside import Beside
from k8stui.session.describe.marks import state_piece
from k8stui.session.describe.model import (
    Piece,
    Section,
    Tone,
    Writer,
    labelled,
    link,
    moment,
    own_namespace,
    pairs,
    phrase,
    quiet,
    string,
    words,
)
from k8stui.session.describe.scheduling import scheduling
from k8stui.session.describe.volumes import volumes
from k8stui.session.wellbeing import state_of

_TONES = {
    "Running": Tone.GOOD,
    "Succeeded": Tone.QUIET,
    "Failed": Tone.BAD,
    "Pending": Tone.BUSY,
    "Unknown": Tone.WARN,
}
_METRICS = Text("Use is not shown: {why}", "使用量は表示できません: {why}")


def pod(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A Pod."""
    yield from _where(obj, now)
    usage: Mapping[str, JsonObject] | None = None
    metrics = beside["metrics"]
    if metrics is not None and metrics.objects:
        usage = {string(one, "name"): one for one in dicts(metrics.objects[0], "containers")}
    for field, statuses, title in containers.LISTS:
        writer = Writer()
        known = {string(one, "name"): one for one in dicts(obj, "status", statuses)}
        # A Pod that no node has taken yet has no statuses; its containers have none to show either.
        containers.containers(writer, obj, field, known, usage, now)
        if field == "containers" and metrics is not None and metrics.denied is not None:
            writer.say(quiet(_METRICS.format(why=metrics.denied)))
        yield from writer.section(title)
    writer = Writer()
    volumes(writer, obj, own_namespace(obj))
    yield from writer.section(Text("Volumes", "ボリューム"))
    yield from scheduling(obj)


def _where(obj: JsonObject, now: float) -> Iterator[Section]:
    writer = Writer()
    phase = string(obj, "status", "phase")
    parts = [Piece(words(phase), _TONES.get(phase, Tone.PLAIN))]
    if dig(obj, "status", "reason"):
        parts += phrase("  ", dig(obj, "status", "reason"))
    state = state_of(obj)
    writer.fact(
        Text("Status", "ステータス"), state_piece(state) if state.word and state.word != phase else None
    )
    writer.fact(Text("Phase", "フェーズ"), tuple(parts) if phase else None, dig(obj, "status", "message"))
    node, host = string(obj, "spec", "nodeName"), dig(obj, "status", "hostIP")
    writer.fact(
        Text("Node", "ノード"),
        phrase(link("Node", node), quiet(f"  {words(host).en}" if host else "")) if node else None,
    )
    nominated = dig(obj, "status", "nominatedNodeName")
    writer.fact(Text("Nominated node", "予定のノード"), link("Node", nominated) if nominated else None)
    writer.fact(Text("Started", "開始"), moment(dig(obj, "status", "startTime"), now))
    addresses = [address for ip in dicts(obj, "status", "podIPs") if (address := ip.get("ip"))]
    writer.fact(Text("IP address", "IPアドレス"), *(addresses or [dig(obj, "status", "podIP")]))
    writer.fact(Text("QoS class", "QoSクラス"), dig(obj, "status", "qosClass"))
    _account(writer, obj, own_namespace(obj))
    _rules(writer, obj)
    yield from writer.section(Text("State", "状態"))


def _account(writer: Writer, holder: JsonObject, namespace: str) -> None:
    account = dig(holder, "spec", "serviceAccountName")
    writer.fact(
        Text("Service account", "ServiceAccount"),
        link("ServiceAccount", account, namespace) if account else None,
    )
    cls, value = dig(holder, "spec", "priorityClassName"), dig(holder, "spec", "priority")
    parts = [link("PriorityClass", cls, "", "scheduling.k8s.io")] if cls else []
    if value is not None:
        parts += phrase("  " if parts else "", value)
    writer.fact(Text("Priority", "優先度"), tuple(parts) or None)


def _rules(writer: Writer, holder: JsonObject) -> None:
    writer.fact(Text("Restart policy", "再起動方針"), dig(holder, "spec", "restartPolicy"))
    grace = dig(holder, "spec", "terminationGracePeriodSeconds")
    writer.fact(Text("Grace period", "終了の猶予"), f"{words(grace).en}s" if grace is not None else None)
    writer.fact(Text("Runtime class", "RuntimeClass"), dig(holder, "spec", "runtimeClassName"))
    writer.fact(Text("DNS policy", "DNS方針"), dig(holder, "spec", "dnsPolicy"))
    for field, title in (
        ("hostNetwork", Text("Host network", "ホストのネットワーク")),
        ("hostPID", Text("Host processes", "ホストのプロセス")),
        ("hostIPC", Text("Host IPC", "ホストのIPC")),
    ):
        writer.fact(title, True if dig(holder, "spec", field) is True else None)
    containers.security(writer, _dict(holder.get("spec")))
    secrets = (
        link("Secret", one.get("name"), own_namespace(holder))
        for one in dicts(holder, "spec", "imagePullSecrets")
    )
    writer.fact(Text("Pull secrets", "イメージ取得用Secret"), *secrets)


def template(holder: JsonObject, namespace: str, now: float) -> Iterator[Section]:
    """The template that Pods are made from."""
    found = dig(holder, "spec", "template")
    if not isinstance(found, dict):
        return
    named = {**found, "metadata": {**_dict(found.get("metadata")), "namespace": namespace}}
    writer = Writer()
    writer.fact(Text("Labels", "ラベル"), *labelled(pairs(found, "metadata", "labels")))
    writer.fact(
        Text("Annotations", "アノテーション"), *labelled(pairs(found, "metadata", "annotations"), ": ")
    )
    _account(writer, named, namespace)
    _rules(writer, named)
    yield from writer.section(Text("Pod template", "Podテンプレート"))
    for field, _, title in containers.LISTS:
        writer = Writer()
        containers.containers(writer, named, field, {}, None, now)
        yield from writer.section(title)
    writer = Writer()
    volumes(writer, named, namespace)
    yield from writer.section(Text("Volumes", "ボリューム"))
    yield from scheduling(named)


def _dict(value: object) -> JsonObject:
    return value if isinstance(value, dict) else {}
