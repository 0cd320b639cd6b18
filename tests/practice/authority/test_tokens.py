"""Tokens of ServiceAccounts: accepted until they end."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from k8stui.core.objects import JsonObject
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from tests.practice.api_client import Api, connect

ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts"
SECRETS = "/api/v1/namespaces/default/secrets"
ME = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"
START = 1_800_000_000.0


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Hand:
    return Hand()


@pytest_asyncio.fixture
async def cluster(time: Hand) -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(seeded=False, moving=False, clock=time) as found:
        yield found


@pytest_asyncio.fixture
async def account(api: Api) -> JsonObject:
    return (await api.post(ACCOUNTS, {"metadata": {"name": "bot"}})).json


async def token(api: Api, **spec: object) -> str:
    reply = await api.post(f"{ACCOUNTS}/bot/token", {"spec": spec})
    assert reply.status == 201, reply.json
    return str(reply.json["status"]["token"])


async def status(cluster: PracticeCluster, given: str) -> int:
    async with connect(cluster, Authorization=f"Bearer {given}") as api:
        return (await api.post(ME, {})).status


async def test_a_token_is_its_accounts(cluster: PracticeCluster, api: Api, account: JsonObject) -> None:
    async with connect(cluster, Authorization=f"Bearer {await token(api)}") as bot:
        info = (await bot.post(ME, {})).json["status"]["userInfo"]
        refused = await bot.get("/api/v1/namespaces/default/pods")
    assert info["username"] == "system:serviceaccount:default:bot"
    assert info["uid"] == account["metadata"]["uid"]
    groups = ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"]
    assert info["groups"] == groups
    assert refused.status == 403


async def test_it_ends_with_its_time(
    cluster: PracticeCluster, api: Api, account: JsonObject, time: Hand
) -> None:
    given = await token(api, expirationSeconds=600)
    time.now += 599
    assert await status(cluster, given) == 201
    time.now += 1
    assert await status(cluster, given) == 401


async def test_it_ends_with_its_account(cluster: PracticeCluster, api: Api, account: JsonObject) -> None:
    given = await token(api)
    await api.call("DELETE", f"{ACCOUNTS}/bot")
    assert await status(cluster, given) == 401
    await api.post(ACCOUNTS, {"metadata": {"name": "bot"}})
    assert await status(cluster, given) == 401


async def test_it_ends_with_what_it_is_bound_to(
    cluster: PracticeCluster, api: Api, account: JsonObject
) -> None:
    await api.post(SECRETS, {"metadata": {"name": "tie"}})
    reference = {"kind": "Secret", "apiVersion": "v1", "name": "tie"}
    given = await token(api, boundObjectRef=reference)
    assert await status(cluster, given) == 201
    await api.call("DELETE", f"{SECRETS}/tie")
    assert await status(cluster, given) == 401
    missing = await api.post(f"{ACCOUNTS}/bot/token", {"spec": {"boundObjectRef": reference}})
    assert (missing.status, missing.json["message"]) == (404, 'secrets "tie" not found')


@pytest.mark.parametrize("spoil", [lambda text: text[:-2] + "AA", lambda text: "a.b.c", lambda text: "x"])
async def test_forged_tokens(cluster: PracticeCluster, api: Api, account: JsonObject, spoil) -> None:  # type: ignore[no-untyped-def]
    assert await status(cluster, spoil(await token(api))) == 401


async def test_times_that_are_too_short(api: Api, account: JsonObject) -> None:
    reply = await api.post(f"{ACCOUNTS}/bot/token", {"spec": {"expirationSeconds": 300}})
    assert (reply.status, reply.json["details"]["causes"][0]["message"]) == (
        422,
        "Invalid value: 300: may not specify a duration less than 10 minutes",
    )


async def test_token_reviews(api: Api, account: JsonObject) -> None:
    given = await token(api)
    found = (await api.post(REVIEWS, {"spec": {"token": given}})).json["status"]
    assert (found["authenticated"], found["audiences"]) == (True, ["https://kubernetes.default.svc"])
    assert found["user"]["username"] == "system:serviceaccount:default:bot"
    wrong = (await api.post(REVIEWS, {"spec": {"token": "x"}})).json["status"]
    assert wrong == {"user": {}, "error": "invalid bearer token"}
    other = await token(api, audiences=["vault"])
    assert await status(api.cluster, other) == 401
    found = (await api.post(REVIEWS, {"spec": {"token": other}})).json["status"]
    assert "authenticated" not in found
    found = (await api.post(REVIEWS, {"spec": {"token": other, "audiences": ["vault"]}})).json["status"]
    assert found["authenticated"]


async def test_token_secrets_are_filled(cluster: PracticeCluster, api: Api, account: JsonObject) -> None:
    secret = {
        "metadata": {"name": "tok", "annotations": {"kubernetes.io/service-account.name": "bot"}},
        "type": "kubernetes.io/service-account-token",
    }
    await api.post(SECRETS, secret)
    found = (await api.get(f"{SECRETS}/tok")).json
    assert found["metadata"]["annotations"]["kubernetes.io/service-account.uid"] == account["metadata"]["uid"]
    assert base64.b64decode(found["data"]["namespace"]) == b"default"
    assert base64.b64decode(found["data"]["ca.crt"]) == cluster.authority
    given = base64.b64decode(found["data"]["token"]).decode()
    assert await status(cluster, given) == 201
    await api.call("DELETE", f"{SECRETS}/tok")
    assert await status(cluster, given) == 401
