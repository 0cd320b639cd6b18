"""The handbook's table of contents: sections with their notes, and a cursor that stands on notes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from k8stui.core.lang import Lang
from k8stui.session.handbook import CHAPTERS, Section, subject_of, title_of
from k8stui.session.model import Link
from k8stui.ui.base import TonedScroll
from k8stui.ui.messages import Follow
from k8stui.ui.prose import Line, Span
from k8stui.ui.text import fit, width
from k8stui.ui.widgets.note_lines import MARKS
from k8stui.ui.widgets.note_pane import LinesPane

if TYPE_CHECKING:
    from k8stui.notes import Note

READ = "✓"
_WIDEST_SUBJECT = 18


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a heading when ``note`` is None."""

    section: Section
    note: Note | None = None


def entries_of(sections: Sequence[Section]) -> list[Entry]:
    """The lines of some sections."""
    return [
        entry
        for section in sections
        for entry in (Entry(section), *(Entry(section, note) for note in section.notes))
    ]


def entry_line(
    entry: Entry, cells: int, lang: Lang, *, read: Collection[str], shown: Mapping[str, int]
) -> Line:
    """A heading with how much of it was read, or a note with its subject.

    Args:
        entry: What to draw.
        cells: The width.
        lang: The language.
        read: The ids of the notes that were read.
        shown: How many objects show a note, where that is known; it stands in the subject's place.
    """
    section, note = entry.section, entry.note
    if note is None:
        done = sum(one.id in read for one in section.notes)
        tail = f"{done}/{len(section.notes)}"
        number = f"{section.id}  " if section.id in CHAPTERS else ""
        room = cells - width(tail) - 3
        title = fit(f"{number}{section.title.get(lang)}", room)
        return (Span(" "), Span(title, "accent"), Span(f" {tail} ", "quiet"))
    mark, tone = MARKS.get(note.severity.value, ("", "strong"))
    about = subject_of(note.about).get(lang)
    if note.id in shown:
        about = f"→ {shown[note.id]}" if shown[note.id] else "–"
    elif note.about.benefit:
        about = ""
    tail = fit(about, min(width(about), _WIDEST_SUBJECT)) if cells >= 40 or note.id in shown else ""
    room = cells - 7 - width(tail)
    return (
        Span(f"  {READ if note.id in read else ' '} ", "good"),
        Span(fit(mark, 1) if mark else " ", tone),
        Span(" "),
        Span(fit(title_of(note, lang), room), "ink" if note.id in read else "strong"),
        Span(f" {tail}", "quiet"),
    )


class HandbookPage(LinesPane):
    """The note that is read, with links to objects that show it."""

    links: Sequence[Link] = ()

    def follow(self, index: int) -> None:
        """Follow the link of that index, if there is one."""
        if index < len(self.links):
            self.post_message(Follow(self.links[index]))


class HandbookList(TonedScroll, can_focus=True):
    """Lists notes by section."""

    DEFAULT_CSS = """
    HandbookList {
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; overflow-x: hidden; background: $k-ground;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False, id="table.up"),
        Binding("down,j", "move(1)", "down", show=False, id="table.down"),
        Binding("pageup,ctrl+b", "page(-1)", "page up", show=False, id="table.page-up"),
        Binding("pagedown,ctrl+f,space", "page(1)", "page down", show=False, id="table.page-down"),
        Binding("home,g", "edge(-1)", "top", show=False, id="table.top"),
        Binding("end,G", "edge(1)", "bottom", show=False, id="table.bottom"),
        Binding("enter", "open", "open", show=False, id="table.open"),
    ]

    @dataclass
    class Highlighted(Message):
        """The cursor came to a note, or there is none."""

        note: Note | None

    @dataclass
    class Opened(Message):
        """The person wants to read a note."""

        note: Note

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.entries: list[Entry] = []
        self.read: Collection[str] = ()
        self.shown: Mapping[str, int] = {}
        self._cursor = 0

    @property
    def note(self) -> Note | None:
        """The note under the cursor."""
        return self.entries[self._cursor].note if self._cursor < len(self.entries) else None

    def show(self, sections: Sequence[Section], *, keep: str = "") -> None:
        """Show other sections, the cursor on the note of that id if it is there, else on the first."""
        self.entries = entries_of(sections)
        ids = [entry.note.id if entry.note is not None else "" for entry in self.entries]
        self._cursor = ids.index(keep) if keep and keep in ids else min(1, max(0, len(ids) - 1))
        self.virtual_size = Size(0, len(self.entries))
        self._scroll_to_cursor()
        self.refresh()
        self.post_message(self.Highlighted(self.note))

    def mark(self, read: Collection[str], shown: Mapping[str, int]) -> None:
        """Show what was read, and how many objects show each note."""
        self.read, self.shown = read, shown
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        cells = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if index >= len(self.entries):
            return self.painter.strip((), cells)
        line = entry_line(self.entries[index], cells, self.base.lang, read=self.read, shown=self.shown)
        ground = ("cursor" if self.has_focus else "shade") if index == self._cursor else ""
        return self.painter.strip(line, cells, ground)

    def action_move(self, by: int) -> None:
        """Move the cursor by so many notes; headings are passed over."""
        self._go(self._cursor + by, by)

    def action_page(self, by: int) -> None:
        """Move the cursor by a window."""
        self._go(self._cursor + by * max(1, self.scrollable_content_region.height - 1), by)

    def action_edge(self, side: int) -> None:
        """Move the cursor to the top or the bottom."""
        self._go(0 if side < 0 else len(self.entries) - 1, -side)

    def action_open(self) -> None:
        """Read the note under the cursor."""
        if self.note is not None:
            self.post_message(self.Opened(self.note))

    def on_click(self, event: events.Click) -> None:
        """A click reads a note."""
        offset = event.get_content_offset(self)
        index = offset.y + self.scroll_offset.y if offset is not None else len(self.entries)
        if index < len(self.entries) and self.entries[index].note is not None:
            self._go(index, 1)
            self.action_open()

    def on_focus(self) -> None:
        """The cursor's line gets its strong colour."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor's line steps back."""
        self.refresh()

    def _go(self, index: int, by: int) -> None:
        """Go to a line; from a heading on in the direction, or back where nothing follows."""
        last = len(self.entries) - 1
        index = max(0, min(index, last))
        step = 1 if by > 0 else -1
        while 0 <= index <= last and self.entries[index].note is None:
            index += step
        if not 0 <= index <= last:
            self._scroll_to_cursor()
            return
        if index != self._cursor:
            self._cursor = index
            self._scroll_to_cursor()
            self.refresh()
            self.post_message(self.Highlighted(self.note))

    def _scroll_to_cursor(self) -> None:
        # The first note of a section is seen with its heading.
        above = 1 if self._cursor and self.entries[self._cursor - 1].note is None else 0
        if self.is_attached:
            region = Region(0, self._cursor - above, 1, 1 + above)
            self.scroll_to_region(region, animate=False, force=True)
