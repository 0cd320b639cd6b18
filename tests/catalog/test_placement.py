"""Every kind stands where the category map says."""

import pytest

from k8stui.catalog import PLACES, Category, is_custom_group, place
from k8stui.core.kinds import ResourceKind

BOOK = {
    Category.WORKLOADS: [
        ("", "Pod"),
        ("", "ReplicationController"),
        ("apps", "ReplicaSet"),
        ("apps", "Deployment"),
        ("apps", "DaemonSet"),
        ("apps", "StatefulSet"),
        ("batch", "Job"),
        ("batch", "CronJob"),
    ],
    Category.SERVICE: [("", "Service"), ("networking.k8s.io", "Ingress")],
    Category.CONFIG_STORAGE: [("", "Secret"), ("", "ConfigMap"), ("", "PersistentVolumeClaim")],
    Category.CLUSTER: [
        ("", "Node"),
        ("", "Namespace"),
        ("", "PersistentVolume"),
        ("", "ResourceQuota"),
        ("", "ServiceAccount"),
        ("rbac.authorization.k8s.io", "Role"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "RoleBinding"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("networking.k8s.io", "NetworkPolicy"),
    ],
    Category.METADATA: [
        ("", "LimitRange"),
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("policy", "PodDisruptionBudget"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ],
}

ALSO = {
    Category.WORKLOADS: [
        ("metrics.k8s.io", "PodMetrics"),
        ("scheduling.k8s.io", "Workload"),
        ("scheduling.k8s.io", "PodGroup"),
    ],
    Category.SERVICE: [
        ("", "Endpoints"),
        ("discovery.k8s.io", "EndpointSlice"),
        ("networking.k8s.io", "IngressClass"),
        ("gateway.networking.k8s.io", "Gateway"),
        ("gateway.networking.k8s.io", "GatewayClass"),
        ("gateway.networking.k8s.io", "HTTPRoute"),
        ("gateway.networking.k8s.io", "ReferenceGrant"),
    ],
    Category.CONFIG_STORAGE: [
        ("storage.k8s.io", "StorageClass"),
        ("storage.k8s.io", "CSIDriver"),
        ("storage.k8s.io", "CSINode"),
        ("storage.k8s.io", "CSIStorageCapacity"),
        ("storage.k8s.io", "VolumeAttachment"),
        ("storage.k8s.io", "VolumeAttributesClass"),
        ("snapshot.storage.k8s.io", "VolumeSnapshot"),
        ("snapshot.storage.k8s.io", "VolumeSnapshotClass"),
        ("snapshot.storage.k8s.io", "VolumeSnapshotContent"),
    ],
    Category.CLUSTER: [
        ("apiregistration.k8s.io", "APIService"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("certificates.k8s.io", "PodCertificateRequest"),
        ("", "ComponentStatus"),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
        ("coordination.k8s.io", "Lease"),
        ("coordination.k8s.io", "LeaseCandidate"),
        ("node.k8s.io", "RuntimeClass"),
        ("networking.k8s.io", "IPAddress"),
        ("networking.k8s.io", "ServiceCIDR"),
        ("internal.apiserver.k8s.io", "StorageVersion"),
        ("storagemigration.k8s.io", "StorageVersionMigration"),
        ("metrics.k8s.io", "NodeMetrics"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        ("authentication.k8s.io", "TokenRequest"),
        ("authentication.k8s.io", "TokenReview"),
        ("authentication.k8s.io", "SelfSubjectReview"),
        ("authorization.k8s.io", "SubjectAccessReview"),
        ("authorization.k8s.io", "SelfSubjectAccessReview"),
        ("authorization.k8s.io", "SelfSubjectRulesReview"),
        ("authorization.k8s.io", "LocalSubjectAccessReview"),
    ],
    Category.METADATA: [
        ("apps", "ControllerRevision"),
        ("", "PodTemplate"),
        ("", "Event"),
        ("events.k8s.io", "Event"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("certificates.k8s.io", "ClusterTrustBundle"),
        ("resource.k8s.io", "DeviceClass"),
        ("resource.k8s.io", "DeviceTaintRule"),
        ("resource.k8s.io", "ResourceClaim"),
        ("resource.k8s.io", "ResourceClaimTemplate"),
        ("resource.k8s.io", "ResourceSlice"),
    ],
}


def kind(group: str, name: str) -> ResourceKind:
    return ResourceKind(group, "v1", name, name.lower() + "s", True, verbs=frozenset({"list"}))


@pytest.mark.parametrize(
    ("category", "group", "name"), [(c, group, name) for c, kinds in BOOK.items() for group, name in kinds]
)
def test_a_kind_of_the_book_stands_in_its_category(category: Category, group: str, name: str) -> None:
    placement = place(kind(group, name))
    assert (placement.category, placement.in_book) == (category, True)
    assert (placement.placed, placement.custom) == (True, False)


@pytest.mark.parametrize(
    ("category", "group", "name"), [(c, group, name) for c, kinds in ALSO.items() for group, name in kinds]
)
def test_another_kind_stands_where_the_api_reference_put_it(
    category: Category, group: str, name: str
) -> None:
    placement = place(kind(group, name))
    assert (placement.category, placement.in_book) == (category, False)
    assert (placement.placed, placement.custom) == (True, False)


def test_nothing_has_a_place_that_is_not_in_the_map() -> None:
    listed = {key for table in (BOOK, ALSO) for kinds in table.values() for key in kinds}
    # Binding has no row of its own in the map; like the reviews it is only created.
    assert set(PLACES) - listed == {("", "Binding")}


def test_the_books_kinds_are_in_the_books_order() -> None:
    assert [key for key, placement in PLACES.items() if placement.in_book] == [
        key for kinds in BOOK.values() for key in kinds
    ]


@pytest.mark.parametrize(
    ("group", "category"),
    [
        ("storage.k8s.io", Category.CONFIG_STORAGE),
        ("resource.k8s.io", Category.METADATA),
        ("batch", Category.WORKLOADS),
        ("", Category.CLUSTER),
        ("scheduling.k8s.io", Category.WORKLOADS),
        ("admissionregistration.k8s.io", Category.METADATA),
        ("groupsnapshot.storage.k8s.io", Category.CONFIG_STORAGE),
        ("policy.networking.k8s.io", Category.CLUSTER),
        ("autoscaling.k8s.io", Category.METADATA),
        ("nobody.knows.k8s.io", Category.METADATA),
    ],
)
def test_an_unknown_builtin_kind_follows_its_group_and_says_so(group: str, category: Category) -> None:
    placement = place(kind(group, "Newcomer"))
    assert placement.category is category
    assert not placement.placed
    assert not placement.custom
    assert not placement.in_book


@pytest.mark.parametrize(
    "group", ["stable.example.com", "cluster.x-k8s.io", "route.openshift.io", "k8s.io.example.com"]
)
def test_a_foreign_group_is_of_custom_resources(group: str) -> None:
    placement = place(kind(group, "Pod"))
    assert placement.category is Category.METADATA
    assert placement.custom
    assert placement.placed
    assert not placement.in_book


@pytest.mark.parametrize("group", ["", "apps", "batch", "policy", "autoscaling", "rbac.authorization.k8s.io"])
def test_a_group_of_kubernetes_is_not(group: str) -> None:
    assert not is_custom_group(group)


def test_titles_are_those_of_the_api_reference() -> None:
    assert [category.title for category in Category] == [
        "Workloads APIs",
        "Service APIs",
        "Config & Storage APIs",
        "Cluster APIs",
        "Metadata APIs",
    ]
