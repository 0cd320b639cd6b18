"""Variables, volumes and the files that the kubelet writes."""

from __future__ import annotations

import base64

from k8stui.practice.inside.environment import CONFIG_MAPS, SECRETS
from tests.practice.inside.boxes import Company, run, said
from tests.practice.streams.pods import container

REF = {"name": "LIMIT", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}}


def furnish(company: Company) -> None:
    company.store.create(
        CONFIG_MAPS,
        {"metadata": {"name": "cm", "namespace": "default"}, "data": {"A": "1", "b.txt": "text\n"}},
    )
    word = base64.b64encode(b"hidden").decode()
    company.store.create(SECRETS, {"metadata": {"name": "s", "namespace": "default"}, "data": {"KEY": word}})


async def test_variables(company: Company) -> None:
    furnish(company)
    env = [
        {"name": "PLAIN", "value": "x"},
        {"name": "JOINED", "value": "$(PLAIN)-$(MISSING)-$$(PLAIN)-$(WEB_SERVICE_HOST)"},
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "TEAM", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['team']"}}},
        {"name": "SECRET", "valueFrom": {"secretKeyRef": {"name": "s", "key": "KEY"}}},
        {"name": "GONE", "valueFrom": {"secretKeyRef": {"name": "s", "key": "NO", "optional": True}}},
        REF,
    ]
    spec = container(env=env, envFrom=[{"configMapRef": {"name": "cm"}, "prefix": "P_"}])
    spec["resources"] = {"limits": {"memory": "64Mi"}}
    company.service("web", ports=[{"name": "http", "port": 80}])
    company.service("None", "None", ports=[{"port": 80}])
    box = company.box(company.pod("p", spec, metadata={"labels": {"team": "shop"}}))
    found = dict(line.split("=", 1) for line in (await said(box, "env")).splitlines() if "=" in line)
    assert found["JOINED"] == "x-$(MISSING)-$(PLAIN)-10.96.0.7"
    assert (found["POD"], found["TEAM"], found["SECRET"], found["LIMIT"]) == ("p", "shop", "hidden", "64")
    assert (found["P_A"], found["WEB_PORT_80_TCP_ADDR"], found["WEB_SERVICE_PORT_HTTP"]) == (
        "1",
        "10.96.0.7",
        "80",
    )
    assert "GONE" not in found
    assert "NONE_SERVICE_HOST" not in found


async def test_services_that_came_later_are_not_in_the_environment(company: Company) -> None:
    company.service("old", ports=[{"port": 80}])
    box = company.box(company.pod("p"))
    late = company.service("late", ports=[{"port": 80}])
    late["metadata"]["creationTimestamp"] = "2026-11-25T12:00:30Z"
    out = await said(box, "env")
    assert "OLD_SERVICE_HOST" in out
    assert "LATE_SERVICE_HOST" not in out
    assert "OLD_SERVICE" not in await said(company.box(company.pod("q", enableServiceLinks=False)), "env")


async def test_volumes(company: Company) -> None:
    furnish(company)
    volumes = [
        {"name": "c", "configMap": {"name": "cm", "items": [{"key": "b.txt", "path": "d/e.txt"}]}},
        {"name": "s", "secret": {"secretName": "s"}},
        {"name": "p", "projected": {"sources": [{"configMap": {"name": "cm"}}, {"secret": {"name": "s"}}]}},
        {
            "name": "i",
            "downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]},
        },
        {"name": "d", "persistentVolumeClaim": {"claimName": "data"}},
    ]
    mounts = [{"name": each["name"], "mountPath": f"/m/{each['name']}"} for each in volumes]
    mounts.append({"name": "c", "mountPath": "/etc/app.txt", "subPath": "d/e.txt"})
    pod = company.pod("p", container(volumeMounts=mounts), volumes=volumes, metadata={"labels": {"a": "b"}})
    box = company.box(pod)
    assert (
        await said(box, "cat /m/c/d/e.txt /etc/app.txt; ls /m; cat /m/s/KEY")
        == "text\ntext\nc\nd\ni\np\ns\nhidden"
    )
    assert await said(box, "ls /m/p; cat /m/i/labels") == 'A\nKEY\nb.txt\na="b"'
    assert "Read-only file system" in (await run(box, "echo x > /m/c/new"))[2]
    await said(box, "echo kept > /m/d/file; mount | grep /m/d")
    other = company.pod("q", container(volumeMounts=[{"name": "d", "mountPath": "/x"}]), volumes=volumes)
    assert await said(company.box(other), "cat /x/file") == "kept\n"
    assert await said(box, "cat /var/run/secrets/kubernetes.io/serviceaccount/namespace") == "default"


async def test_files_of_the_kubelet(company: Company) -> None:
    aliases = [{"ip": "10.1.2.3", "hostnames": ["db", "db.local"]}]
    box = company.box(company.pod("p", hostAliases=aliases, hostname="h", subdomain="sub"))
    out = await said(box, "cat /etc/hosts /etc/hostname; getent hosts db.local")
    assert "10.244.1.7\th.sub.default.svc.cluster.local\th\n" in out
    assert "10.1.2.3\tdb\tdb.local\n" in out
    assert out.endswith("h\n10.1.2.3          db.local\n")
