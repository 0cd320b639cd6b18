"""What aiohttp and TLS report, as sentences for the person who waits for rows.

Only called while aiohttp is loaded; the module itself does not load it.
"""

from __future__ import annotations

import errno
import ssl
from dataclasses import dataclass

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Text
from k8stui.core.text import clean
from k8stui.kube.errors import Cause, InvalidAnswer, Unreachable

_EXPIRED, _NOT_YET, _HOST, _ADDRESS = 10, 9, 62, 64
"""OpenSSL X509_V_ERR codes."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who was talked to, for sentences."""

    host: str
    """Host and port of the API server."""
    proxy: str | None = None
    """The proxy as it may be shown."""


_NETWORK = Text("Check network, VPN and address.", "ネットワーク、VPN、アドレスを確認してください。")
_REFUSED = Text(
    "Is the cluster running, and are address and port in the kubeconfig right?",
    "クラスターが起動しているか、kubeconfig のアドレスとポートが正しいか確認してください。",
)
_KUBECONFIG = Text("Fetch the cluster's kubeconfig anew.", "クラスターの kubeconfig を取得し直してください。")

_WORDS: dict[Cause, tuple[Text, Text | None]] = {
    Cause.REFUSED: (
        Text("{host} refuses the connection.", "{host} に接続を拒否されました。"),
        _REFUSED,
    ),
    Cause.DNS: (
        Text("The name of {host} cannot be resolved.", "{host} の名前を解決できません。"),
        Text("Check the VPN and the address.", "VPN とアドレスを確認してください。"),
    ),
    Cause.NO_ROUTE: (
        Text("There is no way to {host} ({said}).", "{host} への経路がありません（{said}）。"),
        _NETWORK,
    ),
    Cause.CONNECT_TIMEOUT: (
        Text("{host} does not answer.", "{host} から応答がありません。"),
        _NETWORK,
    ),
    Cause.TIMEOUT: (
        Text("{host} did not answer in time.", "{host} が時間内に応答しませんでした。"),
        Text(
            "The server may be overloaded; try again.",
            "少し待ってから、もう一度お試しください。",
        ),
    ),
    Cause.SILENCE: (
        Text("{host} has fallen silent.", "{host} から何も届かなくなりました。"),
        _NETWORK,
    ),
    Cause.CUT: (
        Text("{host} cut the connection.", "{host} との接続が切れました。"),
        _NETWORK,
    ),
    Cause.UNKNOWN_CA: (
        Text(
            "The certificate of {host} is not signed by an authority that is trusted.",
            "{host} の証明書が、信頼できる認証局のものではありません。",
        ),
        Text(
            "The cluster may have been rebuilt, or a proxy intercepts: fetch its kubeconfig anew.",
            "クラスターが作り直されたのかもしれません。kubeconfig を取得し直してください。",
        ),
    ),
    Cause.HOST_NAME: (
        Text(
            "The certificate of {host} is for another name.",
            "{host} の証明書は、別の名前のものです。",
        ),
        Text(
            "Use an address that the certificate names, or set tls-server-name in the kubeconfig.",
            "証明書に書かれた名前で接続するか、kubeconfig に tls-server-name を設定してください。",
        ),
    ),
    Cause.EXPIRED_CERTIFICATE: (
        Text(
            "The certificate of {host} is not valid at this time ({said}).",
            "{host} の証明書は有効期間外です（{said}）。",
        ),
        Text(
            "Renew the server's certificate, or set this machine's clock.",
            "サーバーの証明書を更新するか、この端末の時計を合わせてください。",
        ),
    ),
    Cause.CLIENT_CERTIFICATE: (
        Text(
            "{host} does not accept your client certificate.",
            "{host} がクライアント証明書を受け付けませんでした。",
        ),
        Text(
            "It may have expired: log in again, or fetch the kubeconfig anew.",
            "期限切れかもしれません。ログインし直すか、kubeconfig を取得し直してください。",
        ),
    ),
    Cause.NOT_TLS: (
        Text("{host} does not speak https.", "{host} は https で応答しません。"),
        Text(
            "The address may need http://, or another port.",
            "アドレスを http:// にするか、ポートを確認してください。",
        ),
    ),
    Cause.TLS: (
        Text("No secure connection with {host} ({said}).", "{host} と安全な接続を確立できません（{said}）。"),
        _KUBECONFIG,
    ),
    Cause.PROXY: (
        Text(
            "The proxy {proxy} does not let us through to {host} ({said}).",
            "プロキシ {proxy} を通って {host} に接続できません（{said}）。",
        ),
        Text(
            "Check proxy-url in the kubeconfig, HTTPS_PROXY and NO_PROXY.",
            "kubeconfig の proxy-url、環境変数 HTTPS_PROXY と NO_PROXY を確認してください。",
        ),
    ),
    Cause.CLOSED: (
        Text("The connection to {host} has been closed here.", "{host} との接続はすでに閉じています。"),
        None,
    ),
    Cause.OTHER: (
        Text("No connection to {host} ({said}).", "{host} に接続できません（{said}）。"),
        _NETWORK,
    ),
}


