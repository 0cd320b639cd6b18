"""Rows of a live table, as they travel from the API server to the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

RowKey = tuple[str, str]
"""Namespace (empty for a cluster-scoped kind) and name: unique within one kind."""

_NO_MARKS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the server defines it (meta.k8s.io/v1 TableColumnDefinition)."""

    name: str
    type: str = "string"
    """OpenAPI type: string, integer, number, boolean, date."""
    format: str = ""
    """``name`` marks the column that names the object."""
    description: str = ""
    priority: int = 0
    """0 is always shown; above 0 only when wide columns are asked for."""


class Row:
    """One object of a list: the cells that the server printed, already free of control characters."""

    __slots__ = ("cells", "created", "key", "labels", "marks", "seen")

    def __init__(
        self,
        key: RowKey,
        cells: tuple[str, ...],
        seen: float,
        created: float | None = None,
        labels: dict[str, str] | None = None,
        marks: frozenset[str] = _NO_MARKS,
    ) -> None:
        self.key = key
        self.cells = cells
        """One string per Column, in the order of the columns."""
        self.seen = seen
        """When the server printed the cells (seconds since the epoch): ages in them count on from here."""
        self.created = created
        """creationTimestamp in seconds since the epoch, when metadata was asked for."""
        self.labels = labels
        """metadata.labels, when metadata was asked for. Rows with equal labels share one dict: read only."""
        self.marks = marks
        """What the caller's function said of the whole object, when whole objects were asked for."""

    @property
    def namespace(self) -> str:
        """The object's namespace, empty when it has none."""
        return self.key[0]

    @property
    def name(self) -> str:
        """The object's name."""
        return self.key[1]

    def __repr__(self) -> str:
        return f"Row({self.key!r}, {self.cells!r})"


@dataclass(frozen=True, slots=True)
class RowDelta:
    """A batch of changes. Applying every delta of a feed in order gives the rows that the server has.

    A listing that starts again (after 410, after a reconnect) sends its rows as ``put`` and, at its end, the
    rows that have gone meanwhile as ``drop``: a receiver never has to clear anything.
    """

    columns: tuple[Column, ...] | None = None
    """Set in the first delta, and again whenever the server's columns change."""
    put: Sequence[Row] = ()
    drop: Sequence[RowKey] = ()
