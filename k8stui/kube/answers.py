"""Complete answers, and which of them are not a Kubernetes API server's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from k8stui.core.lang import Text
from k8stui.core.text import clean
from k8stui.kube.errors import InvalidAnswer, api_error

_WARNING = re.compile(r'299\s+\S+\s+"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer."""

    status: int
    headers: Mapping[str, str]
    """Names in any case."""
    body: bytes = field(repr=False)
    warnings: tuple[str, ...] = ()
    """Texts of the ``Warning: 299`` headers: what the server wants the person to know."""

    def json(self) -> Any:
        """The body decoded; InvalidAnswer when it is not whole JSON."""
        import msgspec

        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise InvalidAnswer(
                Text(
                    "The server's answer is not whole JSON.",
                    "サーバーの応答が JSON として不完全です。",
                ),
                Text(
                    "A proxy may have cut it; try again.",
                    "途中のプロキシで切れたのかもしれません。もう一度お試しください。",
                ),
            ) from None


def warning_texts(values: list[str]) -> tuple[str, ...]:
    """The texts of Warning header values with code 299 (RFC 7234 section 5.5), each once, in their order."""
    found = [
        clean(_ESCAPED.sub(r"\1", match.group(1))) for value in values for match in _WARNING.finditer(value)
    ]
    return tuple(dict.fromkeys(found))


def refuse(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    what: str,
    host: str,
    accept: str,
    ok: frozenset[int] = frozenset(),
) -> None:
    """Raise the error that an answer stands for; return when it is a good one.

    Args:
        status: of the answer; 400 and above are errors unless in ``ok``, so are redirections.
        headers: of the answer.
        body: of the answer, for its Status object.
        what: what was asked for, for the sentence.
        host: who answered.
        accept: what was asked for; a web page that nobody asked for is somebody else's answer.
        ok: statuses that the caller expects.
    """
    if status in ok:
        return
    if 300 <= status < 400 and status != 304:
        raise _redirected(headers.get("Location", ""), host)
    page = headers.get("Content-Type", "").lower().startswith("text/html") and "html" not in accept
    if page and status < 500 and status not in (401, 429):
        raise _web_page(status, host)
    if status >= 400:
        raise api_error(status, headers, body, what)


def _web_page(status: int, host: str) -> InvalidAnswer:
    return InvalidAnswer(
        Text(
            f"{clean(host)} answers with a web page (HTTP {status}), not as a Kubernetes API server.",
            f"{clean(host)} の応答が Kubernetes API ではなく Web ページです (HTTP {status})。",
        ),
        Text(
            "A login portal or a proxy may stand in the way; also check the address in the kubeconfig.",
            "ログイン画面やプロキシが間に入っているかもしれません。kubeconfig のアドレスも確認してください。",
        ),
    )


def _redirected(location: str, host: str) -> InvalidAnswer:
    parts = urlsplit(location)
    target = clean(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else parts.path)[
        :200
    ]
    return InvalidAnswer(
        Text(
            f"{clean(host)} redirects to {target or 'nowhere'}, which a Kubernetes API server does not do.",
            f"{clean(host)} が {target or '不明な場所'} へ転送しました。Kubernetes API ではない応答です。",
        ),
        Text(
            "Log in to the network first, or correct the address in the kubeconfig.",
            "先にネットワークへログインするか、kubeconfig のアドレスを直してください。",
        ),
    )
