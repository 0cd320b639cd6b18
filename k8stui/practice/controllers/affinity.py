"""What Pods say about nodes by their labels, and about the Pods that they want near or far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.base import deleting, labels_of, matches

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"

Placed = tuple[JsonObject, Mapping[str, str]]
"""A Pod that has a node, and the labels of that node."""


def node_fits(spec: JsonObject, node: JsonObject) -> bool:
    """Whether a node has the labels that nodeSelector and the required node affinity ask for."""
    labels = labels_of(node)
    if any(labels.get(key) != value for key, value in (spec.get("nodeSelector") or {}).items()):
        return False
    required = dig(spec, "affinity", "nodeAffinity", _REQUIRED)
    return required is None or term_fits(required, node)


def term_fits(selector: JsonObject, node: JsonObject) -> bool:
    """Whether a node satisfies one of the terms of a NodeSelector."""
    return any(_fits(term, node) for term in dicts(selector, "nodeSelectorTerms"))


def node_names(spec: JsonObject) -> set[str] | None:
    """The names of nodes to which required node affinity restricts a Pod; None when it does not."""
    terms = list(dicts(spec, "affinity", "nodeAffinity", _REQUIRED, "nodeSelectorTerms"))
    found: set[str] = set()
    for term in terms:
        fields = [f for f in dicts(term, "matchFields") if f.get("operator") == "In"]
        if not fields:
            return None
        found.update(fields[0].get("values") or ())
    return found if terms else None


def node_preference(spec: JsonObject, node: JsonObject) -> int:
    """The sum of the weights of the preferred terms that a node satisfies."""
    return sum(
        item.get("weight", 0)
        for item in dicts(spec, "affinity", "nodeAffinity", _PREFERRED)
        if _fits(item.get("preference") or {}, node)
    )


def _fits(term: JsonObject, node: JsonObject) -> bool:
    expressions, fields = list(dicts(term, "matchExpressions")), list(dicts(term, "matchFields"))
    if not expressions and not fields:
        return False
    labels = labels_of(node)
    name = {"metadata.name": node["metadata"]["name"]}
    return all(_meets(e, labels) for e in expressions) and all(_meets(f, name) for f in fields)


def _meets(expression: JsonObject, labels: Mapping[str, str]) -> bool:
    found = labels.get(expression.get("key", ""))
    values: list[str] = expression.get("values") or []
    match expression.get("operator"):
        case "In":
            return found in values
        case "NotIn":
            return found not in values
        case "Exists":
            return found is not None
        case "DoesNotExist":
            return found is None
        case "Gt" | "Lt" as operator:
            try:
                left, right = int(found or ""), int(values[0])
            except (ValueError, IndexError):
                return False
            return left > right if operator == "Gt" else left < right
    return False


class Term(msgspec.Struct, frozen=True):
    """Pods that another one wants near or far."""

    key: str
    """The node label that says what near means."""
    selector: JsonObject | None
    own_space: str
    spaces: tuple[str, ...]
    space_selector: JsonObject | None
    weight: int = 1

    def selects(self, pod: JsonObject, space_labels: Callable[[str], Mapping[str, str]]) -> bool:
        """Whether it means a Pod."""
        space = pod["metadata"].get("namespace", "")
        if self.space_selector is not None:
            inside = space in self.spaces or matches(self.space_selector, space_labels(space))
        else:
            inside = space in (self.spaces or (self.own_space,))
        return inside and matches(self.selector, labels_of(pod))


def terms(pod: JsonObject, kind: str, *, preferred: bool = False) -> list[Term]:
    """The terms of a Pod's ``podAffinity`` or ``podAntiAffinity``."""
    affinity = pod["spec"].get("affinity")
    if not affinity or kind not in affinity:
        return []
    if preferred:
        found = dicts(affinity, kind, _PREFERRED)
        return [_term(pod, item.get("podAffinityTerm") or {}, item.get("weight", 1)) for item in found]
    return [_term(pod, item) for item in dicts(affinity, kind, _REQUIRED)]


def _term(pod: JsonObject, said: JsonObject, weight: int = 1) -> Term:
    return Term(
        said.get("topologyKey", ""),
        _with_keys(said, pod),
        pod["metadata"].get("namespace", ""),
        tuple(said.get("namespaces") or ()),
        said.get("namespaceSelector"),
        weight,
    )


def _with_keys(said: JsonObject, pod: JsonObject) -> JsonObject | None:
    """The label selector, narrowed by the Pod's own values of the labels that are to match, or not to."""
    selector: JsonObject | None = said.get("labelSelector")
    labels = labels_of(pod)
    more = [
        {"key": key, "operator": operator, "values": [labels[key]]}
        for field, operator in (("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn"))
        for key in said.get(field) or ()
        if key in labels
    ]
    if selector is None or not more:
        return selector
    return {**selector, "matchExpressions": [*(selector.get("matchExpressions") or ()), *more]}


def domains(
    wanted: Iterable[Term], placed: Sequence[Placed], space_labels: Callable[[str], Mapping[str, str]]
) -> list[Counter[str]]:
    """For each term, how many Pods that it means are in which of its domains."""
    found = []
    for term in wanted:
        count: Counter[str] = Counter()
        for pod, labels in placed:
            if term.key in labels and term.selects(pod, space_labels):
                count[labels[term.key]] += 1
        found.append(count)
    return found


class Spread(msgspec.Struct, frozen=True):
    """One topologySpreadConstraint, and where the Pods that it counts are."""

    key: str
    skew: int
    hard: bool
    counts: Mapping[str, int]
    """Pods by domain; every eligible domain is there."""
    itself: bool
    """Whether it counts the Pod too."""

    def least(self) -> int:
        """The fewest in a domain."""
        return min(self.counts.values(), default=0)

    def allows(self, value: str) -> bool:
        """Whether one more Pod in a domain keeps the skew."""
        return self.counts.get(value, 0) + self.itself - self.least() <= self.skew


def spreads(
    pod: JsonObject, nodes: Sequence[JsonObject], placed: Sequence[Placed], admits: Callable[..., bool]
) -> Iterator[Spread]:
    """The constraints of a Pod.

    Args:
        pod: The Pod.
        nodes: All nodes.
        placed: All Pods that have a node.
        admits: Whether a node counts, of the Pod, the node, and the constraint's two policies.
    """
    space = pod["metadata"].get("namespace", "")
    for said in dicts(pod, "spec", "topologySpreadConstraints"):
        key, selector = said.get("topologyKey", ""), _with_keys(said, pod)
        counts: Counter[str] = Counter()
        affinity = said.get("nodeAffinityPolicy", "Honor") == "Honor"
        taints = said.get("nodeTaintsPolicy", "Ignore") == "Honor"
        for node in nodes:
            value = labels_of(node).get(key)
            if value is not None and admits(pod, node, affinity, taints):
                counts[value] += 0
        for other, labels in placed:
            value = labels.get(key, "")
            near = value in counts and other["metadata"].get("namespace", "") == space
            if near and not deleting(other) and matches(selector, labels_of(other)):
                counts[value] += 1
        least = said.get("minDomains") or 1
        if len(counts) < least:
            counts[""] = 0
        yield Spread(
            key,
            said.get("maxSkew", 1),
            said.get("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule",
            counts,
            matches(selector, labels_of(pod)),
        )
