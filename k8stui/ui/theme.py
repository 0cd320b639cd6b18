"""The colours: three themes, and one without any for NO_COLOR.

Every theme is a ``Palette`` of named tones; widgets use only these names, as CSS variables. Each foreground
reaches a contrast of 4.5:1 on each background that it is drawn on (``PAIRS``), which a test computes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from textual.theme import Theme

from k8stui.catalog import Category


@dataclass(frozen=True, slots=True)
class Palette:
    """The tones of one theme, as CSS colours."""

    ground: str
    """Behind everything."""
    panel: str
    """Behind header, foot and prompt."""
    cursor: str
    """Behind the line of the cursor, in the pane that has the focus."""
    shade: str
    """Behind the line of the cursor in the other panes."""
    hover: str
    line: str
    """Rules between panes: decoration, without a contrast to keep."""
    ink: str
    """Text."""
    quiet: str
    """Text that stands back: evidence, captions, keys' words."""
    faint: str
    """What is not used: still readable."""
    strong: str
    """Headlines, and the text on the cursor's line."""
    accent: str
    """Keys, links, the prompt."""
    good: str
    busy: str
    warn: str
    bad: str
    workloads: str
    service: str
    config_storage: str
    cluster: str
    metadata: str

    def variables(self) -> dict[str, str]:
        """The tones as CSS variables, and Textual's own variables set from them."""
        tones = {f"k-{name.replace('_', '-')}": color for name, color in asdict(self).items()}
        return tones | {
            "text": self.ink,
            "text-muted": self.quiet,
            "text-disabled": self.faint,
            "foreground": self.ink,
            "foreground-muted": self.quiet,
            "text-primary": self.accent,
            "text-secondary": self.busy,
            "text-accent": self.accent,
            "text-success": self.good,
            "text-warning": self.warn,
            "text-error": self.bad,
            "block-cursor-background": self.cursor,
            "block-cursor-foreground": self.strong,
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": self.shade,
            "block-cursor-blurred-foreground": self.ink,
            "block-hover-background": self.hover,
            "input-cursor-background": self.ink,
            "input-cursor-foreground": self.ground,
            "input-selection-background": self.cursor,
            "input-selection-foreground": self.strong,
            "border": self.line,
            "border-blurred": self.line,
            "scrollbar": self.line,
            "scrollbar-hover": self.quiet,
            "scrollbar-active": self.accent,
            "scrollbar-background": self.ground,
            "scrollbar-background-hover": self.ground,
            "scrollbar-background-active": self.ground,
            "scrollbar-corner-color": self.ground,
        }


DARK = Palette(
    ground="#11161c",
    panel="#1b232c",
    cursor="#1a3759",
    shade="#25303b",
    hover="#1d2731",
    line="#33404d",
    ink="#d6dde5",
    quiet="#a6b2be",
    faint="#94a1ae",
    strong="#ffffff",
    accent="#82bcff",
    good="#84d795",
    busy="#7fcbe8",
    warn="#f0c35e",
    bad="#ff9c94",
    workloads="#82bcff",
    service="#6fd6bb",
    config_storage="#eebb66",
    cluster="#c9adff",
    metadata="#ffa5c8",
)
LIGHT = Palette(
    ground="#fcfcfd",
    panel="#eceff3",
    cursor="#cbdff6",
    shade="#e2e7ed",
    hover="#f0f3f6",
    line="#c3ccd6",
    ink="#1d262f",
    quiet="#465360",
    faint="#525f6c",
    strong="#0a1420",
    accent="#0a4f9e",
    good="#17602a",
    busy="#005a73",
    warn="#734800",
    bad="#a31f18",
    workloads="#0a4f9e",
    service="#005c50",
    config_storage="#734800",
    cluster="#5d2ea3",
    metadata="#93134f",
)
CONTRAST = Palette(
    ground="#000000",
    panel="#1a1a1a",
    cursor="#00309a",
    shade="#333333",
    hover="#1a1a1a",
    line="#8c8c8c",
    ink="#ffffff",
    quiet="#dcdcdc",
    faint="#c8c8c8",
    strong="#ffffff",
    accent="#8fd3ff",
    good="#7dff8f",
    busy="#7fe9ff",
    warn="#ffdf4d",
    bad="#ffaca5",
    workloads="#8fd3ff",
    service="#6bffd5",
    config_storage="#ffd24d",
    cluster="#dcc4ff",
    metadata="#ffb0d5",
)
PLAIN = Palette(**dict.fromkeys(Palette.__dataclass_fields__, "ansi_default"))
"""No colours at all: what the terminal has. Cursor and marks then speak by reverse, bold and their signs."""

PALETTES = {"k8stui-dark": DARK, "k8stui-light": LIGHT, "k8stui-high-contrast": CONTRAST}
"""The themes by name, in the order of the theme key."""
NO_COLOR_THEME = "k8stui-plain"

_TEXTS = ("ink", "quiet", "faint", "strong", "accent", "good", "busy", "warn", "bad")
_HUES = ("workloads", "service", "config_storage", "cluster", "metadata")
PAIRS = tuple(
    (front, back) for back in ("ground", "panel", "cursor", "shade", "hover") for front in (*_TEXTS, *_HUES)
)
"""Every pair of foreground and background that is drawn, by the names of Palette's fields."""


def themes() -> list[Theme]:
    """The themes to register."""
    made = [_theme(name, palette, name != "k8stui-light") for name, palette in PALETTES.items()]
    plain = Theme(
        NO_COLOR_THEME,
        primary="ansi_default",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        ansi=True,
        variables=PLAIN.variables()
        | {
            "block-cursor-text-style": "reverse",
            "ansi-background": "ansi_default",
            "ansi-foreground": "ansi_default",
        },
    )
    return [*made, plain]


def _theme(name: str, palette: Palette, dark: bool) -> Theme:
    return Theme(
        name,
        primary=palette.accent,
        secondary=palette.busy,
        accent=palette.accent,
        success=palette.good,
        warning=palette.warn,
        error=palette.bad,
        foreground=palette.ink,
        background=palette.ground,
        surface=palette.ground,
        panel=palette.panel,
        boost=palette.panel,
        dark=dark,
        variables=palette.variables(),
    )


def following(name: str) -> str:
    """The theme after this one."""
    names = list(PALETTES)
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]


def hue(category: Category) -> str:
    """The name of a category's tone."""
    return category.slug


def contrast(front: str, back: str) -> float:
    """The contrast of two ``#rrggbb`` colours as WCAG 2 defines it, 1 to 21."""
    lighter, darker = sorted((_luminance(front), _luminance(back)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
