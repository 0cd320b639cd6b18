"""Admission: what is added to a new object beside its defaults, and what is refused although it is valid.

The steps come in the order of a real API server's plugins: those that change the object first, then those
that judge it, quotas last. Controllers create through the same steps and meet a quota as people do.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice import errors
from k8stui.practice.admission import limits, pods, quota, security
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Store

_NAMESPACES, _ACCOUNTS = builtin("namespaces"), builtin("serviceaccounts")
_RANGES, _QUOTAS, _PODS = builtin("limitranges"), builtin("resourcequotas"), builtin("pods")
_PRIORITIES = builtin("priorityclasses", "scheduling.k8s.io")
_STORAGE_CLASSES = builtin("storageclasses", "storage.k8s.io")
_SYSTEM_PRIORITIES = (("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000))
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_UNJUDGED = frozenset(("events", "namespaces", "leases", "endpoints", "endpointslices"))


class Admission(msgspec.Struct, frozen=True):
    """Admits the objects of one cluster.

    Args:
        store: The cluster.
        clock: Seconds since the epoch.
        suffix: Makes the end of a generated name.
        controlled: Whether controllers run: without them nobody makes the ServiceAccounts that Pods need.
    """

    store: Store
    clock: Callable[[], float]
    suffix: Callable[[], str]
    controlled: bool = True

    def create(self, kind: ResourceKind, obj: JsonObject, warnings: list[str] | None = None) -> JsonObject:
        """A new object after admission; ``warnings`` gets what the client is to be told.

        Raises:
            StatusError: 403 in the words of the plugin that refuses it.
        """
        if kind.group == "" and kind.plural == "pods":
            obj = self._pod(kind, obj)
        elif kind.group == "" and kind.plural == "persistentvolumeclaims":
            obj = self._claim(kind, obj)
        elif kind.group == "" and kind.plural == "namespaces":
            _check_labels(kind, obj)
        elif kind.plural in _UNJUDGED:
            return obj
        self._judge_security(kind, obj, warnings)
        self._judge_quota(kind, obj, None)
        return obj

    def update(
        self, kind: ResourceKind, old: JsonObject, new: JsonObject, warnings: list[str] | None = None
    ) -> None:
        """Judge a change of an object.

        Raises:
            StatusError: 403 in the words of the plugin that refuses it.
        """
        if kind.group == "" and kind.plural == "namespaces":
            _check_labels(kind, new)
            self._warn_of_pods(old, new, warnings)
        elif kind.plural not in _UNJUDGED:
            if kind.plural != "pods" or old.get("spec") != new.get("spec"):
                self._judge_security(kind, new, warnings)
            self._judge_quota(kind, new, old)

    def _pod(self, kind: ResourceKind, pod: JsonObject) -> JsonObject:
        namespace = pod["metadata"].get("namespace", "")
        ranges = self.store.list(_RANGES, namespace) if self.store.count(_RANGES, namespace) else []
        pod = limits.with_defaults(pod, ranges)
        spec = pod["spec"]
        name = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
        account = self.store.find(_ACCOUNTS, namespace, name)
        if account is None and self.controlled and "kubernetes.io/config.mirror" not in _notes(pod):
            why = f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found'
            raise forbidden(kind, pod, why, generated=False)
        pod = self._prioritised(kind, pod)
        pod = pods.admit_pod(pod, self.suffix(), account)
        mistakes = [said for found in ranges for said in limits.pod_mistakes(pod, found)]
        if mistakes:
            raise forbidden(kind, pod, _all(mistakes))
        return pod

    def _prioritised(self, kind: ResourceKind, pod: JsonObject) -> JsonObject:
        spec = pod["spec"]
        name = spec.get("priorityClassName")
        value, policy = 0, "PreemptLowerPriority"
        if name:
            found = self.store.find(_PRIORITIES, "", name)
            system = dict(_SYSTEM_PRIORITIES).get(name)
            if found is None and system is None:
                raise forbidden(kind, pod, f"no PriorityClass with name {name} was found", generated=False)
        else:
            usual = [each for each in self.store.list(_PRIORITIES) if each.get("globalDefault")]
            found = min(usual, key=lambda each: int(each.get("value") or 0), default=None)
            system = None
        if found is not None:
            value, policy = int(found.get("value") or 0), str(found.get("preemptionPolicy") or policy)
            name = found["metadata"]["name"]
        elif system is not None:
            value = system
        if spec.get("priority") not in (None, value):
            why = (
                f"the integer value of priority ({spec['priority']}) must not be provided in pod spec; "
                f"priority admission controller computed {value} from the given PriorityClass name"
            )
            raise forbidden(kind, pod, why, generated=False)
        spec = {**spec, "priority": value, "preemptionPolicy": spec.get("preemptionPolicy") or policy}
        if name:
            spec["priorityClassName"] = name
        return {**pod, "spec": spec}

    def _claim(self, kind: ResourceKind, claim: JsonObject) -> JsonObject:
        if dig(claim, "spec", "storageClassName") is None:
            usual = [
                found
                for found in self.store.list(_STORAGE_CLASSES)
                if _notes(found).get(_DEFAULT_CLASS) == "true"
            ]
            if usual:
                newest = max(usual, key=lambda found: str(found["metadata"].get("creationTimestamp", "")))
                name = newest["metadata"]["name"]
                claim = {**claim, "spec": {**(claim.get("spec") or {}), "storageClassName": name}}
        namespace = claim["metadata"].get("namespace", "")
        ranges = self.store.list(_RANGES, namespace) if self.store.count(_RANGES, namespace) else []
        mistakes = [said for found in ranges for said in limits.claim_mistakes(claim, found)]
        if mistakes:
            raise forbidden(kind, claim, _all(mistakes))
        return claim

    def _judge_security(self, kind: ResourceKind, obj: JsonObject, warnings: list[str] | None) -> None:
        spec = security.pod_spec_of(kind.group, kind.plural, obj)
        namespace = self.store.find(_NAMESPACES, "", obj["metadata"].get("namespace", ""))
        labels = (namespace or {"metadata": {}})["metadata"].get("labels") or {}
        if spec is None or not any(key.startswith(security.PREFIX) for key in labels):
            return
        enforced = security.policy(labels, "enforce")
        if kind.plural == "pods" and (found := security.violations(spec, enforced.level)):
            raise forbidden(kind, obj, f'violates PodSecurity "{enforced}": {_joined(found)}')
        warned = security.policy(labels, "warn")
        if warnings is not None and (found := security.violations(spec, warned.level)):
            warnings.append(f'would violate PodSecurity "{warned}": {_joined(found)}')

    def _warn_of_pods(self, old: JsonObject, new: JsonObject, warnings: list[str] | None) -> None:
        """Tell of Pods that a namespace's new level would not let in."""
        before, after = (
            security.policy(obj["metadata"].get("labels") or {}, "enforce") for obj in (old, new)
        )
        if warnings is None or before == after or after.level == "privileged":
            return
        name = new["metadata"]["name"]
        found: dict[str, list[str]] = {}
        for pod in self.store.list(_PODS, name):
            reasons = ", ".join(each.reason for each in security.violations(pod["spec"], after.level))
            if reasons:
                found.setdefault(reasons, []).append(pod["metadata"]["name"])
        if not found:
            return
        warnings.append(
            f'existing pods in namespace "{name}" violate the new PodSecurity enforce level "{after}"'
        )
        for reasons, names in found.items():
            others = len(names) - 1
            more = "" if not others else f" (and {others} other pod{'' if others == 1 else 's'})"
            warnings.append(f"{names[0]}{more}: {reasons}")

    def _judge_quota(self, kind: ResourceKind, new: JsonObject, old: JsonObject | None) -> None:
        namespace = new["metadata"].get("namespace", "")
        if not kind.namespaced or not self.store.count(_QUOTAS, namespace):
            return
        quotas = self.store.list(_QUOTAS, namespace)
        if why := quota.refusal(self.store, quotas, kind, new, old, self.clock()):
            raise forbidden(kind, new, why)


