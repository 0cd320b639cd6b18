"""How well a cell says its object is."""

from __future__ import annotations

import re
from enum import Enum

from k8stui.core.rows import Column, Row


class Health(Enum):
    """What a state means for the person who looks; the value is the mark drawn before the word."""

    OK = "●"
    BUSY = "◌"
    """On its way somewhere."""
    WARN = "!"
    """Works, but not wholly, or not for long."""
    BAD = "✖"
    DIM = "○"
    """At rest: finished, suspended, nothing to do."""


_WORD_COLUMNS = frozenset({"STATUS", "PHASE", "STATE", "CONDITION", "CONDITIONS", "HEALTH"})
_WORD_ENDINGS = (" STATUS", " STATE", " PHASE", " HEALTH")
_COUNT_COLUMNS = frozenset({"READY", "AVAILABLE", "COMPLETIONS"})
_TRUTH_COLUMNS = frozenset(
    {"READY", "AVAILABLE", "HEALTHY", "ESTABLISHED", "SYNCED", "ACCEPTED", "PROGRAMMED", "VALID", "APPROVED"}
)
_ILL_COLUMNS = frozenset({"DEGRADED", "STALLED", "FAILED"})
_REST_COLUMNS = frozenset({"SUSPEND", "SUSPENDED", "PAUSED"})

_WORDS = {
    Health.OK: """
        running ready active bound available healthy established approved issued approved,issued true ok
        deployed synced serving current inuse in-use valid online up accepted programmed enabled normal
    """,
    Health.BUSY: "pending unschedulable new scheduled init notstarted",
    Health.WARN: """
        unknown released outofsync degraded schedulingdisabled containerstatusunknown stale warning suspect
        paused preempted schedulinggated
    """,
    Health.BAD: """
        notready lost evicted oomkilled error failed false unhealthy unavailable denied expired nodelost down
        offline dead rejected unexpectedadmissionerror outofcpu outofmemory outofpods failuretarget critical
    """,
    Health.DIM: """
        completed complete succeeded suspended done finished inactive disabled terminated successcriteriamet
    """,
}
_KNOWN = {word: health for health, words in _WORDS.items() for word in words.split()}
_DONE = frozenset({"Completed", "Succeeded", "Complete"})
_TROUBLE = re.compile(
    r"err|fail|backoff|crash|invalid|denied|lost|evict|oom|kill|exceeded|never|refused|cannot|mismatch|^unable",
    re.IGNORECASE,
)
_RATIO = re.compile(r"(\d{1,9})/(\d{1,9})")
_STATE = re.compile(r"[A-Z][A-Za-z]+(?:[:,][A-Za-z0-9/]+)*")
"""What a state looks like: names of objects have no capital letters."""
_EXIT = re.compile(r"(?:ExitCode|Signal):(\d+)")


def speaks_of_health(column: Column) -> bool:
    """Whether cells of this column are judged at all."""
    name = column.name.upper()
    return _is_word_column(name) or name in _COUNT_COLUMNS | _TRUTH_COLUMNS | _ILL_COLUMNS | _REST_COLUMNS


def marked_column(columns: tuple[Column, ...]) -> int | None:
    """Which column carries the mark: the first that says a state in words, else the first that is judged.

    A table of events is marked in its Type column (Normal, Warning).
    """
    judged = [i for i, column in enumerate(columns) if speaks_of_health(column) and column.priority == 0]
    words = [i for i in judged if _is_word_column(columns[i].name.upper())]
    if words or judged:
        return (words or judged)[0]
    names = {column.name.upper(): i for i, column in enumerate(columns)}
    return names["TYPE"] if {"TYPE", "REASON", "OBJECT"} <= names.keys() else None


def health(column: Column, cell: str, row: Row) -> Health | None:
    """What a cell says of its object; None when it says nothing about health.

    Args:
        column: The cell's column.
        cell: Its text as the server printed it.
        row: The whole row: a finished Pod's ``0/1`` is nothing to worry about.
    """
    name = column.name.upper()
    if not cell or cell.startswith("<"):
        return None
    if found := _RATIO.fullmatch(cell):
        return _of_count(name, int(found[1]), int(found[2]), row) if name in _COUNT_COLUMNS else None
    if name == "TYPE":
        return {"Normal": Health.OK, "Warning": Health.WARN}.get(cell)
    if name in _REST_COLUMNS:
        return Health.DIM if cell == "True" else None
    if name in _ILL_COLUMNS:
        return {"True": Health.BAD, "Unknown": Health.WARN}.get(cell)
    if name in _TRUTH_COLUMNS:
        return {"True": Health.OK, "False": Health.BAD, "Unknown": Health.WARN}.get(cell.partition(" ")[0])
    return of_word(cell) if _is_word_column(name) else None


def of_word(word: str) -> Health | None:
    """What a state's name means, for states nobody has listed too: by how Kubernetes forms such names."""
    if found := _EXIT.fullmatch(word):
        return Health.DIM if found[1] == "0" else Health.BAD
    lowered = word.lower()
    if known := _KNOWN.get(lowered):
        return known
    if lowered.startswith("init:"):
        rest = word[5:]
        return Health.BUSY if _RATIO.fullmatch(rest) else of_word(rest)
    parts = [part for part in re.split(r"[,\s]+", lowered) if part]
    if len(parts) > 1:
        found_parts = [found_part for part in parts if (found_part := of_word(part))]
        return max(found_parts, key=_GRAVITY.index, default=None)
    if _TROUBLE.search(word):
        return Health.BAD
    if lowered.endswith("ing"):
        return Health.BUSY
    if lowered.startswith(("not", "un")):
        return Health.WARN
    return None


def finished(row: Row) -> bool:
    """Whether the row's object has done its work and rests (a completed Pod or Job)."""
    return not _DONE.isdisjoint(row.cells)


_GRAVITY = (Health.DIM, Health.OK, Health.BUSY, Health.WARN, Health.BAD)


def _is_word_column(name: str) -> bool:
    return name in _WORD_COLUMNS or name.endswith(_WORD_ENDINGS)


def _of_count(name: str, part: int, whole: int, row: Row) -> Health:
    if whole == 0 or finished(row):
        return Health.DIM
    if part >= whole:
        return Health.OK
    states = {of_word(cell) for cell in row.cells if _STATE.fullmatch(cell)}
    if Health.BAD in states:
        return Health.BAD
    if Health.BUSY in states or name == "COMPLETIONS":
        return Health.BUSY
    return Health.WARN if part or Health.OK in states else Health.BAD
