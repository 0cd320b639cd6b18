"""The indexes of Indexed Jobs as their status writes them, such as ``1,3-5``."""

from __future__ import annotations

from collections.abc import Iterable

from k8stui.core.objects import JsonObject

INDEX = "batch.kubernetes.io/job-completion-index"


def index_of(pod: JsonObject) -> int | None:
    """A Pod's completion index; None when it has none."""
    text = (pod["metadata"].get("annotations") or {}).get(INDEX, "")
    return int(text) if text.isdigit() else None


def parsed(text: str | None, completions: int) -> set[int]:
    """The indexes of a list that are below the number of completions."""
    found: set[int] = set()
    for part in (text or "").split(","):
        first, _, last = part.partition("-")
        if first.isdigit() and (last.isdigit() or not last):
            found.update(range(int(first), min(int(last or first), completions - 1) + 1))
    return found


def written(indexes: Iterable[int]) -> str:
    """A list of indexes in order, three or more in a row as a span."""
    spans: list[tuple[int, int]] = []
    for index in sorted(indexes):
        if spans and index == spans[-1][1] + 1:
            spans[-1] = spans[-1][0], index
        else:
            spans.append((index, index))
    parts = []
    for first, last in spans:
        if last == first:
            parts.append(str(first))
        else:
            parts.append(f"{first}{',' if last == first + 1 else '-'}{last}")
    return ",".join(parts)
