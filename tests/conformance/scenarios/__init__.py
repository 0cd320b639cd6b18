"""The scenarios, by name."""

from __future__ import annotations

from tests.conformance.scenarios.deleting import DELETING
from tests.conformance.scenarios.discovery import DISCOVERY
from tests.conformance.scenarios.kinds import KINDS
from tests.conformance.scenarios.outcomes import OUTCOMES
from tests.conformance.scenarios.patching import PATCHING
from tests.conformance.scenarios.printing import PRINTING
from tests.conformance.scenarios.reading import READING
from tests.conformance.scenarios.subresources import SUBRESOURCES
from tests.conformance.scenarios.watching import WATCHING
from tests.conformance.scenarios.writing import WRITING
from tests.conformance.script import Scenario

SCENARIOS: dict[str, Scenario] = {
    **KINDS,
    **READING,
    **WRITING,
    **PATCHING,
    **DELETING,
    **WATCHING,
    **SUBRESOURCES,
    **PRINTING,
    **DISCOVERY,
    **OUTCOMES,
}
