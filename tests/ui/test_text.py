import random

import pytest
from rich.cells import cell_len

from k8stui.ui.text import cut, fit, snap, tame, width

FAMILY = "👨‍👩‍👧‍👦"
TEXTS = [
    "",
    "pod",
    "日本語",
    "aあb",
    FAMILY + "x",
    "❤️ok",
    "e\u0301te\u0301",
    "\u200d",
    "a\u200d",
    "\ufe0f",
    "ｶﾞ",
    "🇯🇵",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("cells", range(9))
def test_fit_fills_exactly_the_cells(text: str, cells: int) -> None:
    for right in (False, True):
        fitted = fit(text, cells, right=right)
        assert cell_len(fitted) == cells
        assert cell_len(f"x{fitted}y") == cells + 2


def test_fit_of_random_texts() -> None:
    rng = random.Random(4)
    letters = "a日\u200d\ufe0f\u0301👩❤👍🏽 -"
    for _ in range(3_000):
        text = "".join(rng.choices(letters, k=rng.randrange(12)))
        cells = rng.randrange(14)
        assert cell_len(f"|{fit(text, cells)}|") == cells + 2, repr(text)


def test_long_text_is_cut_with_an_ellipsis_and_whole_characters() -> None:
    assert fit("controller", 6) == "contr…"
    assert fit("日本語", 4) == "日… "
    assert fit(FAMILY + "x", 2) == "… "
    assert fit("42", 5, right=True) == "   42"


def test_cut_keeps_graphemes_whole() -> None:
    assert cut(FAMILY + "x", 2) == FAMILY
    assert cut("日本", 3) == "日"
    assert cut("e\u0301a", 1) == "e\u0301"
    assert cut("abc", 0) == ""


def test_tame_leaves_joiners_that_join() -> None:
    assert tame(FAMILY) == FAMILY
    assert tame("\u200dx\u200d") == "x"
    assert width(tame("a\u200d b")) == 3


def test_snap_widens_to_whole_graphemes() -> None:
    assert snap("❤️x", 0, 1) == (0, 2)
    assert snap("abc", 1, 2) == (1, 2)
    text = f"a{FAMILY}b"
    assert snap(text, 3, 4) == (1, len(text) - 1)
