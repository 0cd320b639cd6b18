"""Legacy auth-providers: OpenID Connect through the kubernetes package, gcp, and the rest."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml
from aiohttp import web

from k8stui.core.lang import Lang
from k8stui.kube.credentials import Credentials
from k8stui.kube.errors import CredentialError
from k8stui.kube.kubeconfig import load
from tests.kube.authority import Authority
from tests.kube.endpoint import Endpoint, b64, serving, write_kubeconfig
from tests.kube.network import Clock


def token(clock: Clock, seconds: float, name: str = "") -> str:
    """A JSON web token whose claims need base64url: they contain what plain base64 writes as + and /."""
    claims = json.dumps({"exp": clock.now + seconds, "sub": f"{name}?>~ÿ"}, ensure_ascii=False).encode()
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b"{}", claims, b"sig"))


class Issuer:
    """An OpenID Connect issuer that rotates refresh tokens: each is good once."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.good = "refresh-1"
        self.issued = 0
        self.rotates = True
        self.style = "header"
        self.endpoint = Endpoint("", 0)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/.well-known/openid-configuration":
            return web.json_response({"token_endpoint": f"{self.endpoint.url}/token"})
        form = {key: values[0] for key, values in parse_qs(self.endpoint.asked[-1].body.decode()).items()}
        basic = request.headers.get("Authorization", "")
        identified = {
            "header": basic == f"Basic {b64(b'client:s3cret%2B')}",
            "form": form.get("client_id") == "client" and form.get("client_secret") == "s3cret+",
            "public": form.get("client_id") == "client" and not basic and "client_secret" not in form,
        }[self.style]
        if not identified or form.get("refresh_token") != self.good:
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.issued += 1
        found = {"id_token": token(self.clock, 3600, f"n{self.issued}"), "token_type": "Bearer"}
        if self.rotates:
            self.good = f"refresh-{self.issued + 1}"
            found["refresh_token"] = self.good
        return web.json_response(found)


class World:
    """An issuer and a kubeconfig with an expired id-token of it."""

    def __init__(self, path: Path, issuer: Issuer, config: dict[str, str]) -> None:
        self.path = path
        self.issuer = issuer
        self.clock = issuer.clock
        self.config = config

    def write(self, **more: str | None) -> None:
        config = {key: value for key, value in {**self.config, **more}.items() if value is not None}
        write_kubeconfig(
            self.path, "https://127.0.0.1:1", user={"auth-provider": {"name": "oidc", "config": config}}
        )

    def credentials(self) -> Credentials:
        return Credentials(load([self.path], {}).choose(), clock=self.clock, environ={})

    def saved(self) -> dict[str, str]:
        provider = yaml.safe_load(self.path.read_text())["users"][0]["user"]["auth-provider"]
        return dict(provider["config"])


@asynccontextmanager
async def world(tmp_path: Path, authority: Authority | None = None) -> AsyncIterator[World]:
    authority = authority or Authority()
    clock = Clock()
    issuer = Issuer(clock)
    async with serving(issuer, tls=authority.server_context()) as endpoint:
        issuer.endpoint = endpoint
        made = World(
            tmp_path / "config",
            issuer,
            {
                "idp-issuer-url": endpoint.url + "/",
                "client-id": "client",
                "client-secret": "s3cret+",
                "id-token": token(clock, -1),
                "refresh-token": "refresh-1",
                "idp-certificate-authority-data": b64(authority.pem),
            },
        )
        made.write()
        yield made


