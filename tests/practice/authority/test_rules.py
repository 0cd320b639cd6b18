from __future__ import annotations

import pytest

from k8stui.practice.authority.attributes import Attributes, of_request, selected_name
from k8stui.practice.authority.rules import Rule, missing


def rule(**fields: list[str]) -> Rule:
    return Rule.read(dict(fields))


PODS = rule(verbs=["get", "list"], apiGroups=[""], resources=["pods", "pods/log"])


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        (Attributes("get", resource="pods"), True),
        (Attributes("get", resource="pods", subresource="log"), True),
        (Attributes("get", resource="pods", subresource="exec"), False),
        (Attributes("watch", resource="pods"), False),
        (Attributes("get", "apps", "pods"), False),
        (Attributes("get", path="/pods"), False),
    ],
)
def test_a_rule_allows_what_it_names(wanted: Attributes, allowed: bool) -> None:
    assert PODS.allows(wanted) is allowed


def test_stars_stand_for_everything_of_their_place() -> None:
    all_scales = rule(verbs=["*"], apiGroups=["apps"], resources=["*/scale"])
    assert all_scales.allows(Attributes("patch", "apps", "deployments", "scale"))
    assert not all_scales.allows(Attributes("patch", "apps", "deployments"))
    everything = rule(verbs=["*"], apiGroups=["*"], resources=["*"])
    assert everything.allows(Attributes("escalate", "x.example", "things", "status", "ns", "n"))
    assert not everything.allows(Attributes("get", path="/metrics"))


def test_names_narrow_a_rule() -> None:
    one = rule(verbs=["get", "list"], apiGroups=[""], resources=["secrets"], resourceNames=["a"])
    assert one.allows(Attributes("get", resource="secrets", name="a"))
    assert not one.allows(Attributes("get", resource="secrets", name="b"))
    assert not one.allows(Attributes("list", resource="secrets"))


@pytest.mark.parametrize(
    ("url", "path", "allowed"),
    [
        ("/api/*", "/api/v1", True),
        ("/api/*", "/apis", False),
        ("*", "/x", True),
        ("/healthz", "/healthz", True),
    ],
)
def test_urls(url: str, path: str, allowed: bool) -> None:
    assert rule(verbs=["get"], nonResourceURLs=[url]).allows(Attributes("get", path=path)) is allowed


@pytest.mark.parametrize(
    ("method", "path", "watch", "wanted"),
    [
        ("GET", "/api/v1/pods", False, Attributes("list", resource="pods")),
        ("GET", "/api/v1/pods", True, Attributes("watch", resource="pods")),
        ("GET", "/api/v1/watch/pods", False, Attributes("watch", resource="pods")),
        (
            "GET",
            "/api/v1/namespaces/a/pods/p/log",
            False,
            Attributes("get", "", "pods", "log", "a", "p"),
        ),
        ("GET", "/api/v1/namespaces/a", False, Attributes("get", "", "namespaces", "", "a", "a")),
        (
            "PUT",
            "/api/v1/namespaces/a/finalize",
            False,
            Attributes("update", "", "namespaces", "finalize", "a", "a"),
        ),
        (
            "DELETE",
            "/apis/apps/v1/namespaces/a/deployments",
            False,
            Attributes("deletecollection", "apps", "deployments", "", "a"),
        ),
        ("POST", "/apis/x.example/v9/things", False, Attributes("create", "x.example", "things")),
        ("GET", "/apis/apps/v1", False, Attributes("get", path="/apis/apps/v1")),
        ("HEAD", "/version", False, Attributes("head", path="/version")),
    ],
)
def test_requests_are_read_as_every_server_does(
    method: str, path: str, watch: bool, wanted: Attributes
) -> None:
    assert of_request(method, path, watch=watch, selected="") == wanted


def test_a_list_that_picks_one_name_is_about_that_name() -> None:
    assert selected_name("spec.nodeName=n,metadata.name=x") == "x"
    assert selected_name("metadata.name=x,") == "x"
    found = of_request("GET", "/api/v1/namespaces/a/secrets", watch=False, selected="x")
    assert found == Attributes("list", "", "secrets", "", "a", "x")


def test_what_is_missing_is_told_in_few_rules() -> None:
    wanted = [
        rule(verbs=["get", "list"], apiGroups=["", "apps"], resources=["pods", "nodes"]),
        rule(verbs=["get"], nonResourceURLs=["/metrics"]),
    ]
    assert [str(one) for one in missing([PODS], wanted)] == [
        '{APIGroups:[""], Resources:["nodes"], Verbs:["get" "list"]}',
        '{APIGroups:["apps"], Resources:["nodes"], Verbs:["get" "list"]}',
        '{APIGroups:["apps"], Resources:["pods"], Verbs:["get" "list"]}',
        '{NonResourceURLs:["/metrics"], Verbs:["get"]}',
    ]
    assert missing([rule(verbs=["*"], apiGroups=["*"], resources=["*"])], wanted[:1]) == []


def test_a_right_to_one_name_does_not_cover_the_right_to_all() -> None:
    one = rule(verbs=["get"], apiGroups=[""], resources=["secrets"], resourceNames=["a"])
    whole = rule(verbs=["get"], apiGroups=[""], resources=["secrets"])
    assert missing([one], [whole]) == [whole]
    assert missing([whole], [one]) == []
