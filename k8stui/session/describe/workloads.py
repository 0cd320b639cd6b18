"""Those that keep Pods running: ReplicaSets, Deployments, DaemonSets, StatefulSets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.selectors import of_labels, of_selector
from k8stui.session.describe.beside import Answer, Beside, listed
from k8stui.session.describe.marks import state_piece
from k8stui.session.describe.model import (
    MOST_LINES,
    Phrase,
    Piece,
    Section,
    Tone,
    Writer,
    age,
    joined,
    labelled,
    link,
    number,
    own_namespace,
    pairs,
    phrase,
    quiet,
    string,
    words,
)
from k8stui.session.describe.pods import template
from k8stui.session.wellbeing import Mood, State, state_of

REVISION = "deployment.kubernetes.io/revision"
MOST_PODS = 20
"""Pods named one by one; the rest is counted."""

PODS = Text("Pods", "Pod")
_ROLLOUT = Text("Rollout", "ロールアウト")
_PAUSED = Text("paused", "一時停止中")
_UNSEEN = Text("the controller has not seen the latest change yet", "最新の変更をコントローラーが未処理")
_STUCK = Text("stuck: no progress within the deadline", "停滞: 期限内に進みませんでした")
_MAKING = Text("under way: {count} of {all} new Pods made", "進行中: 新しいPodを{all}個中{count}個作成")
_ENDING = Text("under way: {count} old Pods have yet to end", "進行中: 古いPodが{count}個残っています")
_AWAITING = Text(
    "under way: {count} of {all} new Pods available", "進行中: 新しいPodの{all}個中{count}個が利用可能"
)
_COMPLETE = Text("complete", "完了")
_SELECTOR = Text("Selector", "セレクター")
_STRATEGY = Text("Strategy", "更新方式")
_MIN_READY = Text("Min ready", "最短の準備時間")
_NEW = Text("new", "新")
_OLD = Text("old", "旧")
NAME = Text("name", "名前")
STATE = Text("state", "状態")
AGE = Text("age", "経過時間")


def _replicas(writer: Writer, obj: JsonObject, counted: Iterable[tuple[Text, object]]) -> None:
    wanted = dig(obj, "spec", "replicas")
    parts: list[Phrase] = []
    for title, value in (*([(Text("desired", "必要数"), wanted)] if wanted is not None else []), *counted):
        shown = value if isinstance(value, int) else 0
        parts.append(phrase(shown, " ", quiet(title)))
    writer.fact(Text("Replicas", "レプリカ数"), joined(parts, quiet(" · ")))


def selector(writer: Writer, obj: JsonObject) -> None:
    """The Pods that are an object's own."""
    found = dig(obj, "spec", "selector")
    if obj.get("kind") == "ReplicationController":
        plain = of_labels({words(k).en: words(v).en for k, v in pairs(found)})
        writer.fact(_SELECTOR, plain)
    else:
        writer.fact(_SELECTOR, of_selector(found))


def pods_of(obj: JsonObject, answer: Answer | None) -> Iterator[Section]:
    """The Pods that an object has made: how many fare how, and the first of them."""
    writer = Writer()
    uid = dig(obj, "metadata", "uid")
    owned = [
        one
        for one in listed(writer, answer, None)
        if any(owner.get("uid") == uid for owner in dicts(one, "metadata", "ownerReferences"))
    ]
    if answer is not None and (owned or answer.denied is None):
        _phases(writer, owned)
        _pod_grid(writer, owned)
    yield from writer.section(PODS)


_PHASES = (
    ("Running", Text("{count} Running", "Running {count}"), Tone.GOOD),
    ("Pending", Text("{count} Waiting", "Waiting {count}"), Tone.BUSY),
    ("Succeeded", Text("{count} Succeeded", "Succeeded {count}"), Tone.QUIET),
    ("Failed", Text("{count} Failed", "Failed {count}"), Tone.BAD),
)


def _phases(writer: Writer, found: list[JsonObject]) -> None:
    counted = Counter(string(one, "status", "phase") for one in found)
    parts = (
        Piece(told.format(count=counted[phase]), tone if counted[phase] else Tone.QUIET)
        for phase, told, tone in _PHASES
    )
    writer.fact(Text("Status", "状態"), joined(parts))


_WORST_FIRST = (Mood.BAD, Mood.WARN, Mood.BUSY, Mood.OK, Mood.DIM)


