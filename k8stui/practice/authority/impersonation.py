"""Acting as somebody else: the Impersonate headers, and the verb that each of them needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote

from k8stui.practice import errors
from k8stui.practice.authority.attributes import Attributes, listed
from k8stui.practice.authority.users import AUTHENTICATED, User, account_groups, account_of

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy

_USER = "Impersonate-User"
_GROUP = "Impersonate-Group"
_UID = "Impersonate-Uid"
_EXTRA = "impersonate-extra-"
_AUTHENTICATION = "authentication.k8s.io"
_ANONYMOUS = "system:anonymous"
_UNAUTHENTICATED = "system:unauthenticated"


def asked_for(headers: CIMultiDictProxy[str]) -> User | None:
    """Whom a request wants to act as; None when it wants nobody else.

    Raises:
        StatusError: 400 for groups, a uid or extras without a user.
    """
    name = headers.get(_USER, "")
    groups, uid = tuple(headers.getall(_GROUP, ())), headers.get(_UID, "")
    if not name and not groups and not uid and not _any_extra(headers):
        return None
    extra = _extra(headers)
    if not name:
        shown = "nil" if not extra else "map[...]"
        wanted = (
            f'&user.DefaultInfo{{Name:"", UID:"{uid}", Groups:[]string{{{listed(groups)[1:-1]}}}, '
            f"Extra:map[string][]string({shown})}}"
        )
        raise errors.bad_request(f"requested {wanted} without impersonating a user name")
    account = account_of(name)
    if not groups and account is not None:
        groups = account_groups(account[0])
    everybody = _UNAUTHENTICATED if name == _ANONYMOUS else AUTHENTICATED
    if everybody not in groups:
        groups = (*groups, everybody)
    return User(name, groups, uid=uid, extra=extra)


def needed(user: User, headers: CIMultiDictProxy[str]) -> Iterator[Attributes]:
    """What the one who asks must be allowed to do, to act as the user."""
    account = account_of(user.name)
    if account is None:
        yield Attributes("impersonate", resource="users", name=user.name)
    else:
        namespace, name = account
        yield Attributes("impersonate", resource="serviceaccounts", namespace=namespace, name=name)
    for group in headers.getall(_GROUP, ()):
        yield Attributes("impersonate", resource="groups", name=group)
    if user.uid:
        yield Attributes("impersonate", _AUTHENTICATION, "uids", name=user.uid)
    for key, values in user.extra.items():
        for value in values:
            yield Attributes("impersonate", _AUTHENTICATION, "userextras", key, name=value)


def _any_extra(headers: CIMultiDictProxy[str]) -> bool:
    return any(key.lower().startswith(_EXTRA) for key in headers)


def _extra(headers: CIMultiDictProxy[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, value in headers.items():
        if key.lower().startswith(_EXTRA):
            name = unquote(key.lower().removeprefix(_EXTRA))
            found[name] = (*found.get(name, ()), value)
    return MappingProxyType(found)
