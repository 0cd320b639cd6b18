"""Rows of the kinds for the cluster itself: nodes, rights, shares, quotas."""

from __future__ import annotations

from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import format_age
from k8stui.practice.printers.base import (
    AGE,
    CREATED,
    NAME,
    NONE,
    Printer,
    age,
    column,
    condition,
    default_cells,
    labels,
    name_of,
    plain_cells,
    selector,
    wide,
)

_ROLE_PREFIX = "node-role.kubernetes.io/"


def node_roles(obj: JsonObject) -> list[str]:
    """Roles that the labels give a node, sorted."""
    said = dig(obj, "metadata", "labels") or {}
    roles = {key.removeprefix(_ROLE_PREFIX) for key in said if key.startswith(_ROLE_PREFIX)}
    roles.add(said.get("kubernetes.io/role", ""))
    return sorted(roles - {""})


def _node(obj: JsonObject, now: float) -> list[Any]:
    info = dig(obj, "status", "nodeInfo") or {}
    ready = condition(obj, "Ready")
    state = "Unknown"
    if ready is not None:
        state = "Ready" if ready.get("status") == "True" else "NotReady"
    if dig(obj, "spec", "unschedulable"):
        state += ",SchedulingDisabled"
    kernel = info.get("kernelVersion") or "<unknown>"
    if info.get("architecture"):
        kernel += f" ({info['architecture']})"
    return [
        name_of(obj),
        state,
        ",".join(node_roles(obj)) or NONE,
        age(obj, now),
        info.get("kubeletVersion", ""),
        _node_address(obj, "InternalIP"),
        _node_address(obj, "ExternalIP"),
        info.get("osImage") or "<unknown>",
        kernel,
        info.get("containerRuntimeVersion") or "<unknown>",
    ]


def _node_address(obj: JsonObject, kind: str) -> str:
    found = (item.get("address") for item in dicts(obj, "status", "addresses") if item.get("type") == kind)
    return next(found, None) or NONE


def _namespace(obj: JsonObject, now: float) -> list[Any]:
    return [name_of(obj), dig(obj, "status", "phase") or "", age(obj, now)]


def _quota(obj: JsonObject, now: float) -> list[Any]:
    hard, used = dig(obj, "status", "hard") or {}, dig(obj, "status", "used") or {}
    said = {key: f"{key}: {used.get(key, '0')}/{hard[key]}" for key in sorted(hard)}
    limits = ", ".join(text for key, text in said.items() if key.startswith("limits."))
    requests = ", ".join(text for key, text in said.items() if not key.startswith("limits."))
    return [name_of(obj), requests, limits, age(obj, now)]


def _binding(obj: JsonObject, now: float) -> list[Any]:
    role = obj.get("roleRef") or {}
    users, groups, accounts = [], [], []
    for subject in dicts(obj, "subjects"):
        match subject.get("kind"):
            case "ServiceAccount":
                accounts.append(f"{subject.get('namespace', '')}/{subject.get('name', '')}")
            case "User":
                users.append(str(subject.get("name", "")))
            case "Group":
                groups.append(str(subject.get("name", "")))
    return [
        name_of(obj),
        f"{role.get('kind', '')}/{role.get('name', '')}",
        age(obj, now),
        ", ".join(users),
        ", ".join(groups),
        ", ".join(accounts),
    ]


def _network_policy(obj: JsonObject, now: float) -> list[Any]:
    return [name_of(obj), selector(dig(obj, "spec", "podSelector")), age(obj, now)]


