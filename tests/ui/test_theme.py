from __future__ import annotations

from dataclasses import asdict

import pytest

from k8stui.catalog import Category
from k8stui.ui.theme import PAIRS, PALETTES, PLAIN, contrast, following, hue, themes


@pytest.mark.parametrize("name", PALETTES)
def test_every_pair_of_every_theme_can_be_read(name: str) -> None:
    palette = asdict(PALETTES[name])
    weak = {
        (front, back): round(contrast(palette[front], palette[back]), 2)
        for front, back in PAIRS
        if contrast(palette[front], palette[back]) < 4.5
    }
    assert weak == {}


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#ffffff", "#ffffff") == 1


def test_the_theme_without_colours_names_none() -> None:
    assert set(asdict(PLAIN).values()) == {"ansi_default"}


def test_every_category_has_a_hue_of_its_own() -> None:
    for palette in PALETTES.values():
        tones = palette.variables()
        assert len({tones[f"k-{hue(category)}"] for category in Category}) == 5


def test_the_theme_key_goes_round() -> None:
    names = list(PALETTES)
    assert [following(name) for name in names] == [*names[1:], names[0]]
    assert following("k8stui-plain") == names[0]


def test_the_themes_name_textuals_own_tones_too() -> None:
    for theme in themes():
        assert {"text-success", "text-warning", "text-error", "text-muted"} <= theme.variables.keys()
