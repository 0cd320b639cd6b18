"""Descriptions: never a failure whatever the object holds, never a secret, both languages."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k8stui import catalog
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang, Text
from k8stui.core.objects import JsonObject
from k8stui.practice.cluster import practice_cluster
from k8stui.session.describe import describe
from k8stui.session.describe.beside import Answer, Beside
from k8stui.session.describe.model import Tone
from k8stui.session.describe.occurrences import occurrences
from k8stui.ui.prose import line_width, plain
from k8stui.ui.widgets.describe_lines import bar, description_lines
from tests.session.describing import written

B = catalog.BUILTIN
NOW = 1_800_000_000.0
FIELDS = re.findall(
    r"\w+",
    "metadata spec status name namespace labels annotations ownerReferences uid kind apiVersion conditions "
    "type reason message lastTransitionTime containers initContainers containerStatuses state running "
    "waiting terminated exitCode resources requests limits cpu memory volumeMounts volumes secret configMap "
    "env valueFrom ports port template selector matchLabels replicas strategy data rules verbs apiGroups "
    "subjects roleRef hard used capacity allocatable addresses taints endpoints targetRef metrics resource "
    "target currentMetrics versions schema properties items tolerations http paths backend service ingress "
    "egress from claimRef jobTemplate behavior policies involvedObject count lastTimestamp series phase",
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False),
    st.text(max_size=12),
    st.sampled_from(
        ["True", "False", "1Gi", "250m", "1e999", "0001-01-01T00:00:00", "9999-12-31T23:59:59Z", "0001-01-01",
         "2026-01-01T00:00:00Z", "*", "\x1b[31m", "ConfigMap", "Resource", "Role", "Ingress", ""]
    ),
)  # fmt: skip
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=8)
    ),
    max_leaves=60,
)
OBJECTS = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=10)
NEAR = {
    "events": "events", "metrics": "pods", "pods": "pods", "replicasets": "replicasets", "jobs": "jobs",
    "endpointslices": "endpointslices", "services": "services", "lease": "leases", "role": "clusterroles",
    "resourcequotas": "resourcequotas", "limitranges": "limitranges", "bindings": "rolebindings",
    "roles": "roles", "clusterroles": "clusterroles", "tokens": "secrets",
}  # fmt: skip
KINDS = [
    "pods", "replicationcontrollers", "replicasets", "deployments", "daemonsets", "statefulsets", "jobs",
    "cronjobs", "services", "ingresses", "secrets", "configmaps", "persistentvolumeclaims", "nodes",
    "namespaces", "persistentvolumes", "resourcequotas", "serviceaccounts", "roles", "clusterroles",
    "rolebindings", "clusterrolebindings", "networkpolicies", "limitranges", "horizontalpodautoscalers",
    "poddisruptionbudgets", "customresourcedefinitions",
]  # fmt: skip


WIDGETS = ResourceKind("example.com", "v1", "Widget", "widgets", namespaced=True)


def harmless(obj: JsonObject, kind: ResourceKind, beside: Beside, cells: int, lang: Lang) -> None:
    for line in description_lines(describe(obj, kind, beside, NOW), cells, lang):
        assert "\x1b" not in plain(line)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from([*(B[plural] for plural in KINDS), WIDGETS]), obj=OBJECTS, other=OBJECTS)
def test_any_json_is_described(kind: ResourceKind, obj: JsonObject, other: JsonObject) -> None:
    harmless(obj, kind, Beside(), 150, Lang.EN)
    harmless(obj, kind, Beside({name: Answer((other,)) for name in NEAR}), 30, Lang.JA)


KNOWN = {
    **{plural: B[plural] for plural in [*KINDS, "events"]},
    "endpointslices": ResourceKind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", True),
    "leases": ResourceKind("coordination.k8s.io", "v1", "Lease", "leases", True),
}
WRONG: tuple[Any, ...] = (
    None, True, 0, -1, 2**62, 1.5, "", "x", "\x1b[31m", "1e999", "0001-01-01T00:00:00", [], [None], {}, [{}],
    {"name": {}}, [[]], {"": None}, "長い名前" * 30,
)  # fmt: skip


def damaged(value: Any, chance: random.Random, share: float) -> Any:
    """The value with a share of its parts replaced by something wrong."""
    if chance.random() < share:
        return chance.choice(WRONG)
    if isinstance(value, dict):
        return {key: damaged(one, chance, share) for key, one in value.items()}
    if isinstance(value, list):
        return [damaged(one, chance, share) for one in value]
    return value


async def test_damaged_objects_of_every_kind_are_described() -> None:
    async with practice_cluster(moving=False, random_seed=3) as cluster:
        found = {plural: cluster.store.list(kind) for plural, kind in KNOWN.items()}
    chance = random.Random(4)
    for plural in KINDS:
        objects = found[plural]
        for _ in range(25):
            share = chance.choice((0.01, 0.05, 0.2))
            obj = damaged(chance.choice(objects), chance, share) if objects else {}
            near = {
                name: Answer(tuple(x for one in chance.sample(found[of], min(3, len(found[of])))
                                   if isinstance(x := damaged(one, chance, share), dict)))
                for name, of in NEAR.items()
            }  # fmt: skip
            if isinstance(obj, dict):
                harmless(obj, B[plural], Beside(near), chance.choice((20, 60, 150)), Lang.JA)
                harmless(obj, WIDGETS, Beside(), 80, Lang.EN)


def mutations(value: Any, wrong: Any) -> list[Any]:
    """The value again and again, each time with something wrong at another place."""
    found = [wrong]
    if isinstance(value, dict):
        found += [{**value, key: other} for key, one in value.items() for other in mutations(one, wrong)]
    elif isinstance(value, list):
        found += [
            [*value[:at], o, *value[at + 1 :]] for at, one in enumerate(value) for o in mutations(one, wrong)
        ]
    return found


POD = {
    "metadata": {
        "name": "a", "namespace": "b", "labels": {"x": "y"}, "creationTimestamp": "2026-01-01T00:00:00Z",
        "ownerReferences": [{"kind": "Job", "name": "j", "apiVersion": "batch/v1", "controller": True}],
    },
    "spec": {
        "nodeName": "n", "tolerations": [{"key": "k", "operator": "Exists", "tolerationSeconds": 3}],
        "containers": [{
            "name": "c", "image": "i", "ports": [{"containerPort": 1, "protocol": "TCP", "hostPort": 2}],
            "resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "2"}},
            "livenessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1},
            "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
            "volumeMounts": [{"mountPath": "/m", "name": "v"}],
        }],
        "volumes": [{"name": "v", "secret": {"secretName": "s", "defaultMode": 256}}],
    },
    "status": {
        "phase": "Running", "conditions": [{"type": "Ready", "status": "False", "message": "m"}],
        "containerStatuses": [{
            "name": "c", "ready": True, "restartCount": 1, "state": {"running": {"startedAt": None}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "x"}},
        }],
    },
}  # fmt: skip


@pytest.mark.parametrize("wrong", [None, 3, "x", [], {}, [None], [{}], {"name": {}}, True])
def test_a_pod_with_anything_wrong_anywhere_is_described(wrong: Any) -> None:
    for pod in mutations(POD, wrong):
        if isinstance(pod, dict):
            written(describe(pod, B["pods"], Beside(), NOW))


def test_a_secret_is_told_by_keys_and_sizes_only() -> None:
    secret: JsonObject = {
        "metadata": {
            "name": "db",
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": '{"data":{"p":"aHVudGVyMg=="}}'
            },
        },
        "type": "Opaque",
        "data": {"password": "aHVudGVyMg==", "none": "", "odd": 5},
        "stringData": {"plain": "letmein"},
    }
    told = written(describe(secret, B["secrets"], Beside(), NOW))
    assert "password" in told and "7 bytes" in told
    assert "aHVudGVyMg" not in told and "hunter2" not in told and "letmein" not in told


def test_a_large_config_map_is_bounded() -> None:
    data = {
        "big": "x" * 2_000_000,
        "long": "\n".join(f"line {n}" for n in range(10_000)),
        "esc": "\x1b]0;hi\x07",
    }
    lines = description_lines(describe({"data": data}, B["configmaps"], Beside(), NOW), 80, Lang.EN)
    told = "\n".join(plain(line) for line in lines)
    assert len(lines) < 200 and "10,000 lines" in told and "\x1b" not in told and "\x07" not in told
    assert all(line_width(line) <= 80 for line in lines)


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("cells", [40, 56, 76, 146])
def test_lines_fit_their_width(lang: Lang, cells: int) -> None:
    events = Answer(({"reason": "Failed", "type": "Warning", "message": "長い" * 90, "count": 3},))
    found = describe(POD, B["pods"], Beside({"events": events}), NOW)
    for line in description_lines(found, cells, lang):
        assert line_width(line) <= cells, plain(line)


def test_events_are_folded_and_the_latest_is_last() -> None:
    def event(reason: str, last: str | None, **more: Any) -> JsonObject:
        return {"reason": reason, "type": "Normal", "message": reason, "lastTimestamp": last, **more}

    found = occurrences(
        [
            event("B", "2026-01-01T00:00:09Z", count=2),
            event("A", "2026-01-01T00:00:05Z"),
            event("B", "2026-01-01T00:00:01Z", firstTimestamp="2026-01-01T00:00:00Z"),
            event("C", None, eventTime="2026-01-01T00:00:07.5Z", series={"count": 4}),
        ]
    )
    assert [(one.reason, one.count) for one in found] == [("A", 1), ("C", 4), ("B", 3)]
    assert found[-1].last is not None and found[-1].first == found[-1].last - 9


def test_what_may_not_be_read_is_one_sentence() -> None:
    beside = Beside(
        {"events": Answer(denied=Text("You may not list events.", "イベントを表示する権限がありません。"))}
    )
    found = describe(POD, B["pods"], beside, NOW)
    assert written(found).count("You may not list events.") == 1
    assert "イベントを表示する権限がありません。" in written(found, Lang.JA)


def test_a_bar_is_told_without_colour() -> None:
    assert plain(bar(0, 10, Tone.GOOD)).strip() == "░" * 10
    assert plain(bar(0.001, 10, Tone.GOOD)).count("█") == 1
    assert plain(bar(0.999, 10, Tone.WARN)).count("█") == 9
    assert plain(bar(1, 10, Tone.BAD)) == "█" * 10 + " !"
    assert plain(bar(7, 10, Tone.BAD)) == "█" * 10 + " !"
    assert plain(bar(1, 10, Tone.GOOD)) == "█" * 10 + "  "
