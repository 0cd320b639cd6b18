"""DaemonSets: one Pod on every node that fits."""

from __future__ import annotations

from tests.practice.controllers.lab import DAEMON_SETS, NODES, Lab, status, template


def test_a_daemon_set_follows_the_nodes(lab: Lab) -> None:
    lab.make(
        DAEMON_SETS, "agent", spec={"selector": {"matchLabels": {"app": "a"}}, "template": template("a")}
    )
    lab.wait(3)
    assert sorted(pod["spec"]["nodeName"] for pod in lab.pods()) == ["node-a", "node-b"]
    lab.make(NODES, "node-c", status={"allocatable": {"cpu": "1", "memory": "1Gi", "pods": "9"}})
    lab.wait(3)
    assert status(lab, DAEMON_SETS, "agent")["numberReady"] == 3
