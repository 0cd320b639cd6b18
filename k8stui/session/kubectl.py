"""The kubectl command that shows what is on the screen."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from k8stui.core.kinds import ResourceKind
from k8stui.core.refs import ObjectRef, Scope
from k8stui.session.model import View


def for_view(view: View, default_namespace: str) -> str:
    """``kubectl get`` for a table; the context's own namespace needs no flag."""
    plain_events = view.kind.name == "events" and not view.label_selector
    # It sorts by time, but knows no labels.
    words = ["kubectl", *(["events"] if plain_events else ["get", _name(view)])]
    if view.kind.namespaced:
        words += _scope_flags(view.scope, default_namespace)
    if view.label_selector:
        words += ["-l", shlex.quote(view.label_selector)]
    return " ".join(words)


def for_object(ref: ObjectRef, default_namespace: str, verb: str = "describe") -> str:
    """``kubectl describe`` (or another verb) for one object."""
    words = ["kubectl", verb, _short(ref.kind.plural, ref.kind.group), shlex.quote(ref.name)]
    if ref.namespace and ref.namespace != default_namespace:
        words += ["-n", shlex.quote(ref.namespace)]
    return " ".join(words)


def for_events(ref: ObjectRef, default_namespace: str) -> str:
    """``kubectl events`` about one object; those about objects without a namespace are in ``default``."""
    kind = ref.kind.kind.lower()
    if _short(kind, ref.kind.group) != kind:
        kind = f"{ref.kind.plural}.{ref.kind.group}"
    space = ref.namespace or "default"
    words = ["kubectl", "events", f"--for={shlex.quote(f'{kind}/{ref.name}')}"]
    return " ".join(words if space == default_namespace else [*words, "-n", shlex.quote(space)])


def for_field(kind: ResourceKind, names: Sequence[str]) -> str:
    """``kubectl explain`` for a field."""
    words = ["kubectl", "explain", shlex.quote(".".join((kind.plural, *names)))]
    if _short(kind.plural, kind.group) != kind.plural:
        words.append(f"--api-version={kind.api_version}")
    return " ".join(words)


def _name(view: View) -> str:
    return _short(view.kind.plural, view.kind.group)


_AMBIGUOUS_WITHOUT_GROUP = frozenset({"events", "pods", "nodes"})
_SHORT_GROUPS = ("", "apps", "batch", "autoscaling", "policy")


def _short(plural: str, group: str) -> str:
    builtin = group in _SHORT_GROUPS or group.endswith(".k8s.io")
    if builtin and not (group and plural in _AMBIGUOUS_WITHOUT_GROUP):
        return plural
    return f"{plural}.{group}"


def _scope_flags(scope: Scope, default_namespace: str) -> list[str]:
    if scope.everywhere:
        return ["-A"]
    if len(scope.namespaces) == 1:
        only = scope.namespaces[0]
        return [] if only == default_namespace else ["-n", shlex.quote(only)]
    return ["-A"]
