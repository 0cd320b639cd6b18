"""Resource quantities in the form in which a server writes them back: ``0.5`` as ``500m``."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

_FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE])([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_SMALLEST = -9
_LARGEST_EXPONENT = 100
_EXACT = Context(prec=400)


def canonical(text: str) -> str | None:
    """The quantity as a server writes it; None when the text is none.

    The kind of suffix stays (decimal, binary, exponent), the number becomes whole, and the suffix as large as
    that allows. What is finer than a billionth is rounded away from zero.
    """
    match = _FORM.fullmatch(text)
    if match is None or len(text) > _LARGEST_EXPONENT:
        return None
    number, exponential, power, suffix = match.groups()
    value = Decimal(number)
    if exponential:
        if abs(int(power)) > _LARGEST_EXPONENT:
            return None
        return _decimal(_EXACT.scaleb(value, int(power)), exponential="e")
    if suffix in _BINARY[1:]:
        value = _EXACT.multiply(value, Decimal(1024 ** _BINARY.index(suffix)))
        return _binary(value) if abs(value) >= 1024 else _decimal(value)
    return _decimal(_EXACT.scaleb(value, _DECIMAL[suffix or ""]))


def _binary(value: Decimal) -> str:
    whole, power = int(_outwards(value)), 0
    while whole % 1024 == 0 and power < len(_BINARY) - 1:
        whole, power = whole // 1024, power + 1
    return f"{whole}{_BINARY[power]}"


def _decimal(value: Decimal, exponential: str = "") -> str:
    whole, power = int(_outwards(_EXACT.scaleb(value, -_SMALLEST))), _SMALLEST
    if whole == 0:
        return "0"
    while whole % 1000 == 0 and power < _DECIMAL["E"]:
        whole, power = whole // 1000, power + 3
    if exponential:
        return f"{whole}{exponential}{power}" if power else str(whole)
    return f"{whole}{_suffix(power)}"


def _suffix(power: int) -> str:
    return next(suffix for suffix, found in _DECIMAL.items() if found == power)


def _outwards(value: Decimal) -> Decimal:
    return value.to_integral_value(ROUND_CEILING if value > 0 else ROUND_FLOOR, context=_EXACT)
