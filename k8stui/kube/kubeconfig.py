"""The kubeconfig as kubectl sees it: which files, merged how, and which context is meant.

Rules (client-go ``clientcmd/loader.go``): files named on the command line, else the list in KUBECONFIG, else
``~/.kube/config``, else the service account of the pod that this runs in. For each entry, and for
``current-context``, the first file that has it wins; entries are never mixed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from k8stui.core.lang import Text
from k8stui.core.text import clean
from k8stui.kube.errors import KubeconfigError
from k8stui.kube.incluster import service_account
from k8stui.kube.kubefile import AuthProvider, Cluster, Context, ExecConfig, KubeconfigFile, User, read_file

__all__ = [
    "AuthProvider",
    "ChosenContext",
    "Cluster",
    "Context",
    "ExecConfig",
    "Kubeconfig",
    "User",
    "load",
]


@dataclass(frozen=True, slots=True)
class ChosenContext:
    """A context with its entries looked up: all that a transport needs."""

    name: str
    cluster: Cluster
    user: User | None
    namespace: str
    """The context's namespace; ``default`` when it names none."""


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """The merged configuration. Mappings keep the order of the files."""

    contexts: dict[str, Context] = field(default_factory=dict)
    clusters: dict[str, Cluster] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    current: str = ""
    """current-context; empty when no file names one."""
    looked_in: tuple[Path, ...] = ()
    """The files that were looked for, whether or not they exist."""

    def choose(self, context: str | None = None) -> ChosenContext:
        """Look up a context (the current one when None) with its cluster and user.

        Raises KubeconfigError naming what is missing and the nearest names that exist.
        """
        name = self.current if context is None else context
        if not self.contexts:
            raise _no_contexts(self.looked_in)
        if not name:
            raise KubeconfigError(
                Text(
                    "The kubeconfig names no current context.",
                    "kubeconfig に現在のコンテキストが設定されていません。",
                ),
                Text(
                    f"Choose one with --context: {_some(self.contexts)}.",
                    f"--context で選んでください: {_some(self.contexts)}。",
                ),
            )
        found = self.contexts.get(name)
        if found is None:
            raise _missing(
                Text(f"There is no context “{clean(name)}”.", f"コンテキスト「{clean(name)}」はありません。"),
                name,
                self.contexts,
            )
        cluster = self.clusters.get(found.cluster)
        if cluster is None:
            raise _missing(
                _points_nowhere(name, found.cluster, "cluster", "クラスター"), found.cluster, self.clusters
            )
        if not cluster.server:
            raise KubeconfigError(
                Text(
                    f"The cluster “{clean(cluster.name)}” has no server.",
                    f"クラスター「{clean(cluster.name)}」に server がありません。",
                ),
                Text("Correct the kubeconfig.", "kubeconfig を修正してください。"),
            )
        user = self.users.get(found.user)
        if user is None and found.user:
            raise _missing(_points_nowhere(name, found.user, "user", "ユーザー"), found.user, self.users)
        if user is not None:
            _refuse_contradictions(user)
        return ChosenContext(name, cluster, user, found.namespace or "default")


def load(paths: Sequence[Path] | None, environ: Mapping[str, str]) -> Kubeconfig:
    """Read and merge the kubeconfig.

    Args:
        paths: files named on the command line, which must exist; None to look where kubectl looks.
        environ: the process environment (KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST).

    Raises KubeconfigError for a file that cannot be read or understood. No file at all is no error here.
    """
    if paths is not None:
        return _merge([read_file(path) for path in _unique(paths)], tuple(paths))
    where = _usual_places(environ)
    merged = _merge([read_file(path) for path in where if _exists(path)], tuple(where))
    if merged.contexts:
        return merged
    found = service_account(environ)
    if found is None:
        return merged
    context, cluster, user = found
    return Kubeconfig(
        {context.name: context}, {cluster.name: cluster}, {user.name: user}, context.name, tuple(where)
    )


def _usual_places(environ: Mapping[str, str]) -> list[Path]:
    if listed := environ.get("KUBECONFIG"):
        return _unique(Path(name) for name in listed.split(os.pathsep) if name)
    home = environ.get("HOME")
    return [(Path(home) if home else Path.home()) / ".kube" / "config"]


def _exists(path: Path) -> bool:
    """Whether there is something to read; what may not be looked at counts, so that reading it tells why."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _unique(paths: Iterable[Path]) -> list[Path]:
    return list(dict.fromkeys(paths))


def _merge(files: Sequence[KubeconfigFile], looked_in: tuple[Path, ...]) -> Kubeconfig:
    contexts: dict[str, Context] = {}
    clusters: dict[str, Cluster] = {}
    users: dict[str, User] = {}
    current = ""
    for file in files:
        contexts = file.contexts | contexts
        clusters = file.clusters | clusters
        users = file.users | users
        current = current or file.current
    return Kubeconfig(contexts, clusters, users, current, looked_in)


def _no_contexts(looked_in: tuple[Path, ...]) -> KubeconfigError:
    places = ", ".join(str(path) for path in looked_in) or "KUBECONFIG"
    return KubeconfigError(
        Text(
            f"No kubeconfig with a context was found ({places}).",
            f"コンテキストを含む kubeconfig が見つかりません ({places})。",
        ),
        Text(
            "Name one with --kubeconfig or KUBECONFIG, or explore the practice cluster.",
            "--kubeconfig か KUBECONFIG で指定するか、練習用クラスターをお使いください。",
        ),
    )


def _points_nowhere(context: str, name: str, en: str, ja: str) -> Text:
    if not name:
        return Text(
            f"The context “{clean(context)}” names no {en}.",
            f"コンテキスト「{clean(context)}」に{ja}が指定されていません。",
        )
    return Text(
        f"The context “{clean(context)}” names the {en} “{clean(name)}”, which no kubeconfig file holds.",
        f"コンテキスト「{clean(context)}」が指す{ja}「{clean(name)}」は、どの kubeconfig にもありません。",
    )


def _refuse_contradictions(user: User) -> None:
    """What kubectl refuses as well: two answers to the question who the user is."""
    problem: Text | None = None
    if user.token and (user.username or user.password):
        problem = Text("both a token and a password", "トークンとパスワードの両方")
    elif user.exec is not None and user.auth_provider is not None:
        problem = Text("both exec and auth-provider", "exec と auth-provider の両方")
    elif not user.impersonate and (user.impersonate_uid or user.impersonate_groups or user.impersonate_extra):
        problem = Text(
            "as-uid, as-groups or as-user-extra without as", "as のない as-uid、as-groups、as-user-extra"
        )
    if problem is not None:
        raise KubeconfigError(
            Text(
                "The user “{user}” has {problem}.", "ユーザー「{user}」に{problem}が指定されています。"
            ).format(user=clean(user.name), problem=problem),
            Text("Correct the kubeconfig.", "kubeconfig を修正してください。"),
        )


def _missing(message: Text, name: str, names: Iterable[str]) -> KubeconfigError:
    import difflib

    known = list(names)
    folded = {candidate.casefold(): candidate for candidate in known}
    near = [folded[match] for match in difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)]
    if near:
        return KubeconfigError(message, Text(f"Did you mean {_some(near)}?", f"もしかして: {_some(near)}"))
    if known:
        return KubeconfigError(
            message, Text(f"There are: {_some(known)}.", f"あるのは次のとおりです: {_some(known)}。")
        )
    return KubeconfigError(message)


def _some(names: Iterable[str], most: int = 8) -> str:
    known = [clean(name) for name in names]
    return ", ".join(known[:most]) + (", …" if len(known) > most else "")
