"""The settings of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Lang, Text
from k8stui.core.refs import Scope


class SettingsError(ExplorerError):
    """A setting that does not fit. ``where`` is the file and line, the environment variable or the flag."""

    title = Text("A setting is wrong", "設定に誤りがあります")

    def __init__(self, where: str, message: Text, hint: Text | None = None) -> None:
        super().__init__(Text(f"{where}: {message.en}", f"{where}: {message.ja}"), hint)
        self.where = where


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person chose: defaults, then the file, the environment and the flags, the later ones winning.

    In the file a field is written with hyphens (``read-only``), in the environment in capitals after
    ``K8STUI_`` (``K8STUI_READ_ONLY``).
    """

    lang: Lang = Lang.EN
    """Language of the screen, ``en`` or ``ja``; by default what LC_ALL, LC_MESSAGES or LANG say."""
    theme: str = ""
    """Name of the colour theme, such as ``k8stui-light``; empty is the interface's own default."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Keys by action id, instead of the action's own: ``keys: {logs: L, describe: [d, D]}``. In the file
    only."""
    notes_dir: Path | None = None
    """Directory of a person's own notes, read beside those of the product; a note with the same id
    replaces it."""
    kubeconfig: Path | None = None
    """Kubeconfig file to use instead of what KUBECONFIG and ``~/.kube/config`` say."""
    context: str | None = None
    """Context to open; by default the kubeconfig's current one."""
    namespace: str | None = None
    """Namespace to look at, or several with commas, or ``*`` for all; by default the context's."""
    read_only: bool = False
    """Refuse every action that changes a cluster."""
    context_colours: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Colour of the header by context name or shell pattern, the first that fits:
    ``context-colours: {"*prod*": "#c03030"}``. In the file only."""
    cache_dir: Path | None = None
    """Where discovery is kept between runs; ``XDG_CACHE_HOME/k8stui`` by default."""
    mouse: bool = True
    """Whether the terminal sends mouse events here; without them it selects text by itself."""
    motion: bool = True
    """Whether rows that change glow for a moment."""
    counts_seconds: float = 30.0
    """Seconds after which the number of objects of a kind is asked again; 0 asks only once. At most a day."""

    def scope(self) -> Scope | None:
        """The namespaces that ``namespace`` names; None when the context decides."""
        if self.namespace is None:
            return None
        if self.namespace == "*":
            return Scope.all()
        return Scope.of(*dict.fromkeys(self.namespace.split(",")))

    def colour_of(self, context: str) -> str | None:
        """The header's colour for a context, if any was chosen."""
        for pattern, colour in self.context_colours.items():
            if fnmatchcase(context, pattern):
                return colour
        return None
