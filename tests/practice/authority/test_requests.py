"""Who may do what, asked over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest
import pytest_asyncio

from k8stui.core.objects import JsonObject
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from tests.practice.api_client import APPLY, Api, config_map, connect

CORE = "/api/v1/namespaces/default"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
REVIEWS = "/apis/authorization.k8s.io/v1"


def as_person(cluster: PracticeCluster, name: str, **headers: str) -> AbstractAsyncContextManager[Api]:
    return connect(cluster, Authorization=f"Bearer {cluster.gate.tokens.of[name]}", **headers)


@pytest_asyncio.fixture
async def viewer(cluster: PracticeCluster) -> AsyncIterator[Api]:
    async with as_person(cluster, "viewer") as found:
        yield found


@pytest_asyncio.fixture
async def team(cluster: PracticeCluster) -> AsyncIterator[Api]:
    async with as_person(cluster, "dev-team") as found:
        yield found


def role(name: str, *rules: JsonObject, **more: JsonObject) -> JsonObject:
    return {"metadata": {"name": name}, "rules": list(rules), **more}


def bound(name: str, to: str, *, kind: str = "ClusterRole", user: str) -> JsonObject:
    return {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": to},
        "subjects": [{"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}],
    }


def reading(*resources: str) -> JsonObject:
    return {"apiGroups": [""], "resources": list(resources), "verbs": ["get", "list"]}


async def test_a_viewer_reads_everywhere_but_no_secrets(viewer: Api) -> None:
    assert (await viewer.get("/api/v1/pods")).status == 200
    assert (await viewer.get("/version")).status == 200
    refused = await viewer.get("/api/v1/secrets")
    assert refused.status == 403
    assert refused.json == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'secrets is forbidden: User "viewer" cannot list resource "secrets" in API group "" '
        "at the cluster scope",
        "reason": "Forbidden",
        "details": {"kind": "secrets"},
        "code": 403,
    }
    write = await viewer.post(f"{CORE}/configmaps", config_map("a"))
    assert (
        'cannot create resource "configmaps" in API group "" in the namespace "default"'
        in write.json["message"]
    )
    root = await viewer.get("/")
    assert root.json["message"] == 'forbidden: User "viewer" cannot get path "/"'


async def test_paths_that_nobody_serves_are_forbidden_before_they_are_missing(viewer: Api, api: Api) -> None:
    refused = await viewer.get("/apis/foo/v1/bars")
    assert refused.json["message"].startswith(
        'bars.foo is forbidden: User "viewer" cannot list resource "bars"'
    )
    assert (await api.get("/apis/foo/v1/bars")).status == 404


async def test_a_team_works_in_its_namespace_only(team: Api, api: Api) -> None:
    await api.post("/api/v1/namespaces", {"metadata": {"name": "other"}})
    assert (await team.post(f"{CORE}/configmaps", config_map("a"))).status == 201
    assert (await team.get("/api/v1/namespaces/default")).status == 200
    for path in (
        "/api/v1/namespaces",
        "/api/v1/namespaces/other",
        "/api/v1/namespaces/other/pods",
        "/api/v1/pods",
    ):
        assert (await team.get(path)).status == 403
    refused = await team.post(f"{RBAC}/namespaces/default/roles", role("x"))
    assert refused.json["message"].startswith("roles.rbac.authorization.k8s.io is forbidden")


async def test_rights_change_with_roles_and_bindings(viewer: Api, api: Api) -> None:
    secrets = f"{CORE}/secrets"
    assert (await viewer.get(secrets)).status == 403
    bindings = f"{RBAC}/namespaces/default/rolebindings"
    await api.post(bindings, bound("b", "reader", kind="Role", user="viewer"))
    lost = (await viewer.get(secrets)).json["message"]
    assert lost.endswith(
        'in the namespace "default": RBAC: role.rbac.authorization.k8s.io "reader" not found'
    )
    await api.post(f"{RBAC}/namespaces/default/roles", role("reader", reading("secrets")))
    assert (await viewer.get(secrets)).status == 200
    assert (await viewer.get("/api/v1/secrets")).status == 403
    await api.call("DELETE", f"{bindings}/b")
    assert (await viewer.get(secrets)).status == 403


async def test_a_right_to_one_name(viewer: Api, api: Api) -> None:
    one = {**reading("secrets"), "resourceNames": ["mine"]}
    await api.post(f"{RBAC}/namespaces/default/roles", role("one", one))
    await api.post(f"{RBAC}/namespaces/default/rolebindings", bound("b", "one", kind="Role", user="viewer"))
    assert (await viewer.get(f"{CORE}/secrets/mine")).status == 404
    assert (await viewer.get(f"{CORE}/secrets/other")).status == 403
    assert (await viewer.get(f"{CORE}/secrets")).status == 403
    assert (await viewer.get(f"{CORE}/secrets?fieldSelector=metadata.name%3Dmine")).status == 200


async def test_aggregated_roles_follow_their_parts(api: Api, viewer: Api) -> None:
    part = role("part", reading("nodes"))
    part["metadata"]["labels"] = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    assert (await viewer.get("/api/v1/nodes")).status == 403
    await api.post(f"{RBAC}/clusterroles", part)
    assert (await viewer.get("/api/v1/nodes")).status == 200
    view = (await api.get(f"{RBAC}/clusterroles/view")).json
    assert reading("nodes") in view["rules"]
    admin = (await api.get(f"{RBAC}/clusterroles/admin")).json
    assert reading("nodes") in admin["rules"]
    await api.call("DELETE", f"{RBAC}/clusterroles/part")
    assert (await viewer.get("/api/v1/nodes")).status == 403


async def test_apply_creates_only_for_who_may_create(api: Api, viewer: Api) -> None:
    patching = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["patch"]}
    await api.post(f"{RBAC}/clusterroles", role("patcher", patching))
    await api.post(f"{RBAC}/clusterrolebindings", bound("b", "patcher", user="viewer"))
    path = f"{CORE}/configmaps/new?fieldManager=me"
    refused = await viewer.patch(path, config_map("new"), APPLY)
    assert refused.status == 403
    assert 'cannot create resource "configmaps"' in refused.json["message"]


async def test_websockets_need_the_right_to_create(api: Api, viewer: Api) -> None:
    await api.post(f"{RBAC}/clusterroles", role("looker", reading("pods/exec")))
    await api.post(f"{RBAC}/clusterrolebindings", bound("b", "looker", user="viewer"))
    refused = await viewer.get(f"{CORE}/pods/p/exec?command=id")
    assert 'cannot create resource "pods/exec"' in refused.json["message"]


async def test_nobody_grants_what_they_do_not_have(api: Api, cluster: PracticeCluster) -> None:
    await api.post(f"{RBAC}/namespaces/default/rolebindings", bound("alice", "admin", user="alice"))
    async with connect(cluster, **{"Impersonate-User": "alice"}) as alice:
        roles, bindings = (f"{RBAC}/namespaces/default/{plural}" for plural in ("roles", "rolebindings"))
        assert (await alice.post(roles, role("fine", reading("pods")))).status == 201
        refused = await alice.post(roles, role("more", reading("nodes", "pods")))
        assert (refused.status, refused.json["message"]) == (
            403,
            'roles.rbac.authorization.k8s.io "more" is forbidden: user "alice" '
            '(groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n'
            '{APIGroups:[""], Resources:["nodes"], Verbs:["get" "list"]}',
        )
        assert (await alice.patch(f"{roles}/fine", {"rules": [reading("nodes")]})).status == 403
        refused = await alice.post(bindings, bound("root", "cluster-admin", user="alice"))
        assert refused.json["message"].endswith(
            '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}'
        )
        unknown = await alice.post(bindings, bound("x", "nope", user="alice"))
        assert unknown.json["message"] == 'rolebindings.rbac.authorization.k8s.io "nope" not found'
        assert (await alice.post(bindings, bound("same", "view", user="bob"))).status == 201
        freely = {
            "apiGroups": ["rbac.authorization.k8s.io"],
            "resources": ["clusterroles"],
            "verbs": ["bind"],
        }
        await api.post(f"{RBAC}/clusterroles", role("binder", freely))
        await api.post(f"{RBAC}/clusterrolebindings", bound("binder", "binder", user="alice"))
        assert (await alice.post(bindings, bound("root", "cluster-admin", user="alice"))).status == 201


async def test_impersonation_needs_its_verb(api: Api, cluster: PracticeCluster) -> None:
    users = {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"], "resourceNames": ["bob"]}
    await api.post(f"{RBAC}/clusterroles", role("act", users))
    await api.post(f"{RBAC}/clusterrolebindings", bound("act", "act", user="viewer"))
    me = "/apis/authentication.k8s.io/v1/selfsubjectreviews"

    async def ask(**headers: str) -> tuple[int, str]:
        async with as_person(cluster, "viewer", **{"Impersonate-User": "bob", **headers}) as acting:
            reply = await acting.post(me, {})
        return reply.status, json.dumps(reply.json)

    assert (await ask())[0] == 201
    for headers, needed in (
        ({"Impersonate-User": "carl"}, 'users \\"carl\\" is forbidden'),
        ({"Impersonate-Group": "g"}, 'groups \\"g\\" is forbidden'),
        ({"Impersonate-Uid": "1"}, 'uids.authentication.k8s.io \\"1\\" is forbidden'),
        ({"Impersonate-Extra-Scopes": "x"}, 'cannot impersonate resource \\"userextras/scopes\\"'),
        ({"Impersonate-User": "system:serviceaccount:a:b"}, 'serviceaccounts \\"b\\" is forbidden'),
    ):
        status, text = await ask(**headers)
        assert status == 403
        assert needed in text
    async with connect(cluster, **{"Impersonate-Group": "g"}) as nameless:
        reply = await nameless.get("/version")
    assert (reply.status, reply.json["reason"]) == (400, "BadRequest")
    assert "without impersonating a user name" in reply.json["message"]


async def test_who_one_acts_as(cluster: PracticeCluster) -> None:
    headers = {"Impersonate-User": "bob", "Impersonate-Uid": "7", "Impersonate-Extra-Scopes%2fx": "a"}
    async with connect(cluster, **headers) as bob:
        found = await bob.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
    assert found.json["status"]["userInfo"] == {
        "username": "bob",
        "uid": "7",
        "groups": ["system:authenticated"],
        "extra": {"scopes/x": ["a"]},
    }
    async with connect(cluster, **{"Impersonate-User": "system:serviceaccount:a:b"}) as account:
        found = await account.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
    assert found.json["status"]["userInfo"]["groups"] == [
        "system:serviceaccounts",
        "system:serviceaccounts:a",
        "system:authenticated",
    ]


async def test_access_reviews_say_why(api: Api, team: Api) -> None:
    spec = {"resourceAttributes": {"verb": "delete", "resource": "pods", "namespace": "default"}}
    mine = await team.post(f"{REVIEWS}/selfsubjectaccessreviews", {"spec": spec})
    reason = 'RBAC: allowed by RoleBinding "dev-team/default" of ClusterRole "edit" to User "dev-team"'
    assert mine.json["status"] == {"allowed": True, "reason": reason}
    theirs = await api.post(f"{REVIEWS}/subjectaccessreviews", {"spec": {**spec, "user": "viewer"}})
    assert theirs.json["status"] == {"allowed": False}
    path = {"nonResourceAttributes": {"path": "/api", "verb": "get"}, "groups": ["system:authenticated"]}
    assert (await api.post(f"{REVIEWS}/subjectaccessreviews", {"spec": path})).json["status"]["allowed"]
    assert (await team.post(f"{REVIEWS}/subjectaccessreviews", {"spec": spec})).status == 403


@pytest.mark.parametrize(
    ("path", "spec", "message"),
    [
        (
            "subjectaccessreviews",
            {"resourceAttributes": {}},
            "at least one of user or group must be specified",
        ),
        ("subjectaccessreviews", {"user": "x"}, "exactly one of nonResourceAttributes or resourceAttributes"),
        (
            "namespaces/default/localsubjectaccessreviews",
            {"user": "x", "resourceAttributes": {"namespace": "other"}},
            "must match metadata.namespace",
        ),
        ("selfsubjectrulesreviews", {}, "no namespace on request"),
    ],
)
async def test_reviews_that_ask_nothing(api: Api, path: str, spec: JsonObject, message: str) -> None:
    reply = await api.post(f"{REVIEWS}/{path}", {"spec": spec})
    assert reply.status in (400, 422)
    assert message in reply.json["message"]


async def test_rules_reviews_list_what_one_may(team: Api) -> None:
    body = {"spec": {"namespace": "default"}}
    here = (await team.post(f"{REVIEWS}/selfsubjectrulesreviews", body)).json["status"]
    there = await team.post(f"{REVIEWS}/selfsubjectrulesreviews", {"spec": {"namespace": "other"}})
    assert any("pods/exec" in rule["resources"] for rule in here["resourceRules"])
    assert {rule["apiGroups"][0] for rule in there.json["status"]["resourceRules"]} == {
        "authorization.k8s.io",
        "authentication.k8s.io",
    }
    assert ["/healthz", "/livez", "/readyz", "/version", "/version/"] in [
        rule["nonResourceURLs"] for rule in here["nonResourceRules"]
    ]


async def test_the_people_of_the_company() -> None:
    async with practice_cluster(moving=False, random_seed=1, as_user="dev-team") as cluster:
        text = cluster.kubeconfig.read_text()
        assert "user: dev-team\n    namespace: storefront" in text
        async with connect(cluster) as team:
            assert (await team.get("/api/v1/namespaces/storefront/pods")).json["items"]
            assert (await team.get("/api/v1/namespaces/orders/pods")).status == 403
            assert (await team.get("/api/v1/namespaces")).status == 403
        async with as_person(cluster, "viewer") as viewer:
            assert (await viewer.get("/api/v1/namespaces/orders/pods")).json["items"]
            assert (await viewer.get("/apis/roasting.kumo-coffee.example/v1/roasts")).status == 200
            assert (await viewer.get("/api/v1/namespaces/orders/secrets")).status == 403