def _signing_request(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    kinds = {item.get("type") for item in dicts(obj, "status", "conditions")}
    state = "Denied" if "Denied" in kinds else "Approved" if "Approved" in kinds else "Pending"
    if "Failed" in kinds:
        state += ",Failed"
    if dig(obj, "status", "certificate"):
        state += ",Issued"
    wanted = spec.get("expirationSeconds")
    return [
        name_of(obj),
        age(obj, now),
        spec.get("signerName") or NONE,
        spec.get("username", ""),
        NONE if wanted is None else format_age(wanted),
        state,
    ]


def _pod_certificate(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    state = "Pending"
    for found in dicts(obj, "status", "conditions"):
        if found.get("type") in ("Issued", "Denied", "Failed"):
            state = found["type"]
    return [
        name_of(obj),
        spec.get("podName", ""),
        spec.get("serviceAccountName", ""),
        spec.get("nodeName", ""),
        spec.get("signerName", ""),
        state,
        labels(spec.get("unverifiedUserAnnotations")),
    ]


def _component(obj: JsonObject, now: float) -> list[Any]:
    healthy = next((c for c in dicts(obj, "conditions") if c.get("type") == "Healthy"), None)
    if healthy is None:
        return [name_of(obj), "Unknown", "", ""]
    state = "Healthy" if healthy.get("status") == "True" else "Unhealthy"
    return [name_of(obj), state, healthy.get("message", ""), healthy.get("error", "")]


def _flow_schema(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    return [
        name_of(obj),
        dig(spec, "priorityLevelConfiguration", "name") or "",
        spec.get("matchingPrecedence", 0),
        dig(spec, "distinguisherMethod", "type") or NONE,
        age(obj, now),
        (condition(obj, "Dangling") or {}).get("status") or "?",
    ]


def _priority_level(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    limited = spec.get("limited")
    queuing = dig(limited, "limitResponse", "queuing")
    shares = (limited or {}).get("nominalConcurrencyShares", 0) if limited else NONE
    queues = (
        [queuing.get(key, 0) for key in ("queues", "handSize", "queueLengthLimit")] if queuing else [NONE] * 3
    )
    return [name_of(obj), spec.get("type", ""), shares, *queues, age(obj, now)]


def _lease(obj: JsonObject, now: float) -> list[Any]:
    return [name_of(obj), dig(obj, "spec", "holderIdentity") or "", age(obj, now)]


def _runtime_class(obj: JsonObject, now: float) -> list[Any]:
    return [name_of(obj), obj.get("handler", ""), age(obj, now)]


def _ip_address(obj: JsonObject, now: float) -> list[Any]:
    """Three cells for the two columns that the server declares: kubectl shows the third without a heading."""
    parent = dig(obj, "spec", "parentRef")
    where = NONE
    if parent:
        resource = parent.get("resource", "")
        where = f"{resource}.{parent['group']}" if parent.get("group") else resource
        where = "/".join(filter(None, (where.lower(), parent.get("namespace"), parent.get("name", ""))))
    return [name_of(obj), where, age(obj, now)]


def _service_cidr(obj: JsonObject, now: float) -> list[Any]:
    return [name_of(obj), ",".join(dig(obj, "spec", "cidrs") or ()), age(obj, now)]


def _migration(obj: JsonObject, now: float) -> list[Any]:
    resource = dig(obj, "spec", "resource") or {}
    group = resource.get("group")
    state = "Unknown"
    for found in dicts(obj, "status", "conditions"):
        if found.get("status") == "True" and found.get("type") in ("Running", "Failed", "Succeeded"):
            state = found["type"]
    where = f"{resource.get('resource', '')}.{group}" if group else resource.get("resource", "")
    return [name_of(obj), where, state]


_BINDING_COLUMNS = (
    NAME,
    column("Role", "Role that is granted, with its kind."),
    AGE,
    wide("Users", "Users that it is granted to."),
    wide("Groups", "Groups that it is granted to."),
    wide("ServiceAccounts", "ServiceAccounts that it is granted to, as namespace/name."),
)

PRINTERS: tuple[tuple[str, str, Printer], ...] = (
    (
        "",
        "nodes",
        Printer(
            (
                NAME,
                column("Status", "Whether the node is ready, and whether it takes new Pods."),
                column("Roles", "Roles from the node's labels."),
                AGE,
                column("Version", "Version of the kubelet."),
                wide("Internal-IP", "Address inside the cluster's network."),
                wide("External-IP", "Address outside of it."),
                wide("OS-Image", "Operating system."),
                wide("Kernel-Version", "Kernel and architecture."),
                wide("Container-Runtime", "Container runtime and its version."),
            ),
            _node,
        ),
    ),
    (
        "",
        "namespaces",
        Printer((NAME, column("Status", "Whether it is in use or being deleted."), AGE), _namespace),
    ),
    (
        "",
        "resourcequotas",
        Printer(
            (
                NAME,
                column("Request", "Requests and counts: used, of how much."),
                column("Limit", "Limits: used, of how much."),
                AGE,
            ),
            _quota,
        ),
    ),
    ("", "serviceaccounts", Printer((NAME, AGE), plain_cells)),
    ("rbac.authorization.k8s.io", "roles", Printer((NAME, CREATED), default_cells)),
    ("rbac.authorization.k8s.io", "clusterroles", Printer((NAME, CREATED), default_cells)),
    ("rbac.authorization.k8s.io", "rolebindings", Printer(_BINDING_COLUMNS, _binding)),
    ("rbac.authorization.k8s.io", "clusterrolebindings", Printer(_BINDING_COLUMNS, _binding)),
    (
        "networking.k8s.io",
        "networkpolicies",
        Printer((NAME, column("Pod-Selector", "Labels of the Pods it applies to."), AGE), _network_policy),
    ),
    (
        "certificates.k8s.io",
        "certificatesigningrequests",
        Printer(
            (
                NAME,
                AGE,
                column("SignerName", "Who is asked to sign."),
                column("Requestor", "Who asks."),
                column("RequestedDuration", "How long the certificate should hold."),
                column("Condition", "Whether it is approved and issued."),
            ),
            _signing_request,
        ),
    ),
    (
        "certificates.k8s.io",
        "clustertrustbundles",
        Printer(
            (NAME, column("SignerName", "Signer that the roots belong to.")),
            lambda obj, now: [name_of(obj), dig(obj, "spec", "signerName") or NONE],
        ),
    ),
    (
        "certificates.k8s.io",
        "podcertificaterequests",
        Printer(
            (
                NAME,
                column("PodName", "Pod that the certificate is for."),
                column("ServiceAccountName", "ServiceAccount of the Pod."),
                column("NodeName", "Node of the Pod."),
                column("SignerName", "Who is asked to sign."),
                column("State", "Whether it was issued, denied or failed."),
                column("UnverifiedUserAnnotations", "What the Pod says besides, unchecked."),
            ),
            _pod_certificate,
        ),
    ),
    (
        "",
        "componentstatuses",
        Printer(
            (
                NAME,
                column("Status", "Whether the component is healthy."),
                column("Message", "What the component says."),
                column("Error", "What went wrong in asking it."),
            ),
            _component,
        ),
    ),
    (
        "flowcontrol.apiserver.k8s.io",
        "flowschemas",
        Printer(
            (
                NAME,
                column("PriorityLevel", "Priority level that its requests belong to."),
                column("MatchingPrecedence", "The lowest one that matches a request wins."),
                column("DistinguisherMethod", "What tells the flows within it apart."),
                AGE,
                column("MissingPL", "Whether its priority level does not exist."),
            ),
            _flow_schema,
        ),
    ),
    (
        "flowcontrol.apiserver.k8s.io",
        "prioritylevelconfigurations",
        Printer(
            (
                NAME,
                column("Type", "Whether its requests are limited."),
                column("NominalConcurrencyShares", "Its share of the requests served at once."),
                column("Queues", "Number of its queues."),
                column("HandSize", "How many queues one flow is spread over."),
                column("QueueLengthLimit", "How many requests may wait in one queue."),
                AGE,
            ),
            _priority_level,
        ),
    ),
    (
        "coordination.k8s.io",
        "leases",
        Printer((NAME, column("Holder", "Who holds the lease."), AGE), _lease),
    ),
    (
        "node.k8s.io",
        "runtimeclasses",
        Printer((NAME, column("Handler", "What the container runtime calls it."), AGE), _runtime_class),
    ),
    (
        "networking.k8s.io",
        "ipaddresses",
        Printer((NAME, column("ParentRef", "Object that holds the address.")), _ip_address),
    ),
    (
        "networking.k8s.io",
        "servicecidrs",
        Printer((NAME, column("CIDRs", "Ranges that Service addresses come from."), AGE), _service_cidr),
    ),
    (
        "storagemigration.k8s.io",
        "storageversionmigrations",
        Printer(
            (
                column("Name", NAME["description"]),
                column("Resource", "Resource that is written anew."),
                column("Status", "How the migration stands."),
            ),
            _migration,
        ),
    ),
)
