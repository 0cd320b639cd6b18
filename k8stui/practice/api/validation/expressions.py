"""The CEL rules of a CustomResourceDefinition's schema (``x-kubernetes-validations``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8stui.core.objects import JsonObject, dicts
from k8stui.practice.api.validation.said import Cause, shown

_UNDEFINED = "Undefined variable or function"


def trouble(rule: str) -> str:
    """Why a rule is no expression; nothing when it is one."""
    import cel

    try:
        cel.compile(rule)
    except ValueError as error:
        return str(error).partition(": ")[2]
    return ""


def verdicts(schema: JsonObject, value: Any, old: Any, at: str) -> Iterator[Cause]:
    """The rules that a value breaks, here and below.

    Args:
        schema: Of the value.
        value: What is to be stored.
        old: What is stored at the same place, or None: rules about ``oldSelf`` then say nothing.
        at: Path of the value.
    """
    for rule in dicts(schema, "x-kubernetes-validations"):
        yield from _verdict(rule, value, old, at)
    if isinstance(value, dict):
        before = old if isinstance(old, dict) else {}
        properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, below in value.items():
            inner = properties.get(name, others)
            if isinstance(inner, dict):
                yield from verdicts(inner, below, before.get(name), f"{at}.{name}" if at else name)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for number, each in enumerate(value):
            yield from verdicts(schema["items"], each, None, f"{at}[{number}]")


def _verdict(rule: JsonObject, value: Any, old: Any, at: str) -> Iterator[Cause]:
    import cel

    text = str(rule.get("rule") or "")
    known = {"self": value}
    if "oldSelf" in text:
        if old is None:
            return
        known["oldSelf"] = old
    try:
        holds = cel.evaluate(text, known)
    except (ValueError, RuntimeError, TypeError) as error:
        # Functions of Kubernetes' own that the evaluator does not have cannot be judged: let them pass.
        if _UNDEFINED in str(error):
            return
        yield "FieldValueInvalid", at, f"Invalid value: {_value(value)}: {error} evaluating rule: {text}"
        return
    if holds is True:
        return
    said = str(rule.get("message") or "").strip() or f"failed rule: {text}"
    if rule.get("messageExpression"):
        said = _message(str(rule["messageExpression"]), known) or said
    field = at + str(rule.get("fieldPath") or "")
    reason = str(rule.get("reason") or "FieldValueInvalid")
    yield reason, field.lstrip(".") or "<nil>", f"Invalid value: {said}"


def _message(expression: str, known: dict[str, Any]) -> str:
    import cel

    try:
        found = cel.evaluate(expression, known)
    except (ValueError, RuntimeError, TypeError):
        return ""
    return found if isinstance(found, str) else ""


def _value(value: Any) -> str:
    """A value as these messages show it: of objects and lists the type only."""
    if isinstance(value, dict):
        return '"object"'
    return '"array"' if isinstance(value, list) else shown(value)
