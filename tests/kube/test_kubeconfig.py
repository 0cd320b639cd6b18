"""The kubeconfig as kubectl reads it; real kubectl judges."""

from __future__ import annotations

import base64
import functools
import json
import os
from pathlib import Path
from typing import Any

import pytest

from k8stui.core.lang import Lang
from k8stui.kube.errors import KubeconfigError
from k8stui.kube.incluster import service_account
from k8stui.kube.kubeconfig import load
from tests.kube.judge import (
    COMBINATIONS,
    FIRST,
    QUOTED,
    as_kubectl,
    cluster_json,
    judged,
    kubectls,
    layout,
    user_json,
)


@pytest.mark.parametrize("names", COMBINATIONS, ids="+".join)
@pytest.mark.parametrize("kubectl", kubectls())
def test_files_are_merged_as_kubectl_merges_them(kubectl: str, names: list[str], tmp_path: Path) -> None:
    made = layout(tmp_path)
    environ = {"KUBECONFIG": os.pathsep.join(str(made[name]) for name in names), "HOME": str(tmp_path)}
    config = load(None, environ)
    assert as_kubectl(config) == judged(kubectl, environ)
    if not config.current:
        return
    for context in config.contexts:
        minified = judged(kubectl, environ, "--minify", "--context", context)
        if minified is None:
            with pytest.raises(KubeconfigError):
                config.choose(context)
            continue
        chosen = config.choose(context)
        assert minified["clusters"] == {chosen.cluster.name: cluster_json(chosen.cluster)}
        user = {chosen.user.name: user_json(chosen.user)} if chosen.user else {}
        assert minified["users"] == user
        assert chosen.namespace == minified["contexts"][context].get("namespace", "default")


@pytest.mark.parametrize("kubectl", kubectls())
def test_relative_paths_lead_where_kubectl_goes(kubectl: str, tmp_path: Path) -> None:
    made = layout(tmp_path)
    for name in ("first", "second"):
        (made[name].parent / "ca").mkdir()
        (made[name].parent / "ca" / "first.pem").write_text(name)
    environ = {"KUBECONFIG": f"{made['bare']}:{made['first']}", "HOME": str(tmp_path)}
    flat = judged(kubectl, environ, "--flatten", "--minify", "--context", "plugin")
    assert flat is not None
    chosen = load(None, environ).choose("plugin")
    content = chosen.cluster.certificate_authority and chosen.cluster.certificate_authority.read_bytes()
    assert base64.b64decode(flat["clusters"]["shared"]["certificate-authority-data"]) == content == b"first"


def test_the_first_file_wins_for_entries_and_for_the_current_context(tmp_path: Path) -> None:
    """Difference 5: the package lets the last file's current-context win."""
    made = layout(tmp_path)
    config = load([made["first"], made["second"]], {})
    assert config.current == "one"
    assert config.clusters["shared"].server == "https://first:6443"
    assert config.clusters["shared"].proxy_url == ""
    assert load([made["second"], made["first"]], {}).current == "other"


def test_an_empty_or_missing_file_in_the_list_is_fine_and_the_variable_is_read_each_time(
    tmp_path: Path,
) -> None:
    """Difference 6: the package fails on an empty file and freezes KUBECONFIG on import."""
    made = layout(tmp_path)
    listed = os.pathsep.join(str(made[name]) for name in ("empty", "missing", "first"))
    assert load(None, {"KUBECONFIG": listed}).current == "one"
    assert load(None, {"KUBECONFIG": str(made["second"])}).current == "other"
    home = tmp_path / "home"
    (home / ".kube").mkdir(parents=True)
    (home / ".kube" / "config").write_text(QUOTED)
    assert load(None, {"HOME": str(home)}).current == "2024-01-01"
    assert load(None, {"HOME": str(home), "KUBECONFIG": ""}).current == "2024-01-01"


def test_a_plugin_command_with_a_slash_belongs_to_its_file(tmp_path: Path) -> None:
    """Difference 1: the package looks in the current directory."""
    made = layout(tmp_path)
    config = load([made["first"], made["second"]], {})
    plugin = config.choose("plugin").user
    assert plugin is not None and plugin.exec is not None
    assert plugin.exec.command == str(made["second"].parent / "bin/login")
    bare = load([made["bare"]], {}).users["plugin"].exec
    assert bare is not None and bare.command == "login"


