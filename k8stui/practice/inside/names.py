"""Names and addresses as a Pod's resolver finds them: the cluster's DNS, or one outside of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.inside import chance
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Store

PODS, SERVICES, SLICES = builtin("pods"), builtin("services"), builtin("endpointslices", "discovery.k8s.io")
DOMAIN = "cluster.local"
_NODE_RESOLVER = "192.168.10.1"
_DNS = "10.96.0.10"
_LONGEST = 253
_WORLD = frozenset(
    (
        "com",
        "org",
        "net",
        "io",
        "dev",
        "app",
        "cloud",
        "co",
        "jp",
        "uk",
        "de",
        "edu",
        "gov",
        "info",
        "example",
    )
)
"""Domains in which every name outside of the cluster is taken to exist."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """What /etc/resolv.conf says."""

    servers: Sequence[str]
    searches: Sequence[str]
    options: Sequence[str]
    inside: bool
    """Whether the cluster's DNS is asked."""

    @property
    def text(self) -> str:
        """The file."""
        lines = [f"search {' '.join(self.searches)}"] if self.searches else []
        lines += [f"nameserver {each}" for each in self.servers]
        if self.options:
            lines.append(f"options {' '.join(self.options)}")
        return "\n".join(lines) + "\n"

    @property
    def dots(self) -> int:
        """With how many dots a name is tried as it is first."""
        for option in self.options:
            if option.startswith("ndots:") and option[6:].isdigit():
                return int(option[6:])
        return 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name means."""

    name: str
    """The full name that was found."""
    addresses: Sequence[str]
    alias: str = ""
    """The name that it is another name for."""


def resolver(store: Store, pod: JsonObject) -> Resolver:
    """The resolver of a Pod, as its dnsPolicy and dnsConfig say."""
    spec = pod["spec"]
    policy = str(spec.get("dnsPolicy") or "ClusterFirst")
    if policy == "ClusterFirst" and spec.get("hostNetwork"):
        policy = "Default"
    config = spec.get("dnsConfig") or {}
    options = {str(each.get("name")): each.get("value") for each in dicts(config, "options")}
    more = [name if value is None else f"{name}:{value}" for name, value in options.items()]
    servers, searches = list(config.get("nameservers") or ()), list(config.get("searches") or ())
    if policy == "None":
        return Resolver(servers, searches, more, _dns_address(store) in servers)
    if policy == "Default":
        return Resolver([_NODE_RESOLVER, *servers], searches, more, inside=False)
    namespace = pod["metadata"]["namespace"]
    own = [f"{namespace}.svc.{DOMAIN}", f"svc.{DOMAIN}", DOMAIN]
    if "ndots" not in options:
        more = ["ndots:5", *more]
    return Resolver([_dns_address(store), *servers], [*own, *searches], more, inside=True)


def _dns_address(store: Store) -> str:
    found = store.find(SERVICES, "kube-system", "kube-dns")
    return str(dig(found, "spec", "clusterIP") or _DNS)


def serving(store: Store) -> bool:
    """Whether the cluster's DNS has anybody who answers."""
    if store.find(SERVICES, "kube-system", "kube-dns") is None:
        return True
    return bool(endpoints(store, "kube-system", "kube-dns"))


def lookup(store: Store, pod: JsonObject, name: str) -> Answer | None:
    """What a name means in a Pod, through its search domains; None when nothing is found."""
    known = resolver(store, pod)
    plain = name.rstrip(".").lower()
    if not plain or len(plain) > _LONGEST:
        return None
    longer = [f"{plain}.{domain}" for domain in known.searches]
    tries = [plain] if name.endswith(".") else [*longer, plain]
    if not name.endswith(".") and plain.count(".") >= known.dots:
        tries = [plain, *longer]
    for each in tries:
        found = exactly(store, each, inside=known.inside)
        if found is not None:
            return found
    return None


