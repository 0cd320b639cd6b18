"""The one door of the server: it tells who asks, and whether they may."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from k8stui.practice import errors
from k8stui.practice.authority import impersonation
from k8stui.practice.authority.attributes import Attributes
from k8stui.practice.authority.rbac import Rbac
from k8stui.practice.authority.roles import Aggregation
from k8stui.practice.authority.secrets import TokenSecrets
from k8stui.practice.authority.tokens import ISSUER, Tokens
from k8stui.practice.authority.users import User
from k8stui.practice.store import Store

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy


class Gate:
    """Authentication and authorization of one cluster.

    Args:
        store: Where roles, bindings and ServiceAccounts are.
        clock: Seconds since the epoch.
    """

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self.tokens = Tokens(store, clock)
        self.rbac = Rbac(store)
        self._ends: list[Callable[[], None]] = [self.rbac.close]

    def attend(self, authority: bytes) -> None:
        """Keep aggregated roles and token Secrets up to date from now on; needs a running event loop.

        Args:
            authority: The certificate authority that token Secrets tell of, PEM.
        """
        self._ends.append(Aggregation(self._store).close)
        self._ends.append(TokenSecrets(self._store, self.tokens, authority).close)

    def close(self) -> None:
        """Stop following the store."""
        for end in self._ends:
            end()

    def user(self, headers: CIMultiDictProxy[str]) -> User:
        """Who sends a request: the owner of its bearer token, or whom they act as.

        Raises:
            StatusError: 401 without a token that is accepted; 400 for impersonation without a user name; 403
                for a user who may not impersonate.
        """
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        accepted = self.tokens.read(token.strip()) if scheme.lower() == "bearer" else None
        if accepted is None or ISSUER not in accepted.audiences:
            raise errors.unauthorized()
        other = impersonation.asked_for(headers)
        if other is None:
            return accepted.user
        for wanted in impersonation.needed(other, headers):
            self.check(accepted.user, wanted)
        return other

    def check(self, user: User, wanted: Attributes) -> None:
        """Let a request pass or refuse it.

        Raises:
            StatusError: 403 in the words of RBAC.
        """
        if user.privileged:
            return
        decision = self.rbac.decide(user, wanted)
        if not decision.allowed:
            raise wanted.refusal(user.name, decision.trouble)
