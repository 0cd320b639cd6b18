import pytest

from k8stui.core.rows import Column, Row
from k8stui.ui.widgets.table_columns import Layout, Measure, lay_out, specs_of
from tests.ui.widgets.table_app import POD_COLUMNS, pod

SERVICES = tuple(
    Column(name, format="name" if name == "Name" else "")
    for name in ("Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age")
)


def measured(
    rows: list[Row], columns: tuple[Column, ...] = POD_COLUMNS, *, namespaced: bool = False
) -> Measure:
    measure = Measure(specs_of(columns, namespaced=namespaced))
    measure.start(rows, None)
    return measure


def titles(layout: Layout) -> list[str]:
    return [placed.spec.title for placed in layout.columns]


PODS = [
    pod("api-6b8f9c7d4-2xk4p-with-a-long-name", "CrashLoopBackOff", restarts="14 (3m ago)"),
    pod("cart-0"),
]


def test_everything_fits_a_wide_screen() -> None:
    layout = lay_out(measured(PODS), 160, wide=True)
    assert titles(layout) == ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE"]
    assert layout.furthest == 0


def test_wide_columns_are_shown_only_when_asked_for() -> None:
    assert titles(lay_out(measured(PODS), 160, wide=False)) == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (80, ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]),
        (60, ["NAME", "READY", "STATUS", "AGE"]),
        (40, ["NAME", "READY", "STATUS"]),
        (26, ["NAME", "READY", "STATUS"]),
    ],
)
def test_columns_leave_a_narrow_screen_in_order(room: int, expected: list[str]) -> None:
    assert titles(lay_out(measured(PODS), room, wide=False)) == expected


def test_the_first_three_columns_of_any_kind_stay() -> None:
    cells = ("web-frontend-service", "LoadBalancer", "10.96.100.100", "203.0.113.7", "80:30080/TCP", "5d")
    measure = measured([Row(("shop", cells[0]), cells, 0.0)], SERVICES)
    for room in range(40, 120):
        assert titles(lay_out(measure, room, wide=False))[:3] == ["NAME", "TYPE", "CLUSTER-IP"]


def test_namespace_and_name_come_first() -> None:
    columns = (Column("Last Seen"), Column("Reason"), Column("Name", format="name"))
    assert [spec.title for spec in specs_of(columns, namespaced=True)][:2] == ["NAMESPACE", "NAME"]


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("namespaced", [False, True])
def test_columns_never_overlap_nor_leave_the_room(wide: bool, namespaced: bool) -> None:
    measure = measured(PODS, namespaced=namespaced)
    for room in range(1, 130):
        furthest = lay_out(measure, room, wide=wide).furthest
        for offset in range(furthest + 1):
            at = 0
            for placed in lay_out(measure, room, wide=wide, offset=offset).columns:
                assert placed.x >= at
                assert placed.width > 0
                at = placed.x + placed.width
            assert at <= room


def test_sideways_the_name_stays_and_every_column_can_be_reached() -> None:
    measure = measured(PODS, namespaced=True)
    seen = set()
    first = lay_out(measure, 70, wide=True)
    for offset in range(first.furthest + 1):
        layout = lay_out(measure, 70, wide=True, offset=offset)
        assert titles(layout)[:2] == ["NAMESPACE", "NAME"]
        assert layout.more_right == (offset < first.furthest)
        seen |= set(titles(layout))
    assert seen == {"NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE"}


def test_numbers_and_ages_stand_right() -> None:
    columns = (Column("Name", format="name"), Column("Up-to-date"), Column("Host"), Column("Age"))
    measure = measured([Row(("", "a"), ("a", "3", "3a", "5d"), 0.0)], columns)
    assert [measure.right(i) for i in range(4)] == [False, True, False, True]


def test_widths_grow_and_shrink_only_when_measured_afresh() -> None:
    measure = measured([pod("a")])
    before = list(measure.widths)
    assert measure.add(pod("a" * 30))
    assert measure.widths[0] == 30
    assert not measure.add(pod("a" * 20))
    measure.start([pod("a")], None)
    assert measure.widths == before


def test_rows_with_too_few_cells_are_survived() -> None:
    measure = measured([Row(("", "a"), ("a",), 0.0)])
    assert lay_out(measure, 80, wide=True).columns[1].spec.cell(Row(("", "a"), ("a",), 0.0)) == ""
