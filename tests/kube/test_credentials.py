"""Who the user is, over the wire; real kubectl judges what is sent."""

from __future__ import annotations

import asyncio
import logging
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from k8stui.core.lang import Lang
from k8stui.kube.credentials import TOKEN_FILE_AGE, Credentials
from k8stui.kube.errors import CredentialError, KubeconfigError, Unauthorized
from k8stui.kube.kubeconfig import load
from tests.kube.authority import Authority
from tests.kube.endpoint import Endpoint, answer_ok, b64, serving, unauthorized, write_kubeconfig
from tests.kube.judge import kubectls
from tests.kube.network import ENVIRON, Clock, opened, trusting


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def plugin(directory: Path, token: str = "from-plugin") -> dict[str, Any]:
    """An exec entry whose plugin notes each run in ``runs``."""
    script = directory / "plugin"
    script.write_text(
        f"#!/bin/sh\necho run >> '{directory}/runs'\n"
        'printf \'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
        f'"status":{{"token":"{token}"}}}}\'\n'
    )
    script.chmod(0o755)
    version = "client.authentication.k8s.io/v1"
    return {"exec": {"apiVersion": version, "command": "./plugin", "interactiveMode": "Never"}}


def runs(directory: Path) -> int:
    noted = directory / "runs"
    return len(noted.read_text().splitlines()) if noted.exists() else 0


USERS: dict[str, Callable[[Path, Authority], dict[str, Any]]] = {
    "token": lambda d, a: {"token": "static"},
    "token file": lambda d, a: {"tokenFile": "token"},
    "token and file": lambda d, a: {"token": "static", "tokenFile": "token"},
    "token and missing file": lambda d, a: {"token": "static", "tokenFile": "nowhere"},
    "password": lambda d, a: {"username": "me", "password": "pass"},
    "user name only": lambda d, a: {"username": "me"},
    "plugin": lambda d, a: plugin(d),
    "token and plugin": lambda d, a: {"token": "static", **plugin(d)},
    "file and plugin": lambda d, a: {"tokenFile": "token", **plugin(d)},
    "password and plugin": lambda d, a: {"username": "me", "password": "pass", **plugin(d)},
    "certificate": lambda d, a: certificate(a),
    "certificate and plugin": lambda d, a: {**certificate(a), **plugin(d)},
    "certificate and token": lambda d, a: {**certificate(a), "token": "static"},
    "token and provider": lambda d, a: {
        "token": "static",
        "auth-provider": {
            "name": "oidc",
            "config": {"idp-issuer-url": "https://127.0.0.1:1", "client-id": "c"},
        },
    },
    "impersonation": lambda d, a: {
        "token": "static",
        "as": "jane",
        "as-uid": "7",
        "as-groups": ["one", "two"],
        "as-user-extra": {"Scopes/x": ["v1", "v2"], "plain": ["w"]},
    },
}


def certificate(authority: Authority) -> dict[str, Any]:
    chain, key = authority.issue("jane", client=True)
    return {"client-certificate-data": b64(chain), "client-key-data": b64(key)}


def proof(endpoint: Endpoint) -> tuple[list[tuple[str, str]], str]:
    """What identified the last request: headers and client certificate."""
    asked = endpoint.asked[-1]
    headers = sorted(
        (name.title(), value)
        for name, value in asked.headers
        if name.lower().startswith(("authorization", "impersonate"))
    )
    return headers, asked.subject


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("name", USERS)
@pytest.mark.parametrize("kubectl", kubectls()[:1])
async def test_the_same_is_sent_as_kubectl_sends(
    kubectl: str, name: str, scheme: str, tmp_path: Path, authority: Authority
) -> None:
    """Differences 2 (static ones win over the plugin), 11 (impersonation), and http without credentials."""
    (tmp_path / "token").write_text("from-file\n")
    tls = authority.server_context(clients=True) if scheme == "https" else None
    async with serving(tls=tls) as endpoint:
        path = write_kubeconfig(
            tmp_path / "config",
            endpoint.url,
            cluster=trusting(authority) if tls else {},
            user=USERS[name](tmp_path, authority),
        )
        judge = await asyncio.create_subprocess_exec(
            kubectl, "--kubeconfig", str(path), "get", "--raw", "/x",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            env={**ENVIRON, "HOME": str(tmp_path)},
        )  # fmt: skip
        assert await judge.wait() == 0
        wanted, wanted_runs = proof(endpoint), runs(tmp_path)
        async with opened(path) as transport:
            await transport.request("GET", "/x")
        assert proof(endpoint) == wanted
        assert runs(tmp_path) == 2 * wanted_runs
    if scheme == "http":
        assert not any(endpoint.authorizations)


async def test_a_context_without_a_user_asks_anonymously(tmp_path: Path, authority: Authority) -> None:
    """Difference 3: the package raises TypeError."""
    async with serving(tls=authority.server_context()) as endpoint:
        path = write_kubeconfig(tmp_path / "config", endpoint.url, cluster=trusting(authority))
        async with opened(path) as transport:
            answer = await transport.request("GET", "/version")
    assert answer.status == 200
    assert proof(endpoint) == ([], "")


