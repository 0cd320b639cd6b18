from __future__ import annotations

import pytest

from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang, Text
from k8stui.core.objects import dicts, dig
from k8stui.core.refs import ObjectRef, Scope
from k8stui.core.text import cell_width, clean, clean_lines, pad
from k8stui.core.units import format_age, parse_age, parse_quantity, parse_time, spoken_age

DEPLOYMENT = ResourceKind("apps", "v1", "Deployment", "deployments", True)
POD = ResourceKind("", "v1", "Pod", "pods", True)
NODE = ResourceKind("", "v1", "Node", "nodes", False)


def test_paths_are_those_of_the_api_server() -> None:
    assert POD.path() == "/api/v1/pods"
    assert POD.path("shop", "web-1", "log") == "/api/v1/namespaces/shop/pods/web-1/log"
    assert DEPLOYMENT.path("shop") == "/apis/apps/v1/namespaces/shop/deployments"
    assert NODE.path("shop", "n/1") == "/api/v1/nodes/n%2F1"
    assert ObjectRef(DEPLOYMENT, "shop", "api").path == "/apis/apps/v1/namespaces/shop/deployments/api"
    assert (DEPLOYMENT.name, POD.name) == ("deployments.apps", "pods")


def test_a_kind_is_its_group_version_and_plural() -> None:
    assert ResourceKind("", "v1", "Something", "pods", False) == POD
    assert ResourceKind("metrics.k8s.io", "v1", "Pod", "pods", True) != POD


def test_scopes() -> None:
    assert Scope.all().everywhere
    assert not Scope.of("a", "b").everywhere


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"), (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"),
        (600, "10m"), (7_200, "120m"), (10_800, "3h"), (18_120, "5h2m"), (108_000, "30h"),
        (442_800, "5d3h"), (691_200, "8d"), (34_560_000, "400d"),
        (69_120_000, "2y70d"), (315_360_000, "10y"),
    ],
)  # fmt: skip
def test_ages_are_kubectls(seconds: int, text: str) -> None:
    assert format_age(seconds) == text


@pytest.mark.parametrize("text", ["5s", "2m5s", "5h2m", "5d3h", "400d", "2y70d"])
def test_an_age_survives_reading_and_writing(text: str) -> None:
    seconds = parse_age(text)
    assert seconds is not None
    assert format_age(seconds) == text


@pytest.mark.parametrize("text", ["", "<none>", "Running", "5x", "1/2"])
def test_what_is_no_age(text: str) -> None:
    assert parse_age(text) is None


def test_times_and_quantities() -> None:
    assert parse_time("1970-01-01T00:01:00Z") == 60.0
    assert parse_time("1970-01-01T00:00:00.5Z") == 0.5
    assert parse_time(None) is None
    assert parse_time("yesterday") is None
    assert parse_quantity("250m") == 0.25
    assert parse_quantity("64Mi") == 64 * 1024 * 1024
    assert parse_quantity("1e3") == 1000.0
    assert parse_quantity("a lot") is None


def test_nothing_a_cluster_says_steers_the_terminal() -> None:
    hostile = "a\x1b[31mred\x1b]52;c;aGk=\x07\u202eevil\u200b\x9b2J\x7f"
    cleaned = clean(hostile)
    assert "\x1b" not in cleaned
    assert all(char.isprintable() or char == "\ufffd" for char in cleaned)
    assert clean("plain [red]text[/]") == "plain [red]text[/]"
    assert clean("日本語 👩‍🚀") == "日本語 👩‍🚀"
    assert clean("two\nlines") == "two\ufffdlines"
    assert clean_lines("two\r\nlines\tand \x1bmore") == "two\nlines    and \ufffdmore"


def test_width_is_counted_in_cells() -> None:
    assert cell_width("Pod") == 3
    assert cell_width("日本語") == 6
    assert cell_width("e\u0301") == 1
    assert pad("日本", 6) == "日本  "
    assert pad("longer", 3) == "longer"


def test_digging_ends_at_what_is_missing() -> None:
    obj = {"spec": {"ports": [{"port": 80}, "odd"]}}
    assert dig(obj, "spec", "ports", 0, "port") == 80
    assert dig(obj, "spec", "ports", 5, "port") is None
    assert dig(obj, "status", "phase") is None
    assert list(dicts(obj, "spec", "ports")) == [{"port": 80}]
    assert list(dicts(obj, "spec", "nothing")) == []


def test_words_in_two_languages() -> None:
    text = Text("{kind} is gone", "{kind}はもうありません").format(kind=Text("The Pod", "Pod"))
    assert text.get(Lang.EN) == "The Pod is gone"
    assert text.get(Lang.JA) == "Podはもうありません"


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({}, Lang.EN),
        ({"LANG": "ja_JP.UTF-8"}, Lang.JA),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, Lang.EN),
        ({"LANG": "C", "LC_MESSAGES": "ja_JP"}, Lang.JA),
    ],
)
def test_the_locale_chooses_the_language(environ: dict[str, str], lang: Lang) -> None:
    assert Lang.from_environment(environ) is lang


def test_an_age_in_a_sentence_has_the_units_of_its_language() -> None:
    assert spoken_age(312.0) == Text("5m12s", "5分12秒")
    assert spoken_age(7 * 3_600 + 60) == Text("7h1m", "7時間1分")
    assert spoken_age(1_000 * 86_400) == Text("2y270d", "2年270日")
    assert spoken_age(-5) == Text.same("<invalid>")
