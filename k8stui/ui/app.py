"""The app: themes, language, what is true of every screen, and the edge where faults are caught."""

from __future__ import annotations

import gc
import logging
import os
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from k8stui.core.errors import ExplorerError
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang, Text
from k8stui.session.model import View
from k8stui.session.operations import OPERATIONS
from k8stui.session.session import Session
from k8stui.settings import state_dir
from k8stui.ui.base import BaseApp, BaseModal, BaseScreen, Work
from k8stui.ui.keys import bindings, keymap
from k8stui.ui.screens.explorer import APP_WIDE, ExplorerScreen
from k8stui.ui.theme import DARK, NO_COLOR_THEME, PALETTES, following, themes

if TYPE_CHECKING:
    from textual.command import Provider

FAULTS_AT_ONCE = 5
"""So many faults of ours within ``FAULT_SECONDS`` and the app ends: it would only fail again."""
FAULT_SECONDS = 10.0
_START_SECONDS = 30.0
_COLLECT_AFTER = 50_000
"""Objects made since the last collection; Python's own 700 would collect at every burst of events."""

_FAULT = Text(
    "Something in k8stui itself went wrong ({error}); it goes on. Details are in {path}",
    "k8stuiの内部でエラーが起きました（{error}）。このまま続けられます。詳細は{path}に記録しました",
)
_THEME = Text("Theme: {name}", "配色: {name}")


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What the command line asks to see first."""

    kind: str = "pods"
    """A word that names a kind."""
    practice: bool = False
    """Open the practice cluster whatever the kubeconfig says."""


def _commands() -> type[Provider]:
    from k8stui.ui.commands import ExplorerCommands

    return ExplorerCommands


class ExplorerApp(BaseApp):
    """k8stui in a terminal."""

    TITLE = "k8stui"
    ENABLE_COMMAND_PALETTE = False
    COMMANDS: ClassVar = {_commands}
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings((op for op in OPERATIONS if op.id in APP_WIDE), priority=True)
    ]
    CSS_PATH = Path(__file__).parent / "screens" / "explorer.tcss"

    def __init__(self, session: Session, start: StartRequest, *, log: Path) -> None:
        super().__init__(session)
        self._fault_path = log
        self._fault_log: logging.Logger | None = None
        self._faults: deque[float] = deque(maxlen=FAULTS_AT_ONCE)
        self.faults: list[Exception] = []
        """Faults of ours in this run."""
        for theme in themes():
            self.register_theme(theme)
        self.theme = self._first_theme()
        self.set_keymap(keymap(session.settings.keys))
        self._explorer = ExplorerScreen(session, start.kind, practice=start.practice)

    def _first_theme(self) -> str:
        if self.no_color:
            return NO_COLOR_THEME
        wanted = self.session.settings.theme
        return next(
            (
                name
                for name in PALETTES
                if wanted and name.removeprefix("k8stui-") == wanted.removeprefix("k8stui-")
            ),
            "k8stui-dark",
        )

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Every theme knows the tones, also one that is not ours."""
        return DARK.variables()

    def on_mount(self) -> None:
        """Collect garbage again at the latest when a start takes unusually long."""
        self.set_timer(_START_SECONDS, self.settle_memory)

    def settle_memory(self) -> None:
        """Leave what the start has made out of every collection from now on.

        A full collection over the rows of a large cluster would stop the keys for tens of milliseconds.
        """
        if not gc.isenabled():
            gc.freeze()
            gc.set_threshold(_COLLECT_AFTER)
            gc.enable()

    def get_default_screen(self) -> ExplorerScreen:
        """The explorer."""
        return self._explorer

    @property
    def explorer(self) -> ExplorerScreen:
        """The explorer, also while a drawer is over it."""
        return self._explorer

    async def on_unmount(self) -> None:
        """Close the cluster and the log."""
        await self.session.close()
        for handler in self._fault_log.handlers if self._fault_log is not None else ():
            handler.close()

    # Telling

    def tell(self, text: Text, *, error: bool = False) -> None:
        """Show a sentence in the foot line."""
        self._page.tell(text, error=error)

    def report(self, error: Exception) -> None:
        """Tell of a failure: a sentence for what a person can meet, a log entry for a fault of ours."""
        if isinstance(error, ExplorerError):
            self.tell(Text(error.sentence(Lang.EN), error.sentence(Lang.JA)), error=True)
            return
        self.faults.append(error)
        self._write(error)
        self.tell(_FAULT.format(error=type(error).__name__, path=self._fault_path), error=True)

    async def guarded(self, work: Work) -> None:
        """Do a worker's work; what fails is reported and ends there."""
        try:
            await work()
        except Exception as error:  # the app's edge: nothing above would show it to the person
            self.report(error)

    def _handle_exception(self, error: Exception) -> None:
        """A handler or a repaint failed: tell, log and go on, unless faults come too fast.

        Textual would end the app at once; private in Textual 8.2.8.
        """
        now = time.monotonic()
        self._faults.append(now)
        too_many = len(self._faults) == FAULTS_AT_ONCE and now - self._faults[0] < FAULT_SECONDS
        if too_many or not self._explorer.is_mounted:
            self._write(error)
            super()._handle_exception(error)
        else:
            self.report(error)

    def _write(self, error: Exception) -> None:
        if self._fault_log is None:
            self._fault_log = logging.Logger("k8stui")
            try:
                self._fault_path.parent.mkdir(parents=True, exist_ok=True)
                self._fault_log.addHandler(
                    RotatingFileHandler(self._fault_path, maxBytes=1_000_000, backupCount=1, encoding="utf-8")
                )
            except OSError:
                self._fault_log.addHandler(logging.NullHandler())
        self._fault_log.error("k8stui failed", exc_info=error)

    # Actions

    def action_operate(self, operation: str) -> None:
        """Run an action by its key."""
        self.operate(operation)

    def operate(self, operation: str) -> None:
        """Run an action of the table of actions, whichever screen is open."""
        match operation:
            case "quit":
                self.exit(0)
            case "language":
                self._switch_language()
            case "theme":
                self._switch_theme()
            case "palette":
                self._open_palette()
            case _:
                self._page.operate(operation)

    def sense(self, operation: str) -> bool:
        """Whether an action makes sense now."""
        return operation in APP_WIDE or self._page.sense(operation)

    @property
    def _page(self) -> BaseScreen:
        """The screen that actions go to: the topmost that is no drawer and no list."""
        screens = (screen for screen in reversed(self.screen_stack) if isinstance(screen, BaseScreen))
        return next(screens, self._explorer)

    def go_to_kind(self, kind: ResourceKind) -> None:
        """Show a kind in the scope that is open."""
        while self.screen is not self._explorer:
            self.pop_screen()
        self._explorer.open_view(View(kind, self.session.scope))

    def _switch_language(self) -> None:
        self.session.lang = Lang.EN if self.session.lang is Lang.JA else Lang.JA
        for screen in self.screen_stack:
            if isinstance(screen, BaseScreen | BaseModal):
                screen.relabel()

    def _switch_theme(self) -> None:
        if not self.no_color:
            self.theme = following(self.theme)
            self.tell(_THEME.format(name=self.theme))

    def _open_palette(self) -> None:
        from k8stui.ui.screens.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))


def run(session: Session, start: StartRequest, *, environ: Mapping[str, str] = os.environ) -> int:
    """Run the explorer in this terminal until the person leaves; the exit status."""
    app = ExplorerApp(session, start, log=state_dir(environ) / "k8stui.log")
    app.run(mouse=session.settings.mouse)
    return app.return_code or 0
