"""Where a Pod may run: selectors, affinity, tolerations, spreading, gates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.selectors import of_selector
from k8stui.session.describe.model import (
    Phrase,
    Section,
    Writer,
    labelled,
    pairs,
    phrase,
    quiet,
    string,
    strings,
    words,
)

_ALL_TAINTS = Text("every taint", "すべてのTaint")
_EVERY_EFFECT = Text("every effect", "すべての効果")
_FOR = Text("  for {seconds}s", "  {seconds}秒間")
_SPREAD = Text(
    "{key}: at most {skew} apart, when not satisfiable {action}",
    "{key}: 偏りは最大{skew}、満たせないとき{action}",
)
_MUST = Text("required", "必須")
_OR = Text("or", "または")
_PREFERS = Text("preferred, weight {weight}", "優先（重み{weight}）")
_SAME = Text("per {key}", "{key}単位")
_ANY_POD = Text("any Pod", "任意のPod")
_IN_SPACES = Text("in {namespaces}", "Namespace: {namespaces}")

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def scheduling(holder: JsonObject) -> Iterator[Section]:
    """What bears on the choice of a node for a Pod, or for the Pods of a template."""
    writer = Writer()
    gates = {string(c, "type"): c.get("status") for c in dicts(holder, "status", "conditions")}
    writer.fact(
        Text("Readiness gates", "Readiness Gate"),
        *(
            phrase(gate.get("conditionType"), "  ", gates.get(string(gate, "conditionType"), "–"))
            for gate in dicts(holder, "spec", "readinessGates")
        ),
    )
    writer.fact(
        Text("Scheduling gates", "スケジューリングゲート"),
        *(gate.get("name") for gate in dicts(holder, "spec", "schedulingGates")),
    )
    writer.fact(Text("Node selector", "nodeSelector"), *labelled(pairs(holder, "spec", "nodeSelector")))
    writer.fact(
        Text("Node affinity", "ノードアフィニティ"),
        *_affinity(dig(holder, "spec", "affinity", "nodeAffinity"), node_terms, _OR),
    )
    writer.fact(
        Text("Pod affinity", "Podアフィニティ"),
        *_affinity(dig(holder, "spec", "affinity", "podAffinity"), _pod_terms, _MUST),
    )
    writer.fact(
        Text("Pod anti-affinity", "Podアンチアフィニティ"),
        *_affinity(dig(holder, "spec", "affinity", "podAntiAffinity"), _pod_terms, _MUST),
    )
    writer.fact(
        Text("Tolerations", "Toleration"), *(_toleration(one) for one in dicts(holder, "spec", "tolerations"))
    )
    writer.fact(
        Text("Spread", "分散配置"),
        *(_spread(one) for one in dicts(holder, "spec", "topologySpreadConstraints")),
    )
    yield from writer.section(Text("Scheduling", "スケジューリング"))


def _affinity(affinity: Any, terms: Callable[[Any], Iterator[Any]], further: Text) -> Iterator[Phrase]:
    """The terms of an affinity; ``further`` leads to each required one after the first."""
    for at, told in enumerate(terms(dig(affinity, _REQUIRED))):
        yield phrase(quiet(further if at else _MUST), quiet(": "), told)
    for preferred in dicts(affinity, _PREFERRED):
        term = preferred.get("preference", preferred.get("podAffinityTerm"))
        lead = _PREFERS.format(weight=words(preferred.get("weight")))
        for told in terms([term]):
            yield phrase(quiet(lead), quiet(": "), told)


def node_terms(found: Any) -> Iterator[str]:
    """The terms of a node selector, of which one is enough; all expressions of a term must hold."""
    for term in dicts(found, "nodeSelectorTerms") if isinstance(found, dict) else dicts(found):
        parts = [
            " ".join(
                filter(None, (string(one, "key"), string(one, "operator"), ",".join(strings(one, "values"))))
            )
            for field in ("matchExpressions", "matchFields")
            for one in dicts(term, field)
        ]
        if parts:
            yield "  ".join(parts)


def _pod_terms(found: Any) -> Iterator[Phrase]:
    for term in dicts(found):
        selector = term.get("labelSelector")
        picked = (of_selector(selector) if isinstance(selector, dict) else None) or _ANY_POD
        spaces = ", ".join(strings(term, "namespaces"))
        if isinstance(term.get("namespaceSelector"), dict):
            spaces = of_selector(term["namespaceSelector"]) or "*"
        where = ["  ", quiet(_IN_SPACES.format(namespaces=words(spaces)))] if spaces else []
        yield phrase(picked, "  ", quiet(_SAME.format(key=words(term.get("topologyKey")))), *where)


def _toleration(one: JsonObject) -> Phrase:
    """Which taints are borne, and for how long."""
    key, value = string(one, "key"), string(one, "value")
    operator = string(one, "operator") or "Equal"
    taint = _ALL_TAINTS
    if key:
        taint = words(f"{key}={value}" if value else key)
        if operator != "Equal":
            taint = words(f"{key} {operator} {value}".rstrip())
    parts = [taint, Text.same("  "), words(one.get("effect")) if one.get("effect") else _EVERY_EFFECT]
    if one.get("tolerationSeconds") is not None:
        parts.append(_FOR.format(seconds=words(one["tolerationSeconds"])))
    return phrase(*parts)


def _spread(one: JsonObject) -> Phrase:
    told = _SPREAD.format(
        key=words(one.get("topologyKey")),
        skew=words(one.get("maxSkew")),
        action=words(one.get("whenUnsatisfiable")),
    )
    return phrase(told, quiet(f"  {of_selector(one.get('labelSelector')) or ''}"))
