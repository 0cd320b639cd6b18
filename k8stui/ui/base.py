"""What screens and widgets may know of the app, and the ground that widgets drawn line by line stand on."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.color import Color
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker

from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang, Text
from k8stui.core.text import clean
from k8stui.session.session import Session
from k8stui.ui.compositor import FrontCompositor
from k8stui.ui.prose import Line, Span
from k8stui.ui.text import width

_COLOURS = {"title": "strong", "key": "accent", "code": "accent"}
"""Tones that take the colour of another one."""
_BOLD = ("title",)

Work = Callable[[], Awaitable[None]]
"""What a worker does, called when it runs: one that is cancelled before has begun nothing."""


class BaseApp(App[int]):
    """The app as screens and widgets know it."""

    def __init__(self, session: Session) -> None:
        # Without colours Textual must know from the start that the terminal's own are used: chosen later,
        # an ansi theme under NO_COLOR comes out black on black.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.session = session

    @property
    def lang(self) -> Lang:
        """The language of everything on the screen."""
        return self.session.lang

    def say(self, text: Text) -> str:
        """Words in the language of the screen."""
        return text.get(self.lang)

    def tell(self, text: Text, *, error: bool = False) -> None:
        """Show a sentence in the foot line."""

    def report(self, error: Exception) -> None:
        """Tell of a failure: a sentence for what a person can meet, a log entry for a fault of ours."""

    async def guarded(self, work: Work) -> None:
        """Do a worker's work; what fails is reported and ends there."""
        await work()

    def settle_memory(self) -> None:
        """The start is over: let the garbage collector run, without what stays."""

    def operate(self, operation: str) -> None:
        """Run an action of the table of actions."""

    def sense(self, operation: str) -> bool:
        """Whether an action makes sense now."""
        return True

    def go_to_kind(self, kind: ResourceKind) -> None:
        """Show a kind in the scope that is open."""


class OnceScreen(Screen[ScreenResultType]):
    """A screen that closes once: keys that were typed before it was gone close nothing below it."""

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name, id, classes)
        self._compositor = FrontCompositor()

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close the screen with an answer; nothing happens when it is not the one on top."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


class BaseScreen(OnceScreen[None]):
    """A screen that can change its language while it is open, and does work in the background."""

    @property
    def base(self) -> BaseApp:
        """The app."""
        assert isinstance(self.app, BaseApp)
        return self.app

    def work(self, work: Work, group: str) -> None:
        """Do work as the only one of its group, until the screen closes; what fails is told."""

        async def guarded() -> None:
            await self.base.guarded(work)

        _: Worker[None] = self.run_worker(guarded, group=group, exclusive=True, exit_on_error=False)

    def relabel(self) -> None:
        """Draw everything anew in the current language."""

    def tell(self, text: Text, *, error: bool = False) -> None:
        """Show a sentence in the screen's foot line."""

    def operate(self, operation: str) -> bool:
        """Run an action of the table of actions; whether it is one of this screen's."""
        return False

    def sense(self, operation: str) -> bool:
        """Whether an action makes sense on this screen now."""
        return False


class BaseModal(ModalScreen[str | None], OnceScreen[str | None]):
    """A drawer or a list over the explorer; Esc closes it without an answer."""

    @property
    def base(self) -> BaseApp:
        """The app."""
        assert isinstance(self.app, BaseApp)
        return self.app

    def relabel(self) -> None:
        """Draw everything anew in the current language."""

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


class Painter:
    """Turns spans into strips, with the tones of the theme.

    The tones are read from the theme itself: as component classes they would be matched against the
    stylesheet again for each widget at each change of a class, which costs more than everything else at the
    start.
    """

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[tuple[str, str], Style] = {}
        self.own: dict[str, Style] = {}
        """Tones that no theme knows."""

    def forget(self) -> None:
        """Drop the styles: the theme has changed."""
        self._styles.clear()

    def style(self, tone: str, ground: str = "") -> Style:
        """The style of a tone on the ground of another (cursor, shade), else on the widget's own.

        Without colours a ground is reverse (cursor) or bold (the others), since nothing else would show it.
        """
        style = self.own.get(tone) or self._styles.get((tone, ground))
        if style is None:
            colour = self._colour(_COLOURS.get(tone, tone))
            below = self._colour(ground) if ground else self._widget.rich_style.bgcolor
            plain = self._widget.app.no_color and bool(ground)
            style = Style(
                color=colour,
                bgcolor=below,
                bold=tone in _BOLD or (plain and ground != "cursor") or None,
                reverse=(plain and ground == "cursor") or None,
            )
            self._styles[tone, ground] = style
        return style

    def _colour(self, tone: str) -> RichColor:
        return Color.parse(self._widget.app.theme_variables[f"k-{tone}"]).rich_color

    def strip(self, line: Iterable[Span], cells: int, ground: str = "") -> Strip:
        """A line in exactly so many cells, in which nothing steers the terminal, wherever it comes from."""
        segments = [Segment(clean(span.text), self.style(span.tone, ground)) for span in line if span.text]
        return Strip(segments).adjust_cell_length(cells, self.style("ink", ground))


class TonedWidget(Widget):
    """A widget that is drawn line by line, without scrolling."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.painter = Painter(self)

    def notify_style_update(self) -> None:
        """Drop what was drawn in the old theme."""
        super().notify_style_update()
        self.painter.forget()

    @property
    def base(self) -> BaseApp:
        """The app."""
        assert isinstance(self.app, BaseApp)
        return self.app

    def line(self, y: int, cells: int) -> Line:
        """The line at a height, for a width."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """One line of cells."""
        cells = self.content_size.width
        return self.painter.strip(self.line(y, cells), cells)

    def act_at(self, x: int, y: int) -> str:
        """What a click on a cell of the content does."""
        return act_at(self.line(y, self.content_size.width), x)


class TonedScroll(ScrollView):
    """A widget that is drawn line by line and scrolls."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.painter = Painter(self)
        self._thumb: tuple[int, ...] = ()
        """Size and place of the scrollbar's thumb as drawn, in eighths of a cell."""

    def notify_style_update(self) -> None:
        """Drop what was drawn in the old theme."""
        super().notify_style_update()
        self.painter.forget()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other lines are seen now; the scrollbar is drawn anew only when its thumb has moved."""
        page, lines = max(1, self.size.height), max(1, self.virtual_size.height)
        thumb = tuple(round(8 * page * part / lines) for part in (page, new_value))
        if self.show_vertical_scrollbar and thumb != self._thumb:
            self._thumb = thumb
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value):
            self.refresh(self.scrollable_content_region.size.region)

    @property
    def base(self) -> BaseApp:
        """The app."""
        assert isinstance(self.app, BaseApp)
        return self.app


def act_at(line: Line, x: int) -> str:
    """What a click at a cell of a line does; empty for nothing."""
    for span in line:
        size = width(span.text)
        if x < size:
            return span.act
        x -= size
    return ""
