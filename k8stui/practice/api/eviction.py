"""Whether a Pod may be evicted: what the PodDisruptionBudget that covers it allows."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice import errors
from k8stui.practice.api.selectors import parse_labels
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Store

_BUDGETS = builtin("poddisruptionbudgets", "policy")


def check(store: Store, pod: JsonObject, *, dry_run: bool) -> None:
    """Note an eviction in the budget that covers a Pod.

    A Pod that has not started, has ended or is on its way out may always go; one that is not ready may as the
    budget's unhealthyPodEvictionPolicy says.

    Args:
        store: The cluster.
        pod: The Pod.
        dry_run: Whether nothing is to be written.

    Raises:
        StatusError: 429 TooManyRequests when the budget forbids it; 500 when there are several budgets.
    """
    if dig(pod, "status", "phase") in ("Pending", "Succeeded", "Failed"):
        return
    if pod["metadata"].get("deletionTimestamp"):
        return
    budgets = [found for found in store.list(_BUDGETS, pod["metadata"]["namespace"]) if _covers(found, pod)]
    if len(budgets) > 1:
        message = (
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        )
        raise errors.StatusError(500, "InternalError", message, {"causes": [{"message": message}]})
    if not budgets or _unhealthy(budgets[0], pod):
        return
    status = _decremented(store, budgets[0], pod)
    if not dry_run:
        store.update(_BUDGETS, {**budgets[0], "status": status})


def _covers(budget: JsonObject, pod: JsonObject) -> bool:
    selector = dig(budget, "spec", "selector")
    if selector is None:
        return False
    labels = pod["metadata"].get("labels") or {}
    wanted = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    texts = (_text(each) for each in dicts(selector, "matchExpressions"))
    return all(need.matches(labels) for text in texts for need in parse_labels(text))


def _text(expression: JsonObject) -> str:
    """An expression as a query has it."""
    key, values = expression.get("key", ""), ",".join(expression.get("values") or ())
    match expression.get("operator"):
        case "In":
            return f"{key} in ({values})"
        case "NotIn":
            return f"{key} notin ({values})"
        case "Exists":
            return str(key)
        case _:
            return f"!{key}"


def _unhealthy(budget: JsonObject, pod: JsonObject) -> bool:
    """Whether a Pod is not ready and may therefore go without being counted."""
    conditions = dicts(pod, "status", "conditions")
    if any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions):
        return False
    if dig(budget, "spec", "unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    wanted = dig(budget, "status", "desiredHealthy") or 0
    return wanted > 0 and (dig(budget, "status", "currentHealthy") or 0) >= wanted


def _decremented(store: Store, budget: JsonObject, pod: JsonObject) -> JsonObject:
    """The budget's status with one disruption less to give."""
    name, status = budget["metadata"]["name"], budget.get("status") or {}
    if (status.get("observedGeneration") or 0) < budget["metadata"].get("generation", 1):
        raise _refused(f"The disruption budget {name} is still being processed by the server.", 10)
    allowed = status.get("disruptionsAllowed") or 0
    if allowed <= 0:
        healthy, wanted = status.get("currentHealthy") or 0, status.get("desiredHealthy") or 0
        raise _refused(
            f"The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently"
        )
    going = {**(status.get("disruptedPods") or {}), pod["metadata"]["name"]: store.now()}
    new = {**status, "disruptionsAllowed": allowed - 1, "disruptedPods": going}
    if allowed == 1:
        new["conditions"] = [
            {**found, "status": "False", "reason": "InsufficientPods", "lastTransitionTime": store.now()}
            if found.get("type") == "DisruptionAllowed"
            else found
            for found in dicts(status, "conditions")
        ]
    return new


def _refused(why: str, seconds: int = 0) -> errors.StatusError:
    message = "Cannot evict pod as it would violate the pod's disruption budget."
    details: JsonObject = {"causes": [{"reason": "DisruptionBudget", "message": why}]}
    if seconds:
        details["retryAfterSeconds"] = seconds
    return errors.StatusError(429, "TooManyRequests", message, details)
