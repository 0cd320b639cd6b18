from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from k8stui.kube.client import Client, Discovery
from k8stui.kube.errors import InvalidAnswer, ServerTrouble
from k8stui.kube.transport import Transport
from tests.kube.scripted import FakeTime, FakeTransport, Reply, Request, client_of, dumps, status
from tests.kube.stage import Say

V2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
TURNED = 'application/json; as="APIGroupDiscoveryList"; v=v2beta1 ;g=apidiscovery.k8s.io'


def resource(plural: str, kind: str, **more: Any) -> dict[str, Any]:
    found = {
        "resource": plural,
        "responseKind": {"group": "", "version": "v1", "kind": kind},
        "scope": "Namespaced",
        "singularResource": kind.lower(),
        "verbs": ["get", "list", "watch"],
    }
    return found | more


def group(name: str, *versions: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": name} if name else {}, "versions": list(versions)}


def version(name: str, *resources: dict[str, Any], freshness: str = "Current") -> dict[str, Any]:
    return {"version": name, "freshness": freshness, "resources": list(resources)}


CORE = group(
    "",
    version(
        "v1",
        resource("pods", "Pod", shortNames=["po"], categories=["all"], subresources=[{"subresource": "log"}]),
        resource("nodes", "Node", scope="Cluster"),
        {"resource": "bindings", "scope": "Namespaced", "verbs": ["create"]},
    ),
)
SCALERS = group(
    "autoscaling",
    version("v2", resource("horizontalpodautoscalers", "HorizontalPodAutoscaler")),
    version("v1", resource("horizontalpodautoscalers", "HorizontalPodAutoscaler"), resource("olds", "Old")),
)
DOWN = group("metrics.k8s.io", version("v1beta1", freshness="Stale"))


class Server:
    """Answers discovery; ``documents`` by path."""

    def __init__(self, cache: Path | None = None, documents: dict[str, Say] | None = None) -> None:
        self.documents = documents or {}
        self.cache = cache
        self.client, self.transport = self.open()

    def open(self) -> tuple[Client, FakeTransport]:
        return client_of(self.answer, FakeTime(), cache=self.cache)

    def aggregated(self, *groups: dict[str, Any], content_type: str = V2) -> None:
        for path, items in (("/api", [CORE]), ("/apis", list(groups))):
            body = {"kind": "APIGroupDiscoveryList", "items": items}
            self.documents[path] = Reply(body, headers={"Content-Type": content_type, "ETag": f'"{path}1"'})

    def answer(self, request: Request) -> Say:
        found = self.documents.get(request.path) or status(404, "NotFound")
        tag = request.headers.get("If-None-Match")
        same = isinstance(found, Reply) and tag is not None and found.headers.get("ETag") == tag
        return Reply(status=304) if same else found


def files(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def names(found: Discovery) -> list[str]:
    return [f"{kind.name}/{kind.version}" for kind in found.kinds]


@pytest.mark.parametrize("content_type", [V2, TURNED])
async def test_two_requests_tell_every_kind(content_type: str) -> None:
    server = Server()
    server.aggregated(SCALERS, content_type=content_type)
    found = await server.client.discover()
    assert names(found) == [
        "pods/v1",
        "nodes/v1",
        "horizontalpodautoscalers.autoscaling/v2",
        "olds.autoscaling/v1",
    ]
    pod, node = found.kinds[:2]
    assert (pod.kind, pod.singular, pod.namespaced, pod.short_names) == ("Pod", "pod", True, ("po",))
    assert pod.categories == ("all",)
    assert pod.subresources == {"log"}
    assert "watch" in pod.verbs
    assert not node.namespaced
    assert [r.path for r in server.transport.requests] == ["/api", "/apis"]
    assert "v=v2;" in server.transport.requests[0].accept
    assert "v=v2beta1;" in server.transport.requests[0].accept


async def test_a_group_that_is_down_is_told_with_its_apiservices_words() -> None:
    server = Server()
    server.aggregated(SCALERS, DOWN, group("gone.example.com", version("v1", freshness="Stale")))
    conditions = [{"type": "Available", "status": "False", "message": "no endpoints\x1b for service"}]
    server.documents["/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io"] = Reply(
        {"kind": "APIService", "status": {"conditions": conditions}}
    )
    found = await server.client.discover()
    assert len(found.kinds) == 4
    first, second = found.unavailable
    assert (first.group, first.version) == ("metrics.k8s.io", "v1beta1")
    assert first.message == "no endpoints\ufffd for service"
    assert second.message


async def test_kinds_last_known_of_a_stale_group_stay_but_current_versions_come_first() -> None:
    server = Server()
    stale = version("v2", resource("widgets", "Widget"), resource("news", "New"), freshness="Stale")
    server.aggregated(group("example.com", stale, version("v1", resource("widgets", "Widget"))))
    found = await server.client.discover()
    assert names(found)[2:] == ["widgets.example.com/v1", "news.example.com/v2"]
    assert len(found.unavailable) == 1


LEGACY: dict[str, Any] = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {
        "kind": "APIGroupList",
        "groups": [
            {
                "name": "autoscaling",
                "versions": [{"version": "v1"}, {"version": "v2"}],
                "preferredVersion": {"version": "v2"},
            },
            {"name": "metrics.k8s.io", "versions": [{"version": "v1beta1"}]},
        ],
    },
    "/api/v1": {
        "resources": [
            {"name": "pods", "kind": "Pod", "namespaced": True, "verbs": ["list"], "shortNames": ["po"]},
            {"name": "pods/log", "kind": "Pod", "namespaced": True, "verbs": ["get"]},
        ]
    },
    "/apis/autoscaling/v1": {
        "resources": [{"name": "horizontalpodautoscalers", "kind": "HPA"}, {"name": "olds", "kind": "Old"}]
    },
    "/apis/autoscaling/v2": {"resources": [{"name": "horizontalpodautoscalers", "kind": "HPA"}]},
}


@pytest.mark.parametrize("half", [False, True], ids=["legacy", "half aggregated"])
async def test_an_old_server_is_asked_group_by_group_and_a_dead_one_hides_none(half: bool) -> None:
    server = Server(documents={path: Reply(body) for path, body in LEGACY.items()})
    server.documents["/apis/metrics.k8s.io/v1beta1"] = status(503, "ServiceUnavailable", "the server is down")
    if half:
        aggregated = Reply({"kind": "APIGroupDiscoveryList"}, headers={"Content-Type": V2})
        old = server.answer
        server.transport.handler = lambda r: (
            aggregated if r.path == "/api" and "apidiscovery" in r.accept else old(r)
        )
    found = await server.client.discover()
    assert names(found) == ["pods/v1", "horizontalpodautoscalers.autoscaling/v2", "olds.autoscaling/v1"]
    assert found.kinds[0].subresources == {"log"}
    assert found.kinds[0].short_names == ("po",)
    (down,) = found.unavailable
    assert (down.group, down.version, down.message) == ("metrics.k8s.io", "v1beta1", "the server is down")


async def test_what_was_answered_is_kept_per_server_and_asked_for_by_etag(tmp_path: Path) -> None:
    cache = tmp_path / "deep" / "cache"
    server = Server(cache)
    assert server.client.kept_discovery() is None
    server.aggregated(SCALERS)
    first = await server.client.discover()
    assert (cache.stat().st_mode & 0o777) == 0o700
    (file,) = files(cache)
    assert file.stat().st_mode & 0o077 == 0
    client, transport = server.open()
    assert client.kept_discovery() == first
    assert await client.discover() == first
    assert [r.headers["If-None-Match"] for r in transport.requests] == ['"/api1"', '"/apis1"']
    server.aggregated()
    server.documents["/apis"].headers["ETag"] = '"new"'  # type: ignore[union-attr]
    assert len((await client.discover()).kinds) == 2
    assert len((await client.discover(refresh=True)).kinds) == 2
    assert "If-None-Match" not in transport.requests[-1].headers
    transport.server = "https://other"
    other = Client(cast(Transport, transport), cache=cache)
    assert other.kept_discovery() is None
    assert len(files(cache)) == 1


@pytest.mark.parametrize(
    "junk", [b"", b"{", b'{"format":1}', b'{"server":"x","answers":{},"format":1}', b"\xff"]
)
async def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, junk: bytes) -> None:
    server = Server(tmp_path)
    server.aggregated(SCALERS)
    first = await server.client.discover()
    (file,) = files(tmp_path)
    file.write_bytes(junk)
    client, transport = server.open()
    assert client.kept_discovery() is None
    assert await client.discover() == first
    assert all("If-None-Match" not in r.headers for r in transport.requests)
    assert client.kept_discovery() == first


async def test_a_place_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    server = Server(tmp_path / "file" / "cache")
    server.aggregated(SCALERS)
    assert len((await server.client.discover()).kinds) == 4


async def test_a_server_that_cannot_be_asked_is_an_error() -> None:
    server = Server(documents={"/api": status(503), "/apis": status(503)})
    with pytest.raises(ServerTrouble):
        await server.client.discover()


async def test_names_from_the_server_are_made_harmless() -> None:
    server = Server()
    server.aggregated(group("x\x1b", version("v1", resource("w\x07s", "W\x1b[31m"))))
    kind = (await server.client.discover()).kinds[-1]
    assert (kind.group, kind.plural, kind.kind) == ("x\ufffd", "w\ufffds", "W\ufffd[31m")
    assert dumps(kind.name)


@pytest.mark.parametrize("content_type", [V2, "application/json"])
async def test_some_other_json_is_no_server_without_kinds(content_type: str) -> None:
    strange = Reply({"kind": "Welcome", "items": None}, headers={"Content-Type": content_type})
    server = Server(documents={"/api": strange, "/apis": strange})
    with pytest.raises(InvalidAnswer):
        await server.client.discover()
