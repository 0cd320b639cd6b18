"""Puts the widgets of a screen together; of what lies behind others nothing is drawn."""

from __future__ import annotations

from collections.abc import Iterable

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip


class FrontCompositor(Compositor):
    """Textual's compositor, drawing the widgets that are seen in the parts of the screen that changed.

    Textual draws every widget that stands between the first and the last change, over its whole height, and
    lets the ones in front win; a scrolled line then costs the screen, each container and the panes
    beside it. Strips are opaque, so behind a widget that takes up all of a change nothing need be drawn.
    """

    def __init__(self) -> None:
        super().__init__()
        self._changes: list[Region] = []
        """Parts of the screen to draw now; empty for all that is asked for."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """Draw what has changed since the last time; nothing to draw is ``None``."""
        screen = self.size.region
        self._changes = [change for region in self._dirty_regions if (change := region.intersection(screen))]
        try:
            return super().render_partial_update()
        finally:
            self._changes = []

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """The widgets seen in what changed, front to back: their regions, clips and strips.

        The clips are narrowed to the rows of the changes; not to their columns, since Textual cuts the lines
        where widgets begin and end.
        """
        screen = self.size.region
        left = self._changes or [screen if crop is None else crop.intersection(screen)]
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            touched = [change for change in left if seen.overlaps(change)]
            if not touched:
                continue
            top, bottom = min(change.y for change in touched), max(change.bottom for change in touched)
            shown = seen.intersection(Region(0, top, screen.width, bottom - top))
            yield region, shown, widget.render_lines(shown.translate((-region.x, -region.y)))
            left = [change for change in left if not seen.contains_region(change)]
            if not left:
                return
