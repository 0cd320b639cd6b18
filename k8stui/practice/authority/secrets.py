"""Secrets of the type ``kubernetes.io/service-account-token``: filled with a token that lasts as they do."""

from __future__ import annotations

import asyncio
import base64

from k8stui.core.objects import JsonObject
from k8stui.practice.authority.tokens import ACCOUNTS, SECRETS, TOKEN_SECRET, Tokens
from k8stui.practice.store import Event, Store

_HEAD = "kubernetes.io/service-account."


class TokenSecrets:
    """Fills in what a token controller does.

    Args:
        store: Where Secrets and ServiceAccounts are.
        tokens: Makes the tokens.
        authority: The certificate authority, PEM.
    """

    def __init__(self, store: Store, tokens: Tokens, authority: bytes) -> None:
        self._store = store
        self._tokens = tokens
        self._authority = authority
        self._due: dict[tuple[str, str], asyncio.Handle] = {}
        self._end = store.subscribe(SECRETS, self._changed)

    def close(self) -> None:
        """Stop following the store."""
        self._end()
        for handle in self._due.values():
            handle.cancel()

    def _changed(self, event: Event) -> None:
        obj = event.entry.object
        if obj.get("type") != TOKEN_SECRET or event.type == "DELETED" or (obj.get("data") or {}).get("token"):
            return
        key = event.entry.key
        if key not in self._due:
            self._due[key] = asyncio.get_running_loop().call_soon(self._fill, key)

    def _fill(self, key: tuple[str, str]) -> None:
        self._due.pop(key, None)
        namespace, name = key
        secret = self._store.find(SECRETS, namespace, name)
        if secret is None:
            return
        annotations = secret["metadata"].get("annotations") or {}
        account = self._store.find(ACCOUNTS, namespace, str(annotations.get(f"{_HEAD}name") or ""))
        if account is None or annotations.get(f"{_HEAD}uid", account["metadata"]["uid"]) != _uid(account):
            return
        data = {
            "ca.crt": self._authority,
            "namespace": namespace.encode(),
            "token": self._tokens.lasting(account, name).encode(),
        }
        written = {field: base64.b64encode(value).decode() for field, value in data.items()}
        metadata = {
            **secret["metadata"],
            "annotations": {**annotations, f"{_HEAD}uid": account["metadata"]["uid"]},
        }
        self._store.update(
            SECRETS, {**secret, "metadata": metadata, "data": {**(secret.get("data") or {}), **written}}
        )


def _uid(account: JsonObject) -> str:
    return str(account["metadata"]["uid"])
