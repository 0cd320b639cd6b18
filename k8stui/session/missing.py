"""Whether the namespace that a view looks in is there at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8stui.catalog import BUILTIN
from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Text
from k8stui.core.nearest import did_you_mean
from k8stui.core.refs import ObjectRef
from k8stui.session.model import View

if TYPE_CHECKING:
    from k8stui.session.session import Session

_NO_NAMESPACE = Text(
    "There is no Namespace {name} in this cluster.", "このクラスターにNamespace「{name}」はありません。"
)
_CHOOSE = Text("^N chooses among those there are.", "^Nで既存のNamespaceから選べます。")


async def missing_namespace(session: Session, view: View) -> tuple[Text, Text] | None:
    """A sentence and a hint when the one namespace of a view does not exist; None when it does.

    Where the server will not tell, it is taken to exist: people may use namespaces that they cannot read.
    """
    from k8stui.kube.errors import NotFound

    if not view.kind.namespaced or len(view.scope.namespaces) != 1:
        return None
    name = view.scope.namespaces[0]
    try:
        await session.client.get(ObjectRef(BUILTIN["namespaces"], "", name))
    except NotFound:
        near = did_you_mean(name, await session.namespaces())
        hint = _CHOOSE if near is None else Text(f"{near.en} {_CHOOSE.en}", f"{near.ja}{_CHOOSE.ja}")
        return _NO_NAMESPACE.format(name=name), hint
    except ExplorerError:
        pass
    return None
