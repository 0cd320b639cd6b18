from __future__ import annotations

import pytest

from k8stui.practice.api.quantities import canonical


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("0.5", "500m"), ("1.0", "1"), ("1000m", "1"), ("1500m", "1500m"), ("2000", "2k"), ("1500", "1500"),
        ("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"), ("0.5Gi", "512Mi"), ("100", "100"), ("1e3", "1e3"),
        ("0.1Ki", "102400m"), ("0", "0"), ("0Gi", "0"), ("-1.5", "-1500m"), (".5", "500m"),
        ("0.0000000001", "1n"), ("1E", "1E"), ("1000000", "1M"), ("250u", "250u"), ("12e6", "12e6"),
    ],
)  # fmt: skip
def test_one_form_for_each_amount(given: str, written: str) -> None:
    assert canonical(given) == written
    assert canonical(written) == written


@pytest.mark.parametrize("text", ["", "lots", "1 Gi", "1gi", "--1", "1e", "Gi", "1e999999999", "1" * 200])
def test_what_is_no_quantity(text: str) -> None:
    assert canonical(text) is None
