"""Credential plugins: programs that the kubeconfig names to fetch a token or a client certificate.

The protocol is client.authentication.k8s.io (v1 and v1beta1); when a plugin runs is as in client-go
(``plugin/pkg/client/auth/exec``): once, then again shortly before its answer expires, and once after a 401.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dig
from k8stui.core.text import clean
from k8stui.core.units import parse_time
from k8stui.kube.errors import CredentialError
from k8stui.kube.kubeconfig import Cluster, ExecConfig
from k8stui.kube.process import LIMIT, Finished, TimedOut, run
from k8stui.kube.tls import ClientCertificate, authority

_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_EARLY = 60.0
"""Seconds before its expiry that a credential is fetched anew; less for one that lives only minutes."""


@dataclass(frozen=True, slots=True)
class PluginCredential:
    """What a plugin answered: a token, a certificate, or both."""

    token: str = field(repr=False)
    certificate: ClientCertificate | None
    renew_at: float
    """Seconds since the epoch; infinite when the answer does not expire."""


class ExecPlugin:
    """The plugin of one user entry: runs once at a time, and only when its last answer will not do."""

    def __init__(
        self,
        user: str,
        config: ExecConfig,
        cluster: Cluster,
        *,
        clock: Callable[[], float],
        environ: Mapping[str, str],
        limit: float = LIMIT,
    ) -> None:
        self._user = user
        self._config = config
        self._cluster = cluster
        self._clock = clock
        self._environ = environ
        self._limit = limit
        self._lock = asyncio.Lock()
        self._kept: PluginCredential | None = None
        self._runs = 0
        self._failure: CredentialError | None = None

    async def authorization(self) -> str:
        """``Bearer`` and the token; empty when the plugin yields a certificate only."""
        kept = self._kept
        if kept is None or self._clock() >= kept.renew_at:
            kept = await self._fetch(kept)
        return f"Bearer {kept.token}" if kept.token else ""

    def certificate(self) -> ClientCertificate | None:
        """The client certificate of the last answer."""
        return self._kept.certificate if self._kept is not None else None

    async def renew(self, refused: str) -> bool:
        """Run the plugin again after a 401, unless it has been meanwhile. Raises CredentialError."""
        kept = self._kept
        if kept is not None and kept.token and f"Bearer {kept.token}" != refused:
            return True
        await self._fetch(kept)
        return True

    async def _fetch(self, old: PluginCredential | None) -> PluginCredential:
        """Run the plugin unless somebody else does: who waits meanwhile shares the outcome, good or bad."""
        runs = self._runs
        async with self._lock:
            if self._runs != runs:
                if self._failure is not None:
                    raise CredentialError(self._failure.message, self._failure.hint)
                if self._kept is not None and self._kept is not old:
                    return self._kept
            self._failure = None
            try:
                self._kept = await self._run()
            except CredentialError as error:
                self._failure = error
                raise
            finally:
                self._runs += 1
            return self._kept

    async def _run(self) -> PluginCredential:
        config = self._config
        if config.api_version not in _VERSIONS:
            raise self._error(
                Text(
                    f"asks for the protocol “{clean(config.api_version)}”, which is not known",
                    f"指定されたプロトコル「{clean(config.api_version)}」に対応していません",
                ),
                Text(
                    f"Set apiVersion to {_VERSIONS[0]} if the plugin supports it, or update the plugin.",
                    f"プラグインを更新するか、apiVersion を {_VERSIONS[0]} にしてください。",
                ),
            )
        if config.interactive_mode == "Always":
            raise self._error(
                Text(
                    "has to ask you something (interactiveMode: Always), which is not possible here",
                    "対話が必要な設定 (interactiveMode: Always) ですが、この画面では応答できません",
                ),
                Text(
                    "Log in with it in another terminal, set interactiveMode to IfAvailable in the "
                    "kubeconfig so that the saved login is used, then try again.",
                    "別の端末でログインし、kubeconfig の interactiveMode を IfAvailable に変えて、"
                    "もう一度お試しください。",
                ),
            )
        environ = {**self._environ, **dict(config.env)}
        environ["KUBERNETES_EXEC_INFO"] = json.dumps(await self._exec_info())
        try:
            ended = await run(self._program(), config.args, environ, limit=self._limit)
        except TimedOut:
            raise self._error(
                Text(
                    f"did not finish within {self._limit:.0f} s and was ended",
                    f"{self._limit:.0f} 秒以内に終わらなかったため、中止しました",
                ),
                _LOG_IN,
            ) from None
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) and error.strerror else "ValueError"
            raise self._error(
                Text(f"cannot be started ({said})", f"起動できません（{said}）"), self._install_hint()
            ) from None
        if ended.code != 0:
            raise self._failed(ended)
        return self._credential(ended.output)

    def _program(self) -> str:
        """The path of the command; a bare name is looked up in PATH, but never in the current directory."""
        command = self._config.command
        found: str | None = command
        if "/" not in command:
            found = shutil.which(command, path=self._environ.get("PATH", os.defpath))
            if found is not None and not os.path.isabs(found):
                found = None
        elif not os.path.exists(command):
            found = None
        if not found:
            raise self._error(Text("was not found", "見つかりません"), self._install_hint())
        return found

    async def _exec_info(self) -> JsonObject:
        """ExecCredential for KUBERNETES_EXEC_INFO; with the cluster when the kubeconfig says so."""
        spec: JsonObject = {"interactive": False}
        if self._config.provide_cluster_info:
            cluster = self._cluster
            pem = await asyncio.to_thread(authority, cluster)
            told = {
                "server": cluster.base_url,
                "tls-server-name": cluster.tls_server_name,
                "insecure-skip-tls-verify": cluster.insecure,
                "certificate-authority-data": base64.b64encode(pem).decode("ascii") if pem else "",
                "proxy-url": cluster.proxy_url,
                "disable-compression": cluster.disable_compression,
            }
            spec["cluster"] = {key: value for key, value in told.items() if value}
            spec["cluster"]["config"] = cluster.exec_config
        return {"apiVersion": self._config.api_version, "kind": "ExecCredential", "spec": spec}

    def _credential(self, output: bytes) -> PluginCredential:
        """The credential in what the plugin printed; of the output itself nothing is ever shown."""
        try:
            found = json.loads(output)
        except ValueError:
            raise self._malformed(Text("it is not JSON", "JSON ではありません")) from None
        if dig(found, "kind") != "ExecCredential":
            raise self._malformed(Text("it is no ExecCredential", "ExecCredential ではありません"))
        version = dig(found, "apiVersion")
        if version != self._config.api_version:
            told = clean(str(version))[:60]
            raise self._malformed(
                Text(
                    f"its apiVersion is {told}, not {self._config.api_version} as the kubeconfig says",
                    f"apiVersion が kubeconfig の {self._config.api_version} ではなく {told} です",
                )
            )
        token, chain, key, expiry = (
            dig(found, "status", name) or ""
            for name in ("token", "clientCertificateData", "clientKeyData", "expirationTimestamp")
        )
        if not all(isinstance(value, str) for value in (token, chain, key, expiry)):
            raise self._malformed(Text("a field of status is no string", "文字列でない項目があります"))
        if bool(chain) != bool(key):
            raise self._malformed(Text("certificate or key is missing", "証明書と秘密鍵が揃っていません"))
        if not token and not chain:
            raise self._malformed(
                Text("it holds neither token nor certificate", "トークンも証明書も含まれていません")
            )
        certificate = ClientCertificate(chain.encode(), key.encode()) if chain else None
        return PluginCredential(token.strip(), certificate, self._renew_at(expiry))

    def _renew_at(self, expiry: str) -> float:
        if not expiry:
            return float("inf")
        expires = parse_time(expiry)
        if expires is None:
            raise self._malformed(
                Text("its expirationTimestamp is no time", "expirationTimestamp が日時ではありません")
            )
        return expires - min(_EARLY, max(0.0, expires - self._clock()) / 5)

    def _failed(self, ended: Finished) -> CredentialError:
        how = f"signal {-ended.code}" if ended.code < 0 else f"exit {ended.code}"
        said = ended.complaint()
        return self._error(
            Text(f"failed ({how}): {said}", f"失敗しました ({how}): {said}")
            if said
            else Text(f"failed ({how}) without a word", f"何も表示せずに失敗しました ({how})"),
            _LOG_IN,
        )

    def _malformed(self, why: Text) -> CredentialError:
        return self._error(
            Text("gave an answer that cannot be used: {why}", "応答を利用できません: {why}").format(why=why),
            Text(
                "Update the plugin, or correct the kubeconfig.",
                "プラグインか kubeconfig を直してください。",
            ),
        )

    def _install_hint(self) -> Text:
        hint = " ".join(clean(self._config.install_hint.replace("\n", " ")).split())
        if hint:
            return Text.same(hint)
        return Text(
            "Install it, or correct the command in the kubeconfig.",
            "インストールするか、kubeconfig の command を直してください。",
        )

    def _error(self, what: Text, hint: Text | None) -> CredentialError:
        name = clean(os.path.basename(self._config.command)) or "exec"
        return CredentialError(
            Text(
                "The credential plugin “{name}” of the user “{user}” {what}.",
                "ユーザー「{user}」の認証プラグイン「{name}」: {what}。",
            ).format(name=name, user=clean(self._user), what=what),
            hint,
        )


_LOG_IN = Text(
    "Log in again in another terminal, then try again.",
    "別の端末でログインし直してから、もう一度お試しください。",
)
