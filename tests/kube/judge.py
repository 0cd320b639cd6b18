"""Kubeconfig files to merge, and real kubectl to judge the result."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from k8stui.kube.kubeconfig import Cluster, Context, Kubeconfig, User

FIRST = """
apiVersion: v1
kind: Config
current-context: one
clusters:
- name: shared
  cluster: {server: "https://first:6443", certificate-authority: ca/first.pem}
- name: only-first
  cluster: {server: "https://only-first:6443", tls-server-name: inner, insecure-skip-tls-verify: true}
users:
- name: alice
  user: {token: first-token}
- name: file
  user: {tokenFile: tokens/t}
contexts:
- name: one
  context: {cluster: shared, user: alice, namespace: team-a}
- name: two
  context: {cluster: only-first, user: file}
- name: plugin
  context: {cluster: shared, user: plugin}
"""


SECOND = """
current-context: other
clusters:
- name: shared
  cluster: {server: "https://second:6443", proxy-url: "http://proxy:3128"}
- name: only-second
  cluster: {server: "https://only-second:6443", disable-compression: true}
users:
- name: alice
  user: {username: alice, password: second}
- name: certificate
  user: {client-certificate: c.crt, client-key: /abs/c.key}
- name: plugin
  user:
    as: jane
    as-groups: [a, b]
    as-user-extra: {scopes: [x]}
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: bin/login
      args: [get, token]
      env: [{name: A, value: b}]
      interactiveMode: Never
      provideClusterInfo: true
      installHint: get it
contexts:
- name: other
  context: {cluster: only-second, user: certificate}
- name: two
  context: {cluster: only-second, user: alice}
"""


BARE = """
users:
- name: plugin
  user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login, args: null}}
clusters:
contexts: []
"""


QUOTED = """
current-context: "2024-01-01"
contexts: [{name: 2024-01-01, context: {cluster: "0x10", user: "on", namespace: 1e3x}}]
clusters: [{name: "0x10", cluster: {server: "http://plain:80"}}]
users: [{name: "on", user: {token: 2024-01-01T00:00:00Z}}]
unknown: {deep: [1]}
"""


def kubectls() -> list[str]:
    beside = Path(sys.executable).with_name("kubectl")
    found = [str(beside)] if beside.exists() else []
    return found + [path for path in [shutil.which("kubectl")] if path and path not in found]


def layout(root: Path) -> dict[str, Path]:
    """The files in directories of their own, so that relative paths tell which file they came from."""
    made = {}
    for name, text in {"first": FIRST, "second": SECOND, "bare": BARE, "quoted": QUOTED, "empty": ""}.items():
        path = root / f"dir-{name}" / "config"
        path.parent.mkdir()
        path.write_text(text)
        made[name] = path
    made["missing"] = root / "nowhere" / "config"
    return made


def as_kubectl(config: Kubeconfig) -> dict[str, Any]:
    """Our reading in the shape of ``kubectl config view -o json``, what is empty left out."""
    return {
        "current-context": config.current,
        "clusters": {name: cluster_json(cluster) for name, cluster in config.clusters.items()},
        "users": {name: user_json(user) for name, user in config.users.items()},
        "contexts": {name: context_json(context) for name, context in config.contexts.items()},
    }


def filled(**values: Any) -> dict[str, Any]:
    return {
        key.replace("_", "-"): as_written(value) if isinstance(value, Path) else value
        for key, value in values.items()
        if value
    }


def as_written(path: Path | str) -> str:
    """The path without the directory of its file: kubectl's view does not complete paths."""
    return re.sub(r"^/.*/dir-[a-z]+/", "", str(path))


def cluster_json(cluster: Cluster) -> dict[str, Any]:
    return filled(
        server=cluster.server,
        certificate_authority=cluster.certificate_authority,
        certificate_authority_data=cluster.certificate_authority_data,
        insecure_skip_tls_verify=cluster.insecure,
        tls_server_name=cluster.tls_server_name,
        proxy_url=cluster.proxy_url,
        disable_compression=cluster.disable_compression,
    )


def context_json(context: Context) -> dict[str, Any]:
    return filled(cluster=context.cluster, user=context.user, namespace=context.namespace)


def user_json(user: User) -> dict[str, Any]:
    found = filled(
        token=user.token,
        tokenFile=user.token_file,
        username=user.username,
        password=user.password,
        client_certificate=user.client_certificate,
        client_key=user.client_key,
        as_uid=user.impersonate_uid,
        as_groups=list(user.impersonate_groups),
        as_user_extra={key: list(values) for key, values in user.impersonate_extra.items()},
    )
    if user.impersonate:
        found["as"] = user.impersonate
    if user.exec is not None:
        found["exec"] = {
            "command": as_written(user.exec.command),
            "args": list(user.exec.args) or None,
            "env": [{"name": name, "value": value} for name, value in user.exec.env] or None,
            "apiVersion": user.exec.api_version,
            "provideClusterInfo": user.exec.provide_cluster_info,
            **({"installHint": user.exec.install_hint} if user.exec.install_hint else {}),
            # kubectl fills in the default of the old version while reading
            "interactiveMode": user.exec.interactive_mode or "IfAvailable",
        }
    return found


def judged(kubectl: str, environ: dict[str, str], *more: str) -> dict[str, Any] | None:
    """What kubectl makes of the same files; None when it refuses them."""
    ran = subprocess.run(
        [kubectl, "config", "view", "--raw", "-o", "json", *more],
        env=environ,
        capture_output=True,
        check=False,
    )
    if ran.returncode:
        return None
    view = json.loads(ran.stdout)
    inner = {"clusters": "cluster", "users": "user", "contexts": "context"}
    return {
        "current-context": view["current-context"],
        **{key: {item["name"]: item[one] for item in view[key] or []} for key, one in inner.items()},
    }


COMBINATIONS = [
    ["first"],
    ["first", "second"],
    ["second", "first"],
    ["missing", "empty", "second", "first", "second"],
    ["bare", "first", "second"],
    ["empty", "quoted"],
    ["quoted", "bare", "first"],
    ["missing"],
    ["empty"],
]
