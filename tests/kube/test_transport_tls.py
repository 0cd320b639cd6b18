"""What TLS can object to."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from k8stui.core.lang import Lang
from k8stui.kube.errors import Cause
from k8stui.kube.kubeconfig import ChosenContext, Cluster, User
from k8stui.kube.transport import Transport
from tests.kube.authority import Authority
from tests.kube.endpoint import b64, serving
from tests.kube.network import Elsewhere, cause, failure, to, trusted


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


async def test_an_unknown_authority(authority: Authority) -> None:
    async with serving(tls=Authority().server_context()) as endpoint:
        assert cause(await failure(trusted(endpoint.port, authority))) is Cause.UNKNOWN_CA


async def test_the_systems_authorities_hold_when_the_cluster_names_none(authority: Authority) -> None:
    async with serving(tls=authority.server_context()) as endpoint:
        assert cause(await failure(to(endpoint.url))) is Cause.UNKNOWN_CA


async def test_another_host_name(authority: Authority) -> None:
    async with serving(tls=authority.server_context("elsewhere.example")) as endpoint:
        error = await failure(trusted(endpoint.port, authority))
        assert cause(error) is Cause.HOST_NAME
        assert "tls-server-name" in error.sentence(Lang.EN)


async def test_the_common_name_does_not_count(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    Elsewhere(monkeypatch)
    tls = authority.server_context("api.example", alternatives=False)
    async with serving(tls=tls) as endpoint:
        assert cause(await failure(trusted(endpoint.port, authority, "api.example"))) is Cause.HOST_NAME


async def test_an_intermediate_authority_is_enough(authority: Authority) -> None:
    below = Authority("below", parent=authority)
    async with serving(tls=below.server_context()) as endpoint:
        transport = trusted(endpoint.port, below)
        assert (await transport.request("GET", "/")).status == 200
        await transport.close()


async def test_an_expired_certificate(authority: Authority) -> None:
    async with serving(tls=authority.server_context("127.0.0.1", days=-0.5)) as endpoint:
        assert cause(await failure(trusted(endpoint.port, authority))) is Cause.EXPIRED_CERTIFICATE


async def test_insecure_is_obeyed() -> None:
    async with serving(tls=Authority().server_context("elsewhere.example", days=-0.5)) as endpoint:
        transport = to(endpoint.url, insecure=True)
        assert (await transport.request("GET", "/")).status == 200
        await transport.close()


@contextlib.contextmanager
def demanding(tls: ssl.SSLContext) -> Iterator[int]:
    """A server that, as Go's do, says why it refuses a client certificate; yields its port.

    asyncio's own server drops the alert, so this one lives in a thread.
    """

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with tls.wrap_socket(peer, server_side=True, do_handshake_on_connect=False) as wrapped:
                with contextlib.suppress(OSError):
                    wrapped.do_handshake()
                with contextlib.suppress(OSError):
                    while socket.socket.recv(wrapped, 65536):  # closing with unread bytes would reset
                        pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


@pytest.mark.parametrize("kind", ["foreign", "expired", "none"])
async def test_a_client_certificate_that_the_server_refuses(authority: Authority, kind: str) -> None:
    user = None
    if kind != "none":
        issuer = Authority("another") if kind == "foreign" else authority
        chain, key = issuer.issue("jane", client=True, days=-0.5 if kind == "expired" else 1)
        user = User("jane", Path(), client_certificate_data=b64(chain), client_key_data=b64(key))
    with demanding(authority.server_context(clients=True, demand=True)) as port:
        cluster = Cluster("k", f"https://127.0.0.1:{port}", certificate_authority_data=b64(authority.pem))
        transport = Transport.open(ChosenContext("c", cluster, user, "default"), environ={})
        assert cause(await failure(transport)) is Cause.CLIENT_CERTIFICATE


async def test_plain_http_where_https_is_expected(authority: Authority) -> None:
    async with serving() as endpoint:
        assert cause(await failure(trusted(endpoint.port, authority))) is Cause.NOT_TLS
