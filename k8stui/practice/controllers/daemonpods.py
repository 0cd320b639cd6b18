"""The Pods of DaemonSets: which nodes they run on, and what they have beside the template."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dicts
from k8stui.practice.controllers.affinity import node_fits, node_names
from k8stui.practice.controllers.resources import tolerates
from k8stui.practice.controllers.template import pod_from
from k8stui.practice.controllers.world import World

HASH = "controller-revision-hash"
_GENERATION = "deprecated.daemonset.template.generation"
_ALWAYS = ("not-ready", "unreachable", "disk-pressure", "memory-pressure", "pid-pressure", "unschedulable")


def tolerant(template: JsonObject) -> JsonObject:
    """The template with the tolerations that every Pod of a DaemonSet has."""
    spec = template["spec"]
    more = [
        {
            "key": f"node.kubernetes.io/{name}",
            "operator": "Exists",
            "effect": "NoExecute" if name in ("not-ready", "unreachable") else "NoSchedule",
        }
        for name in _ALWAYS
    ]
    if spec.get("hostNetwork"):
        name = "node.kubernetes.io/network-unavailable"
        more.append({"key": name, "operator": "Exists", "effect": "NoSchedule"})
    given = spec.get("tolerations") or ()
    return {
        **template,
        "spec": {**spec, "tolerations": [*given, *(each for each in more if each not in given)]},
    }


def runs_on(template: JsonObject, node: JsonObject) -> bool:
    """Whether a Pod of the template is to run on a node."""
    return _belongs(template, node) and _bears(template, node, ("NoSchedule", "NoExecute"))


def stays_on(template: JsonObject, node: JsonObject) -> bool:
    """Whether a Pod that runs on a node already may stay there."""
    return _belongs(template, node) and _bears(template, node, ("NoExecute",))


def _belongs(template: JsonObject, node: JsonObject) -> bool:
    named = template["spec"].get("nodeName")
    return (not named or named == node["metadata"]["name"]) and node_fits(template["spec"], node)


def _bears(template: JsonObject, node: JsonObject, effects: tuple[str, ...]) -> bool:
    taints = (taint for taint in dicts(node, "spec", "taints") if taint.get("effect") in effects)
    return all(tolerates(template, taint) for taint in taints)


def daemon_pod(world: World, obj: JsonObject, template: JsonObject, node: str, mark: str) -> JsonObject:
    """A Pod for one node, to which the scheduler binds it; not stored yet.

    Its affinity names the node in place of what the template requires, as every node was chosen by that.
    """
    field = {"key": "metadata.name", "operator": "In", "values": [node]}
    terms = {"nodeSelectorTerms": [{"matchFields": [field]}]}
    given = template["spec"].get("affinity") or {}
    own = {
        **(given.get("nodeAffinity") or {}),
        "requiredDuringSchedulingIgnoredDuringExecution": terms,
    }
    annotations = obj["metadata"].get("annotations") or {}
    generation = annotations.get(_GENERATION) or str(obj["metadata"].get("generation", 1))
    return pod_from(
        world,
        obj,
        template,
        f"{obj['metadata']['name']}-",
        labels={HASH: mark, "pod-template-generation": generation},
        spec={"affinity": {**given, "nodeAffinity": own}},
    )


def node_of(pod: JsonObject) -> str:
    """The node that a Pod was made for, be it bound to it or not yet."""
    bound = pod["spec"].get("nodeName")
    if bound:
        return str(bound)
    return next(iter(node_names(pod["spec"]) or ()), "")
