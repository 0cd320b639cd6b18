"""Ages and quantities as Kubernetes writes them."""

from __future__ import annotations

import re
from datetime import datetime

from k8stui.core.lang import Text

_UNIT_SECONDS = {"y": 31_536_000, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_JAPANESE_UNITS = str.maketrans({"y": "年", "d": "日", "h": "時間", "m": "分", "s": "秒"})
_AGE = re.compile(r"(?:(\d+)y)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def parse_age(text: str) -> int | None:
    """Seconds in an age as kubectl prints it (``5d3h``, ``54m``, ``<invalid>``); None when it is no age.

    >>> parse_age("2m5s")
    125
    """
    match = _AGE.fullmatch(text)
    if not text or match is None:
        return None
    return sum(int(n) * s for n, s in zip(match.groups(), _UNIT_SECONDS.values(), strict=True) if n)


def format_age(seconds: float) -> str:
    """An age as kubectl prints it (apimachinery duration.HumanDuration): coarser as it grows."""
    s = int(seconds)
    if s < -1:
        return "<invalid>"
    if s < 120:
        return f"{max(0, s)}s"
    minutes, hours, days = s // 60, s // 3_600, s // 86_400
    if minutes < 10:
        return _two(minutes, "m", s % 60, "s")
    if hours < 3:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 192:
        return _two(days, "d", hours % 24, "h")
    years = days // 365
    if years < 2:
        return f"{days}d"
    if years < 8:
        return _two(years, "y", days % 365, "d")
    return f"{years}y"


def spoken_age(seconds: float) -> Text:
    """An age inside a sentence: as kubectl prints it, in Japanese with Japanese units (``5分12秒``)."""
    age = format_age(seconds)
    return Text(age, age if age.startswith("<") else age.translate(_JAPANESE_UNITS))


def _two(big: int, big_unit: str, small: int, small_unit: str) -> str:
    return f"{big}{big_unit}{small}{small_unit}" if small else f"{big}{big_unit}"


def parse_time(text: str | None) -> float | None:
    """Seconds since the epoch of an RFC 3339 time; None for null, empty or rubbish."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None


_SUFFIX = {
    "": 1.0, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)")


def parse_quantity(text: str) -> float | None:
    """A resource quantity (``250m``, ``64Mi``, ``1e3``) as a number; None when it is none."""
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    return float(number + (exponent or "")) * _SUFFIX[suffix or ""]