async def test_a_token_file_is_stripped_and_read_again_within_a_minute(
    tmp_path: Path, authority: Authority
) -> None:
    """Difference 4: the package sends the line feed, and reads the file once."""
    clock = Clock()
    token = tmp_path / "token"
    token.write_text("one\n")
    async with serving(tls=authority.server_context()) as endpoint:
        path = write_kubeconfig(
            tmp_path / "config", endpoint.url, cluster=trusting(authority), user={"tokenFile": "token"}
        )
        async with opened(path, clock) as transport:
            await transport.request("GET", "/1")
            token.write_text("two\n")
            await transport.request("GET", "/2")
            clock.now += TOKEN_FILE_AGE
            await transport.request("GET", "/3")
            token.unlink()
            clock.now += TOKEN_FILE_AGE
            await transport.request("GET", "/4")
    assert TOKEN_FILE_AGE <= 60
    assert endpoint.authorizations == ["Bearer one", "Bearer one", "Bearer two", "Bearer two"]


async def test_after_a_401_a_token_file_is_read_at_once(tmp_path: Path, authority: Authority) -> None:
    async def only_new(request: web.BaseRequest) -> web.StreamResponse:
        new = request.headers.get("Authorization") == "Bearer new"
        return await answer_ok(request) if new else unauthorized()

    (tmp_path / "token").write_text("old")
    async with serving(only_new, tls=authority.server_context()) as endpoint:
        path = write_kubeconfig(
            tmp_path / "config", endpoint.url, cluster=trusting(authority), user={"tokenFile": "token"}
        )
        async with opened(path) as transport:
            with pytest.raises(Unauthorized):
                await transport.request("GET", "/1")
            assert len(endpoint.asked) == 1, "nothing newer to try with"
            (tmp_path / "token").write_text("new")
            assert (await transport.request("GET", "/2")).status == 200
    assert endpoint.authorizations == ["Bearer old", "Bearer old", "Bearer new"]


async def test_a_missing_token_file_is_told(tmp_path: Path, authority: Authority) -> None:
    path = write_kubeconfig(
        tmp_path / "config", "https://127.0.0.1:1", cluster=trusting(authority), user={"tokenFile": "gone"}
    )
    async with opened(path) as transport:
        with pytest.raises(CredentialError, match="gone"):
            await transport.request("GET", "/")


async def test_a_token_with_a_line_break_inside_is_told_not_shown(
    tmp_path: Path, authority: Authority
) -> None:
    path = write_kubeconfig(
        tmp_path / "config", "https://127.0.0.1:1", cluster=trusting(authority), user={"token": "SEC\nRET"}
    )
    async with opened(path) as transport:
        with pytest.raises(CredentialError) as error:
            await transport.request("GET", "/")
    assert "SEC" not in error.value.sentence(Lang.EN)


