import random

import pytest

from k8stui.ui.widgets.table_order import Order
from k8stui.ui.widgets.table_sort import Sorter, number_of, opposite


@pytest.mark.parametrize(
    ("cell", "column", "expected"),
    [
        ("12", "", 12.0),
        ("-3", "", -3.0),
        ("45%", "", 45.0),
        ("14 (3m ago)", "RESTARTS", 14.0),
        ("1/2", "READY", 0.5),
        ("0/0", "READY", 1.0),
        ("5d3h", "DURATION", 442_800.0),
        ("5m", "DURATION", 300.0),
        ("5m", "CPU(CORES)", 0.005),
        ("250m", "CPU REQUEST", 0.25),
        ("64Mi", "", 67_108_864.0),
        ("1Gi", "CAPACITY", 1_073_741_824.0),
    ],
)
def test_numbers(cell: str, column: str, expected: float) -> None:
    number = number_of(cell, column)
    assert number is not None
    assert number[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    "cell", ["", "Running", "10.0.0.1", "80/TCP", "v1.32", "1/2/3", "9" * 5_000, "9" * 5_000 + "s"]
)
def test_words_are_no_numbers(cell: str) -> None:
    assert number_of(cell) is None


@pytest.mark.parametrize("reverse", [False, True])
def test_numbers_words_and_missing(reverse: bool) -> None:
    cells = ["b", "10", "<none>", "9", "a", "", "A", "9"]
    sorter = Sorter("X", reverse=reverse)
    keys = {(str(place), ""): sorter.by_cell(cell, (str(place), "")) for place, cell in enumerate(cells)}
    order = [cells[int(key[0])] for key in sorted(keys, key=lambda key: keys[key])]
    expected = ["b", "a", "A", "10", "9", "9"] if reverse else ["9", "9", "10", "a", "A", "b"]
    assert order == [*expected, "<none>", ""]
    nines = [key for key in sorted(keys, key=lambda key: keys[key]) if cells[int(key[0])] == "9"]
    assert nines == [("3", ""), ("7", "")]


def test_opposite_turns_the_order_of_words_round() -> None:
    rng = random.Random(1)
    words = ["".join(rng.choices("ab日👍-0", k=rng.randrange(5))) for _ in range(400)]
    assert sorted(words, key=opposite) == sorted(words, reverse=True)


def test_the_youngest_are_first_and_the_unborn_last() -> None:
    sorter = Sorter("AGE")
    births = {"old": 10.0, "young": 90.0, "unknown": None}
    keys = {name: sorter.by_birth(birth, ("", name)) for name, birth in births.items()}
    assert sorted(keys, key=lambda name: keys[name]) == ["young", "old", "unknown"]


class Item:
    def __init__(self, skey: int) -> None:
        self.skey = skey


def test_order_agrees_with_sorting_anew() -> None:
    rng = random.Random(5)
    order: Order[Item] = Order()
    there: dict[int, Item] = {}
    for _ in range(400):
        batch = rng.choice([1, 5, 40, 300])
        gone = rng.sample(sorted(there), min(len(there), rng.randrange(batch)))
        order.remove([there.pop(key) for key in gone])
        new = [Item(key) for key in rng.sample(range(5_000), batch) if key not in there]
        there |= {item.skey: item for item in new}
        order.insert(new)
        assert [item.skey for item in order.items] == sorted(there)
    some = order[len(order) // 2]
    assert order.index(some) == len(order) // 2
    assert order.index(Item(some.skey)) is None
