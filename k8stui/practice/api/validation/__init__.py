"""What makes a manifest wrong, kind by kind, in the words of an API server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.api.validation import (
    cluster,
    definitions,
    metadata,
    network,
    pods,
    storage,
    workloads,
)
from k8stui.practice.api.validation.said import Cause, invalid, required

__all__ = ["Cause", "causes"]


def causes(kind: ResourceKind, obj: JsonObject) -> list[Cause]:
    """The mistakes of an object with its defaults: of its metadata, and of what its kind needs."""
    found = list(metadata.check(kind, obj["metadata"]))
    check = _CHECKS.get((kind.group, kind.plural))
    if check is not None:
        found += check(obj)
    return found


def _pod(obj: JsonObject) -> Iterator[Cause]:
    yield from pods.check_spec(obj.get("spec") or {}, "spec")


def _cron_job(obj: JsonObject) -> Iterator[Cause]:
    yield from workloads.check_cron_job(obj)
    spec = obj.get("spec") or {}
    yield from _schedule(str(spec.get("schedule") or ""))
    zone = spec.get("timeZone")
    if zone is not None and not _is_zone(str(zone)):
        yield invalid("spec.timeZone", zone, f"unknown time zone {zone}")


def _schedule(text: str) -> Iterator[Cause]:
    from k8stui.practice.controllers.cron import Schedule

    if not text:
        yield required("spec.schedule")
        return
    try:
        Schedule(text)
    except ValueError as error:
        yield invalid("spec.schedule", text, str(error))


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


_CHECKS: Mapping[tuple[str, str], Callable[[JsonObject], Iterator[Cause]]] = MappingProxyType(
    {
        ("", "pods"): _pod,
        ("", "services"): network.check_service,
        ("", "configmaps"): storage.check_config_map,
        ("", "secrets"): storage.check_secret,
        ("", "persistentvolumeclaims"): storage.check_claim,
        ("", "persistentvolumes"): storage.check_volume,
        ("", "nodes"): cluster.check_node,
        ("", "resourcequotas"): cluster.check_quota,
        ("", "limitranges"): cluster.check_limits,
        ("", "replicationcontrollers"): workloads.check_replication_controller,
        **{
            ("apps", plural): workloads.check_workload
            for plural in ("deployments", "replicasets", "statefulsets", "daemonsets")
        },
        ("batch", "jobs"): workloads.check_job,
        ("batch", "cronjobs"): _cron_job,
        ("networking.k8s.io", "ingresses"): network.check_ingress,
        ("networking.k8s.io", "networkpolicies"): network.check_network_policy,
        ("storage.k8s.io", "storageclasses"): storage.check_storage_class,
        ("scheduling.k8s.io", "priorityclasses"): cluster.check_priority,
        **{("rbac.authorization.k8s.io", plural): cluster.check_role for plural in ("roles", "clusterroles")},
        **{
            ("rbac.authorization.k8s.io", plural): cluster.check_binding
            for plural in ("rolebindings", "clusterrolebindings")
        },
        ("autoscaling", "horizontalpodautoscalers"): cluster.check_autoscaler,
        ("policy", "poddisruptionbudgets"): cluster.check_budget,
        ("apiextensions.k8s.io", "customresourcedefinitions"): definitions.check_definition,
    }
)
