"""Typed names of kinds."""

import pytest

from k8stui.catalog import BUILTIN, resolve, suggest
from k8stui.core.kinds import ResourceKind
from k8stui.practice.kinds import BUILTIN_KINDS


def custom(name: str, plural: str, group: str = "acme.test", short: tuple[str, ...] = ()) -> ResourceKind:
    return ResourceKind(
        group, "v1", name, plural, True, singular=name.lower(), verbs=frozenset({"list"}), short_names=short
    )


def names(text: str, *more: ResourceKind) -> list[str]:
    return [kind.name for kind in resolve(text, [*more, *BUILTIN_KINDS])]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("po", "pods"),
        ("pod", "pods"),
        ("pods", "pods"),
        ("Pod", "pods"),
        (" PODS ", "pods"),
        ("v1/pods", "pods"),
        ("pods.v1.", "pods"),
        ("po.", "pods"),
        ("hpa.v1.autoscaling", "horizontalpodautoscalers.autoscaling"),
        ("deploy", "deployments.apps"),
        ("dp", "deployments.apps"),
        ("Deployment", "deployments.apps"),
        ("deployments.apps", "deployments.apps"),
        ("deploy.apps", "deployments.apps"),
        ("deployments.v1.apps", "deployments.apps"),
        ("apps/v1/deployments", "deployments.apps"),
        ("apps/deployments", "deployments.apps"),
        ("sec", "secrets"),
        ("svc", "services"),
        ("sts", "statefulsets.apps"),
        ("ds", "daemonsets.apps"),
        ("rs", "replicasets.apps"),
        ("rc", "replicationcontrollers"),
        ("cj", "cronjobs.batch"),
        ("jo", "jobs.batch"),
        ("cm", "configmaps"),
        ("no", "nodes"),
        ("ns", "namespaces"),
        ("ing", "ingresses.networking.k8s.io"),
        ("ing.networking.k8s.io", "ingresses.networking.k8s.io"),
        ("np", "networkpolicies.networking.k8s.io"),
        ("netpol", "networkpolicies.networking.k8s.io"),
        ("pvc", "persistentvolumeclaims"),
        ("pv", "persistentvolumes"),
        ("crd", "customresourcedefinitions.apiextensions.k8s.io"),
        ("crds", "customresourcedefinitions.apiextensions.k8s.io"),
        ("sa", "serviceaccounts"),
        ("ro", "roles.rbac.authorization.k8s.io"),
        ("rb", "rolebindings.rbac.authorization.k8s.io"),
        ("cr", "clusterroles.rbac.authorization.k8s.io"),
        ("crb", "clusterrolebindings.rbac.authorization.k8s.io"),
        ("hpa", "horizontalpodautoscalers.autoscaling"),
        ("pdb", "poddisruptionbudgets.policy"),
        ("quota", "resourcequotas"),
        ("limits", "limitranges"),
        ("sc", "storageclasses.storage.k8s.io"),
        ("ev", "events"),
        ("events", "events"),
        ("events.events.k8s.io", "events.events.k8s.io"),
        ("events.k8s.io/v1/events", "events.events.k8s.io"),
    ],
)
def test_a_name_means_one_kind(text: str, name: str) -> None:
    assert names(text) == [name]


@pytest.mark.parametrize(
    "text",
    ["", "  ", "nonsense", "v9/pods", "pods.apps", "deployments.v1beta1.apps", "/", "//", ".", ".apps", "x/"],
)
def test_other_words_mean_none(text: str) -> None:
    assert names(text) == []


def test_the_beginning_of_a_name_counts_when_nothing_has_the_whole() -> None:
    assert names("depl") == ["deployments.apps"]
    assert names("persistentvol") == ["persistentvolumes", "persistentvolumeclaims"][::-1]
    assert "poddisruptionbudgets.policy" not in names("pod")
    assert names("d") == []


def test_a_collision_gives_every_kind_the_books_first() -> None:
    metrics = custom("PodMetrics", "pods", "metrics.k8s.io")
    other = custom("Pod", "pods")
    assert names("pods", other, metrics) == ["pods", "pods.metrics.k8s.io", "pods.acme.test"]
    assert names("pods.acme.test", other, metrics) == ["pods.acme.test"]
    assert names("acme.test/v1/pod", other, metrics) == ["pods.acme.test"]


def test_a_declared_short_name_beats_one_of_habit() -> None:
    section = custom("Section", "sections", short=("sec",))
    assert names("sec", section) == ["sections.acme.test", "secrets"]


def test_of_two_versions_the_first_served_counts_unless_one_is_named() -> None:
    newer, older = (ResourceKind("acme.test", version, "Gear", "gears", True) for version in ("v2", "v1"))
    assert [kind.version for kind in resolve("gears", [newer, older])] == ["v2"]
    assert [kind.version for kind in resolve("gears.v1.acme.test", [newer, older])] == ["v1"]


def test_builtin_kinds_resolve_without_a_server() -> None:
    assert resolve("po", BUILTIN.values()) == [BUILTIN["pods"]]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pdos", "pods"),
        ("deploymnet", "deployments"),
        ("Deplyoment.apps", "deployments"),
        ("v1/secrtes", "secrets"),
    ],
)
def test_a_slip_is_answered_with_the_nearest_name(text: str, name: str) -> None:
    assert suggest(text, BUILTIN_KINDS)[0] == name
    assert len(suggest(text, BUILTIN_KINDS)) <= 3


def test_part_of_a_name_suggests_it() -> None:
    assert "persistentvolumes" in suggest("volume", BUILTIN_KINDS)


def test_nothing_is_suggested_for_what_resembles_nothing() -> None:
    assert suggest("qqqqqqqq", BUILTIN_KINDS) == []
    assert suggest("", BUILTIN_KINDS) == []


def test_the_builtin_table_says_what_a_real_server_says() -> None:
    served = {(kind.group, kind.version, kind.plural): kind for kind in BUILTIN_KINDS}
    for kind in BUILTIN.values():
        real = served[kind.group, kind.version, kind.plural]
        for field in ("kind", "namespaced", "singular", "verbs", "short_names", "categories", "subresources"):
            assert getattr(kind, field) == getattr(real, field), f"{kind.name}.{field}"
