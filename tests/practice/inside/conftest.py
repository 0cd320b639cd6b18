from __future__ import annotations

import pytest

from k8stui.practice.inside.box import Box
from tests.practice.inside.boxes import Company


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def box(company: Company) -> Box:
    return company.box(company.pod("p"))
