"""States of other objects as pieces."""

from __future__ import annotations

from k8stui.core.lang import Text
from k8stui.session.describe.model import Piece, Tone
from k8stui.session.wellbeing import Mood, State

_TONES = {
    Mood.OK: Tone.GOOD,
    Mood.BUSY: Tone.BUSY,
    Mood.WARN: Tone.WARN,
    Mood.BAD: Tone.BAD,
    Mood.DIM: Tone.QUIET,
}


def state_piece(state: State) -> Piece:
    """Mark and word."""
    return Piece(Text.same(f"{state.mood.value} {state.word}".rstrip()), _TONES[state.mood])