def test_paths_start_at_the_file_even_when_it_is_named_relatively(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = layout(tmp_path)
    monkeypatch.chdir(tmp_path)
    config = load([Path("dir-first/config")], {})
    assert config.clusters["shared"].certificate_authority == made["first"].parent / "ca/first.pem"


def test_a_context_without_a_user_can_be_chosen(tmp_path: Path) -> None:
    """Difference 3: the package raises TypeError."""
    path = tmp_path / "config"
    path.write_text(
        'contexts: [{name: c, context: {cluster: k}}]\nclusters: [{name: k, cluster: {server: "https://k"}}]'
    )
    chosen = load([path], {}).choose("c")
    assert chosen.user is None
    assert chosen.namespace == "default"


def both(error: pytest.ExceptionInfo[KubeconfigError]) -> str:
    return error.value.sentence(Lang.EN) + "\n" + error.value.sentence(Lang.JA)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("clusters:\n- name: a\n  cluster: {server: 'x\n", 4, "YAML"),
        ("a: b\n\tc: d\n", 2, "YAML"),
        ("- a\n- b\n", 1, "mapping"),
        ("just words\n", 1, "mapping"),
        ("users:\n- name: u\n  user:\n    token: 12345\n", 4, "users.0.user.token"),
        ("clusters:\n  a: b\n", 2, "clusters"),
        ("clusters:\n- name: a\n  cluster: {insecure-skip-tls-verify: 'yes'}\n", 3, "true"),
        ("current-context: x\nkind: Pod\n", 2, "Pod"),
        ("users:\n- {name: u, user: {}}\n- {name: u, user: {}}\n", 3, "“u”"),
        ("users: [{name: u, user: {exec: {args: [1]}}}]\n", 1, "users.0.user.exec.args.0"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(tmp_path: Path, text: str, line: int, word: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(KubeconfigError) as error:
        load([path], {})
    assert f"{path}:{line}: " in error.value.message.en
    assert f"{path}:{line}: " in error.value.message.ja
    assert word in error.value.message.en
    for kubectl in kubectls():
        environ = {"KUBECONFIG": str(path), "HOME": str(tmp_path)}
        assert judged(kubectl, environ) is None, "kubectl takes what we refuse"


def test_a_file_named_on_the_command_line_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match="No such file"):
        load([tmp_path / "nothing"], {})
    with pytest.raises(KubeconfigError, match="directory"):
        load([tmp_path], {})


def test_no_kubeconfig_at_all_says_where_was_looked(tmp_path: Path) -> None:
    config = load(None, {"HOME": str(tmp_path)})
    with pytest.raises(KubeconfigError) as error:
        config.choose()
    assert both(error).count(str(tmp_path / ".kube" / "config")) == 2


def test_unknown_names_come_with_the_nearest_ones(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(
        "contexts:\n"
        "- {name: production, context: {cluster: prod}}\n"
        "- {name: staging, context: {cluster: stage, user: jan}}\n"
        "- {name: nothing, context: {}}\n"
        "clusters: [{name: prod-eu, cluster: {}}, {name: stage, cluster: {server: 'https://s'}}]\n"
        "users: [{name: jane, user: {}}]\n"
    )
    config = load([path], {})
    for context, *words in (
        ("Prodction", "“Prodction”", "production?"),
        ("zzz", "production, staging, nothing"),
        ("production", "“prod”", "prod-eu?"),
        ("staging", "“jan”", "jane?"),
        ("nothing", "no cluster"),
        (None, "no current context", "--context"),
    ):
        with pytest.raises(KubeconfigError) as error:
            config.choose(context)
        for word in words:
            assert word in error.value.sentence(Lang.EN)
        assert error.value.sentence(Lang.JA) != error.value.sentence(Lang.EN)


@pytest.mark.parametrize(
    ("user", "word"),
    [
        ({"token": "t", "username": "u"}, "password"),
        ({"exec": {"command": "x"}, "auth-provider": {"name": "oidc"}}, "auth-provider"),
        ({"token": "t", "as-groups": ["admins"]}, "without as"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path: Path, user: dict[str, Any], word: str) -> None:
    path = tmp_path / "config"
    path.write_text(
        json.dumps(
            {
                "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
                "clusters": [{"name": "k", "cluster": {"server": "https://k"}}],
                "users": [{"name": "u", "user": user}],
            }
        )
    )
    with pytest.raises(KubeconfigError, match=word):
        load([path], {}).choose("c")


def test_nothing_secret_shows_in_a_repr(tmp_path: Path) -> None:
    path = tmp_path / "config"
    secret = {
        "token": "SECRET-1",
        "password": "SECRET-2",
        "client-key-data": base64.b64encode(b"SECRET-3").decode(),
        "exec": {"command": "x", "args": ["SECRET-4"], "env": [{"name": "A", "value": "SECRET-5"}]},
        "auth-provider": {"name": "oidc", "config": {"refresh-token": "SECRET-6"}},
    }
    path.write_text(
        json.dumps(
            {
                "users": [{"name": "u", "user": secret}],
                "clusters": [{"name": "k", "cluster": {"proxy-url": "http://me:SECRET-7@proxy"}}],
            }
        )
    )
    config = load([path], {})
    shown = repr(config)
    assert "SECRET" not in shown
    assert base64.b64encode(b"SECRET-3").decode() not in shown
    assert config.users["u"].token == "SECRET-1"


def mount(root: Path) -> Path:
    (root / "token").write_text("pod-token\n")
    (root / "ca.crt").write_text("certificate")
    (root / "namespace").write_text("team-a\n")
    return root


def test_a_pod_uses_its_service_account(tmp_path: Path) -> None:
    environ = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    found = service_account(environ, mount(tmp_path))
    assert found is not None
    context, cluster, user = found
    assert context.namespace == "team-a"
    assert cluster.server == "https://[fd00::1]:443"
    assert cluster.certificate_authority == tmp_path / "ca.crt"
    assert user.token_file == tmp_path / "token"


def test_a_pod_without_a_kubeconfig_finds_its_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = functools.partial(service_account, mount=mount(tmp_path))
    monkeypatch.setattr("k8stui.kube.kubeconfig.service_account", account)
    environ = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443", "HOME": str(tmp_path)}
    chosen = load(None, environ).choose()
    assert (chosen.name, chosen.namespace, chosen.cluster.server) == (
        "in-cluster",
        "team-a",
        "https://10.0.0.1:443",
    )
    (tmp_path / "config").write_text(FIRST)
    assert load(None, {**environ, "KUBECONFIG": str(tmp_path / "config")}).choose().name == "one"


def test_outside_a_pod_there_is_no_service_account(tmp_path: Path) -> None:
    environ = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    assert service_account(environ, tmp_path) is None
    assert service_account({}, mount(tmp_path)) is None


def test_an_incomplete_service_account_is_told(tmp_path: Path) -> None:
    environ = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    (mount(tmp_path) / "ca.crt").unlink()
    with pytest.raises(KubeconfigError, match="certification file"):
        service_account(environ, tmp_path)
