import random

import pytest

from k8stui.core.rows import Column
from k8stui.core.units import format_age
from k8stui.ui.widgets.table_ages import (
    birth_of,
    is_age,
    next_change,
    printed,
    ticking_age,
    ticking_restarts,
)

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("name", "type", "expected"),
    [
        ("Age", "string", True),
        ("Last Seen", "string", True),
        ("Expires", "date", True),
        ("Name", "string", False),
    ],
)
def test_which_columns_hold_ages(name: str, type: str, expected: bool) -> None:
    assert is_age(Column(name, type)) is expected


def test_an_age_goes_on_counting() -> None:
    ticking = ticking_age("5m", NOW)
    assert ticking is not None
    assert ticking.at(NOW) == "5m"
    assert ticking.at(NOW + 7) == "5m7s"
    assert ticking.at(NOW + 86_400) == "24h"


def test_a_known_time_of_birth_is_used_when_it_agrees_with_what_was_printed() -> None:
    assert birth_of("5m", NOW, (NOW - 300.7,)) == NOW - 300.7
    assert birth_of("5d", NOW, (None, NOW - 5 * 86_400 - 1_000)) == NOW - 5 * 86_400 - 1_000
    assert birth_of("5m", NOW, (NOW - 9_000,)) == NOW - 300  # another clock


@pytest.mark.parametrize("cell", ["<unknown>", "<invalid>", "<none>", "", "soon", "9" * 5_000 + "s"])
def test_what_is_no_age_does_not_tick(cell: str) -> None:
    assert ticking_age(cell, NOW) is None


def test_ages_inside_other_text() -> None:
    event, restarts = ticking_age("3m (x5 over 10m)", NOW), ticking_restarts("14 (3m ago)", NOW)
    assert event is not None and restarts is not None
    assert event.at(NOW + 60) == "4m (x5 over 10m)"
    assert restarts.at(NOW + 3_600) == "14 (63m ago)"
    assert ticking_restarts("14", NOW) is None


def test_an_age_is_never_negative() -> None:
    assert printed(NOW + 30, NOW) == "0s"


def test_the_next_change_is_told_exactly() -> None:
    rng = random.Random(2)
    for _ in range(3_000):
        birth = NOW - rng.choice([100, 700, 9_000, 30_000, 700_000, 9e7, 3e8]) * rng.random()
        change = next_change(birth, NOW)
        assert change > NOW
        before = format_age(NOW - birth)
        for part in (0.3, 0.7, 0.999):
            assert format_age(NOW + (change - NOW) * part - birth) == before
