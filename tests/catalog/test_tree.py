"""The tree of kinds."""

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator

from k8stui.catalog import BUILTIN, Category, Node, Role, ServiceForm, tree
from k8stui.core.kinds import ResourceKind
from k8stui.practice.kinds import BUILTIN_KINDS

LIST = frozenset({"list", "watch"})


def kind(
    name: str, plural: str, group: str = "", *, version: str = "v1", verbs: frozenset[str] = LIST
) -> ResourceKind:
    return ResourceKind(group, version, name, plural, True, verbs=verbs)


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from walk(node.children)


def by_id(nodes: Iterable[Node]) -> dict[str, Node]:
    every = list(walk(nodes))
    found = {node.id: node for node in every}
    assert len(found) == len(every), "ids are unique"
    return found


def titles(node: Node) -> list[str]:
    return [child.title for child in node.children]


def test_without_a_server_the_books_kinds_stand_in_the_books_order() -> None:
    nodes = tree(None)
    assert [node.id for node in nodes] == ["workloads", "service", "config-storage", "cluster", "metadata"]
    assert {node.title: titles(node) for node in nodes} == {
        "Workloads APIs": [
            "Pod",
            "ReplicationController",
            "ReplicaSet",
            "Deployment",
            "DaemonSet",
            "StatefulSet",
            "Job",
            "CronJob",
        ],
        "Service APIs": ["Service", "Ingress"],
        "Config & Storage APIs": ["Secret", "ConfigMap", "PersistentVolumeClaim"],
        "Cluster APIs": [
            "Node",
            "Namespace",
            "PersistentVolume",
            "ResourceQuota",
            "ServiceAccount",
            "Role",
            "ClusterRole",
            "RoleBinding",
            "ClusterRoleBinding",
            "NetworkPolicy",
        ],
        "Metadata APIs": [
            "LimitRange",
            "HorizontalPodAutoscaler",
            "PodDisruptionBudget",
            "CustomResourceDefinition",
        ],
    }
    assert all(node.in_book and node.placed for node in walk(nodes))
    assert {node.role for node in walk(nodes)} == {Role.CATEGORY, Role.KIND, Role.FORM}


def test_service_has_its_seven_forms() -> None:
    service = by_id(tree(None))["service/services"]
    assert titles(service) == [
        "ClusterIP",
        "ExternalIP",
        "NodePort",
        "LoadBalancer",
        "Headless (None)",
        "ExternalName",
        "None-Selector",
    ]
    assert [child.form for child in service.children] == list(ServiceForm)
    assert all(child.kind == BUILTIN["services"] and child.role is Role.FORM for child in service.children)
    assert service.children[2].id == "service/services/NodePort"


def test_a_real_servers_kinds_all_have_a_row_and_none_is_guessed() -> None:
    nodes = tree(BUILTIN_KINDS)
    rows = [node for node in walk(nodes) if node.role is Role.KIND]
    shown = {(node.kind.group, node.kind.kind) for node in rows if node.kind is not None}
    listable = {(kind.group, kind.kind) for kind in BUILTIN_KINDS if kind.listable}
    assert shown == listable - {("events.k8s.io", "Event")}
    assert all(node.placed for node in rows)
    assert len(rows) > 55
    by_id(nodes)


def test_kinds_beside_the_book_are_folded_and_sorted_by_name() -> None:
    metadata = tree(BUILTIN_KINDS)[4]
    more = metadata.children[-1]
    assert (more.role, more.id, more.in_book) == (Role.MORE, "metadata/more", False)
    assert titles(more) == sorted(titles(more), key=str.casefold)
    assert {"Event", "PriorityClass", "ControllerRevision", "ResourceSlice"} <= set(titles(more))
    assert [node.id for node in more.children if node.title == "PriorityClass"] == [
        "metadata/priorityclasses.scheduling.k8s.io"
    ]


def test_events_of_both_groups_are_one_row_of_the_core_group() -> None:
    core, other = kind("Event", "events"), kind("Event", "events", "events.k8s.io")
    for kinds in ([core, other], [other, core]):
        rows = [node for node in walk(tree(kinds)) if node.role is Role.KIND]
        assert [node.kind for node in rows] == [core]
    rows = [node for node in walk(tree([other])) if node.role is Role.KIND]
    assert [node.kind for node in rows] == [other]


