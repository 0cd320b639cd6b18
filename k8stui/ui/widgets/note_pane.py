"""The note pane: what is this. One widget, drawn line by line."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip

from k8stui.core.lang import Lang
from k8stui.session.model import Explanation
from k8stui.ui.base import TonedScroll, act_at
from k8stui.ui.messages import Copy, Follow
from k8stui.ui.prose import Line
from k8stui.ui.widgets.note_lines import full_lines, pane_lines, two_lines

Compose = Callable[[int, Lang], list[Line]]
"""Lines for a width and a language."""


NOTE_CELLS = 108
"""A note in full is set no wider."""
FACTS_CELLS = 146
"""Facts in columns are set no wider."""


class LinesPane(TonedScroll, can_focus=True):
    """Lines that scroll, set anew for each width and language."""

    DEFAULT_CSS = """
    LinesPane {
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; scrollbar-gutter: stable;
        overflow-x: hidden;
        background: $k-ground;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "up", show=False, id="table.up"),
        Binding("down,j", "scroll_down", "down", show=False, id="table.down"),
        Binding("pageup,ctrl+b", "page_up", "page up", show=False, id="table.page-up"),
        Binding("pagedown,ctrl+f,space", "page_down", "page down", show=False, id="table.page-down"),
        Binding("home,g", "scroll_home", "top", show=False, id="table.top"),
        Binding("end,G", "scroll_end", "bottom", show=False, id="table.bottom"),
    ]

    def __init__(self, *, id: str | None = None, most_cells: int = 1_000) -> None:
        """Show nothing yet; later no line wider than ``most_cells``, since long ones are hard to read."""
        super().__init__(id=id)
        self._most_cells = most_cells
        self._composer: Compose | None = None
        self.lines: list[Line] = []
        self._set_for: tuple[int, Lang] | None = None

    @property
    def content(self) -> Compose | None:
        """What is shown."""
        return self._composer

    def show(self, compose: Compose | None, *, keep_place: bool = False) -> None:
        """Show other lines; from the top unless they are a new edition of the same."""
        self._composer, self._set_for = compose, None
        if not keep_place and self.is_attached:
            self.scroll_to(y=0, animate=False, force=True)
        self.reset()

    def reset(self) -> None:
        """Set the lines again if width or language have changed."""
        if not self.is_attached:
            return
        wanted = (max(8, min(self.scrollable_content_region.width, self._most_cells)), self.base.lang)
        if wanted != self._set_for:
            self._set_for = wanted
            self.lines = self._composer(*wanted) if self._composer is not None else []
            if self.virtual_size.height != len(self.lines):
                self.virtual_size = Size(0, len(self.lines))
            self.refresh()

    def on_resize(self) -> None:
        """Another width sets other lines."""
        self.reset()

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        cells = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        return self.painter.strip(self.lines[index] if index < len(self.lines) else (), cells)

    def on_click(self, event: events.Click) -> None:
        """A link leads where it says, a command is copied."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = offset.y + self.scroll_offset.y
        verb, _, what = (
            act_at(self.lines[index], offset.x).partition(":") if index < len(self.lines) else ("", "", "")
        )
        if verb == "copy":
            self.post_message(Copy(what))
        elif verb == "link":
            self.follow(int(what))

    def follow(self, index: int) -> None:
        """Follow the link of that index."""


class NotePane(LinesPane):
    """Explains what is under the cursor, in as many lines as the layout has for it."""

    DEFAULT_CSS = "NotePane { padding: 0 1; }"
    ROOMY = 10
    """From this height on there is room for a title and empty lines."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.explanation: Explanation | None = None

    def explain(self, explanation: Explanation) -> None:
        """Show an explanation; a new one of the same subject keeps the place."""
        same = self.explanation is not None and self.explanation.subject == explanation.subject
        self.explanation = explanation
        self.show(self._lines_of(explanation), keep_place=same)

    def say(self, compose: Compose) -> None:
        """Show something that is no explanation."""
        self.explanation = None
        self.show(compose)

    def follow(self, index: int) -> None:
        """Follow the link of that index, if there is one."""
        if self.explanation is not None and index < len(self.explanation.links):
            self.post_message(Follow(self.explanation.links[index]))

    def _lines_of(self, explanation: Explanation) -> Compose:
        def compose(cells: int, lang: Lang) -> list[Line]:
            height = self.size.height
            if height <= 2:
                return two_lines(explanation, cells, lang)
            return pane_lines(explanation, cells, lang, spacious=height >= self.ROOMY)

        return compose

    def on_resize(self) -> None:
        """The height decides how much is said."""
        self._set_for = None
        self.reset()


class FullNote(LinesPane):
    """The long form of an explanation."""

    def __init__(self, start: Explanation | Compose, *, id: str | None = None) -> None:
        """Show an explanation, or lines that are none (which then stay)."""
        super().__init__(id=id, most_cells=NOTE_CELLS)
        self.explanation: Explanation | None = None
        if isinstance(start, Explanation):
            self.explain(start)
        else:
            self.show(start)

    def on_mount(self) -> None:
        """Set the lines."""
        self.reset()

    def explain(self, explanation: Explanation) -> None:
        """Show a new edition."""
        self.explanation = explanation
        self.show(lambda cells, lang: full_lines(explanation, cells, lang), keep_place=True)

    def follow(self, index: int) -> None:
        """Follow the link of that index, if there is one."""
        if self.explanation is not None and index < len(self.explanation.links):
            self.post_message(Follow(self.explanation.links[index]))
