from __future__ import annotations

import base64
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from k8stui.session.yamldoc import MASK, YamlDocument, as_text, decoded, matches, visible

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web",
        "labels": {"app": "web", "a.b/c": "true"},
        "managedFields": [{"manager": "k"}],
    },
    "spec": {
        "containers": [
            {"name": "web", "args": ["-c", "echo a\necho b\n"], "ports": [{"containerPort": 80}], "env": []},
            {"name": "side", "tty": True},
        ],
        "nested": [[1, 2], [3]],
    },
    "status": None,
}


def test_lines_read_as_kubectl_prints_them() -> None:
    assert as_text(YamlDocument(POD)) == (
        "apiVersion: v1\n"
        "kind: Pod\n"
        "metadata:\n"
        "  name: web\n"
        "  labels:\n"
        "    app: web\n"
        "    a.b/c: \"true\"\n"
        "  managedFields: # 1: k\n"
        "spec:\n"
        "  containers:\n"
        "  - name: web\n"
        "    args:\n"
        "    - -c\n"
        "    - |\n"
        "      echo a\n"
        "      echo b\n"
        "    ports:\n"
        "    - containerPort: 80\n"
        "    env: []\n"
        "  - name: side\n"
        "    tty: true\n"
        "  nested:\n"
        "  -\n"
        "    - 1\n"
        "    - 2\n"
        "  -\n"
        "    - 3\n"
        "status: null\n"
    )  # fmt: skip


def test_every_line_knows_its_place() -> None:
    document = YamlDocument(POD)
    by_text = {line.text.strip(): line.path for line in document.lines}
    assert by_text["- containerPort: 80"] == ("spec", "containers", 0, "ports", 0, "containerPort")
    assert by_text["echo b"] == ("spec", "containers", 0, "args", 1)
    assert by_text["- name: side"] == ("spec", "containers", 1, "name")
    assert document.lines[document.line_of(("spec", "containers", 1, "tty"))].text.strip() == "tty: true"
    assert document.lines[document.line_of(("spec", "containers", 9, "tty"))].text == "  containers:"


ODD = [
    "yes", "on", "1e3", "0x1f", "012", "1:20", "~", "null", "- a", "a: b", "a #b", " a", "a\n", "\na",
    "a\n\n", "  a\nb", "", ".5", "1_000", "@x", "`x", "%a", "!t", "&a", "*a", "|", ">", "-", "--", "---",
    "-c", "--a=b",
]  # fmt: skip
"""Strings that YAML may take for something else."""

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=20)
    | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


def harmless(value: Any) -> bool:
    """Whether nothing in a value is changed by being made harmless."""
    if isinstance(value, dict):
        return all(harmless(k) and "\n" not in k and harmless(v) for k, v in value.items())
    if isinstance(value, list):
        return all(harmless(item) for item in value)
    return not isinstance(value, str) or all(char == "\n" or char.isprintable() for char in value)


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=5))
@settings(derandomize=True, max_examples=150, deadline=None)
def test_yaml_reads_back_the_same(obj: dict[str, Any]) -> None:
    text = as_text(YamlDocument(obj, managed=True))
    if obj and harmless(obj):
        assert yaml.load(text, yaml.CSafeLoader) == obj
    assert all(char == "\n" or ord(char) >= 32 for char in text)


def test_folding_hides_what_stands_below() -> None:
    document = YamlDocument(POD)
    shown = [document.lines[at].text for at in visible(document, {("spec", "containers", 0), ("metadata",)})]
    assert shown[:6] == [
        "apiVersion: v1",
        "kind: Pod",
        "metadata:",
        "spec:",
        "  containers:",
        "  - name: web",
    ]
    assert shown[6] == "  - name: side"
    assert len(visible(document, ())) == len(document.lines)


def test_secrets_are_masked_until_one_is_revealed() -> None:
    secret = {
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "hunter2"}},
        "data": {"user": base64.b64encode(b"me").decode(), "cert": base64.b64encode(b"x\ny\n").decode()},
    }  # fmt: skip
    text = as_text(YamlDocument(secret))
    assert text.count(MASK) == 3
    assert "hunter2" not in text
    text = as_text(YamlDocument(secret, revealed=[("data", "cert")]))
    assert text.count(MASK) == 2
    assert "cert: |\n    x\n    y\n" in text


def test_values_of_secrets_are_decoded() -> None:
    assert decoded(base64.b64encode("日本".encode()).decode()) == "日本"
    assert decoded("AP8=") == "(2 bytes, base64) AP8="
    assert decoded("no base64") == "no base64"


def test_searching_heeds_case_only_for_capitals() -> None:
    document = YamlDocument({"kind": "Pod", "a": "pod", "b": "x"})
    assert list(matches(document, "pod")) == [0, 1]
    assert list(matches(document, "Pod")) == [0]


def test_managed_fields_are_one_line_unless_asked_for() -> None:
    assert "manager: k" in as_text(YamlDocument(POD, managed=True))


@pytest.mark.parametrize("lines", [50_000])
def test_large_objects_are_no_trouble(lines: int) -> None:
    huge = {"data": {f"key-{n}": "value" for n in range(lines)}, "text": "あ\n" * lines}
    document = YamlDocument(huge)
    assert len(document.lines) == 2 * lines + 2
