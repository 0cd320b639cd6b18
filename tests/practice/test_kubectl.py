"""The server as real kubectl sees it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from k8stui.practice.cluster import PracticeCluster, practice_cluster
from tests.practice import kubectls

BINARIES = [str(path) for path in (kubectls.extra(), kubectls.system()) if path is not None]
pytestmark = pytest.mark.skipif(not BINARIES, reason="there is no kubectl")

MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {a: b}}
data: {x: "1"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: a, image: "nginx:1", ports: [{containerPort: 80}]}
      - {name: b, image: "redis:1"}
"""
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer, description: How big it is.}}}
"""
WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 3}\n"


class Kubectl:
    def __init__(self, binary: str, cluster: PracticeCluster, home: Path) -> None:
        self.binary = binary
        self.cluster = cluster
        self.environ = {
            **os.environ,
            "KUBECONFIG": str(cluster.kubeconfig),
            "HOME": str(home),
            "KUBECACHEDIR": str(home / "cache"),
            "KUBE_EDITOR": "sed -i s/redis:1/redis:5/",
        }

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            self.binary, *arguments, stdin=pipe, stdout=pipe, stderr=pipe, env=self.environ
        )

    async def __call__(self, command: str, text: str = "", code: int = 0) -> str:
        """Standard output, or what went wrong when a failure is expected."""
        process = await self.start(*command.split())
        async with asyncio.timeout(60):
            out, err = await process.communicate(text.encode())
        assert process.returncode == code, (command, out, err)
        return (err if code else out).decode()


@pytest_asyncio.fixture(params=BINARIES, ids=lambda path: str(path).replace("/", "_"))
async def kubectl(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kubectl]:
    async with practice_cluster(seeded=False, moving=False) as cluster:
        yield Kubectl(request.param, cluster, tmp_path)


async def test_looking_around(kubectl: Kubectl) -> None:
    assert "Server Version: v1.37" in await kubectl("version")
    assert "kube-system" in await kubectl("get namespaces")
    assert (await kubectl("get ns -o name")).splitlines()[0] == "namespace/default"
    assert len((await kubectl("get ns --chunk-size=1 --no-headers")).splitlines()) == 4
    assert "deployments" in await kubectl("api-resources --api-group=apps")
    assert "apps/v1" in (await kubectl("api-versions")).splitlines()
    assert kubectl.cluster.server in await kubectl("cluster-info")
    assert "List of containers" in await kubectl("explain pod.spec.containers")
    assert (await kubectl("auth can-i delete pods")).strip() == "yes"
    assert "practice-admin" in await kubectl("auth whoami")
    assert await kubectl("get --raw /readyz") == "ok"


async def test_a_life_of_manifests(kubectl: Kubectl) -> None:
    assert "deployment.apps/web created" in await kubectl("apply -f -", MANIFEST)
    assert "deployment.apps/web unchanged" in await kubectl("apply -f -", MANIFEST)
    newer = MANIFEST.replace("nginx:1", "nginx:2").replace('x: "1"', 'z: "1"')
    assert "image: nginx:2" in await kubectl_diff(kubectl, newer)
    await kubectl("apply -f -", newer)
    images = "get deploy web -o jsonpath={.spec.template.spec.containers[*].image}"
    assert await kubectl(images) == "nginx:2 redis:1"
    assert await kubectl("get cm settings -o jsonpath={.data}") == '{"z":"1"}'
    await kubectl("edit deploy web")
    assert await kubectl(images) == "nginx:2 redis:5"
    await kubectl("set image deploy/web a=nginx:3")
    assert await kubectl(images) == "nginx:3 redis:5"
    assert "2/7" not in await kubectl("get deploy web")
    await kubectl("scale deploy web --replicas=7")
    assert "0/7" in await kubectl("get deploy web")
    await kubectl("label deploy web tier=front")
    await kubectl("annotate cm settings note=yes")
    await kubectl("rollout restart deploy web")
    assert "Replicas:" in await kubectl("describe deploy web")
    assert await kubectl("get cm -l a=b -o name") == "configmap/settings\n"
    assert "settings" in await kubectl("get cm -A --sort-by=.metadata.name")
    text = (await kubectl("get cm settings -o yaml")).replace("z:", "q:")
    assert "replaced" in await kubectl("replace -f -", text)
    assert "deleted" in await kubectl("delete -f -", MANIFEST)
    assert "NotFound" in await kubectl("get deploy web", code=1)


async def kubectl_diff(kubectl: Kubectl, text: str) -> str:
    process = await kubectl.start("diff", "-f", "-")
    out, err = await process.communicate(text.encode())
    assert process.returncode == 1, err
    return out.decode()


async def test_server_side_apply(kubectl: Kubectl) -> None:
    await kubectl("apply --server-side -f -", MANIFEST)
    await kubectl("scale deploy web --replicas=5")
    refused = await kubectl("apply --server-side -f -", MANIFEST, code=1)
    assert "conflict with" in refused
    assert ".spec.replicas" in refused
    await kubectl("apply --server-side --force-conflicts -f -", MANIFEST)
    assert await kubectl("get deploy web -o jsonpath={.spec.replicas}") == "2"


async def test_what_kubectl_creates_by_itself(kubectl: Kubectl) -> None:
    for what in (
        "namespace n1",
        "configmap c --from-literal=a=b",
        "secret generic s --from-literal=a=b",
        "serviceaccount sa",
        "deployment d --image=nginx --replicas=2 --port=80",
        "service clusterip svc --tcp=80:8080",
        "job j --image=busybox -- date",
        "cronjob cj --image=busybox --schedule=@daily",
        "role r --verb=get --resource=pods",
        "rolebinding rb --role=r --serviceaccount=default:sa",
        "clusterrole cr --verb=get --resource=nodes",
        "quota q --hard=pods=3",
        "ingress i --rule=example.com/*=svc:80",
        "poddisruptionbudget p --selector=app=d --min-available=1",
        "priorityclass pc --value=7",
    ):
        assert "created" in await kubectl(f"create {what}")
    assert "autoscaled" in await kubectl("autoscale deploy d --max=5 --min=2")
    assert await kubectl("get svc svc -o jsonpath={.spec.ports[0].targetPort}") == "8080"
    assert await kubectl("get ing i -o jsonpath={.spec.rules[0].http.paths[0].path}") == "/"
    assert len((await kubectl("create token sa")).split(".")) == 3


async def test_refusals(kubectl: Kubectl) -> None:
    unknown = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndato: {}\n"
    assert 'unknown field "dato"' in await kubectl("create -f -", unknown, code=1)
    typed = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: x}\n"
    assert "cannot unmarshal string" in await kubectl("create -f -", typed, code=1)
    assert 'pods "nope" not found' in await kubectl("get pods nope", code=1)
    assert "field label not supported" in await kubectl("get pods --field-selector a=b", code=1)
    kubectl.cluster.faults.forbid("pods", "list")
    refused = await kubectl("get pods", code=1)
    assert 'cannot list resource "pods" in API group "" in the namespace "default"' in refused
    assert (await kubectl("auth can-i list pods", code=1)) == ""


async def test_custom_resources(kubectl: Kubectl) -> None:
    await kubectl("apply -f -", CRD)
    await kubectl("wait --for=condition=Established crd/widgets.example.com --timeout=20s")
    await kubectl("apply -f -", WIDGET)
    assert (await kubectl("get wd --no-headers")).split() == ["w", "3"]
    assert "How big it is." in await kubectl("explain wd.spec")
    await kubectl("apply -f -", WIDGET.replace("3", "4"))
    assert "4" in await kubectl("describe wd w")


async def test_following_changes(kubectl: Kubectl) -> None:
    await kubectl("create configmap a --from-literal=x=1")
    process = await kubectl.start("get", "cm", "-w", "-o", "name")
    assert process.stdout is not None
    async with asyncio.timeout(30):
        assert await process.stdout.readline() == b"configmap/a\n"
        await kubectl("label cm a x=y")
        assert await process.stdout.readline() == b"configmap/a\n"
        await kubectl("create configmap b")
        assert await process.stdout.readline() == b"configmap/b\n"
        process.kill()
        await process.communicate()


async def test_waiting(kubectl: Kubectl) -> None:
    await kubectl("run p --image=nginx")
    waiting = asyncio.create_task(kubectl("wait --for=delete pod/p --timeout=30s"))
    await kubectl("wait --for=jsonpath={.status.phase}=Pending pod/p --timeout=20s")
    await kubectl("delete pod p --now")
    await waiting
