"""Which requests tell an object's neighbours: for each relation that notes know, and nothing asked here.

Each question is a function of the object: the wishes whose answers together are the neighbours (none when
there can be none), or None when the relation makes no sense for this object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from k8stui.core import selectors
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig

MOST_NAMED = 10
"""Objects asked for one by one; beyond that the relation is not told."""
MOST_EVENTS = 50

_RBAC = "rbac.authorization.k8s.io"
_NETWORKING = "networking.k8s.io"
_STORAGE = "storage.k8s.io"


@dataclass(frozen=True, slots=True)
class Wish:
    """One request: for an object by name, or for a list. Equal wishes have one answer."""

    kind: str
    group: str = ""
    namespace: str = ""
    """Empty for every namespace, and for a kind without."""
    name: str = ""
    labels: str = ""
    fields: str = ""
    keep: Callable[[JsonObject], bool] | None = field(default=None, compare=False)
    """Which of the answer are meant; None for all."""
    most: int = 0
    """So many are enough; 0: all are needed, and too many to read make the answer useless."""


Wishes = tuple[Wish, ...] | None


def wishes(relation: str, obj: JsonObject, kind: ResourceKind) -> Wishes:
    """What to ask for a relation of an object of a kind."""
    return _QUESTIONS[relation](obj, kind)


def _text(obj: Any, *steps: str | int) -> str:
    value = dig(obj, *steps)
    return value if isinstance(value, str) else ""


def _name(obj: JsonObject) -> str:
    return _text(obj, "metadata", "name")


def _space(obj: JsonObject) -> str:
    """The namespace that an object is in, or is."""
    return _name(obj) if obj.get("kind") == "Namespace" else _text(obj, "metadata", "namespace")


def _group(api_version: str) -> str:
    return api_version.rpartition("/")[0]


def _named(kind: str, name: str, group: str = "", namespace: str = "") -> Wishes:
    return (Wish(kind, group, namespace, name),) if name else ()


def _each(kind: str, names: list[str], namespace: str) -> Wishes:
    distinct = tuple(dict.fromkeys(name for name in names if name))
    if len(distinct) > MOST_NAMED:
        return None
    return tuple(Wish(kind, namespace=namespace, name=name) for name in distinct)


def _within(
    kind: str, group: str = "", keep: Callable[[JsonObject, JsonObject], bool] | None = None
) -> Callable[[JsonObject, ResourceKind], Wishes]:
    """Those of a kind in the object's namespace that ``keep(neighbour, obj)`` keeps."""

    def ask(obj: JsonObject, _: ResourceKind) -> Wishes:
        space = _space(obj)
        if not space:
            return None
        kept = (lambda neighbour: keep(neighbour, obj)) if keep is not None else None
        return (Wish(kind, group, space, keep=kept),)

    return ask


def _all(kind: str, group: str) -> Callable[[JsonObject, ResourceKind], Wishes]:
    return lambda _obj, _kind: (Wish(kind, group),)


def _owned(neighbour: JsonObject, obj: JsonObject) -> bool:
    uid = _text(obj, "metadata", "uid")
    return any(owner.get("uid") == uid for owner in dicts(neighbour, "metadata", "ownerReferences"))


def _picks(neighbour: JsonObject, obj: JsonObject) -> bool:
    """Whether a neighbour's selector picks the Pod that an object is or makes; all are near a Namespace."""
    return obj.get("kind") == "Namespace" or selectors.picks(neighbour, selectors.pod_labels(obj))


def _budget_near(neighbour: JsonObject, obj: JsonObject) -> bool:
    if obj.get("kind") == "PodDisruptionBudget":
        return _name(neighbour) != _name(obj)
    return _picks(neighbour, obj)


def _owner(obj: JsonObject, _: ResourceKind) -> Wishes:
    owners = list(dicts(obj, "metadata", "ownerReferences"))
    if not owners:
        return ()
    owner = next((found for found in owners if found.get("controller") is True), owners[0])
    group, uid = _group(_text(owner, "apiVersion")), owner.get("uid")
    return (
        Wish(
            _text(owner, "kind"),
            group,
            _space(obj),
            _text(owner, "name"),
            keep=lambda found: dig(found, "metadata", "uid") == uid,
        ),
    )


def _events(obj: JsonObject, _: ResourceKind) -> Wishes:
    uid = _text(obj, "metadata", "uid")
    about = f"involvedObject.kind={_text(obj, 'kind')},involvedObject.name={_name(obj)}"

    def of_this(event: JsonObject) -> bool:
        # Events of Nodes carry the Node's name for a uid.
        return dig(event, "involvedObject", "uid") in (uid, _name(obj), None, "")

    # The Events of objects without a namespace are in "default".
    return (
        Wish(
            "Event",
            namespace=_text(obj, "metadata", "namespace") or "default",
            fields=about,
            keep=of_this,
            most=MOST_EVENTS,
        ),
    )