def exactly(store: Store, name: str, *, inside: bool) -> Answer | None:
    """What a full name means; a name of the cluster only to the cluster's DNS."""
    if name == DOMAIN or name.endswith("." + DOMAIN):
        return _in_cluster(store, name) if inside else None
    if "." not in name or name.rpartition(".")[2] not in _WORLD or ".svc." in name or ".pod." in name:
        return None
    return Answer(name, [_outside(name)])


def _outside(name: str) -> str:
    """An address for a name outside: out of the range that is set aside for documentation."""
    return f"203.0.113.{1 + chance.number('address', name) % 254}"


def _in_cluster(store: Store, name: str) -> Answer | None:
    *parts, namespace, kind = ["", "", *name.removesuffix("." + DOMAIN).split(".")]
    parts = [part for part in parts if part]
    if kind == "pod" and len(parts) == 1:
        return _pod_address(name, parts[0])
    if kind != "svc" or len(parts) not in (1, 2):
        return None
    service = store.find(SERVICES, namespace, parts[-1])
    if service is None:
        return None
    alias = str(dig(service, "spec", "externalName") or "")
    if dig(service, "spec", "type") == "ExternalName" and alias:
        beyond = exactly(store, alias, inside=True)
        return Answer(name, beyond.addresses if beyond else (), alias)
    address = dig(service, "spec", "clusterIP")
    if len(parts) == 1 and address and address != "None":
        return Answer(name, [str(address)])
    every = bool(dig(service, "spec", "publishNotReadyAddresses"))
    found = list(endpoints(store, namespace, parts[-1], ready=not every))
    if len(parts) == 2:
        found = [each for each in found if each.host == parts[0]]
    return Answer(name, [each.address for each in found]) if found else None


def _pod_address(name: str, dashed: str) -> Answer | None:
    try:
        return Answer(name, [str(ipaddress.ip_address(dashed.replace("-", ".")))])
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a Service leads to."""

    address: str
    host: str
    """The name that its Pod has below a headless Service; empty for none."""
    pod: str
    """The Pod's name; empty for an address that was written down by hand."""
    ports: Sequence[JsonObject]
    """Ports of its EndpointSlice."""


def endpoints(store: Store, namespace: str, service: str, *, ready: bool = True) -> list[Endpoint]:
    """Where a Service leads to, by its EndpointSlices; by its selector where there are none yet."""
    found = []
    slices = [
        each
        for each in store.list(SLICES, namespace)
        if (each["metadata"].get("labels") or {}).get("kubernetes.io/service-name") == service
    ]
    for each in slices:
        ports = list(dicts(each, "ports"))
        for endpoint in dicts(each, "endpoints"):
            if ready and dig(endpoint, "conditions", "ready") is False:
                continue
            name = str(dig(endpoint, "targetRef", "name") or "")
            pod = store.find(PODS, namespace, name) if name else None
            host = str(endpoint.get("hostname") or _host(pod))
            found += [Endpoint(str(a), host, name, ports) for a in endpoint.get("addresses") or ()]
    return found or ([] if slices else list(_selected(store, namespace, service, ready)))


def _selected(store: Store, namespace: str, service: str, ready: bool) -> Iterator[Endpoint]:
    selector = dig(store.find(SERVICES, namespace, service), "spec", "selector")
    for pod in store.list(PODS, namespace) if selector else ():
        labels = pod["metadata"].get("labels") or {}
        address = dig(pod, "status", "podIP")
        if not address or any(labels.get(key) != value for key, value in selector.items()):
            continue
        if ready and not all(each.get("ready") for each in dicts(pod, "status", "containerStatuses")):
            continue
        yield Endpoint(str(address), _host(pod), str(pod["metadata"]["name"]), ())


def _host(pod: JsonObject | None) -> str:
    if pod is None:
        return ""
    named = str(dig(pod, "spec", "hostname") or "")
    owned = any(ref.get("kind") == "StatefulSet" for ref in dicts(pod, "metadata", "ownerReferences"))
    return named or (str(pod["metadata"]["name"]) if owned else "")
