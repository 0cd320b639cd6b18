"""How objects in the states that learners meet are printed: cells of Tables, wide ones too."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.conformance.scenarios.deleting import pod
from tests.conformance.scenarios.kinds import columns
from tests.conformance.script import Scenario, Script
from tests.conformance.server import STRATEGIC, TABLE

_STATES = Path(__file__).with_name("states.yaml")


async def pods(script: Script) -> None:
    """A Pod that no scheduler takes is put into one state after the other."""
    server, path = script.server, script.path("pods")
    for state in yaml.safe_load(_STATES.read_text())["pods"]:
        body = pod("p")
        body["spec"] |= state.get("spec", {})
        await script.make(path, body)
        patched = await server.patch(f"{path}/p/status", {"status": state["status"]}, STRATEGIC)
        assert patched.status == 200, (state["what"], patched.body)
        table = await server.table(f"{path}/p")
        row = table["rows"][0]
        script.tell(state["what"], {"cells": row["cells"], "conditions": row.get("conditions")})
        await server.delete(f"{path}/p", {"gracePeriodSeconds": 0})
        await script.gone(f"{path}/p")
    script.tell("columns", columns(table))


async def others(script: Script) -> None:
    """Other kinds with a status of their own, imagined or kept from their controllers."""
    server = script.server
    text = _STATES.read_text().replace("NAMESPACE", script.namespace).replace("MARK", script.mark)
    for state in yaml.safe_load(text)["others"]:
        path, name = state["path"], state["object"]["metadata"]["name"]
        if "status" in state:
            await script.make(path, state["object"])
            script.leave(f"{path}/{name}")
            patched = await server.patch(f"{path}/{name}/status", {"status": state["status"]})
            assert patched.status == 200, (state["what"], patched.body)
            table = await server.table(f"{path}/{name}")
        else:
            imagined = await server.post(f"{path}?dryRun=All", state["object"], Accept=TABLE)
            assert imagined.status == 201, (state["what"], imagined.body)
            table = imagined.json
        script.tell(state["what"], {"cells": table["rows"][0]["cells"]})


PRINTING: dict[str, Scenario] = {"print_pods": pods, "print_others": others}