async def test_netrc_is_never_read(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Difference 7: with trust_env the package sends netrc's password, or fails beside a token."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password SECRET\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    async with serving(tls=authority.server_context()) as endpoint:
        for user in ({"token": "static"}, None):
            path = write_kubeconfig(tmp_path / "config", endpoint.url, cluster=trusting(authority), user=user)
            async with opened(path) as transport:
                await transport.request("GET", "/")
    assert endpoint.authorizations == ["Bearer static", ""]


async def test_certificates_leave_no_files(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Difference 16: the package leaves keys in temporary files until it exits."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    seen: list[tuple[int, list[int]]] = []
    load_chain = ssl.SSLContext.load_cert_chain

    def watch(context: ssl.SSLContext, certfile: Any, *args: Any, **kwargs: Any) -> None:
        file = Path(certfile)
        seen.append((file.parent.stat().st_mode & 0o777, [file.stat().st_mode & 0o777]))
        load_chain(context, certfile, *args, **kwargs)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watch)
    tls = authority.server_context(clients=True, demand=True)
    seen.clear()
    async with serving(tls=tls) as endpoint:
        path = write_kubeconfig(
            tmp_path / "config", endpoint.url, cluster=trusting(authority), user=certificate(authority)
        )
        async with opened(path) as transport:
            await transport.request("GET", "/")
            assert list(temporary.iterdir()) == []
    assert proof(endpoint) == ([], "jane")
    assert seen == [(0o700, [0o600])]


async def test_a_certificate_file_written_anew_is_used_for_new_connections(
    tmp_path: Path, authority: Authority
) -> None:
    """Difference 14: in the package rotated certificates never reach TLS. Streams live on."""
    clock = Clock()
    finish = asyncio.Event()

    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first ")
        if request.path == "/stream":
            await finish.wait()
        await response.write(b"last")
        return response

    def rotate(name: str) -> None:
        chain, key = authority.issue(name, client=True)
        for file, content in (("c.crt", chain), ("c.key", key)):
            (tmp_path / f"{file}.new").write_bytes(content)
            (tmp_path / f"{file}.new").replace(tmp_path / file)

    rotate("old")
    async with serving(slow, tls=authority.server_context(clients=True, demand=True)) as endpoint:
        path = write_kubeconfig(
            tmp_path / "config",
            endpoint.url,
            cluster=trusting(authority),
            user={"client-certificate": "c.crt", "client-key": "c.key"},
        )
        async with opened(path, clock) as transport, transport.stream("/stream") as stream:
            chunks = stream.chunks()
            assert await anext(chunks) == b"first "
            await transport.request("GET", "/before")
            rotate("new")
            clock.now += 60
            await transport.request("GET", "/after")
            finish.set()
            assert await anext(chunks) == b"last"
    assert [(asked.path, asked.subject) for asked in endpoint.asked] == [
        ("/stream", "old"),
        ("/before", "old"),
        ("/after", "new"),
    ]


@pytest.mark.parametrize(
    ("user", "word"),
    [
        ({"client-certificate-data": b64(b"rubbish"), "client-key-data": b64(b"rubbish")}, "not PEM"),
        ({"client-certificate-data": "!", "client-key-data": b64(b"x")}, "base64"),
        ({"client-certificate-data": b64(b"x")}, "no client-key"),
        ({"client-certificate": "gone.crt", "client-key": "gone.key"}, "gone.crt"),
    ],
)
async def test_unusable_certificates_are_told(
    tmp_path: Path, authority: Authority, user: dict[str, Any], word: str
) -> None:
    path = write_kubeconfig(
        tmp_path / "config", "https://127.0.0.1:1", cluster=trusting(authority), user=user
    )
    async with opened(path) as transport:
        with pytest.raises((CredentialError, KubeconfigError), match=word):
            await transport.request("GET", "/")


async def test_a_key_with_a_password_never_asks_at_the_terminal(tmp_path: Path, authority: Authority) -> None:
    chain, key = authority.issue("jane", client=True, password=b"hidden")
    user = {"client-certificate-data": b64(chain), "client-key-data": b64(key)}
    path = write_kubeconfig(
        tmp_path / "config", "https://127.0.0.1:1", cluster=trusting(authority), user=user
    )
    async with opened(path) as transport:
        with pytest.raises(CredentialError, match="protected by a password"):
            await transport.request("GET", "/")


async def test_an_authority_together_with_insecure_is_refused(tmp_path: Path, authority: Authority) -> None:
    cluster = trusting(authority, **{"insecure-skip-tls-verify": True})
    path = write_kubeconfig(tmp_path / "config", "https://127.0.0.1:1", cluster=cluster, user={})
    async with opened(path) as transport:
        with pytest.raises(KubeconfigError, match="insecure-skip-tls-verify"):
            await transport.request("GET", "/")


async def test_nothing_secret_is_shown_or_logged(
    tmp_path: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def refuse(_: web.BaseRequest) -> web.StreamResponse:
        return unauthorized()

    async with serving(refuse, tls=authority.server_context()) as endpoint:
        path = write_kubeconfig(
            tmp_path / "config",
            endpoint.url,
            cluster=trusting(authority),
            user={"username": "me", "password": "SECRET-PASS"},
        )
        chosen = load([path], {}).choose()
        credentials = Credentials(chosen, clock=Clock(), environ={})
        headers = await credentials.headers()
        async with opened(path) as transport:
            with pytest.raises(Unauthorized) as error:
                await transport.request("GET", "/")
            shown = f"{chosen!r} {vars(credentials)!r} {transport!r} {error.value!r} {caplog.text}"
    assert "SECRET" not in shown
    assert b64(b"me:SECRET-PASS") not in shown
    assert headers == (("Authorization", f"Basic {b64(b'me:SECRET-PASS')}"),)


async def test_only_what_is_used_is_imported(tmp_path: Path) -> None:
    """Neither aiohttp nor the kubernetes package may cost anything before the first frame."""
    code = (
        "import sys, k8stui.kube.early as early, k8stui.kube.transport as t\n"
        "from k8stui.kube.kubeconfig import load\n"
        "from pathlib import Path\n"
        f"t.Transport.open(load([Path({str(tmp_path / 'config')!r})], {{}}).choose())\n"
        "print(sorted({m.partition('.')[0] for m in sys.modules} & "
        "{'aiohttp', 'kubernetes', 'yarl', 'multidict', 'requests', 'cryptography', 'msgspec'}))\n"
        "early.warm()\n"
        "print(sorted({m.partition('.')[0] for m in sys.modules} & {'aiohttp', 'kubernetes', 'requests'}))\n"
    )
    write_kubeconfig(tmp_path / "config", "https://127.0.0.1:1", user={"token": "x"})
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, cwd=root
    )
    output, _ = await process.communicate()
    assert output.decode().splitlines() == ["[]", "['aiohttp']"]
