"""Legacy ``auth-provider`` entries other than OpenID Connect.

Kubernetes clients dropped them in 1.26 in favour of credential plugins. A ``gcp`` entry still tells
everything that is needed: its helper is run here (the kubernetes package would let it read from the terminal,
and wait for it without an end). Of the others, ``azure`` first, only the way out can be told.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shlex
import shutil
from collections.abc import Callable, Mapping
from typing import Any

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Text
from k8stui.core.objects import dig
from k8stui.core.text import clean
from k8stui.core.units import parse_time
from k8stui.kube.errors import CredentialError
from k8stui.kube.kubeconfig import User
from k8stui.kube.persist import save_provider_config
from k8stui.kube.process import TimedOut, run
from k8stui.kube.tls import ClientCertificate

_log = logging.getLogger(__name__)


class GcpProvider:
    """The access token of a ``gcp`` entry: the one it holds until it expires, then one from its helper."""

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

    async def authorization(self) -> str:
        """``Bearer`` and an access token that has not expired. Raises CredentialError."""
        if not self._valid():
            async with self._lock:
                if not self._valid():
                    await self._fetch()
        return f"Bearer {self._config['access-token']}"

    def certificate(self) -> ClientCertificate | None:
        """None: the provider knows no certificates."""
        return None

    async def renew(self, refused: str) -> bool:
        """After a 401: run the helper, unless it has been run meanwhile."""
        async with self._lock:
            if f"Bearer {self._config.get('access-token')}" == refused:
                await self._fetch()
        return f"Bearer {self._config.get('access-token')}" != refused

    def _valid(self) -> bool:
        if not self._config.get("access-token"):
            return False
        expires = parse_time(self._config.get("expiry"))
        return expires is None or self._clock() < expires - 10

    async def _fetch(self) -> None:
        command = shutil.which(self._config.get("cmd-path", ""), path=self._environ.get("PATH", os.defpath))
        if command is None:
            raise self._error(Text("its cmd-path was not found", "補助コマンド (cmd-path) が見つかりません"))
        try:
            ended = await run(command, shlex.split(self._config.get("cmd-args", "")), self._environ)
            found = json.loads(ended.output) if ended.code == 0 else None
        except (OSError, TimedOut, ValueError):
            found = None
        token = _at(found, self._config.get("token-key") or "{.access_token}")
        expiry = _at(found, self._config.get("expiry-key") or "{.token_expiry}")
        if not isinstance(token, str) or not token:
            raise self._error(Text("its helper failed", "補助コマンドからトークンを得られませんでした"))
        values = {"access-token": token, "expiry": expiry if isinstance(expiry, str) else ""}
        self._config.update(values)
        try:
            await asyncio.to_thread(save_provider_config, self._user.source, self._user.name, values)
        except (OSError, ExplorerError) as error:
            _log.warning("A renewed token could not be saved to %s: %s", self._user.source, error)

    def _error(self, why: Text) -> CredentialError:
        return CredentialError(
            Text(
                "The user “{user}” (auth-provider gcp) could not be logged in: {why}.",
                "ユーザー「{user}」(auth-provider gcp) でログインできませんでした: {why}。",
            ).format(user=clean(self._user.name), why=why),
            Text(
                "Fetch the kubeconfig anew with gcloud and gke-gcloud-auth-plugin.",
                "gcloud と gke-gcloud-auth-plugin で kubeconfig を取得し直してください。",
            ),
        )


class UnknownProvider:
    """An entry of a kind that nothing can be done with."""

    def __init__(self, user: User, name: str) -> None:
        self._user = user
        self._name = name

    async def authorization(self) -> str:
        """Always raises CredentialError."""
        raise CredentialError(
            Text(
                f"The user “{clean(self._user.name)}” logs in with auth-provider “{clean(self._name)}”, "
                "which Kubernetes clients dropped in 1.26.",
                f"ユーザー「{clean(self._user.name)}」の auth-provider「{clean(self._name)}」は、"
                "Kubernetes 1.26 で廃止されました。",
            ),
            Text(
                "Convert the kubeconfig with: kubelogin convert-kubeconfig.",
                "kubelogin convert-kubeconfig で kubeconfig を変換してください。",
            )
            if self._name == "azure"
            else Text(
                "Fetch a kubeconfig that uses a credential plugin.",
                "認証プラグインを使う kubeconfig を取得し直してください。",
            ),
        )

    def certificate(self) -> ClientCertificate | None:
        """None."""
        return None

    async def renew(self, refused: str) -> bool:
        """False."""
        return False


def _at(value: Any, path: str) -> Any:
    """What a simple JSONPath such as ``{.credential.access_token}`` points to."""
    return dig(value, *[step for step in path.strip("{}").split(".") if step])
