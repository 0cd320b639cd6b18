"""``k8stui explain KIND.FIELD`` with a cluster and without one."""

from __future__ import annotations

import json
from pathlib import Path

from k8stui.practice.cluster import practice_cluster
from tests.e2e.house import assert_refused, k8stui


async def test_a_field_is_explained_by_the_cluster(tmp_path: Path) -> None:
    async with practice_cluster(moving=False, seeded=False, random_seed=1) as cluster:
        where = ("--kubeconfig", str(cluster.kubeconfig))
        said = await k8stui("explain", "pods.spec.containers.ports", "-o", "json", *where, home=tmp_path)
        found = json.loads(said.out)
        assert (found["type"], found["fromCluster"]) == ("[]ContainerPort", True)
        assert {"name": "containerPort", "type": "integer", "required": True, "enum": []} in found["fields"]
        said = await k8stui("explain", "deploy.apps.spec.replicas", *where, home=tmp_path)
        assert "spec.replicas <integer>" in said.out
        said = await k8stui("explain", "deploy.spec.replica", *where, home=tmp_path)
        assert_refused(said, "Deployment has no field spec.replica. Did you mean replicas?", status=2)


async def test_without_a_cluster_the_package_explains(tmp_path: Path) -> None:
    said = await k8stui("explain", "po.spec.hostNetwork", "--lang", "ja", home=tmp_path)
    assert "spec.hostNetwork <boolean>" in said.out
    assert "クライアントパッケージ" in said.out
