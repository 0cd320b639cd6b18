"""kubectl's create commands, whose objects travel as protobuf: all that was meant arrives."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from k8stui.core.objects import JsonObject, dig
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from tests.practice import kubectls

CREATED = (
    "create namespace team",
    "create configmap cm --from-literal=a=b --from-literal=empty= --from-file={home}/noise.bin",
    "create secret generic key --from-literal=a=b --from-literal=empty= --type=example.com/key",
    "create secret docker-registry pull --docker-username=a --docker-password=b --docker-email=c@d.example",
    "create serviceaccount robot",
    "create role reader --verb=get,list --resource=pods,deployments.apps,pods/log --resource-name=a",
    "create clusterrole health --verb=get --non-resource-url=/healthz,/logs/*",
    "create clusterrole joined --aggregation-rule=a=b,c=d",
    "create rolebinding rb --role=reader --user=u --group=g --serviceaccount=default:robot",
    "create clusterrolebinding crb --clusterrole=view --user=u --group=g",
    "create quota q --hard=pods=50,requests.storage=1500Mi,count/jobs.batch=9",
    "create service clusterip s1 --tcp=80:8080 --tcp=443",
    "create service clusterip s2 --clusterip=None",
    "create service nodeport s3 --tcp=80:http --node-port=30999",
    "create service loadbalancer s4 --tcp=80",
    "create service externalname s5 --external-name=example.com",
    "create ingress i1 --rule=a.example/x*=s1:80,tls=cert --rule=/y=s1:http --class=nginx --annotation=a=b",
    "create ingress i2 --default-backend=s1:80",
    "create pdb p1 --selector=app=web --min-available=0",
    "create pdb p2 --selector=app=web --max-unavailable=50%",
    "create priorityclass low --value=-5 --description=low --preemption-policy=Never",
    "create priorityclass zero --value=0 --global-default",
    "create deployment web --image=nginx:1.27 --image=redis:7 --replicas=0",
    "create deployment port --image=nginx:1.27 --port=80 --replicas=3 -- sleep 5",
    "create job once --image=busybox:1 -- sh -c 'echo hi; exit 0'",
    "create cronjob often --image=busybox:1 --schedule='*/5 * * * *' --restart=Never -- date",
    "autoscale deployment web --name=plain --min=2 --max=3",
    "autoscale deployment web --max=3 --cpu=50%",
    "autoscale deployment web --name=memory --min=1 --max=3 --memory=500Mi",
    "run one --image=nginx:1.27 --port=80 --env=A=b --env=EMPTY= --labels=a=b,c=d --annotations=x=y "
    "--restart=Never --image-pull-policy=Always --privileged --command -- sleep 5",
)
"""Commands that also say, with --dry-run=client, what they are about to send."""
FEW = (
    "create deployment port",
    "create job once",
    "autoscale deployment web --name=plain",
    "create ingress i1",
    "create configmap",
)
CRONJOB = Path(__file__).with_name("cronjob.yaml")


@dataclass(frozen=True)
class Shell:
    binary: Path
    cluster: PracticeCluster
    home: Path
    whole: bool
    """Whether every command is tried, or only a few."""

    async def __call__(self, command: str, code: int = 0) -> str:
        environ = {**os.environ, "KUBECONFIG": str(self.cluster.kubeconfig), "HOME": str(self.home)}
        process = await asyncio.create_subprocess_exec(
            str(self.binary), *shlex.split(command.format(home=self.home)), env=environ,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(120):
            out, err = await process.communicate()
        assert process.returncode == code, (command, out, err)
        return (out + err if code else out).decode()

    async def json(self, command: str) -> JsonObject:
        words, dashes, rest = command.partition(" -- ")
        found: JsonObject = json.loads(await self(f"{words} -o json{dashes}{rest}"))
        return found


@pytest_asyncio.fixture(params=["extra", "older", "system"])
async def shell(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shell]:
    cache = request.config.cache
    match request.param:
        case "extra":
            binary = kubectls.extra()
        case "system":
            binary = kubectls.system()
        case _:
            binary = kubectls.older(Path(cache.mkdir("kubectl"))) if cache is not None else None
    if binary is None:
        pytest.skip(f"there is no {request.param} kubectl: nothing installed, or no package index in reach")
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)))
    async with practice_cluster(seeded=False, moving=False) as cluster:
        yield Shell(binary, cluster, tmp_path, request.param == "extra")


def lost(sent: Any, kept: Any, path: str = "") -> list[str]:
    """Paths at which something that was sent is not kept; nulls and empty values need not be."""
    if sent in (None, "", {}, [], False):
        return []
    if isinstance(sent, dict) and isinstance(kept, dict):
        return [each for key in sent for each in lost(sent[key], kept.get(key), f"{path}.{key}")]
    if isinstance(sent, list) and isinstance(kept, list) and len(sent) == len(kept):
        pairs = enumerate(zip(sent, kept, strict=True))
        return [each for index, (a, b) in pairs for each in lost(a, b, f"{path}[{index}]")]
    return [] if sent == kept else [f"{path}: {sent!r} became {kept!r}"]


async def test_all_that_create_sends_arrives(shell: Shell) -> None:
    await shell("create deployment web --image=nginx:1.27") if not shell.whole else None
    for command in CREATED:
        if not shell.whole and not command.startswith(FEW):
            continue
        words, dashes, rest = command.partition(" -- ")
        sent = await shell.json(f"{words} --dry-run=client{dashes}{rest}")
        stored = await shell.json(command)
        assert not lost(sent, stored), command
        assert stored["metadata"].get("uid"), command


async def test_a_job_from_a_cron_job_has_its_whole_template(shell: Shell) -> None:
    await shell(f"apply -f {CRONJOB}")
    cron = await shell.json("get cronjob full")
    job = await shell.json("create job now --from=cronjob/full")
    assert not lost(cron["spec"]["jobTemplate"], job)
    spec = job["spec"]["template"]["spec"]
    assert spec["volumes"][0] == {"name": "scratch", "emptyDir": {}}, "an empty object is a choice"
    assert spec["terminationGracePeriodSeconds"] == 0
    assert spec["containers"][0]["securityContext"]["privileged"] is False
    added = {"podReplacementPolicy", "manualSelector", "suspend", "selector"}
    assert set(job["spec"]) - set(cron["spec"]["jobTemplate"]["spec"]) == added
    assert dig(job, "metadata", "ownerReferences", 0, "name") == "full"


async def test_server_dry_run_keeps_nothing(shell: Shell) -> None:
    found = await shell("create deployment web --image=nginx:1.27 --dry-run=server -o yaml")
    assert "image: nginx:1.27" in found
    assert "progressDeadlineSeconds: 600" in found
    assert "not found" in await shell("get deployment web", code=1)


async def test_questions_in_protobuf(shell: Shell) -> None:
    await shell("create serviceaccount robot")
    await shell("run p --image=nginx:1.27")
    token = "create token robot --duration=2h --audience=a --audience=b"
    found = await shell.json(f"{token} --bound-object-kind=Pod --bound-object-name=p")
    assert (found["spec"]["audiences"], found["spec"]["expirationSeconds"]) == (["a", "b"], 7200)
    assert found["spec"]["boundObjectRef"]["name"] == "p"
    assert (await shell("auth can-i create deployments.apps")).strip() == "yes"
    assert (await shell("auth can-i get /healthz")).strip() == "yes"
    robot = "--as=system:serviceaccount:default:robot"
    assert (await shell(f"auth can-i get pods --subresource=log {robot}", code=1)).startswith("no")
    assert "*.*" in await shell("auth can-i --list")


async def test_a_copy_of_a_pod_is_whole(shell: Shell) -> None:
    """kubectl debug sends the whole Pod that it copies."""
    await shell(f"apply -f {CRONJOB}")
    await shell("create job now --from=cronjob/full")
    template = (await shell.json("get job now"))["spec"]["template"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": template["spec"]}
    (shell.home / "pod.json").write_text(json.dumps(pod))
    await shell("apply -f {home}/pod.json")
    await shell(
        "debug p --image=busybox:1 --copy-to=copy --container=new --attach=false -q "
        "--keep-liveness --keep-readiness --keep-startup --keep-init-containers"
    )
    copy = (await shell.json("get pod copy"))["spec"]
    containers = {each["name"]: each for each in copy.pop("containers")}
    before = (await shell.json("get pod p"))["spec"]
    assert not lost(before.pop("containers")[0], containers["main"])
    assert set(containers) == {"main", "new"}
    del before["priority"]
    assert not lost(before, copy)


async def test_a_certificate_is_approved(shell: Shell) -> None:
    request = {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"name": "mine"},
        "spec": {
            "request": "AAAA",
            "signerName": "example.com/one",
            "usages": ["client auth"],
            "username": "x",
        },
    }
    (shell.home / "csr.json").write_text(json.dumps(request))
    await shell("create -f {home}/csr.json")
    await shell("certificate approve mine")
    found = await shell.json("get csr mine")
    assert found["spec"]["username"] == "practice-admin", "the server says who asks, not the client"
    condition = found["status"]["conditions"][0]
    assert (condition["type"], condition["reason"]) == ("Approved", "KubectlApprove")
    assert condition["lastTransitionTime"]
