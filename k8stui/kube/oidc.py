"""OpenID Connect tokens of a legacy ``auth-provider: oidc`` entry.

The exchange of a refresh token is done by ``kubernetes.aio.config.openid``, imported (in a thread, some
300 ms) when a token has to be renewed. Put right here: the issuer's certificate is verified (the package does
so only when the entry names an authority, and then fails), clients without a secret work, the tokens that
come back are saved, and no password of ``~/.netrc`` goes to the issuer.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Text
from k8stui.core.objects import dig
from k8stui.core.text import clean
from k8stui.kube.errors import CredentialError
from k8stui.kube.kubeconfig import User
from k8stui.kube.persist import provider_config, save_provider_config
from k8stui.kube.proxy import proxy_for
from k8stui.kube.tls import ClientCertificate
from k8stui.kube.troubles import Peer, explain

_SKEW = 10.0
"""Seconds before its end that an id-token counts as expired (client-go's figure)."""
_PAUSE = 60.0
"""Seconds between two refreshes after a 401: a server that refuses a new token will refuse the next."""
_LIMIT = 30.0
"""Seconds for the issuer to answer."""

_LOG_IN = Text("Log in again in another terminal, then try again.", "別の端末でログインし直してください。")
_log = logging.getLogger(__name__)


class OidcProvider:
    """The id-token of one user entry, renewed with its refresh token when it has expired."""

    def __init__(
        self,
        user: User,
        config: Mapping[str, str],
        *,
        clock: Callable[[], float],
        environ: Mapping[str, str],
    ) -> None:
        self._user = user
        self._config = dict(config)
        self._clock = clock
        self._environ = environ
        self._lock = asyncio.Lock()
        self._renewed_at = float("-inf")

    async def authorization(self) -> str:
        """``Bearer`` and an id-token that has not expired. Raises CredentialError."""
        if not self._valid(self._config):
            async with self._lock:
                if not self._valid(self._config):
                    await self._renew()
        return f"Bearer {self._config['id-token']}"

    def certificate(self) -> ClientCertificate | None:
        """None: OpenID Connect knows no certificates."""
        return None

    async def renew(self, refused: str) -> bool:
        """After a 401: take what another program has saved meanwhile, or refresh, but not every moment."""
        async with self._lock:
            if f"Bearer {self._config.get('id-token')}" != refused:
                return True
            if self._clock() - self._renewed_at < _PAUSE or not self._config.get("refresh-token"):
                return False
            await self._renew()
            return f"Bearer {self._config.get('id-token')}" != refused

    def _valid(self, config: Mapping[str, str]) -> bool:
        token = config.get("id-token", "")
        expires = _expiry(token)
        return bool(token) and (expires is None or self._clock() < expires - _SKEW)

    async def _renew(self) -> None:
        try:
            saved = await asyncio.to_thread(provider_config, self._user.source, self._user.name)
        except (OSError, ExplorerError):
            saved = {}
        if saved and saved.get("id-token") != self._config.get("id-token"):  # another program was here
            self._config.update(saved)
            if self._valid(self._config):
                return
        tokens = await self._exchange()
        self._renewed_at = self._clock()
        self._config.update(tokens)
        try:
            await asyncio.to_thread(save_provider_config, self._user.source, self._user.name, tokens)
        except (OSError, ExplorerError) as error:
            _log.warning("Renewed tokens could not be saved to %s: %s", self._user.source, error)

    async def _exchange(self) -> dict[str, str]:
        """Trade the refresh token; returns the settings that change."""
        for key in ("refresh-token", "client-id", "idp-issuer-url"):
            if not self._config.get(key):
                raise self._error(
                    Text(f"the entry has no {key}", f"{key} が設定されていません"),
                    _LOG_IN if key == "refresh-token" else None,
                )
        issuer = urlsplit(self._config["idp-issuer-url"])
        peer = Peer(issuer.netloc.rpartition("@")[2])
        answer = await self._ask(peer)
        token, refresh = dig(answer, "id_token"), dig(answer, "refresh_token")
        if not isinstance(token, str) or not token:
            raise self._error(
                Text(f"{peer.host} sent no id_token", f"{peer.host} から id_token が返りませんでした"),
                _LOG_IN,
            )
        tokens = {"id-token": token}
        if isinstance(refresh, str) and refresh:
            tokens["refresh-token"] = refresh
        return tokens

    async def _ask(self, peer: Peer) -> Any:
        """The issuer's answer to the refresh token; as in client-go the secret is tried in a header first."""
        tls = await asyncio.to_thread(self._trust)
        requestor_class, refused = await asyncio.to_thread(_requestor)
        import aiohttp

        secret = self._config.get("client-secret", "")
        proxy = proxy_for(self._config["idp-issuer-url"], "", self._environ)
        for in_header in (True, False) if secret else (False,):
            requestor = requestor_class(self._config, in_header, tls, proxy)
            try:
                async with asyncio.timeout(_LIMIT):
                    return await requestor.refresh_token(self._config["refresh-token"])
            except refused as error:
                if in_header:
                    continue
                status = getattr(error.__context__, "status", "")
                raise self._error(
                    Text(f"{peer.host} refused it ({status})", f"{peer.host} に拒否されました（{status}）"),
                    _LOG_IN,
                ) from None
            except (aiohttp.ClientError, OSError) as error:
                raise self._error(explain(error, peer).message, None) from error
            except (KeyError, TypeError, ValueError):
                raise self._error(
                    Text(
                        f"{peer.host} is no OpenID Connect issuer",
                        f"{peer.host} が OpenID Connect に応答しません",
                    ),
                    None,
                ) from None
        raise AssertionError("the last way of asking returns or raises")

    def _trust(self) -> ssl.SSLContext:
        """TLS settings for the issuer: the entry's authority, else the system's."""
        pem = None
        try:
            if data := self._config.get("idp-certificate-authority-data"):
                pem = base64.b64decode(data).decode("ascii")
            elif path := self._config.get("idp-certificate-authority"):
                pem = Path(path).read_text("ascii")
            return ssl.create_default_context(cadata=pem)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise self._error(
                Text("idp-certificate-authority cannot be used", "idp-certificate-authority を使えません"),
                None,
            ) from error

    def _error(self, why: Text, hint: Text | None) -> CredentialError:
        trimmed = Text(why.en.rstrip("."), why.ja.rstrip("。"))
        return CredentialError(
            Text(
                "The login of the user “{user}” (OpenID Connect) could not be renewed: {why}.",
                "ユーザー「{user}」のログイン (OpenID Connect) を更新できませんでした: {why}。",
            ).format(user=clean(self._user.name), why=trimmed),
            hint,
        )


def _expiry(token: str) -> float | None:
    """The ``exp`` claim of a JSON web token, in seconds since the epoch; None when it has none."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    found = dig(claims, "exp")
    return float(found) if isinstance(found, int | float) else None


def _requestor() -> tuple[Any, type[Exception]]:
    """The package's requestor with its sessions mended, and what it raises on a refusal. Imports for long."""
    import aiohttp
    from kubernetes.aio.config.config_exception import ConfigException
    from kubernetes.aio.config.openid import OpenIDRequestor

    class Requestor(OpenIDRequestor):
        def __init__(
            self, config: Mapping[str, str], in_header: bool, tls: ssl.SSLContext, proxy: str | None
        ) -> None:
            super().__init__(  # type: ignore[no-untyped-call]  # the package has no types here
                config["client-id"], config.get("client-secret", ""), config["idp-issuer-url"]
            )
            self._in_header = in_header
            self._tls = tls
            self._proxy = proxy

        def _client_session(self) -> aiohttp.ClientSession:
            headers = dict(self._default_headers)
            if self._in_header:
                pair = f"{quote_plus(self._client_id)}:{quote_plus(self._client_secret)}"
                headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
            return aiohttp.ClientSession(
                headers=headers,
                connector=aiohttp.TCPConnector(ssl=self._tls),
                raise_for_status=True,
                trust_env=False,
                proxy=self._proxy,
            )

        async def _post(self, client: aiohttp.ClientSession, *args: Any, **kwargs: Any) -> Any:
            if not self._in_header:
                kwargs["data"] = {**kwargs["data"], "client_id": self._client_id}
                if self._client_secret:
                    kwargs["data"]["client_secret"] = self._client_secret
            return await super()._post(client, *args, **kwargs)  # type: ignore[no-untyped-call]

    return Requestor, ConfigException