def _namespace(obj: JsonObject, _: ResourceKind) -> Wishes:
    space = _text(obj, "metadata", "namespace")
    return _named("Namespace", space) if space else None


def _definition(obj: JsonObject, kind: ResourceKind) -> Wishes:
    if "." not in kind.group:
        return None
    return _named("CustomResourceDefinition", kind.name, "apiextensions.k8s.io")


def _pods(obj: JsonObject, _: ResourceKind) -> Wishes:
    name, space = _name(obj), _space(obj)
    match obj.get("kind"):
        case "Node":
            return (Wish("Pod", fields=f"spec.nodeName={name}"),)
        case "Namespace":
            return (Wish("Pod", namespace=space),)
        case "ServiceAccount":
            return (Wish("Pod", namespace=space, fields=f"spec.serviceAccountName={name}"),)
        case "PersistentVolumeClaim" | "ConfigMap" | "Secret" as used:
            return (Wish("Pod", namespace=space, keep=lambda pod: name in _used(pod, used)),)
    selector = selectors.pod_selector(obj)
    return (Wish("Pod", namespace=space, labels=selector),) if selector is not None else None


def _used(pod: JsonObject, kind: str) -> set[str]:
    """The names of the claims, ConfigMaps or Secrets that a Pod uses."""
    found: list[Any] = []
    for volume in dicts(pod, "spec", "volumes"):
        if kind == "PersistentVolumeClaim":
            found.append(dig(volume, "persistentVolumeClaim", "claimName"))
            if "ephemeral" in volume:
                found.append(f"{_name(pod)}-{_text(volume, 'name')}")
            continue
        whole, part = ("configMap", "configMap") if kind == "ConfigMap" else ("secret", "secret")
        found.append(dig(volume, whole, "name" if kind == "ConfigMap" else "secretName"))
        found += [dig(source, part, "name") for source in dicts(volume, "projected", "sources")]
    word = "configMap" if kind == "ConfigMap" else "secret"
    for containers in ("initContainers", "containers", "ephemeralContainers"):
        for container in dicts(pod, "spec", containers):
            found += [dig(source, f"{word}Ref", "name") for source in dicts(container, "envFrom")]
            found += [dig(env, "valueFrom", f"{word}KeyRef", "name") for env in dicts(container, "env")]
    if kind == "Secret":
        found += [secret.get("name") for secret in dicts(pod, "spec", "imagePullSecrets")]
    return {name for name in found if isinstance(name, str)}


def _services(obj: JsonObject, kind: ResourceKind) -> Wishes:
    space = _space(obj)
    match obj.get("kind"):
        case "Ingress":
            return _each("Service", list(_backends(obj)), space)
        case "EndpointSlice":
            name = _text(obj, "metadata", "labels", "kubernetes.io/service-name")
            return _named("Service", name, namespace=space) if name else None
        case "Endpoints":
            return _named("Service", _name(obj), namespace=space)
    return _within("Service", keep=_picks)(obj, kind)


def _backends(ingress: JsonObject) -> list[str]:
    """The names of the Services that an Ingress sends to."""
    backends = [dig(ingress, "spec", "defaultBackend")]
    for rule in dicts(ingress, "spec", "rules"):
        backends += [path.get("backend") for path in dicts(rule, "http", "paths")]
    return [_text(backend, "service", "name") for backend in backends]


def _ingresses(obj: JsonObject, kind: ResourceKind) -> Wishes:
    name = _name(obj)
    match obj.get("kind"):
        case "IngressClass":
            return (
                Wish(
                    "Ingress", _NETWORKING, keep=lambda found: dig(found, "spec", "ingressClassName") == name
                ),
            )
        case "Secret":
            return _within(
                "Ingress",
                _NETWORKING,
                lambda found, _: any(tls.get("secretName") == name for tls in dicts(found, "spec", "tls")),
            )(obj, kind)
    return _within("Ingress", _NETWORKING, lambda found, _: name in _backends(found))(obj, kind)


def _replicasets(obj: JsonObject, _: ResourceKind) -> Wishes:
    selector = selectors.pod_selector(obj)
    if selector is None:
        return None
    keep = lambda found: _owned(found, obj)  # noqa: E731  # one word where it is used
    return (Wish("ReplicaSet", "apps", _space(obj), labels=selector, keep=keep),)


def _scales(hpa: JsonObject, obj: JsonObject) -> bool:
    target = dig(hpa, "spec", "scaleTargetRef")
    if obj.get("kind") == "HorizontalPodAutoscaler":
        own = dig(obj, "spec", "scaleTargetRef")
        return _name(hpa) != _name(obj) and (_text(target, "kind"), _text(target, "name")) == (
            _text(own, "kind"),
            _text(own, "name"),
        )
    return (_text(target, "kind"), _text(target, "name")) == (obj.get("kind"), _name(obj))