def _pod_grid(writer: Writer, found: list[JsonObject]) -> None:
    """Pods by name, those in trouble first."""
    rated = sorted(((state_of(one), one) for one in found), key=lambda pair: _WORST_FIRST.index(pair[0].mood))
    rows = (
        [
            link("Pod", string(one, "metadata", "name"), own_namespace(one)),
            state_piece(state),
            _restarts(one),
            dig(one, "spec", "nodeName"),
            dig(one, "status", "podIP"),
        ]
        for state, one in rated[:MOST_PODS]
    )
    head = (NAME, STATE, Text("restarts", "再起動"), Text("node", "ノード"), Text("IP", "IP"))
    writer.grid(head, rows, count=len(rated))


def _restarts(one: JsonObject) -> Piece:
    count = sum(number(status, "restartCount") for status in dicts(one, "status", "containerStatuses"))
    return Piece(words(count), Tone.WARN if count else Tone.QUIET)


def replica_set(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A ReplicaSet or a ReplicationController."""
    writer = Writer()
    _replicas(
        writer,
        obj,
        [
            (Text("current", "現在"), dig(obj, "status", "replicas")),
            (Text("ready", "準備完了"), dig(obj, "status", "readyReplicas")),
            (Text("available", "利用可能"), dig(obj, "status", "availableReplicas")),
        ],
    )
    selector(writer, obj)
    seconds(writer, _MIN_READY, dig(obj, "spec", "minReadySeconds"))
    yield from writer.section(Text("Replicas", "レプリカ"))
    yield from pods_of(obj, beside["pods"])
    yield from template(obj, own_namespace(obj), now)


def seconds(writer: Writer, title: Text, value: object) -> None:
    """A span of time that the object gives in seconds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        writer.fact(title, f"{value}s")


def deployment(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A Deployment with its ReplicaSets."""
    writer = Writer()
    updated, total = dig(obj, "status", "updatedReplicas"), dig(obj, "status", "replicas")
    _replicas(
        writer,
        obj,
        [
            (Text("updated", "更新済み"), updated),
            (Text("total", "合計"), total),
            (Text("available", "利用可能"), dig(obj, "status", "availableReplicas")),
            (Text("unavailable", "利用不可"), dig(obj, "status", "unavailableReplicas")),
        ],
    )
    writer.fact(Text("State", "状態"), _rollout(obj))
    selector(writer, obj)
    _strategy(writer, obj, "strategy")
    seconds(writer, _MIN_READY, dig(obj, "spec", "minReadySeconds"))
    seconds(writer, Text("Deadline", "進行の期限"), dig(obj, "spec", "progressDeadlineSeconds"))
    writer.fact(Text("History kept", "履歴の保持数"), dig(obj, "spec", "revisionHistoryLimit"))
    writer.fact(Text("Revision", "リビジョン"), dig(obj, "metadata", "annotations", REVISION))
    yield from writer.section(_ROLLOUT)
    yield from _replica_sets(obj, beside["replicasets"], now)
    yield from template(obj, own_namespace(obj), now)


def _rollout(obj: JsonObject) -> Piece:
    """How far the rollout is, judged as ``kubectl rollout status`` does."""
    if dig(obj, "spec", "paused") is True:
        return Piece(_PAUSED, Tone.WARN)
    if number(obj, "metadata", "generation") > number(obj, "status", "observedGeneration"):
        return Piece(_UNSEEN, Tone.BUSY)
    progress = [c.get("reason") for c in dicts(obj, "status", "conditions") if c.get("type") == "Progressing"]
    if "ProgressDeadlineExceeded" in progress:
        return Piece(_STUCK, Tone.BAD)
    wanted, updated = number(obj, "spec", "replicas"), number(obj, "status", "updatedReplicas")
    total, available = number(obj, "status", "replicas"), number(obj, "status", "availableReplicas")
    if updated < wanted:
        return Piece(_MAKING.format(count=updated, all=wanted), Tone.BUSY)
    if total > updated:
        return Piece(_ENDING.format(count=total - updated), Tone.BUSY)
    if available < updated:
        return Piece(_AWAITING.format(count=available, all=updated), Tone.BUSY)
    return Piece(_COMPLETE, Tone.GOOD)


def _strategy(writer: Writer, obj: JsonObject, field: str) -> None:
    """How new Pods take the place of old ones."""
    parts = [phrase(string(obj, "spec", field, "type"))]
    for name, title in (
        ("maxUnavailable", Text("max unavailable", "最大停止数")),
        ("maxSurge", Text("max surge", "最大超過数")),
        ("partition", Text("partition", "パーティション")),
    ):
        value = dig(obj, "spec", field, "rollingUpdate", name)
        if value is not None:
            parts.append(phrase(value, " ", quiet(title)))
    writer.fact(_STRATEGY, joined(parts) if string(obj, "spec", field, "type") else None)


def _replica_sets(obj: JsonObject, answer: Answer | None, now: float) -> Iterator[Section]:
    writer = Writer()
    own = dig(obj, "metadata", "annotations", REVISION)
    sets = sorted(listed(writer, answer), key=_revision, reverse=True)
    head = (Text("", ""), NAME, Text("revision", "リビジョン"), Text("ready/desired", "準備完了/必要数"), AGE)
    writer.grid(head, (_replica_set(one, own, now) for one in sets[:MOST_LINES]), count=len(sets))
    yield from writer.section(Text("ReplicaSets", "ReplicaSet"))


def _replica_set(one: JsonObject, own: object, now: float) -> list[object]:
    revision = dig(one, "metadata", "annotations", REVISION)
    new = revision is not None and revision == own
    made = f"{number(one, 'status', 'readyReplicas')}/{number(one, 'spec', 'replicas')}"
    return [
        Piece(_NEW if new else _OLD, Tone.STRONG if new else Tone.QUIET),
        link("ReplicaSet", string(one, "metadata", "name"), own_namespace(one), "apps"),
        revision,
        state_piece(State(state_of(one).mood, made)),
        age(dig(one, "metadata", "creationTimestamp"), now),
    ]


def _revision(one: JsonObject) -> int:
    found = string(one, "metadata", "annotations", REVISION)
    return int(found) if found.isascii() and found.isdigit() and len(found) < 19 else 0


def daemon_set(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A DaemonSet."""
    writer = Writer()
    for title, field in (
        (Text("Desired", "必要なノード数"), "desiredNumberScheduled"),
        (Text("Current", "配置済み"), "currentNumberScheduled"),
        (Text("Up to date", "更新済み"), "updatedNumberScheduled"),
        (Text("Ready", "準備完了"), "numberReady"),
        (Text("Available", "利用可能"), "numberAvailable"),
        (Text("Misscheduled", "配置の誤り"), "numberMisscheduled"),
    ):
        writer.fact(title, number(obj, "status", field))
    selector(writer, obj)
    _strategy(writer, obj, "updateStrategy")
    seconds(writer, _MIN_READY, dig(obj, "spec", "minReadySeconds"))
    yield from writer.section(Text("Nodes", "ノード"))
    yield from pods_of(obj, beside["pods"])
    yield from template(obj, own_namespace(obj), now)


def stateful_set(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A StatefulSet with its claim templates."""
    writer = Writer()
    _replicas(
        writer,
        obj,
        [
            (Text("total", "合計"), dig(obj, "status", "replicas")),
            (Text("ready", "準備完了"), dig(obj, "status", "readyReplicas")),
            (Text("updated", "更新済み"), dig(obj, "status", "updatedReplicas")),
        ],
    )
    selector(writer, obj)
    service = dig(obj, "spec", "serviceName")
    writer.fact(Text("Service", "Service"), link("Service", service, own_namespace(obj)) if service else None)
    _strategy(writer, obj, "updateStrategy")
    writer.fact(Text("Order", "起動順"), dig(obj, "spec", "podManagementPolicy"))
    for when, policy in pairs(obj, "spec", "persistentVolumeClaimRetentionPolicy"):
        writer.fact(Text("Claims {when}", "PVCの扱い {when}").format(when=words(when)), policy)
    yield from writer.section(Text("Replicas", "レプリカ"))
    yield from pods_of(obj, beside["pods"])
    claims = Writer()
    for claim in dicts(obj, "spec", "volumeClaimTemplates"):
        _claim(claims, claim)
    yield from claims.section(Text("Claim templates", "PVCテンプレート"))
    yield from template(obj, own_namespace(obj), now)


def _claim(writer: Writer, claim: JsonObject) -> None:
    size, modes = dig(claim, "spec", "resources", "requests", "storage"), dig(claim, "spec", "accessModes")
    lines = [phrase(size, "  ", quiet(modes))]
    storage = dig(claim, "spec", "storageClassName")
    if storage:
        lines.append(phrase(link("StorageClass", storage, "", "storage.k8s.io")))
    for field in ("labels", "annotations"):
        lines += labelled(pairs(claim, "metadata", field))
    writer.fact(words(dig(claim, "metadata", "name")), *lines)
