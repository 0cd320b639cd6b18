"""Names, addresses and who answers there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from k8stui.practice.inside import names
from k8stui.practice.inside.box import Box
from tests.practice.inside.boxes import Company, run, said
from tests.practice.streams.pods import PODS, container

WEB = {"labels": {"app": "web"}}
SELECTED: dict[str, Any] = {"selector": {"app": "web"}}


@pytest.fixture
def shop(company: Company) -> Company:
    """Two web Pods behind a Service with a named port, a headless one, an ExternalName."""
    for index in (1, 2):
        ports = [{"name": "http", "containerPort": 8080}]
        spec = container("app", "registry.example/shop/cart:1.2", ports=ports)
        owner = [{"kind": "StatefulSet", "name": "web", "uid": "u", "apiVersion": "apps/v1"}]
        metadata = {**WEB, "ownerReferences": owner}
        company.pod(f"web-{index}", spec, address=f"10.244.2.{index}", metadata=metadata)
    company.service("web", ports=[{"port": 80, "targetPort": "http", "nodePort": 30080}], **SELECTED)
    company.service("nodes", "None", ports=[{"port": 8080}], **SELECTED)
    company.service("empty", "10.96.0.8", selector={"app": "none"}, ports=[{"port": 80}])
    company.service("mail", "", type="ExternalName", externalName="smtp.mail.example")
    return company


@pytest.fixture
def asker(shop: Company) -> Box:
    return shop.box(shop.pod("asker"))


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("web", ["10.96.0.7"]),
        ("web.default", ["10.96.0.7"]),
        ("web.default.svc.cluster.local.", ["10.96.0.7"]),
        ("nodes", ["10.244.2.1", "10.244.2.2"]),
        ("web-2.nodes", ["10.244.2.2"]),
        ("web-9.nodes", None),
        ("10-244-2-1.default.pod", ["10.244.2.1"]),
        ("nope", None),
        ("web.other", None),
        ("cluster.local", None),
        ("svc.cluster.local", None),
        ("no.such.kind.cluster.local", None),
        ("a" * 300, None),
    ],
)
def test_names(shop: Company, asker: Box, name: str, addresses: list[str] | None) -> None:
    found = names.lookup(shop.store, asker.run.pod, name)
    assert (None if found is None else list(found.addresses)) == addresses


def test_names_of_the_world_outside(shop: Company, asker: Box) -> None:
    found = names.lookup(shop.store, asker.run.pod, "www.kubernetes.io")
    assert found is not None
    assert found.addresses[0].startswith("203.0.113.")
    assert found == names.lookup(shop.store, asker.run.pod, "www.kubernetes.io")


async def test_resolvers_by_policy(shop: Company) -> None:
    async def conf(name: str, **spec: Any) -> str:
        return await said(shop.box(shop.pod(name, **spec)), "cat /etc/resolv.conf")

    assert await conf("a") == (
        "search default.svc.cluster.local svc.cluster.local cluster.local\n"
        "nameserver 10.96.0.10\noptions ndots:5\n"
    )
    assert "cluster.local" not in await conf("b", dnsPolicy="Default")
    assert "cluster.local" not in await conf("c", hostNetwork=True)
    assert "cluster.local" in await conf("d", hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet")
    config = {
        "nameservers": ["8.8.8.8"],
        "searches": ["x.example"],
        "options": [{"name": "ndots", "value": "2"}],
    }
    assert await conf("e", dnsPolicy="None", dnsConfig=config) == (
        "search x.example\nnameserver 8.8.8.8\noptions ndots:2\n"
    )
    outside = shop.box(shop.store.get(PODS, "default", "e"))
    assert "NXDOMAIN" in (await run(outside, "nslookup web.default.svc.cluster.local"))[1]


async def test_what_nslookup_and_getent_say(asker: Box) -> None:
    assert "Name:\tweb.default.svc.cluster.local\nAddress: 10.96.0.7\n" in await said(asker, "nslookup web")
    told = await said(asker, "nslookup mail")
    assert "mail.default.svc.cluster.local\tcanonical name = smtp.mail.example\n" in told
    assert (await run(asker, "nslookup nope"))[0] == 1
    assert await said(asker, "getent hosts web") == "10.96.0.7         web\n"
    assert await said(asker, "getent hosts asker") == "10.244.1.7        asker\n"
    assert (await run(asker, "getent hosts nope"))[0] == 2


async def test_a_service_shares_out_its_requests(shop: Company, asker: Box) -> None:
    out = await said(
        asker, "for i in $(seq 30); do wget -qO- http://web/x | grep -o 'web-[12]'; done | sort | uniq -c"
    )
    counts = [int(line.split()[0]) for line in out.splitlines()]
    assert len(counts) == 2
    assert sum(counts) == 30
    pod = shop.box(shop.store.get(PODS, "default", "web-1"))
    shop.hands.now += 1
    visits = [line.text for line in shop.insides.lines(pod.run).between(0, shop.hands.now)]
    assert sum("GET /x 200 from 10.244.1.7" in text for text in visits) in counts


async def test_who_answers_where(asker: Box) -> None:
    assert "Welcome" in await said(asker, "curl -s localhost")
    assert "Welcome" in await said(asker, "wget -qO- 127.0.0.1:80")
    assert '"pod": "web-1"' in await said(asker, "curl -s 10.244.2.1:8080/a?b=c")
    assert '"service": "cart"' in await said(asker, "curl -s nodes:8080")
    assert await said(asker, "curl -s -o /dev/null -w '%{http_code}' localhost/nope") == "404"
    assert "HTTP/1.1 200 OK" in await said(asker, "curl -sI web")
    assert (await run(asker, "curl empty"))[0] == 7
    assert (await run(asker, "curl nope"))[0] == 6
    assert (await run(asker, "curl 10.244.2.1:99"))[0] == 7
    assert (await run(asker, "curl -f localhost/nope"))[0] == 22
    assert (await run(asker, "wget -q empty"))[2] == (
        "wget: can't connect to remote host (10.96.0.8): Connection refused\n"
    )
    assert "404 Not Found" in (await run(asker, "wget -q localhost/nope"))[2]
    assert "bad address 'nope'" in (await run(asker, "wget nope"))[2]


async def test_what_nobody_answers_takes_its_time(shop: Company, asker: Box) -> None:
    asking = asyncio.create_task(run(asker, "wget -T 3 -q 10.244.7.7"))
    await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not asking.done()
    shop.hands.now += 3
    async with asyncio.timeout(5):
        assert await asking == (1, "", "wget: download timed out\n")


async def test_a_page_is_a_file_of_the_container(company: Company) -> None:
    box = company.box(company.pod("p"))
    root = "/usr/share/nginx/html"
    script = (
        f"echo mine > {root}/index.html; mkdir {root}/d; curl -s localhost; curl -s localhost/../etc/passwd"
    )
    assert (await said(box, script)).startswith("mine\n<html>")
    assert "403" in await said(box, "curl -s localhost/d")


async def test_containers_of_a_pod_share_the_network(company: Company) -> None:
    pod = company.pod("p", container("web"), container("cache", "redis:8.2"))
    box = company.box(pod, "web")
    assert await said(box, "printf 'PING\\r\\n' | nc localhost 6379") == "+PONG\r\n"
    assert await said(box, "ss -ltn | grep -c LISTEN") == "2\n"
