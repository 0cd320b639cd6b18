"""Rows of the kinds that extend the API server: definitions, aggregated APIs, webhooks, policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.printers.base import (
    AGE,
    CREATED,
    NAME,
    UNSET,
    Printer,
    age,
    column,
    condition,
    holds,
    name_of,
    selector,
    whole,
    wide,
)


def _versions(obj: JsonObject) -> Iterator[str]:
    for version in dicts(obj, "spec", "versions"):
        if version.get("served"):
            yield f"{version.get('name')}(storage)" if version.get("storage") else str(version.get("name"))


def _definition(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    names = spec.get("names") or {}
    return [
        name_of(obj),
        spec.get("scope", ""),
        ",".join(sorted(_versions(obj))),
        obj["metadata"].get("creationTimestamp"),
        spec.get("group", ""),
        names.get("kind", ""),
        ",".join(names.get("shortNames") or ()),
        holds(obj, "Established"),
    ]


def _api_service(obj: JsonObject, now: float) -> list[Any]:
    service = dig(obj, "spec", "service")
    found = condition(obj, "Available") or {}
    state = found.get("status") or "Unknown"
    if state != "True" and found.get("reason"):
        state = f"{state} ({found['reason']})"
    where = f"{service.get('namespace', '')}/{service.get('name', '')}" if service else "Local"
    return [name_of(obj), where, state, age(obj, now)]


def _webhooks(obj: JsonObject, now: float) -> list[Any]:
    return [name_of(obj), len(obj.get("webhooks") or ()), age(obj, now)]


def _policy(rules: str, obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    kind = spec.get("paramKind")
    param = f"{kind.get('apiVersion', '')}/{kind.get('kind', '')}" if kind else UNSET
    return [name_of(obj), len(spec.get(rules) or ()), param, age(obj, now)]


def _validating_policy(obj: JsonObject, now: float) -> list[Any]:
    return _policy("validations", obj, now)


def _mutating_policy(obj: JsonObject, now: float) -> list[Any]:
    return _policy("mutations", obj, now)


def _policy_binding(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    given = spec.get("paramRef") or {}
    param = UNSET
    if given.get("name"):
        param = f"{given.get('namespace') or '*'}/{given['name']}"
    elif given.get("selector") is not None:
        param = selector(given["selector"], empty="")
    return [name_of(obj), spec.get("policyName", ""), param, age(obj, now)]


_WEBHOOKS = Printer((NAME, whole("Webhooks", "How many webhooks it registers."), AGE), _webhooks)
_PARAM_KIND = column("ParamKind", "Kind of object that holds its parameters.")
_POLICY_BINDING = Printer(
    (
        NAME,
        column("PolicyName", "Policy that it puts into force."),
        column("ParamRef", "Object with the parameters."),
        AGE,
    ),
    _policy_binding,
)
_ADMISSION = "admissionregistration.k8s.io"

PRINTERS: tuple[tuple[str, str, Printer], ...] = (
    (
        "apiextensions.k8s.io",
        "customresourcedefinitions",
        Printer(
            (
                NAME,
                column("Scope", "Namespaced or Cluster."),
                column("Versions", "Versions that are served, and which one is stored."),
                CREATED,
                wide("Group", "API group of the custom resource."),
                wide("Kind", "Kind of the custom resource."),
                wide("ShortNames", "Short names of the custom resource."),
                column("Established", "Whether it is served.", kind="boolean", priority=1),
            ),
            _definition,
        ),
    ),
    (
        "apiregistration.k8s.io",
        "apiservices",
        Printer(
            (
                NAME,
                column("Service", "Service that answers for the group and version, or Local."),
                column("Available", "Whether it can be asked."),
                AGE,
            ),
            _api_service,
        ),
    ),
    (_ADMISSION, "mutatingwebhookconfigurations", _WEBHOOKS),
    (_ADMISSION, "validatingwebhookconfigurations", _WEBHOOKS),
    (
        _ADMISSION,
        "validatingadmissionpolicies",
        Printer(
            (NAME, whole("Validations", "How many rules it checks."), _PARAM_KIND, AGE), _validating_policy
        ),
    ),
    (
        _ADMISSION,
        "mutatingadmissionpolicies",
        Printer((NAME, whole("Mutations", "How many changes it makes."), _PARAM_KIND, AGE), _mutating_policy),
    ),
    (_ADMISSION, "validatingadmissionpolicybindings", _POLICY_BINDING),
    (_ADMISSION, "mutatingadmissionpolicybindings", _POLICY_BINDING),
)
