import pytest

from k8stui.core.rows import Column, Row, RowDelta, RowKey
from k8stui.ui.widgets.table_filter import TextFilter
from k8stui.ui.widgets.table_model import Applied, Entry, TableModel
from tests.ui.widgets.table_app import NOW, POD_COLUMNS, pod


def stays(_: Entry) -> bool:
    return True


def goes(_: Entry) -> bool:
    return False


@pytest.fixture
def model() -> TableModel:
    model = TableModel()
    model.set_columns(POD_COLUMNS, namespaced=True)
    return model


def put(model: TableModel, *rows: Row) -> Applied:
    return model.apply(RowDelta(put=rows), goes)


def names(model: TableModel) -> list[str]:
    return [entry.row.name for entry in model.view]


def keys(*names: str) -> list[RowKey]:
    return [("shop", name) for name in names]


def test_rows_are_there_at_once_and_in_order(model: TableModel) -> None:
    done = put(model, pod("b"), pod("a"), pod("c", namespace="bar"))
    assert names(model) == ["c", "a", "b"]
    assert done.moved
    assert done.added == [("shop", "b"), ("shop", "a"), ("bar", "c")]
    assert (model.held, model.shown, model.total) == (3, 3, 3)


def test_a_change_is_told_from_growing_older(model: TableModel) -> None:
    put(model, pod("a", restarts="3 (2m ago)", age="5m"))
    assert put(model, pod("a", restarts="3 (3m ago)", age="6m")).changed == []
    assert put(model, pod("a", restarts="4 (1s ago)", age="6m")).changed == keys("a")
    assert put(model, pod("a", "Pending", restarts="4 (1s ago)", age="6m")).changed == keys("a")


def test_a_row_put_and_dropped_in_one_batch_is_not_there(model: TableModel) -> None:
    model.apply(RowDelta(put=[pod("a")], drop=keys("a")), stays)
    assert names(model) == []
    put(model, pod("a"))
    model.sort("STATUS")
    model.apply(RowDelta(put=[pod("a", "Zzz")], drop=keys("a")), goes)
    assert names(model) == []
    assert model.held == 0


def test_a_row_put_twice_in_one_batch_is_there_once(model: TableModel) -> None:
    model.sort("STATUS")
    put(model, pod("b", "Mmm"))
    put(model, pod("a", "Zzz"), pod("b", "Nnn"), pod("a", "Aaa"))
    assert names(model) == ["a", "b"]


def test_a_deleted_row_lingers_without_being_counted(model: TableModel) -> None:
    put(model, pod("a"), pod("b"))
    assert model.apply(RowDelta(drop=keys("a")), stays).gone == keys("a")
    assert names(model) == ["a", "b"]
    assert (model.held, model.shown, model.total) == (1, 1, 1)
    assert model.forget(keys("a", "b"))
    assert names(model) == ["b"]


def test_a_lingering_row_can_come_back(model: TableModel) -> None:
    put(model, pod("a"))
    model.apply(RowDelta(drop=keys("a")), stays)
    assert put(model, pod("a", "Pending")).again == keys("a")
    assert not model.forget(keys("a"))
    assert names(model) == ["a"]
    assert model.held == 1


def test_another_object_by_the_same_name_is_told(model: TableModel) -> None:
    put(model, pod("a", created=NOW - 50))
    assert put(model, pod("a", created=NOW - 50)).again == []
    assert put(model, pod("a", created=NOW - 5)).again == keys("a")


def test_filters_hold_for_rows_that_come_and_change(model: TableModel) -> None:
    put(model, pod("a"), pod("b", "Failed"))
    model.set_filter(TextFilter.parse("failed"))
    assert names(model) == ["b"]
    put(model, pod("c", "Failed"), pod("d"))
    put(model, pod("a", "Failed"), pod("b"))
    assert names(model) == ["a", "c"]
    assert (model.shown, model.total, model.held) == (2, 4, 4)
    model.set_filter(None)
    assert names(model) == ["a", "b", "c", "d"]


def test_a_filter_reads_hidden_cells_but_not_ages(model: TableModel) -> None:
    put(model, pod("a", age="77d"))
    for words, expected in (("node-1", 1), ("shop", 1), ("77d", 0)):
        model.set_filter(TextFilter.parse(words))
        assert model.shown == expected, words


def test_marks_narrow_the_total(model: TableModel) -> None:
    put(model, pod("a", marks=["NodePort"]), pod("b", marks=["Headless"]), pod("c", marks=["NodePort"]))
    model.set_mark("NodePort")
    model.set_filter(TextFilter.parse("!c"))
    assert (names(model), model.total, model.held) == (["a"], 2, 3)
    put(model, pod("b", marks=["NodePort"]), pod("c"))
    assert (names(model), model.total) == (["a", "b"], 2)
    model.apply(RowDelta(drop=keys("a")), stays)
    assert (model.shown, model.total) == (1, 1)


def test_sorting_by_age_uses_the_time_of_birth(model: TableModel) -> None:
    put(
        model,
        pod("old", age="5d", seen=NOW),
        pod("young", age="5m", seen=NOW),
        pod("seen-earlier", age="5m", seen=NOW - 1_000),
        pod("unknown", age="<unknown>"),
    )
    model.sort("Age")
    assert names(model) == ["young", "seen-earlier", "old", "unknown"]
    model.sort("Age", reverse=True)
    assert names(model) == ["old", "seen-earlier", "young", "unknown"]


def test_events_are_sorted_by_when_they_were_last_seen() -> None:
    model = TableModel()
    model.set_columns((Column("Last Seen"), Column("Name", format="name")), namespaced=False)
    put(model, Row(("", "a"), ("3m (x5 over 10m)", "a"), NOW), Row(("", "b"), ("2m", "b"), NOW))
    model.sort("Last Seen")
    assert names(model) == ["b", "a"]


def test_a_row_keeps_its_place_by_age_while_it_grows_older(model: TableModel) -> None:
    model.sort("AGE")
    put(model, pod("a", age="5m", seen=NOW), pod("b", age="5m1s", seen=NOW))
    put(model, pod("a", age="3h20m", seen=NOW + 11_750))
    assert names(model) == ["a", "b"]


def test_the_sort_state_can_be_read_and_survives_other_columns(model: TableModel) -> None:
    put(model, pod("a", restarts="9"), pod("b", restarts="10"))
    model.sort("restarts", reverse=True)
    assert model.sorting == ("RESTARTS", True)
    model.set_columns(POD_COLUMNS[:3], namespaced=True)
    assert names(model) == ["a", "b"]
    model.set_columns(POD_COLUMNS, namespaced=True)
    assert names(model) == ["b", "a"]


def test_the_neighbour_of_a_row_that_has_gone(model: TableModel) -> None:
    put(model, pod("a"), pod("b"), pod("c"))
    last, middle = model.entries["shop", "c"], model.entries["shop", "b"]
    model.apply(RowDelta(drop=keys("b")), goes)
    assert names(model)[model.nearest(middle)] == "c"
    model.apply(RowDelta(drop=keys("c")), goes)
    assert names(model)[model.nearest(last)] == "a"