async def test_a_token_that_has_not_expired_is_used_without_asking(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        fresh = token(here.clock, 3600)
        here.write(**{"id-token": fresh})
        assert await here.credentials().headers() == (("Authorization", f"Bearer {fresh}"),)
        assert here.issuer.endpoint.asked == []


async def test_rotated_tokens_are_saved_and_everything_else_stays(tmp_path: Path) -> None:
    """Difference 10: the package's persister is None, so that the next start is logged out."""
    async with world(tmp_path) as here:
        text = here.path.read_text().replace(
            '"kind": "Config"', '"kind": "Config", "other": {"kept": [1, null]}'
        )
        here.path.write_text("# a comment\n" + text)
        here.path.chmod(0o640)
        before = yaml.safe_load(here.path.read_text())
        headers = dict(await here.credentials().headers())
        assert here.saved()["refresh-token"] == "refresh-2"
        assert headers["Authorization"] == f"Bearer {here.saved()['id-token']}"
        after = yaml.safe_load(here.path.read_text())
        before["users"][0]["user"]["auth-provider"]["config"].update(here.saved())
        assert after == before
        assert here.path.read_text().startswith("# a comment\n")
        assert here.path.stat().st_mode & 0o777 == 0o640
        assert os.listdir(tmp_path) == ["config"]
        here.clock.now += 4000
        await here.credentials().headers()
        assert here.saved()["refresh-token"] == "refresh-3"


async def test_a_file_that_lacks_the_key_gets_it(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.write(**{"id-token": None})
        await here.credentials().headers()
        assert here.saved()["refresh-token"] == "refresh-2"
        assert here.saved()["id-token"].count(".") == 2


async def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        real = tmp_path / "real"
        here.path.rename(real)
        here.path.symlink_to(real)
        await here.credentials().headers()
        assert here.path.is_symlink()
        assert here.saved()["refresh-token"] == "refresh-2"


async def test_an_issuer_that_does_not_rotate_is_fine(tmp_path: Path) -> None:
    """The package wants a new refresh token in each answer."""
    async with world(tmp_path) as here:
        here.issuer.rotates = False
        await here.credentials().headers()
        assert here.saved()["refresh-token"] == "refresh-1"


@pytest.mark.parametrize(("style", "secret"), [("header", "s3cret+"), ("form", "s3cret+"), ("public", None)])
async def test_every_way_of_identifying_the_client_works(
    tmp_path: Path, style: str, secret: str | None
) -> None:
    async with world(tmp_path) as here:
        here.issuer.style = style
        here.write(**{"client-secret": secret})
        assert dict(await here.credentials().headers())["Authorization"].startswith("Bearer ")


async def test_the_issuers_certificate_is_verified(tmp_path: Path) -> None:
    """The package turns verification off unless the entry names an authority."""
    async with world(tmp_path) as here:
        for more in (
            {"idp-certificate-authority-data": None},
            {"idp-certificate-authority-data": b64(Authority().pem)},
        ):
            here.write(**more)
            with pytest.raises(CredentialError, match="not signed by an authority"):
                await here.credentials().headers()
        assert here.issuer.endpoint.asked == []


async def test_several_at_once_refresh_once(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        credentials = here.credentials()
        await asyncio.gather(*[credentials.headers() for _ in range(5)])
        assert here.issuer.issued == 1


async def test_what_another_program_has_refreshed_is_taken(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        credentials = here.credentials()
        fresh = token(here.clock, 3600, "other")
        here.write(**{"id-token": fresh, "refresh-token": "refresh-9"})
        assert await credentials.headers() == (("Authorization", f"Bearer {fresh}"),)
        assert here.issuer.issued == 0


async def test_a_401_refreshes_but_not_every_moment(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.write(**{"id-token": token(here.clock, 3600)})
        credentials = here.credentials()
        used = await credentials.headers()
        assert await credentials.refresh_after_401(used)
        assert here.issuer.issued == 1
        assert not await credentials.refresh_after_401(await credentials.headers())
        here.clock.now += 61
        assert await credentials.refresh_after_401(await credentials.headers())
        assert await credentials.refresh_after_401(used), "others have refreshed meanwhile"
        assert here.issuer.issued == 2


async def test_a_file_that_cannot_be_written_does_not_stop_the_work(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with world(tmp_path) as here:
        (tmp_path / "config.lock").touch()  # as a kubectl leaves it that was killed
        with caplog.at_level(logging.WARNING):
            headers = dict(await here.credentials().headers())
        assert headers["Authorization"].startswith("Bearer ")
        assert "could not be saved" in caplog.text
        assert headers["Authorization"].removeprefix("Bearer ") not in caplog.text
        assert here.saved()["refresh-token"] == "refresh-1"


async def test_failures_have_their_sentences(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        for more, word in (
            ({"refresh-token": "stale"}, "refused it (400)"),
            ({"refresh-token": None}, "no refresh-token"),
            ({"idp-issuer-url": "https://127.0.0.1:1"}, "refuses the connection"),
            ({"idp-certificate-authority-data": b64(b"x")}, "idp-certificate-authority"),
            ({"client-id": None}, "no client-id"),
        ):
            here.write(**more)
            with pytest.raises(CredentialError) as error:
                await here.credentials().headers()
            assert word in error.value.message.en
            for lang in Lang:
                assert "someone" in error.value.sentence(lang)
                for secret in (here.config["id-token"], "refresh-1", "s3cret"):
                    assert secret not in error.value.sentence(lang)


def gcp(tmp_path: Path, clock: Clock, **config: str) -> Credentials:
    write_kubeconfig(
        tmp_path / "config", "https://127.0.0.1:1", user={"auth-provider": {"name": "gcp", "config": config}}
    )
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    return Credentials(load([tmp_path / "config"], {}).choose(), clock=clock, environ=environ)


def helper(tmp_path: Path, answer: dict[str, Any]) -> None:
    (tmp_path / "answer").write_text(json.dumps(answer))
    script = tmp_path / "helper"
    script.write_text(f"#!/bin/sh\ntest \"$1 $2\" = 'config helper' && cat '{tmp_path}/answer'\n")
    script.chmod(0o755)


async def test_a_gcp_entry_runs_its_helper_when_its_token_has_expired(tmp_path: Path) -> None:
    clock = Clock(1_700_000_000)
    keys = {"token-key": "{.credential.access_token}", "expiry-key": "{.credential.token_expiry}"}
    helper(tmp_path, {"credential": {"access_token": "new", "token_expiry": "2023-11-14T23:13:20Z"}})
    credentials = gcp(
        tmp_path, clock,
        **{"cmd-path": "helper", "cmd-args": "config helper", "access-token": "old"},
        **keys, expiry="2023-11-14T22:13:30Z",
    )  # fmt: skip
    assert dict(await credentials.headers())["Authorization"] == "Bearer new"
    saved = load([tmp_path / "config"], {}).users["someone"].auth_provider
    assert saved is not None
    assert saved.config["access-token"] == "new"


async def test_a_gcp_entry_keeps_its_token_while_it_is_good(tmp_path: Path) -> None:
    credentials = gcp(tmp_path, Clock(), **{"access-token": "old", "expiry": "2099-01-01T00:00:00Z"})
    assert dict(await credentials.headers())["Authorization"] == "Bearer old"


@pytest.mark.parametrize(("command", "word"), [("absent", "cmd-path"), ("helper", "helper failed")])
async def test_a_gcp_helper_that_fails_is_told(tmp_path: Path, command: str, word: str) -> None:
    helper(tmp_path, {"unexpected": "SECRET"})
    with pytest.raises(CredentialError, match=word) as error:
        await gcp(tmp_path, Clock(), **{"cmd-path": command, "cmd-args": "config helper"}).headers()
    assert "SECRET" not in error.value.sentence(Lang.EN)


@pytest.mark.parametrize(("name", "way_out"), [("azure", "kubelogin"), ("openstack", "credential plugin")])
async def test_other_providers_tell_the_way_out(tmp_path: Path, name: str, way_out: str) -> None:
    path = write_kubeconfig(
        tmp_path / "config", "https://127.0.0.1:1", user={"auth-provider": {"name": name, "config": {}}}
    )
    credentials = Credentials(load([path], {}).choose(), clock=Clock(), environ={})
    with pytest.raises(CredentialError, match=name) as error:
        await credentials.headers()
    assert way_out in error.value.sentence(Lang.EN)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()
