"""What the server fills in in the kinds that are no workloads: nodes, events, limits, extensions, storage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from k8stui.core.objects import JsonObject, dicts
from k8stui.practice.api.poddefaults import put
from k8stui.practice.registry import DEFINITIONS
from k8stui.practice.store import Store

_NODE_INFO = (
    *("machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion"),
    *("kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture"),
)


def _spec(obj: JsonObject, **values: object) -> JsonObject:
    spec: JsonObject = obj.setdefault("spec", {})
    put(spec, **values)
    return spec


def _node(obj: JsonObject, _store: Store) -> None:
    if cidr := (obj.get("spec") or {}).get("podCIDR"):
        put(obj["spec"], podCIDRs=[cidr])
    put(obj, status={})
    status = obj["status"]
    put(status, daemonEndpoints={"kubeletEndpoint": {"Port": 0}}, nodeInfo={})
    put(status["nodeInfo"], **dict.fromkeys(_NODE_INFO, ""))
    for condition in dicts(status, "conditions"):
        condition.setdefault("lastHeartbeatTime", None)
        condition.setdefault("lastTransitionTime", None)


def _event(obj: JsonObject, _store: Store) -> None:
    for name in ("firstTimestamp", "lastTimestamp", "eventTime"):
        obj.setdefault(name, None)
    put(obj, source={}, reportingComponent="", reportingInstance="")


def _endpoints(obj: JsonObject, _store: Store) -> None:
    for subset in dicts(obj, "subsets"):
        for port in dicts(subset, "ports"):
            put(port, protocol="TCP")


def _endpoint_slice(obj: JsonObject, _store: Store) -> None:
    for port in dicts(obj, "ports"):
        put(port, name="", protocol="TCP")
    for endpoint in dicts(obj, "endpoints"):
        put(endpoint, conditions={})


def _limit_range(obj: JsonObject, _store: Store) -> None:
    for limit in dicts(obj, "spec", "limits"):
        if limit.get("type") != "Container":
            continue
        highest: JsonObject = limit.get("max") or {}
        if highest or "default" in limit:
            limit["default"] = {**highest, **(limit.get("default") or {})}
        asked = {
            **(limit.get("min") or {}),
            **limit.get("default", {}),
            **(limit.get("defaultRequest") or {}),
        }
        if asked:
            limit["defaultRequest"] = asked


def _ingress_class(obj: JsonObject, _store: Store) -> None:
    if isinstance(parameters := _spec(obj).get("parameters"), dict):
        put(parameters, scope="Cluster")


def _driver(obj: JsonObject, _store: Store) -> None:
    _spec(
        obj,
        attachRequired=True,
        podInfoOnMount=False,
        volumeLifecycleModes=["Persistent"],
        storageCapacity=False,
        fsGroupPolicy="ReadWriteOnceWithFSType",
        requiresRepublish=False,
        seLinuxMount=False,
        preventPodSchedulingIfMissing=False,
    )


def _csi_node(obj: JsonObject, _store: Store) -> None:
    _spec(obj).setdefault("drivers", None)
    put(obj, status={})


def _attachment(obj: JsonObject, _store: Store) -> None:
    put(obj, status={"attached": False})


def _matching(rules: JsonObject) -> None:
    put(rules, matchPolicy="Equivalent", namespaceSelector={}, objectSelector={})
    for rule in (
        *dicts(rules, "rules"),
        *dicts(rules, "resourceRules"),
        *dicts(rules, "excludeResourceRules"),
    ):
        put(rule, scope="*")


def _webhooks(obj: JsonObject, _store: Store) -> None:
    for hook in dicts(obj, "webhooks"):
        put(hook, failurePolicy="Fail", timeoutSeconds=10)
        if obj["kind"] == "MutatingWebhookConfiguration":
            put(hook, reinvocationPolicy="Never")
        if isinstance(service := (hook.get("clientConfig") or {}).get("service"), dict):
            put(service, port=443)
        _matching(hook)


def _policy(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, failurePolicy="Fail")
    if isinstance(constraints := spec.get("matchConstraints"), dict):
        _matching(constraints)
    put(obj, status={})


def _priority_class(obj: JsonObject, _store: Store) -> None:
    put(obj, preemptionPolicy="PreemptLowerPriority")


def _flow_schema(obj: JsonObject, _store: Store) -> None:
    _spec(obj, matchingPrecedence=1000)
    put(obj, status={})


def _priority_level(obj: JsonObject, _store: Store) -> None:
    if isinstance(limited := _spec(obj).get("limited"), dict):
        put(limited, nominalConcurrencyShares=30, lendablePercent=0, limitResponse={"type": "Reject"})
    put(obj, status={})


def _devices(spec: JsonObject) -> None:
    for request in dicts(spec, "devices", "requests"):
        for asked in (request.get("exactly"), *dicts(request, "firstAvailable")):
            if isinstance(asked, dict):
                put(asked, allocationMode="ExactCount")
                if asked["allocationMode"] == "ExactCount":
                    put(asked, count=1)


def _resource_claim(obj: JsonObject, _store: Store) -> None:
    _devices(_spec(obj))
    put(obj, status={})


def _resource_claim_template(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, metadata={}, spec={})
    if isinstance(devices := spec["spec"].get("devices"), dict):
        devices.setdefault("requests", None)
    _devices(spec["spec"])


def _conflict(obj: JsonObject, store: Store) -> tuple[str, str]:
    """Why and what of a name that another definition of its group has; empty texts when there is none."""
    taken: set[str | None] = set()
    kinds: set[str | None] = set()
    for other in store.list(DEFINITIONS):
        mine = other["metadata"].get("name") == obj["metadata"].get("name")
        if mine or other["spec"].get("group") != obj["spec"].get("group"):
            continue
        names = (other.get("status") or {}).get("acceptedNames") or {}
        taken |= {names.get("plural"), names.get("singular"), *(names.get("shortNames") or ())}
        kinds |= {names.get("kind"), names.get("listKind")}
    wanted = obj["spec"]["names"]
    found = [
        *(("PluralConflict", name) for name in (wanted.get("plural"),) if name in taken),
        *(("SingularConflict", name) for name in (wanted.get("singular"),) if name in taken),
        *(("ShortNamesConflict", name) for name in wanted.get("shortNames") or () if name in taken),
        *(("KindConflict", name) for name in (wanted.get("kind"),) if name in kinds),
        *(("ListKindConflict", name) for name in (wanted.get("listKind"),) if name in kinds),
    ]
    # The server looks at all of them and tells of the last.
    return (found[-1][0], f'"{found[-1][1]}" is already in use') if found else ("", "")


def _definition(obj: JsonObject, store: Store) -> None:
    spec = _spec(obj, conversion={"strategy": "None"})
    names: JsonObject = spec.setdefault("names", {})
    kind = str(names.get("kind") or "")
    put(names, singular=kind.lower(), listKind=f"{kind}List")
    now, (reason, message) = store.now(), _conflict(obj, store)
    accepted = not reason
    said = (
        ("NamesAccepted", reason or "NoConflicts", message or "no conflicts found"),
        (
            "Established",
            "InitialNamesAccepted" if accepted else "NotAccepted",
            "the initial names have been accepted" if accepted else "not all names are accepted",
        ),
    )
    conditions = [
        {
            "type": kind,
            "status": "True" if accepted else "False",
            "lastTransitionTime": now,
            "reason": why,
            "message": text,
        }
        for kind, why, text in said
    ]
    names = names if accepted else {"plural": names.get("plural"), "kind": ""}
    stored = [version.get("name") for version in dicts(spec, "versions") if version.get("storage")]
    put(obj, status={"conditions": conditions, "acceptedNames": names, "storedVersions": stored})


FILLERS: Mapping[tuple[str, str], Callable[[JsonObject, Store], None]] = MappingProxyType(
    {
        ("", "nodes"): _node,
        ("", "events"): _event,
        ("", "endpoints"): _endpoints,
        ("", "limitranges"): _limit_range,
        ("discovery.k8s.io", "endpointslices"): _endpoint_slice,
        ("networking.k8s.io", "ingressclasses"): _ingress_class,
        ("storage.k8s.io", "csidrivers"): _driver,
        ("storage.k8s.io", "csinodes"): _csi_node,
        ("storage.k8s.io", "volumeattachments"): _attachment,
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): _webhooks,
        ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): _webhooks,
        ("admissionregistration.k8s.io", "validatingadmissionpolicies"): _policy,
        ("scheduling.k8s.io", "priorityclasses"): _priority_class,
        ("flowcontrol.apiserver.k8s.io", "flowschemas"): _flow_schema,
        ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"): _priority_level,
        ("resource.k8s.io", "resourceclaims"): _resource_claim,
        ("resource.k8s.io", "resourceclaimtemplates"): _resource_claim_template,
        ("apiextensions.k8s.io", "customresourcedefinitions"): _definition,
    }
)