def unreachable(cause: Cause, peer: Peer, said: str = "") -> Unreachable:
    """The error for a cause, with the system's own words where the sentence has a place for them."""
    words, hint = _WORDS[cause]
    said = clean(" ".join(said.split()))[:200] or cause.value
    return Unreachable(
        words.format(host=clean(peer.host), proxy=clean(peer.proxy or ""), said=said), hint, cause=cause
    )


def explain(error: Exception, peer: Peer, *, streaming: bool = False) -> ExplorerError:
    """The ExplorerError for whatever a request raised.

    Args:
        error: an aiohttp.ClientError, OSError or TimeoutError.
        peer: who was talked to.
        streaming: whether the answer had begun: then a time limit means silence.
    """
    import aiohttp

    if peer.proxy and (said := _proxy_words(error)):
        return unreachable(Cause.PROXY, peer, said)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return unreachable(Cause.DNS, peer)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate(error.certificate_error, peer)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _operating_system(error.os_error, peer)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return unreachable(Cause.CONNECT_TIMEOUT, peer)
    if isinstance(error, TimeoutError):
        return unreachable(Cause.SILENCE if streaming else Cause.TIMEOUT, peer)
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError):
        return unreachable(Cause.CUT, peer)
    if isinstance(error, aiohttp.ClientResponseError):
        return _not_http(peer)
    if isinstance(error, OSError):  # ClientOSError too
        return _operating_system(error, peer)
    return unreachable(Cause.OTHER, peer, type(error).__name__)


def _proxy_words(error: Exception) -> str:
    """What went wrong with the proxy itself; empty when the trouble lies elsewhere."""
    import aiohttp

    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"HTTP {error.status} {error.message}"
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return _system_words(error.os_error)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "DNS"  # a proxy resolves the server's name itself, so the name was the proxy's
    return str(error) if type(error).__module__.startswith("aiohttp_socks") else ""


def _operating_system(error: OSError, peer: Peer) -> ExplorerError:
    inner = error.__cause__
    if not isinstance(error, ssl.SSLError) and isinstance(inner, ssl.SSLError):
        error = inner
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, peer)
    if isinstance(error, ssl.SSLError):
        return _tls(error, peer)
    if isinstance(error, ConnectionRefusedError):
        return unreachable(Cause.REFUSED, peer)
    if isinstance(error, TimeoutError):
        return unreachable(Cause.CONNECT_TIMEOUT, peer)
    if isinstance(error, ConnectionError) or error.errno in (errno.ECONNRESET, errno.EPIPE):
        return unreachable(Cause.CUT, peer)
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN):
        return unreachable(Cause.NO_ROUTE, peer, _system_words(error))
    return unreachable(Cause.OTHER, peer, _system_words(error))


def _certificate(error: BaseException, peer: Peer) -> ExplorerError:
    code = getattr(error, "verify_code", 0)
    said = str(getattr(error, "verify_message", ""))
    if code in (_EXPIRED, _NOT_YET):
        return unreachable(Cause.EXPIRED_CERTIFICATE, peer, said)
    if code in (_HOST, _ADDRESS) or (isinstance(error, ssl.CertificateError) and "match" in said):
        return unreachable(Cause.HOST_NAME, peer, said)
    return unreachable(Cause.UNKNOWN_CA, peer, said)


def _tls(error: ssl.SSLError, peer: Peer) -> ExplorerError:
    reason = error.reason or ""
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"):
        return unreachable(Cause.NOT_TLS, peer)
    if "ALERT" in reason and any(word in reason for word in ("CERTIFICATE", "UNKNOWN_CA", "DECRYPT_ERROR")):
        return unreachable(Cause.CLIENT_CERTIFICATE, peer)
    return unreachable(Cause.TLS, peer, reason.replace("_", " ").lower())


def _system_words(error: OSError) -> str:
    inner = error.__cause__
    if isinstance(error, ssl.SSLError):
        return (error.reason or "TLS").replace("_", " ").lower()
    return error.strerror or (str(inner) if inner else type(error).__name__)


def _not_http(peer: Peer) -> InvalidAnswer:
    return InvalidAnswer(
        Text(
            f"What answers at {clean(peer.host)} does not speak HTTP.",
            f"{clean(peer.host)} の応答は HTTP ではありません。",
        ),
        Text(
            "Check scheme and port of the address in the kubeconfig.",
            "kubeconfig のアドレスのスキームとポートを確認してください。",
        ),
    )


def no_websocket(peer: Peer) -> InvalidAnswer:
    """The error for a server, or a proxy before it, that does not complete a websocket handshake."""
    return InvalidAnswer(
        Text(
            f"{clean(peer.host)} does not open a websocket.",
            f"{clean(peer.host)} が WebSocket を開けませんでした。",
        ),
        Text("A proxy may not let it through.", "途中のプロキシが通さないのかもしれません。"),
    )
