"""Descriptions say what is so: of many, of none, of one, of what is odd; and how long that may take."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from k8stui import catalog
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang, Text
from k8stui.core.objects import JsonObject
from k8stui.kube.client import Client
from k8stui.session.describe import describe
from k8stui.session.describe.beside import Answer, Beside, Reader
from k8stui.session.describe.conditions import mark
from k8stui.session.describe.model import MOST_BLOCKS, Say, Writer, labelled, words
from k8stui.session.describe.quantities import amount, share
from tests.session.describing import written

B = catalog.BUILTIN
NOW = 1_800_000_000.0
SLICES = ResourceKind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", True)
FLOWS = ResourceKind("flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas", False)
WIDGETS = ResourceKind("example.com", "v1", "Widget", "widgets", True)


def told(obj: JsonObject, kind: str | ResourceKind, lang: Lang = Lang.EN, **beside: Answer) -> str:
    """The description as text."""
    meant = B[kind] if isinstance(kind, str) else kind
    return written(describe(obj, meant, Beside(beside), NOW), lang)


# Of many


def test_a_rule_of_many_resources_in_many_groups_is_cut() -> None:
    rule = {
        "verbs": ["get"],
        "resources": [f"r{n}" for n in range(20_000)],
        "apiGroups": [f"g{n}.io" for n in range(20_000)],
    }
    said = told({"rules": [rule]}, "clusterroles")
    assert "r0.g0.io, r1.g0.io" in said and "r99.g0.io … and 399,999,900 more" in said


def test_no_section_is_endless() -> None:
    rules = [{"ports": [{"port": n}]} for n in range(MOST_BLOCKS)]
    said = told({"spec": {"policyTypes": ["Ingress"], "ingress": rules}}, "networkpolicies")
    assert len(said.split("\n")) < MOST_BLOCKS + 20 and "… and 2,001 more" in said
    conditions = [{"type": f"T{n}", "status": "True"} for n in range(500)]
    assert "… and 400 more" in told({"status": {"conditions": conditions}}, WIDGETS)


def test_of_a_service_with_thousands_of_endpoints_few_stand_beside_a_port() -> None:
    service = {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80, "protocol": "TCP"}]}}
    endpoints = [{"addresses": [f"10.0.{n // 250}.{n % 250}"]} for n in range(3_000)]
    slices = Answer(({"ports": [{"port": 8080}], "endpoints": endpoints},))
    said = told(service, "services", endpointslices=slices)
    line = next(line for line in said.split("\n") if "80/TCP" in line)
    assert "10.0.0.4:8080 … and 2,995 more" in line and "10.0.0.5" not in line
    assert "… and 2,900 more" in said


def test_fields_of_a_definition_that_are_left_out_are_counted() -> None:
    fields = {f"f{n}": {"type": "string", "description": "what it is"} for n in range(2_000)}
    schema = {"properties": {"spec": {"type": "object", "required": ["f0"], "properties": fields}}}
    version = {"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema}}
    said = told({"spec": {"versions": [version]}}, "customresourcedefinitions")
    assert "… and 1,901 more" in said
    assert "f0  string required  what it is" in said and "f1  string  what it is" in said


def test_keys_of_binary_data_that_are_left_out_are_counted() -> None:
    said = told({"binaryData": {f"k{n}": "AA==" for n in range(150)}}, "configmaps")
    assert "… and 50 more" in said and "1 byte" in said and "1 bytes" not in said
    assert "no data" not in said


def test_a_long_text_is_measured_once_in_both_languages() -> None:
    script = "x" * 5_000
    probe = {"exec": {"command": [script]}, "periodSeconds": 7}
    pod = {"spec": {"containers": [{"name": "c", "livenessProbe": probe}]}}
    assert "… 5,000 characters in all  after 0s, every 7s" in told(pod, "pods")
    ja = told(pod, "pods", Lang.JA)
    assert "…全5,000文字" in ja and "characters" not in ja
    template = {"spec": {"template": {"metadata": {"annotations": {"a": script}}}}}
    assert "…全5,000文字" in told(template, "replicasets", Lang.JA)


def test_lists_of_what_is_beside_tell_that_they_are_not_all() -> None:
    partial = Answer(({"reason": "Pulled", "message": "m"},), partial=True)
    assert "There are more than could be looked at." in told({}, "pods", events=partial)
    events = Answer(tuple({"reason": f"R{n}", "message": "m"} for n in range(11)))
    assert "… and 1 earlier\n" in told({}, "pods", events=events)


def test_what_is_cut_of_a_list_is_counted() -> None:
    writer = Writer()
    assert list(writer.some([1, 2, 3], 2)) == [1, 2]
    writer.grid((Text("", ""),), ([n] for n in range(103)))
    writer.grid((Text("", ""),), ([n] for n in range(2)), count=9)
    said = [block.words[0].text.en for block in writer.blocks if isinstance(block, Say)]
    assert said == ["… and 1 more", "… and 3 more", "… and 7 more"]


# Of what is odd


def test_amounts_beyond_all_bounds_stay_finite() -> None:
    pods = tuple(
        {"spec": {"containers": [{"resources": {"requests": {"cpu": "1e308"}}}] * 2}} for _ in range(3)
    )
    node = {"status": {"allocatable": {"cpu": "1e-300", "memory": 10**400, "pods": "3"}}}
    assert "cpu" in told(node, "nodes", pods=Answer(pods))
    assert amount("1e308") == amount(10**400) == 2.0**63 and amount("1e999") is None
    budget = {"status": {"expectedPods": 1, "currentHealthy": 10**400}}
    assert "Healthy" in told(budget, "poddisruptionbudgets")
    assert share("1e300", "1e-300") is None


def test_a_field_named_conditions_outside_the_status_is_not_lost() -> None:
    said = told({"spec": {"conditions": {"when": "noon"}}, "status": {"conditions": "odd"}}, WIDGETS)
    assert "noon" in said and "odd" in said
    listed = {"status": {"phase": "Up", "conditions": [{"type": "Ready", "status": "True"}]}}
    assert told(listed, WIDGETS).count("Ready") == 1


def test_a_container_without_a_state_waits() -> None:
    states: tuple[JsonObject | None, ...] = ({}, None, {"waiting": {}})
    for state in states:
        status = {"containerStatuses": [{"name": "c", "ready": False, "state": state}]}
        assert "◌ c" in told({"spec": {"containers": [{"name": "c"}]}, "status": status}, "pods")


def test_a_variable_from_an_unknown_source_shows_it() -> None:
    source = {"fileKeyRef": {"key": "K", "volumeName": "conf"}}
    container = {"name": "c", "env": [{"name": "A", "valueFrom": source}]}
    assert '"volumeName": "conf"' in told({"spec": {"containers": [container]}}, "pods")


def test_tolerations_of_every_operator() -> None:
    tolerations = [
        {"key": "a", "operator": "Equal", "value": "b", "effect": "NoSchedule"},
        {"key": "c", "operator": "Exists"},
        {"key": "sla", "operator": "Gt", "value": "95", "effect": "NoExecute", "tolerationSeconds": 30},
        {"operator": "Exists"},
    ]
    said = told({"spec": {"tolerations": tolerations}}, "pods")
    for line in ("a=b  NoSchedule", "c Exists  every effect", "sla Gt 95  NoExecute", "every taint"):
        assert line in said


def test_one_node_term_is_enough_and_that_is_said() -> None:
    terms = [{"matchExpressions": [{"key": key, "operator": "Exists"}]} for key in ("gpu", "fast")]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    said = told({"spec": {"affinity": {"nodeAffinity": required}}}, "pods")
    assert "required: gpu Exists" in said and "or: fast Exists" in said


# Of conditions


@pytest.mark.parametrize(
    ("kind", "name", "status", "sign"),
    [
        ("Node", "KernelDeadlock", "False", "● "),
        ("Node", "ReadonlyFilesystem", "True", "! "),
        ("Node", "Ready", "False", "! "),
        ("FlowSchema", "Dangling", "False", "● "),
        ("Kustomization", "Stalled", "True", "! "),
        ("Widget", "Painted", "False", "· "),
        ("Widget", "Painted", "True", "· "),
        ("Widget", "Painted", "Unknown", "? "),
    ],
)
def test_conditions_are_judged_only_where_it_is_known_what_is_well(
    kind: str, name: str, status: str, sign: str
) -> None:
    assert mark(kind, {"type": name, "status": status}).text.en == sign


def test_a_flow_schema_that_names_its_level_is_well() -> None:
    flow = {"status": {"conditions": [{"type": "Dangling", "status": "False"}]}}
    assert "● Dangling False" in told(flow, FLOWS) and "Its priority level exists." in told(flow, FLOWS)


# Of none and of one


def test_tokens_that_are_being_read_are_not_none() -> None:
    reading = next(line for line in told({}, "serviceaccounts").split("\n") if "Tokens" in line)
    assert "reading" in reading and "none" not in reading
    read = told({}, "serviceaccounts", tokens=Answer())
    assert "none" in next(line for line in read.split("\n") if "Tokens" in line)


@pytest.mark.parametrize(
    ("allowed", "en", "ja"),
    [
        (0, "No Pod may be evicted now", "今、退避させられるPodはありません"),
        (1, "1 Pod may be evicted now", "今、1個のPodを退避させられます"),
        (2, "2 Pods may be evicted now", "今、2個のPodを退避させられます"),
    ],
)
def test_a_budget_counts_in_words(allowed: int, en: str, ja: str) -> None:
    budget = {"status": {"disruptionsAllowed": allowed}}
    assert en in told(budget, "poddisruptionbudgets")
    assert ja in told(budget, "poddisruptionbudgets", Lang.JA)


def test_what_no_endpoint_means_depends_on_the_service() -> None:
    assert "are refused" in told({"spec": {"clusterIP": "10.0.0.1"}}, "services", endpointslices=Answer())
    headless = told({"spec": {"clusterIP": "None"}}, "services", endpointslices=Answer())
    assert "resolves to no address" in headless and "refused" not in headless
    assert "refused" not in told({"endpoints": None}, SLICES)


def test_endpoints_that_are_being_read_are_not_missing() -> None:
    said = told({"spec": {"ports": [{"port": 80, "protocol": "TCP"}]}}, "services")
    assert "reading" in next(line for line in said.split("\n") if "80/TCP" in line)


def test_a_host_without_paths_goes_to_the_default_backend() -> None:
    spec = {
        "defaultBackend": {"service": {"name": "front", "port": {"number": 80}}},
        "rules": [{"host": "a.example"}],
    }
    line = next(line for line in told({"spec": spec}, "ingresses").split("\n") if "a.example" in line)
    assert "front:80" in line


def test_a_policy_without_types_restricts_what_it_has_rules_for() -> None:
    said = told({"spec": {"egress": [{}]}}, "networkpolicies")
    assert "Only what is named here may go out." in said and "Nothing may come in." in said


# Of autoscalers


def test_each_metric_of_an_autoscaler_has_its_own_value() -> None:
    def metric(container: str, part: str, percent: int) -> JsonObject:
        value = {"averageUtilization": percent}
        resource = {"name": "cpu", "container": container, part: value}
        return {"type": "ContainerResource", "containerResource": resource}

    obj = {
        "spec": {"maxReplicas": 10, "metrics": [metric("web", "target", 80), metric("log", "target", 50)]},
        "status": {"currentMetrics": [metric("log", "current", 11), metric("web", "current", 22)]},
    }
    said = told(obj, "horizontalpodautoscalers")
    assert "22% / 80%" in said and "11% / 50%" in said
    assert "0 / 10" in said


def test_a_direction_that_is_switched_off_never_scales() -> None:
    obj = {"spec": {"behavior": {"scaleDown": {"selectPolicy": "Disabled"}}}}
    assert "Disabled: it never scales this way" in told(obj, "horizontalpodautoscalers")


# Small things


def test_labels_are_written_in_one_way() -> None:
    lines = [
        "".join(piece.text.en for piece in line) for line in labelled([("a", 1), ("b", "\x1b[0m")], ": ")
    ]
    assert lines == ["a: 1", "b: \ufffd[0m"]
    assert words(["a", True, 2]).en == "a, true, 2"


async def test_reading_that_is_given_up_leaves_nothing_running() -> None:
    asked = asyncio.Event()

    class Slow:
        async def list(self, *_: Any, **__: Any) -> list[JsonObject]:
            try:
                asked.set()
                await asyncio.Event().wait()
            finally:
                for _step in range(5):
                    await asyncio.sleep(0)  # as a connection that closes
            return []

        async def get(self, *_: Any) -> JsonObject:
            return {}

    reader = Reader(cast(Client, Slow()), [*B.values(), SLICES])
    answers = reader.read({"metadata": {"name": "web", "namespace": "a"}}, B["services"])
    before = asyncio.all_tasks()
    first = asyncio.ensure_future(anext(answers))
    await asked.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert asyncio.all_tasks() == before
