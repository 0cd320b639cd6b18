"""Bearer tokens: those of the people, and those of ServiceAccounts, which are JWTs that end."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from k8stui.core.objects import JsonObject, dig
from k8stui.practice.authority.users import (
    AUTHENTICATED,
    PEOPLE,
    User,
    account_groups,
    account_name,
)
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Store

ISSUER = "https://kubernetes.default.svc"
ACCOUNTS = builtin("serviceaccounts")
SECRETS = builtin("secrets")
TOKEN_SECRET = "kubernetes.io/service-account-token"
_BOUND = MappingProxyType(
    {"Pod": builtin("pods"), "Secret": SECRETS, "Node": builtin("nodes"), "ServiceAccount": ACCOUNTS}
)
_HEADER = {"alg": "HS256", "kid": "practice", "typ": "JWT"}


@dataclass(frozen=True, slots=True)
class Accepted:
    """Whose token it is, and for which audiences it was made."""

    user: User
    audiences: tuple[str, ...] = (ISSUER,)


class Tokens:
    """The tokens that a cluster accepts.

    Args:
        store: Where the ServiceAccounts are.
        clock: Seconds since the epoch; tells which tokens have ended.
    """

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self.of: Mapping[str, str] = MappingProxyType({name: secrets.token_urlsafe(32) for name in PEOPLE})
        """The tokens of the people by name."""
        self._people = {self.of[name]: Accepted(person.user) for name, person in PEOPLE.items()}

    def read(self, token: str) -> Accepted | None:
        """Whose token it is; None when it is nobody's, or its time is over, or its account is gone."""
        # The tokens are random and as long as a key: comparing them takes an attacker nowhere.
        found = self._people.get(token)
        return found if found is not None else self._account(token)

    def made(
        self, account: JsonObject, audiences: tuple[str, ...], seconds: float, bound: JsonObject | None
    ) -> tuple[str, float]:
        """A token for a ServiceAccount.

        Args:
            account: The ServiceAccount.
            audiences: For whom it is.
            seconds: How long it holds.
            bound: The object with whose end it ends too: kind, name and uid.

        Returns:
            The token, and its end in seconds since the epoch.
        """
        now = int(self._clock())
        names = account["metadata"]
        about: JsonObject = {"namespace": names["namespace"]}
        about["serviceaccount"] = {"name": names["name"], "uid": names["uid"]}
        if bound is not None:
            about[str(bound["kind"]).lower()] = {"name": bound["name"], "uid": bound["uid"]}
        claims = {
            "aud": list(audiences),
            "exp": now + int(seconds),
            "iat": now,
            "iss": ISSUER,
            "jti": secrets.token_hex(16),
            "kubernetes.io": about,
            "nbf": now,
            "sub": account_name(names["namespace"], names["name"]),
        }
        return self._signed(claims), now + int(seconds)

    def lasting(self, account: JsonObject, secret: str) -> str:
        """The token of a Secret: it holds as long as Secret and account do."""
        names = account["metadata"]
        head = "kubernetes.io/serviceaccount"
        return self._signed(
            {
                "iss": "kubernetes/serviceaccount",
                f"{head}/namespace": names["namespace"],
                f"{head}/secret.name": secret,
                f"{head}/service-account.name": names["name"],
                f"{head}/service-account.uid": names["uid"],
                "sub": account_name(names["namespace"], names["name"]),
            }
        )

    def _signed(self, claims: JsonObject) -> str:
        parts = [_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (_HEADER, claims)]
        text = ".".join(parts)
        return f"{text}.{self._signature(text)}"

    def _signature(self, text: str) -> str:
        return _encoded(hmac.digest(self._key, text.encode(), hashlib.sha256))

    def _account(self, token: str) -> Accepted | None:
        text, dot, signature = token.rpartition(".")
        if not dot or not hmac.compare_digest(self._signature(text).encode(), signature.encode()):
            return None
        try:
            claims = json.loads(base64.urlsafe_b64decode(text.partition(".")[2] + "=="))
        except (ValueError, binascii.Error):
            return None
        return self._current(claims) if claims.get("iss") == ISSUER else self._of_secret(claims)

    def _current(self, claims: JsonObject) -> Accepted | None:
        if not claims["nbf"] <= self._clock() < claims["exp"]:
            return None
        about = claims["kubernetes.io"]
        namespace, account = about["namespace"], about["serviceaccount"]
        if not self._lives("ServiceAccount", namespace, account):
            return None
        extra = {"authentication.kubernetes.io/credential-id": (f"JTI={claims['jti']}",)}
        for kind in ("Pod", "Secret", "Node"):
            bound = about.get(kind.lower())
            if bound is not None and not self._lives(kind, namespace, bound):
                return None
            if bound is not None and kind != "Secret":
                head = f"authentication.kubernetes.io/{kind.lower()}"
                extra |= {f"{head}-name": (bound["name"],), f"{head}-uid": (bound["uid"],)}
        user = _user(namespace, account["name"], account["uid"], extra)
        return Accepted(user, tuple(claims["aud"]))

    def _of_secret(self, claims: JsonObject) -> Accepted | None:
        head = "kubernetes.io/serviceaccount"
        namespace, name = claims[f"{head}/namespace"], claims[f"{head}/service-account.name"]
        uid = claims[f"{head}/service-account.uid"]
        if self._store.find(SECRETS, namespace, claims[f"{head}/secret.name"]) is None:
            return None
        if not self._lives("ServiceAccount", namespace, {"name": name, "uid": uid}):
            return None
        return Accepted(_user(namespace, name, uid, {}))

    def _lives(self, kind: str, namespace: str, bound: JsonObject) -> bool:
        found = self._store.find(_BOUND[kind], namespace, bound["name"])
        return bool(dig(found, "metadata", "uid") == bound["uid"])


def _user(namespace: str, name: str, uid: str, extra: Mapping[str, tuple[str, ...]]) -> User:
    groups = (*account_groups(namespace), AUTHENTICATED)
    return User(account_name(namespace, name), groups, uid=uid, extra=MappingProxyType(dict(extra)))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