def forbidden(kind: ResourceKind, obj: JsonObject, why: str, *, generated: bool = True) -> errors.StatusError:
    """403 in the words of an admission plugin.

    Args:
        kind: Of the object.
        obj: The object.
        why: What the plugin says.
        generated: Whether a generated name has its end already; it gets that between changing and judging.
    """
    metadata = obj["metadata"]
    name = str(metadata.get("name") or metadata.get("generateName") or "")
    if not generated and metadata.get("generateName") and name.startswith(metadata["generateName"]):
        name = metadata["generateName"]
    details = {"name": name, "group": kind.group, "kind": kind.plural}
    details = {key: value for key, value in details.items() if value}
    return errors.StatusError(403, "Forbidden", f'{kind.name} "{name}" is forbidden: {why}', details)


def _check_labels(kind: ResourceKind, namespace: JsonObject) -> None:
    metadata = namespace["metadata"]
    causes = [
        ("FieldValueInvalid", f"metadata.labels[{label}]", f'Invalid value: "{value}": {why}')
        for label, value, why in security.label_mistakes(metadata.get("labels") or {})
    ]
    if causes:
        raise errors.invalid(kind.group, kind.kind, metadata["name"], causes)


def _notes(obj: JsonObject) -> JsonObject:
    return obj["metadata"].get("annotations") or {}


def _all(mistakes: list[str]) -> str:
    """Several messages in one, each once, as Go's aggregated errors are written."""
    once = list(dict.fromkeys(mistakes))
    return once[0] if len(once) == 1 else f"[{', '.join(once)}]"


def _joined(found: list[security.Violation]) -> str:
    return ", ".join(str(each) for each in found)
