"""What a Job's policies make of a Pod that failed, and of the indexes that succeeded."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.base import deleting, own
from k8stui.practice.controllers.indexes import parsed


def only_replaces_failed(obj: JsonObject) -> bool:
    """Whether a Pod is replaced only once it has ended, not as soon as it is told to."""
    return bool(dig(obj, "spec", "podReplacementPolicy") == "Failed" or dig(obj, "spec", "podFailurePolicy"))


def failed(obj: JsonObject, pod: JsonObject) -> bool:
    """Whether a Pod counts as failed: it has, or it has been deleted before it could succeed."""
    phase = dig(pod, "status", "phase")
    if phase == "Failed":
        return True
    return not only_replaces_failed(obj) and deleting(pod) and phase != "Succeeded"


def action_on(obj: JsonObject, pod: JsonObject) -> tuple[str, str]:
    """What the podFailurePolicy asks for a failed Pod.

    Returns:
        The action (Ignore, FailIndex, Count or FailJob; empty when no rule matches), and the message with
        which FailJob ends the Job.
    """
    for index, rule in enumerate(dicts(obj, "spec", "podFailurePolicy", "rules")):
        action, place = str(rule.get("action")), "/".join(own(pod))
        if rule.get("onExitCodes"):
            container = _ended_with(pod, rule["onExitCodes"])
            if container is not None:
                code = container["state"]["terminated"]["exitCode"]
                said = f"Container {container['name']} for pod {place} failed with exit code {code}"
                return action, f"{said} matching {action} rule at index {index}"
        else:
            condition = _has_condition(pod, rule)
            if condition:
                return (
                    action,
                    f"Pod {place} has condition {condition} matching {action} rule at index {index}",
                )
    return "", ""


def counts(obj: JsonObject, pod: JsonObject) -> bool:
    """Whether a failed Pod counts towards the limit of failures."""
    return action_on(obj, pod)[0] != "Ignore"


def fail_message(obj: JsonObject, pods: list[JsonObject]) -> str:
    """Why a failed Pod makes the whole Job fail; empty when none does."""
    if not dig(obj, "spec", "podFailurePolicy"):
        return ""
    for pod in pods:
        if failed(obj, pod):
            action, message = action_on(obj, pod)
            if action == "FailJob":
                return message
    return ""


def success_message(obj: JsonObject, succeeded: set[int]) -> str:
    """Which rule of the successPolicy the succeeded indexes satisfy; empty when none."""
    completions = dig(obj, "spec", "completions") or 0
    for index, rule in enumerate(dicts(obj, "spec", "successPolicy", "rules")):
        count = rule.get("succeededCount")
        if rule.get("succeededIndexes"):
            wanted = parsed(rule["succeededIndexes"], completions)
            there = len(wanted & succeeded)
            met = bool(wanted) and (there == len(wanted) or (count is not None and there >= count))
        else:
            met = count is not None and len(succeeded) >= count
        if met:
            return f"Matched rules at index {index}"
    return ""


def _ended_with(pod: JsonObject, wanted: JsonObject) -> JsonObject | None:
    for field in ("containerStatuses", "initContainerStatuses"):
        for status in dicts(pod, "status", field):
            code = dig(status, "state", "terminated", "exitCode")
            if not code or wanted.get("containerName") not in (None, status["name"]):
                continue
            if (code in (wanted.get("values") or ())) == (wanted.get("operator") == "In"):
                return status
    return None


def _has_condition(pod: JsonObject, rule: JsonObject) -> str:
    for condition in dicts(pod, "status", "conditions"):
        for pattern in dicts(rule, "onPodConditions"):
            same = condition.get("type") == pattern.get("type")
            if same and condition.get("status") == pattern.get("status", "True"):
                return str(condition["type"])
    return ""