def test_a_kind_of_an_old_servers_extensions_group_has_one_row_in_the_book() -> None:
    old = kind("Ingress", "ingresses", "extensions", version="v1beta1")
    new = kind("Ingress", "ingresses", "networking.k8s.io")
    assert by_id(tree([old]))["service/ingresses"].kind == old
    assert by_id(tree([old, new]))["service/ingresses"].kind == new


def test_what_cannot_be_listed_has_no_row() -> None:
    review = kind("TokenReview", "tokenreviews", "authentication.k8s.io", verbs=frozenset({"create"}))
    assert all(not node.children for node in tree([review]))


def test_custom_resources_stand_by_group_below_their_definition() -> None:
    kinds = [
        *BUILTIN.values(),
        kind("Zebra", "zebras", "stable.example.com"),
        kind("antelope", "antelopes", "stable.example.com"),
        kind("Pod", "pods", "acme.test"),
    ]
    nodes = by_id(tree(kinds))
    definition = nodes["metadata/customresourcedefinitions"]
    assert [(child.id, child.role, child.title) for child in definition.children] == [
        ("metadata/crd/acme.test", Role.GROUP, "acme.test"),
        ("metadata/crd/stable.example.com", Role.GROUP, "stable.example.com"),
    ]
    group = nodes["metadata/crd/stable.example.com"]
    assert titles(group) == ["antelope", "Zebra"]
    assert group.children[1].id == "metadata/crd/stable.example.com/zebras"
    assert not group.children[1].in_book
    assert nodes["workloads/pods"].kind == BUILTIN["pods"]


def test_custom_resources_show_even_when_definitions_are_not_served() -> None:
    metadata = tree([kind("Zebra", "zebras", "stable.example.com")])[4]
    assert [child.id for child in metadata.children] == ["metadata/crd/stable.example.com"]


def test_gateway_and_snapshot_kinds_stand_with_their_neighbours() -> None:
    nodes = by_id(
        tree(
            [
                kind("HTTPRoute", "httproutes", "gateway.networking.k8s.io"),
                kind("VolumeSnapshot", "volumesnapshots", "snapshot.storage.k8s.io"),
            ]
        )
    )
    assert "service/httproutes.gateway.networking.k8s.io" in nodes
    assert "config-storage/volumesnapshots.snapshot.storage.k8s.io" in nodes


def test_metrics_do_not_clash_with_pods() -> None:
    nodes = by_id(tree([*BUILTIN.values(), kind("PodMetrics", "pods", "metrics.k8s.io")]))
    assert nodes["workloads/pods"].title == "Pod"
    assert nodes["workloads/pods.metrics.k8s.io"].title == "PodMetrics"


def test_an_unknown_builtin_kind_shows_and_is_marked() -> None:
    nodes = by_id(tree([kind("VolumeDream", "volumedreams", "storage.k8s.io")]))
    dream = nodes["config-storage/volumedreams.storage.k8s.io"]
    assert not dream.placed
    assert dream in nodes["config-storage/more"].children


def test_an_unavailable_group_stands_where_its_kinds_would() -> None:
    nodes = by_id(
        tree(
            BUILTIN.values(),
            [("metrics.k8s.io/v1beta1", "no endpoints\x1b[31m"), ("stable.example.com", "timeout")],
        )
    )
    metrics = nodes["workloads/unavailable/metrics.k8s.io/v1beta1"]
    assert (metrics.role, metrics.title) == (Role.UNAVAILABLE, "metrics.k8s.io/v1beta1")
    assert metrics.message.startswith("no endpoints")
    assert "\x1b" not in metrics.message
    assert metrics in nodes["workloads/more"].children
    custom = nodes["metadata/crd/unavailable/stable.example.com"]
    assert custom in nodes["metadata/customresourcedefinitions"].children


def test_all_five_categories_are_there_for_an_empty_server() -> None:
    assert [node.category for node in tree([])] == list(Category)


def test_eighty_kinds_take_less_than_two_milliseconds() -> None:
    kinds = [*BUILTIN_KINDS, *(kind(f"K{n}", f"k{n}s", f"g{n % 5}.example.com") for n in range(20))]

    def once() -> float:
        started = time.process_time()
        tree(kinds)
        return time.process_time() - started

    assert min(once() for _ in range(20)) < 0.002


def test_importing_it_brings_nothing_heavy() -> None:
    code = (
        "import sys, k8stui.catalog\n"
        "print(*({'yaml', 'cel', 'aiohttp', 'kubernetes', 'difflib', 'json', 'msgspec'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
