"""Who the user is: what a request carries to prove it, and how that is renewed.

Where each part comes from:

* Read here, without the kubernetes package, since importing it takes some 300 ms and first rows should not
  wait for it: tokens, token files (read again every minute), basic authentication, client certificates (read
  again when the files change), impersonation. The rules are client-go's (``rest``, ``transport``,
  ``clientcmd``).
* ``execplugin``, wholly our own: of the package's runner nothing could be kept (it inherits the terminal,
  reads its pipes one after the other, knows no limit, no lock, no cluster information and no certificates).
* ``oidc``: the OpenID Connect refresh goes through ``kubernetes.aio.config.openid``, imported when a user
  entry asks for it and its token has expired; what the package leaves out is added there.
* ``authprovider``: the helper of a ``gcp`` entry is run by us, for the reasons of ``execplugin``; the package
  has nothing for the other legacy providers, and neither have current Kubernetes clients.
* ``incluster``: the service account of a pod goes through ``kubernetes.aio.config.incluster_config``.

Over plain http no credentials are sent, as kubectl does; whom to impersonate is.

Where kubernetes.aio 37 does not do what kubectl does, and this room does (the tests name these numbers):

1. A plugin's relative command belongs to its file, and its failure is an error, not an anonymous login.
2. Static credentials win over a plugin.
3. A context may have no user.
4. A token file is stripped, and read again.
5. The first file's current-context wins.
6. Files in KUBECONFIG may be empty or missing; the variable is read when it is needed.
7. ``~/.netrc`` is not read.
8. Streams have no time limit in all.
9. Websockets use the proxy and the TLS server name.
10. Rotated refresh tokens are saved.
11. Impersonation is obeyed.
12. SOCKS proxies and disable-compression are understood.
13. Plugins get their own input, both pipes read, a limit, a lock, the cluster, interactiveMode, installHint;
    a certificate beside a token counts.
14. A plugin's answer is kept until it expires or is refused; new certificates reach new connections.
15. A watch that has expired is told from one to be resumed (``errors.status_error``).
16. Keys from the kubeconfig leave no files.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from k8stui.core.lang import Text
from k8stui.core.text import clean
from k8stui.kube.errors import CredentialError
from k8stui.kube.kubeconfig import ChosenContext, Cluster, User
from k8stui.kube.tls import ClientCertificate, authority, build_context, user_certificate

Headers = tuple[tuple[str, str], ...]
"""Header names and values; Impersonate-Group may occur several times."""

TOKEN_FILE_AGE = 60.0
"""Seconds after which a token file is read again (client-go's period)."""
CERTIFICATE_AGE = 10.0
"""Seconds after which certificate files are looked at again."""

_LOG_IN = Text("Log in again, or correct the kubeconfig.", "ログインし直すか、kubeconfig を直してください。")


class Source(Protocol):
    """Something that yields the user's proof and can fetch a newer one."""

    async def authorization(self) -> str:
        """The value of the Authorization header; empty for none. Raises CredentialError."""

    def certificate(self) -> ClientCertificate | None:
        """The client certificate that came with the last authorization, if any."""

    async def renew(self, refused: str) -> bool:
        """After a 401 for this authorization: whether there is another one now."""


class Credentials:
    """The credentials of one context: its user entry, used for its cluster."""

    def __init__(
        self, chosen: ChosenContext, *, clock: Callable[[], float], environ: Mapping[str, str]
    ) -> None:
        self._cluster = chosen.cluster
        self._user = chosen.user
        self._secure = chosen.cluster.base_url.lower().startswith("https://")
        self._clock = clock
        self._source = _source(chosen, clock, environ) if self._secure else _Nothing()
        self._impersonation = _impersonation(chosen.user) if chosen.user else ()
        self._tls_lock = asyncio.Lock()
        self._tls: ssl.SSLContext | None = None
        self._tls_checked = 0.0
        self._tls_stamp: tuple[object, ...] = ()
        self._refused = ""

    async def headers(self) -> Headers:
        """Authorization (never over plain http) and Impersonate headers for the next request.

        Raises CredentialError when a plugin, a provider or a token file fails.
        """
        authorization = await self._source.authorization()
        if any(ord(char) < 0x20 or ord(char) == 0x7F for char in authorization):
            raise CredentialError(
                Text(
                    "The token contains line breaks or other characters that cannot be sent.",
                    "トークンに改行など、送信できない文字が含まれています。",
                ),
                _LOG_IN,
            )
        own = (("Authorization", authorization),) if authorization else ()
        return own + self._impersonation

    async def ssl_context(self) -> ssl.SSLContext | None:
        """The TLS settings for new connections; None over plain http.

        The same object comes back until the certificate authority or the client certificate changes, so that
        connections are shared; then a new one, while connections made with the old one live on. Call it after
        ``headers``: a plugin may bring a certificate with its token.
        """
        if not self._secure:
            return None
        async with self._tls_lock:
            now = self._clock()
            plugin = self._source.certificate()
            if (
                self._tls is not None
                and self._tls_stamp[0] is plugin
                and abs(now - self._tls_checked) < CERTIFICATE_AGE
            ):
                return self._tls
            stamp = (plugin, *(_stamp(path) for path in _certificate_files(self._cluster, self._user)))
            if self._tls is None or stamp != self._tls_stamp:
                self._tls = await asyncio.to_thread(self._build, plugin)
                self._tls_stamp = stamp
            self._tls_checked = now
            return self._tls

    async def refresh_after_401(self, used: Headers) -> bool:
        """Fetch newer credentials after the server refused some.

        Args:
            used: the headers that were refused. When others have been fetched meanwhile nothing is run again.

        Returns whether another try makes sense.
        """
        if not self._secure:
            return False
        refused = dict(used).get("Authorization", "")
        before = self._tls
        renewed = await self._source.renew(refused)
        self._tls_checked = float("-inf")
        return await self.ssl_context() is not before or renewed

    def _build(self, plugin: ClientCertificate | None) -> ssl.SSLContext:
        user = self._user
        client = plugin or (user_certificate(user) if user is not None else None)
        return build_context(self._cluster, authority(self._cluster), client, user.name if user else "")


class _Nothing:
    """No authorization header: client certificates only, or an anonymous user."""

    async def authorization(self) -> str:
        return ""

    def certificate(self) -> ClientCertificate | None:
        return None

    async def renew(self, refused: str) -> bool:
        return False


class _Fixed(_Nothing):
    """A token or a password written in the kubeconfig."""

    def __init__(self, authorization: str) -> None:
        self._authorization = authorization

    async def authorization(self) -> str:
        return self._authorization


class _TokenFile(_Nothing):
    """A token in a file, read again every minute and after a 401; the last one stays if that fails."""

    def __init__(self, path: Path, first: str, clock: Callable[[], float]) -> None:
        self._path = path
        self._token = first
        self._clock = clock
        self._read_at = float("-inf")

    async def authorization(self) -> str:
        if abs(self._clock() - self._read_at) >= TOKEN_FILE_AGE:
            self._read()
        return f"Bearer {self._token}"

    async def renew(self, refused: str) -> bool:
        self._read()
        return f"Bearer {self._token}" != refused

    def _read(self) -> None:
        try:
            token = self._path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            token = ""
        if token:
            self._token = token
            self._read_at = self._clock()
        elif not self._token:
            raise CredentialError(
                Text(
                    f"The token file {clean(str(self._path))} is missing or empty.",
                    f"トークンファイル {clean(str(self._path))} がないか、空です。",
                ),
                Text(
                    "Log in again, or correct the kubeconfig.",
                    "ログインし直すか、kubeconfig を修正してください。",
                ),
            )


def _source(chosen: ChosenContext, clock: Callable[[], float], environ: Mapping[str, str]) -> Source:
    """What proves the user, in client-go's order: token file, token, password, plugin or provider."""
    user = chosen.user
    if user is None:
        return _Nothing()
    if user.token_file is not None:
        return _TokenFile(user.token_file, user.token, clock)
    if user.token:
        return _Fixed(f"Bearer {user.token}")
    if user.username or user.password:
        pair = f"{user.username}:{user.password}".encode()
        return _Fixed(f"Basic {base64.b64encode(pair).decode('ascii')}")
    return _dynamic_source(user, chosen.cluster, clock, environ)


def _dynamic_source(
    user: User, cluster: Cluster, clock: Callable[[], float], environ: Mapping[str, str]
) -> Source:
    """The plugin or provider of a user who has nothing static; a certificate keeps plugins from running."""
    if user.exec is None and user.auth_provider is None:
        return _Nothing()
    from k8stui.kube.authprovider import GcpProvider, UnknownProvider
    from k8stui.kube.execplugin import ExecPlugin
    from k8stui.kube.oidc import OidcProvider

    certificate = user.client_certificate or user.client_certificate_data
    if user.exec is not None and not certificate:
        return ExecPlugin(user.name, user.exec, cluster, clock=clock, environ=environ)
    provider = user.auth_provider
    if provider is None:
        return _Nothing()
    if provider.name == "oidc":
        return OidcProvider(user, provider.config, clock=clock, environ=environ)
    if provider.name == "gcp":
        return GcpProvider(user, provider.config, clock=clock, environ=environ)
    return UnknownProvider(user, provider.name)


def _impersonation(user: User) -> Headers:
    """``as`` and its kin as headers (authentication docs, "User impersonation")."""
    found: list[tuple[str, str]] = []
    if user.impersonate:
        found.append(("Impersonate-User", user.impersonate))
    if user.impersonate_uid:
        found.append(("Impersonate-Uid", user.impersonate_uid))
    found += [("Impersonate-Group", group) for group in user.impersonate_groups]
    for key, values in user.impersonate_extra.items():
        name = f"Impersonate-Extra-{quote(key.lower(), safe='')}"
        found += [(name, value) for value in values]
    return tuple(found)


def _certificate_files(cluster: Cluster, user: User | None) -> list[Path]:
    files = [cluster.certificate_authority]
    if user is not None:
        files += [user.client_certificate, user.client_key]
    return [path for path in files if path is not None]


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes when a file is written anew or a symlink is turned; None when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
