"""What bounds the number of Pods: HorizontalPodAutoscalers and PodDisruptionBudgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.session.describe.beside import Beside
from k8stui.session.describe.model import (
    Phrase,
    Piece,
    Section,
    Tone,
    Writer,
    group_of,
    link,
    moment,
    number,
    own_namespace,
    phrase,
    pods_meant,
    quiet,
    string,
    words,
)
from k8stui.session.describe.quantities import share

_UNKNOWN = Text("unknown", "不明")
_SOURCES = {
    "Resource": ("resource", Text("{name} of the Pods", "Podの{name}")),
    "ContainerResource": ("containerResource", Text("{name} of one container", "特定コンテナの{name}")),
    "Pods": ("pods", Text("{name} of the Pods", "Podの{name}")),
    "Object": ("object", Text("{name} of another object", "別オブジェクトの{name}")),
    "External": ("external", Text("{name} from outside", "外部の{name}")),
}


def autoscaler(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A HorizontalPodAutoscaler: each metric against its target."""
    writer = Writer()
    target = dig(obj, "spec", "scaleTargetRef")
    kind, name = string(target, "kind"), dig(target, "name")
    led = link(kind, name, own_namespace(obj), group_of(string(target, "apiVersion")))
    writer.fact(Text("Scales", "スケール対象"), phrase(f"{words(kind).en} ", led) if name else None)
    low, high = dig(obj, "spec", "minReplicas"), dig(obj, "spec", "maxReplicas")
    writer.fact(Text("Min replicas", "最小数"), low)
    writer.fact(Text("Max replicas", "最大数"), high)
    current, desired = number(obj, "status", "currentReplicas"), number(obj, "status", "desiredReplicas")
    writer.fact(
        Text("Replicas", "レプリカ数"),
        phrase(
            current, " ", quiet(Text("current", "現在")), " → ", desired, " ", quiet(Text("desired", "目標"))
        ),
    )
    part = share(current, high)
    if part is not None:
        writer.bar(
            Text("Of the maximum", "最大数に対して"), part, words(current), " / ", words(high), full=Tone.WARN
        )
    writer.fact(Text("Last scaled", "前回のスケール"), moment(dig(obj, "status", "lastScaleTime"), now))
    yield from writer.section(Text("Scale", "スケール"))
    metrics = Writer()
    _metrics(metrics, obj)
    yield from metrics.section(Text("Metrics", "メトリクス"))
    behaviour = Writer()
    for way, title in (
        ("scaleUp", Text("Scale up", "スケールアップ")),
        ("scaleDown", Text("Scale down", "スケールダウン")),
    ):
        behaviour.fact(title, *_behaviour(dig(obj, "spec", "behavior", way)))
    yield from behaviour.section(Text("Behaviour", "動作"))


def _metrics(writer: Writer, obj: JsonObject) -> None:
    # autoscaling/v1 knows one metric only.
    percent = dig(obj, "spec", "targetCPUUtilizationPercentage")
    if percent is not None:
        now = dig(obj, "status", "currentCPUUtilizationPercentage")
        _metric(writer, words("cpu"), now, percent, "%")
    currents = list(dicts(obj, "status", "currentMetrics"))
    for at, metric in enumerate(dicts(obj, "spec", "metrics")):
        kind = string(metric, "type")
        field, title = _SOURCES.get(kind, ("", Text("{name}", "{name}")))
        source = metric.get(field)
        name = words(dig(source, "name") or dig(source, "metric", "name") or kind)
        said = _current(currents, at, metric, kind, field)
        goal = dig(source, "target")
        for key, unit in (("averageUtilization", "%"), ("averageValue", ""), ("value", "")):
            if dig(goal, key) is not None:
                _metric(
                    writer,
                    title.format(name=name),
                    dig(said, key),
                    dig(goal, key),
                    unit,
                    dig(said, "averageValue"),
                )
                break
        about = dig(source, "describedObject")
        if isinstance(about, dict):
            told = link(
                string(about, "kind"),
                about.get("name"),
                own_namespace(obj),
                group_of(string(about, "apiVersion")),
            )
            writer.deeper().say(f"{words(about.get('kind')).en} ", told)
        container = dig(source, "container")
        if container:
            writer.deeper().say(quiet(Text("container ", "コンテナ ")), words(container))