def _target(obj: JsonObject, _: ResourceKind) -> Wishes:
    target = dig(obj, "spec", "scaleTargetRef")
    group = _group(_text(target, "apiVersion"))
    return _named(_text(target, "kind"), _text(target, "name"), group, _space(obj))


def _claims(obj: JsonObject, kind: ResourceKind) -> Wishes:
    match obj.get("kind"):
        case "PersistentVolume":
            claim = dig(obj, "spec", "claimRef")
            return _named("PersistentVolumeClaim", _text(claim, "name"), namespace=_text(claim, "namespace"))
        case "StatefulSet":
            stems = tuple(
                f"{_text(template, 'metadata', 'name')}-{_name(obj)}-"
                for template in dicts(obj, "spec", "volumeClaimTemplates")
            )
            if not stems:
                return ()
            return _within("PersistentVolumeClaim", keep=lambda claim, _: _name(claim).startswith(stems))(
                obj, kind
            )
    return _each("PersistentVolumeClaim", sorted(_used(obj, "PersistentVolumeClaim")), _space(obj))


def _role(obj: JsonObject, _: ResourceKind) -> Wishes:
    kind, name = _text(obj, "roleRef", "kind"), _text(obj, "roleRef", "name")
    return _named(kind, name, _RBAC, _space(obj) if kind == "Role" else "")


def _bindings(obj: JsonObject, _: ResourceKind) -> Wishes:
    name, space = _name(obj), _space(obj)
    if obj.get("kind") == "ServiceAccount":

        def names(binding: JsonObject) -> bool:
            return any(
                (who.get("kind"), who.get("name"), who.get("namespace")) == ("ServiceAccount", name, space)
                for who in dicts(binding, "subjects")
            )

        return (Wish("ClusterRoleBinding", _RBAC, keep=names), Wish("RoleBinding", _RBAC, keep=names))
    kind = obj.get("kind")

    def grants(binding: JsonObject) -> bool:
        return (dig(binding, "roleRef", "kind"), dig(binding, "roleRef", "name")) == (kind, name)

    if kind == "Role":
        return (Wish("RoleBinding", _RBAC, space, keep=grants),)
    return (Wish("ClusterRoleBinding", _RBAC, keep=grants), Wish("RoleBinding", _RBAC, keep=grants))


def _accounts(obj: JsonObject, _: ResourceKind) -> Wishes:
    found = dict.fromkeys(
        Wish("ServiceAccount", namespace=_text(who, "namespace") or _space(obj), name=_text(who, "name"))
        for who in dicts(obj, "subjects")
        if who.get("kind") == "ServiceAccount" and who.get("name")
    )
    return tuple(found) if len(found) <= MOST_NAMED else None


def _subject(obj: JsonObject, _: ResourceKind) -> Wishes:
    about = dig(obj, "involvedObject") or dig(obj, "regarding")
    group, namespace = _group(_text(about, "apiVersion")), _text(about, "namespace")
    return _named(_text(about, "kind"), _text(about, "name"), group, namespace)


def _by_field(kind: str, group: str, *steps: str) -> Callable[[JsonObject, ResourceKind], Wishes]:
    return lambda obj, _: _named(kind, _text(obj, *steps), group, _space(obj))


_QUESTIONS: Mapping[str, Callable[[JsonObject, ResourceKind], Wishes]] = MappingProxyType(
    {
        "owner": _owner,
        "events": _events,
        "namespace": _namespace,
        "definition": _definition,
        "pods": _pods,
        "services": _services,
        "endpointslices": lambda obj, _: (
            Wish(
                "EndpointSlice", "discovery.k8s.io", _space(obj),
                labels=f"kubernetes.io/service-name={_name(obj)}",
            ),
        ),
        "ingresses": _ingresses,
        "ingressclasses": _all("IngressClass", _NETWORKING),
        "replicasets": _replicasets,
        "jobs": _within("Job", "batch", _owned),
        "hpas": _within("HorizontalPodAutoscaler", "autoscaling", _scales),
        "target": _target,
        "pdbs": _within("PodDisruptionBudget", "policy", _budget_near),
        "networkpolicies": _within("NetworkPolicy", _NETWORKING, _picks),
        "node": _by_field("Node", "", "spec", "nodeName"),
        "serviceaccount": _by_field("ServiceAccount", "", "spec", "serviceAccountName"),
        "pvcs": _claims,
        "volume": _by_field("PersistentVolume", "", "spec", "volumeName"),
        "storageclass": _by_field("StorageClass", _STORAGE, "spec", "storageClassName"),
        "storageclasses": _all("StorageClass", _STORAGE),
        "role": _role,
        "bindings": _bindings,
        "serviceaccounts": _accounts,
        "resourcequotas": _within("ResourceQuota"),
        "limitranges": _within("LimitRange"),
        "subject": _subject,
    }
)  # fmt: skip
