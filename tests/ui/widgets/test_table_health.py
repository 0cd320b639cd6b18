import pytest
from rich.cells import cell_len

from k8stui.core.rows import Column, Row
from k8stui.ui.widgets.table_health import Health, finished, health, marked_column

OK, BUSY, WARN, BAD, DIM = Health


def row(*cells: str) -> Row:
    return Row(("", cells[0]), cells, 0.0)


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("Status", "Running", OK),
        ("Status", "Completed", DIM),
        ("Status", "CrashLoopBackOff", BAD),
        ("Status", "ImagePullBackOff", BAD),
        ("Status", "ErrImagePull", BAD),
        ("Status", "OOMKilled", BAD),
        ("Status", "Init:Error", BAD),
        ("Status", "Init:0/1", BUSY),
        ("Status", "PodInitializing", BUSY),
        ("Status", "ContainerCreating", BUSY),
        ("Status", "Pending", BUSY),
        ("Status", "Terminating", BUSY),
        ("Status", "ExitCode:1", BAD),
        ("Status", "ExitCode:0", DIM),
        ("Status", "Ready", OK),
        ("Status", "NotReady", BAD),
        ("Status", "Ready,SchedulingDisabled", WARN),
        ("Status", "NotReady,SchedulingDisabled", BAD),
        ("Status", "Unknown", WARN),
        ("Status", "Bound", OK),
        ("Status", "Released", WARN),
        ("Status", "Lost", BAD),
        ("Status", "Active", OK),
        ("Status", "Complete", DIM),
        ("Status", "Failed", BAD),
        ("Status", "Suspended", DIM),
        ("Phase", "Reconciling", BUSY),
        ("Sync Status", "OutOfSync", WARN),
        ("Health Status", "Degraded", WARN),
        ("Condition", "Approved,Issued", OK),
        ("Condition", "Denied", BAD),
        ("Available", "True", OK),
        ("Available", "False (MissingEndpoints)", BAD),
        ("Ready", "False", BAD),
        ("Ready", "Unknown", WARN),
        ("Ready", "2/2", OK),
        ("Ready", "1/2", WARN),
        ("Ready", "0/2", BAD),
        ("Ready", "0/0", DIM),
        ("Completions", "0/1", BUSY),
        ("Completions", "1/1", OK),
        ("Suspend", "True", DIM),
        ("Type", "Warning", WARN),
        ("Type", "Normal", OK),
        ("Status", "<none>", None),
        ("Status", "Frobnicated", None),
        ("Type", "ClusterIP", None),
        ("Name", "failed", None),
        ("Age", "5d", None),
    ],
)
def test_what_a_cell_says(column: str, cell: str, expected: Health | None) -> None:
    assert health(Column(column), cell, row("name", cell)) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [("Completed", DIM), ("Pending", BUSY), ("Init:0/1", BUSY), ("CrashLoopBackOff", BAD), ("Running", WARN)],
)
def test_a_count_is_read_beside_the_state(status: str, expected: Health) -> None:
    assert health(Column("Ready"), "0/1", row("failed-pod", "0/1", status)) is expected


def test_marks_are_one_cell_wide_and_all_different() -> None:
    assert [cell_len(mark.value) for mark in Health] == [1] * len(Health)
    assert len({mark.value for mark in Health}) == len(Health)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Name", "Ready", "Status", "Age"], 2),
        (["Name", "Ready", "Up-to-date", "Available"], 1),
        (["Last Seen", "Type", "Reason", "Object", "Message"], 1),
        (["Name", "Type", "Cluster-IP"], None),
    ],
)
def test_one_column_carries_the_mark(names: list[str], expected: int | None) -> None:
    assert marked_column(tuple(Column(name) for name in names)) == expected


def test_finished_rows() -> None:
    assert finished(row("a", "0/1", "Completed"))
    assert not finished(row("completed", "1/1", "Running"))
