"""The service account of the pod that this program runs in, when there is no kubeconfig.

Where the server is and whether the files are whole is read by ``kubernetes.aio.config.incluster_config``,
imported only here. Its token is not taken: it is read once, with its line feed; the token file is handed on
and read again every minute like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from k8stui.core.lang import Text
from k8stui.core.text import clean
from k8stui.kube.errors import KubeconfigError
from k8stui.kube.kubefile import Cluster, Context, User

NAME = "in-cluster"
"""The name of the context, its cluster and its user."""
MOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where the kubelet mounts token, ca.crt and namespace."""


def service_account(environ: Mapping[str, str], mount: Path = MOUNT) -> tuple[Context, Cluster, User] | None:
    """The pod's own context; None where no service account is mounted.

    Args:
        environ: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, as the kubelet sets them.
        mount: the directory of the service account.

    Raises KubeconfigError when the mount is incomplete.
    """
    if not environ.get("KUBERNETES_SERVICE_HOST") or not (mount / "token").is_file():
        return None
    from kubernetes.aio.config.config_exception import ConfigException
    from kubernetes.aio.config.incluster_config import InClusterConfigLoader

    found = SimpleNamespace(api_key={})
    loader: Any = InClusterConfigLoader  # the package has no types here
    try:
        loader(str(mount / "token"), str(mount / "ca.crt"), False, environ).load_and_set(found)
    except (ConfigException, OSError) as error:
        raise KubeconfigError(
            Text(
                f"The service account in {mount} cannot be used: {clean(str(error))}",
                f"{mount} のサービスアカウントを使えません: {clean(str(error))}",
            ),
            Text(
                "Name a kubeconfig with --kubeconfig or KUBECONFIG.",
                "--kubeconfig か KUBECONFIG で kubeconfig を指定してください。",
            ),
        ) from None
    try:
        namespace = (mount / "namespace").read_text("utf-8").strip()
    except OSError:
        namespace = ""
    return (
        Context(NAME, NAME, NAME, namespace),
        Cluster(NAME, server=found.host, certificate_authority=Path(found.ssl_ca_cert)),
        User(NAME, source=mount, token_file=mount / "token"),
    )