def _current(currents: list[JsonObject], at: int, metric: JsonObject, kind: str, field: str) -> Any:
    """The current value of the same metric: it may stand at another place, or not be there."""

    def of(one: JsonObject) -> tuple[Any, ...]:
        own = one.get(field)
        return (
            dig(own, "name") or dig(own, "metric", "name"),
            dig(own, "container"),
            dig(own, "describedObject", "name"),
        )

    for found in (*currents[at : at + 1], *currents):
        if found.get("type") == kind and of(found) == of(metric):
            return dig(found, field, "current")
    return None


def _metric(writer: Writer, title: Text, current: Any, goal: Any, unit: str, value: Any = None) -> None:
    shown = f"{words(current).en}{unit}" if current is not None else _UNKNOWN
    extra = f"  ({words(value).en})" if unit and value is not None else ""
    parts: Phrase = phrase(shown, quiet(extra), " / ", f"{words(goal).en}{unit}")
    part = share(current, goal)
    if part is None:
        writer.fact(title, parts)
    else:
        writer.bar(title, part, *parts, full=Tone.WARN)


_WITHIN = Text("{value} {what} within {seconds}s", "{seconds}秒間に{value} {what}")
_WINDOW = Text("looks back {seconds}s", "過去{seconds}秒を考慮")
_SELECT = Text("takes {policy} of", "次のうち{policy}")
_DISABLED = Text("Disabled: it never scales this way", "Disabled（この方向にはスケールしません）")
_NONE_EVICTABLE = Text("No Pod may be evicted now (0)", "今、退避させられるPodはありません（0個）")
_EVICTABLE = Text("{count} Pods may be evicted now", "今、{count}個のPodを退避させられます")
_ONE_EVICTABLE = Text("1 Pod may be evicted now", "今、1個のPodを退避させられます")


def _behaviour(rules: Any) -> Iterator[Phrase]:
    if not isinstance(rules, dict):
        return
    if rules.get("stabilizationWindowSeconds") is not None:
        yield phrase(_WINDOW.format(seconds=words(rules["stabilizationWindowSeconds"])))
    if rules.get("selectPolicy") == "Disabled":
        yield phrase(Piece(_DISABLED, Tone.WARN))
    elif rules.get("selectPolicy"):
        yield phrase(_SELECT.format(policy=words(rules["selectPolicy"])))
    for policy in dicts(rules, "policies"):
        told = _WITHIN.format(
            value=words(policy.get("value")),
            what=words(policy.get("type")),
            seconds=words(policy.get("periodSeconds")),
        )
        yield phrase("  ", told)


def budget(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A PodDisruptionBudget."""
    writer = Writer()
    writer.fact(Text("Min available", "最小利用可能数"), dig(obj, "spec", "minAvailable"))
    writer.fact(Text("Max unavailable", "最大停止数"), dig(obj, "spec", "maxUnavailable"))
    writer.fact(Text("For Pods", "対象のPod"), pods_meant(dig(obj, "spec", "selector")))
    writer.fact(Text("Unhealthy Pods", "異常なPodの扱い"), dig(obj, "spec", "unhealthyPodEvictionPolicy"))
    allowed = number(obj, "status", "disruptionsAllowed")
    tone = Tone.GOOD if allowed else Tone.WARN
    few = {0: _NONE_EVICTABLE, 1: _ONE_EVICTABLE}
    told = few.get(allowed) or _EVICTABLE.format(count=allowed)
    writer.fact(Text("Allowed", "退避の可否"), Piece(told, tone))
    healthy, needed = number(obj, "status", "currentHealthy"), number(obj, "status", "desiredHealthy")
    total = number(obj, "status", "expectedPods")
    writer.fact(Text("Healthy now", "正常なPod"), healthy)
    writer.fact(Text("Healthy needed", "必要な正常Pod"), needed)
    writer.fact(Text("Pods in all", "Podの合計"), total)
    part = share(healthy, total)
    if part is not None:
        writer.bar(Text("Healthy", "正常"), part, f"{healthy} / {total}", full=Tone.GOOD)
    yield from writer.section(Text("Budget", "中断の許容量"))
