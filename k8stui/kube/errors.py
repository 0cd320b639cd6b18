"""What an API server, or the way to it, can answer instead of what was asked for.

Every class is an ExplorerError: it carries a sentence in both languages and never a secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import Enum
from http import HTTPStatus

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.text import clean

_LONGEST = 256
"""Characters of a server's words that are kept when they are not a Status."""


class ApiError(ExplorerError):
    """The server answered with an HTTP status of 400 or above, or with a Status object in a watch."""

    title = Text("The cluster says no", "クラスターが要求を断りました")

    def __init__(
        self,
        message: Text,
        hint: Text | None = None,
        *,
        status: int,
        reason: str = "",
        server_message: str = "",
        retry_after: float | None = None,
        details: JsonObject | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        """The HTTP status, or the ``code`` of a Status object."""
        self.reason = reason
        """metav1.StatusReason such as ``Forbidden``; empty when the server gave none."""
        self.server_message = server_message
        """The server's own sentence, free of control characters; empty when it gave none."""
        self.retry_after = retry_after
        """Seconds that the server asks to wait before the next try."""
        self.details = details or {}
        """metav1.StatusDetails as sent: ``causes``, ``name``, ``kind`` and so on."""

    def has_cause(self, reason: str = "", field: str = "") -> bool:
        """Whether ``details.causes`` names this cause (by reason, field, or both)."""
        return any(
            (not reason or cause.get("reason") == reason) and (not field or cause.get("field") == field)
            for cause in dicts(self.details, "causes")
        )


class Unauthorized(ApiError):
    """401: the server does not know who is asking."""

    title = Text("Not logged in", "認証されていません")


class Forbidden(ApiError):
    """403: an ordinary answer in an explorer, shown and not retried."""

    title = Text("Not allowed", "権限がありません")


class NotFound(ApiError):
    """404: no such object, or no such kind."""

    title = Text("Not there", "見つかりません")


class Conflict(ApiError):
    """409: the object was changed by someone else, or exists already."""

    title = Text("Conflict", "競合しました")


class Expired(ApiError):
    """410: the resourceVersion or continue token is too old; list again."""

    title = Text("Too old", "古くなりました")


class TooManyRequests(ApiError):
    """429: the server asks to slow down; ``retry_after`` says for how long when it did."""

    title = Text("Too many requests", "要求が多すぎます")


class ServerTrouble(ApiError):
    """5xx: the server, or what stands before it, is in trouble."""

    title = Text("The cluster is in trouble", "クラスターに問題が起きています")


class Cause(Enum):
    """Why a server could not be reached."""

    REFUSED = "refused"
    DNS = "dns"
    NO_ROUTE = "no-route"
    CONNECT_TIMEOUT = "connect-timeout"
    TIMEOUT = "timeout"
    """Connected, but no complete answer in time."""
    SILENCE = "silence"
    """A stream said nothing for longer than agreed."""
    CUT = "cut"
    """The connection broke under way."""
    UNKNOWN_CA = "unknown-ca"
    HOST_NAME = "host-name"
    EXPIRED_CERTIFICATE = "expired-certificate"
    CLIENT_CERTIFICATE = "client-certificate"
    """The server refuses the client's certificate."""
    NOT_TLS = "not-tls"
    TLS = "tls"
    PROXY = "proxy"
    CLOSED = "closed"
    """This side has closed the transport."""
    OTHER = "other"


class Unreachable(ExplorerError):
    """There was no HTTP answer: the network, TLS or a proxy stood in the way, or the connection broke."""

    title = Text("No connection", "接続できません")

    def __init__(self, message: Text, hint: Text | None = None, *, cause: Cause = Cause.OTHER) -> None:
        super().__init__(message, hint)
        self.cause = cause


class InvalidAnswer(ExplorerError):
    """Something answered, but not as a Kubernetes API server does: a web page, half a JSON, a redirection."""

    title = Text("Not a Kubernetes answer", "Kubernetes の応答ではありません")


class KubeconfigError(ExplorerError):
    """The kubeconfig cannot be read, or does not hold what was asked for."""

    title = Text("Kubeconfig", "kubeconfig の問題です")


class CredentialError(ExplorerError):
    """The credentials that the kubeconfig names could not be had."""

    title = Text("Could not log in", "ログインできませんでした")


_CLASSES: dict[int, type[ApiError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Expired,
    429: TooManyRequests,
}

_SENTENCES: dict[type[ApiError], tuple[Text, Text | None]] = {
    Unauthorized: (
        Text(
            "The cluster did not accept your credentials for {what}{said}.",
            "{what} に使った認証情報を、クラスターが受け付けませんでした{said}。",
        ),
        Text(
            "Log in again outside (the token or certificate may have expired), then retry.",
            "トークンや証明書の期限切れかもしれません。別の端末でログインし直してから、もう一度お試しください。",
        ),
    ),
    Forbidden: (
        Text("You are not allowed to do this: {what}{said}.", "この操作は許可されていません: {what}{said}。"),
        Text(
            "Choose a namespace in which you have the right, or ask the cluster's administrator for it.",
            "権限のある名前空間を選ぶか、クラスターの管理者に権限を依頼してください。",
        ),
    ),
    NotFound: (
        Text(
            "The cluster has nothing there: {what}{said}.",
            "クラスターに対象が見つかりません: {what}{said}。",
        ),
        None,
    ),
    Conflict: (
        Text(
            "It was changed meanwhile, or exists already: {what}{said}.",
            "ほかで変更されたか、すでに存在しています: {what}{said}。",
        ),
        Text("Look at the newest state and try again.", "最新の状態を確認して、もう一度お試しください。"),
    ),
    Expired: (
        Text(
            "The server no longer keeps the version asked for: {what}{said}.",
            "要求した版は、もうサーバーに残っていません: {what}{said}。",
        ),
        Text("The list is read again.", "一覧を読み直します。"),
    ),
    TooManyRequests: (
        Text(
            "The server asks to slow down: {what}{said}.",
            "サーバーから要求を減らすよう求められました: {what}{said}。",
        ),
        Text("Wait a moment and try again.", "少し待ってから、もう一度お試しください。"),
    ),
    ServerTrouble: (
        Text(
            "The server could not answer {what}{said}.",
            "サーバーが {what} に応答できませんでした{said}。",
        ),
        Text(
            "The control plane, or an API extension behind it, may be down; try again later.",
            "コントロールプレーンか API 拡張が停止しているかもしれません。しばらくしてからお試しください。",
        ),
    ),
    ApiError: (
        Text(
            "The server refused {what}{said}.",
            "サーバーが {what} を受け付けませんでした{said}。",
        ),
        None,
    ),
}

_ASKS_FOR_HTTPS = "HTTP request to an HTTPS server"
_NEEDS_HTTPS = Text(
    "The address in the kubeconfig begins with http://, but the server there speaks https",
    "kubeconfig のアドレスは http:// ですが、接続先のサーバーは https で待ち受けています",
)


def api_error(status: int, headers: Mapping[str, str], body: bytes, what: str) -> ApiError:
    """The error that an HTTP answer of 400 or above stands for.

    Args:
        status: the HTTP status.
        headers: of the answer, in any case; only ``Retry-After`` is read.
        body: a metav1.Status in JSON (apimachinery ``api/errors``), or anything else, which is kept only if
            it is plain text, and then cut: it may be a page of a proxy.
        what: what was asked for, for the sentence, such as ``GET /api/v1/pods``.
    """
    found = _status_object(body)
    asked = _retry_after(headers)
    if found is not None:
        return _build(status, found, asked, what)
    said = _plain_words(body)
    if status == 400 and _ASKS_FOR_HTTPS in said:
        return ApiError(
            Text(f"{_NEEDS_HTTPS.en} ({what}).", f"{_NEEDS_HTTPS.ja}（{what}）。"),
            Text(
                "Change the cluster's server to https://.",
                "クラスターの server を https:// に直してください。",
            ),
            status=status,
            server_message=said,
        )
    return _build(status, {"message": said}, asked, what)


def status_error(found: JsonObject, what: str) -> ApiError:
    """The error that a metav1.Status object stands for, such as the object of a watch's ERROR event."""
    code = found.get("code")
    return _build(code if isinstance(code, int) else 500, found, None, what)


def _build(status: int, found: JsonObject, retry_after: float | None, what: str) -> ApiError:
    kind = _CLASSES.get(status, ServerTrouble if status >= 500 else ApiError)
    words, hint = _SENTENCES[kind]
    message, reason = found.get("message"), found.get("reason")
    message = clean(message).strip() if isinstance(message, str) else ""
    reason = clean(reason)[:_LONGEST] if isinstance(reason, str) else ""
    details = found.get("details")
    if retry_after is None:
        seconds = dig(details, "retryAfterSeconds")
        if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0:
            retry_after = float(seconds)
    return kind(
        words.format(what=what, said=_said(status, message, reason)),
        hint,
        status=status,
        reason=reason,
        server_message=message,
        retry_after=retry_after,
        details=details if isinstance(details, dict) else None,
    )


def _said(status: int, message: str, reason: str) -> Text:
    """The server's words in brackets, or at least the status when it said nothing beyond it."""
    words = message.rstrip(".。")
    if not words or words == reason:
        try:
            words = f"HTTP {status} {HTTPStatus(status).phrase}"
        except ValueError:
            words = f"HTTP {status}"
    return Text(f" ({words})", f"（{words}）")


def _status_object(body: bytes) -> JsonObject | None:
    if not body.lstrip().startswith(b"{"):
        return None
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.get("kind") == "Status" else None


def _plain_words(body: bytes) -> str:
    """The first words of a body that is no Status; nothing of markup or JSON, which is not for a reader."""
    text = body[: 4 * _LONGEST].decode("utf-8", "replace").strip()
    if not text or text[0] in "<{[" or "<html" in text.lower():
        return ""
    return clean(" ".join(text.split()))[:_LONGEST]


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """RFC 9110 Retry-After in seconds: a number, or a date measured against the answer's own Date."""
    values = _named(headers.items(), "retry-after", "date")
    value = values.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    if not value or "date" not in values:
        return None
    from email.utils import parsedate_to_datetime  # rare, and not needed for the first rows

    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(values["date"])
    except (ValueError, TypeError):
        return None
    return max(0.0, wait.total_seconds())


def _named(pairs: Iterable[tuple[str, str]], *names: str) -> dict[str, str]:
    return {name.lower(): value for name, value in pairs if name.lower() in names}
