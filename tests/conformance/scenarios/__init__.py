"""The scenarios, by name."""

from __future__ import annotations

from tests.conformance.scenarios.kinds import KINDS
from tests.conformance.script import Scenario

SCENARIOS: dict[str, Scenario] = {**KINDS}
