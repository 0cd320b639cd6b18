"""What the server itself writes into a CertificateSigningRequest: who asks, and when it was decided."""

from __future__ import annotations

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts
from k8stui.practice.authority.users import User


def is_request(kind: ResourceKind) -> bool:
    """Whether a kind is the CertificateSigningRequest."""
    return (kind.group, kind.plural) == ("certificates.k8s.io", "certificatesigningrequests")


def stamp_requester(csr: JsonObject, user: User) -> None:
    """Writes who asks over whatever the request says of it."""
    own = ("username", "groups", "uid", "extra")
    asked = {key: value for key, value in (csr.get("spec") or {}).items() if key not in own}
    csr["spec"] = asked | user.info()


def date_conditions(csr: JsonObject, old: JsonObject, now: str) -> None:
    """Gives conditions the times that they lack; one that stood before keeps its transition."""
    before = {
        (each.get("type"), each.get("status")): each.get("lastTransitionTime")
        for each in dicts(old.get("status") or {}, "conditions")
    }
    for each in dicts(csr.get("status") or {}, "conditions"):
        if not each.get("lastUpdateTime"):
            each["lastUpdateTime"] = now
        if not each.get("lastTransitionTime"):
            each["lastTransitionTime"] = before.get((each.get("type"), each.get("status"))) or now
