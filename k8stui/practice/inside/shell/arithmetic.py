"""Shell arithmetic: whole numbers of 64 bits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from k8stui.practice.inside.shell.syntax import SyntaxTrouble

_TOKEN = re.compile(r"\s*(\d+|[A-Za-z_]\w*|<=|>=|==|!=|&&|\|\||<<|>>|[-+*/%()<>!&|^~?:])")
_LEVELS: tuple[Mapping[str, Callable[[int, int], int]], ...] = (
    {"||": lambda a, b: int(bool(a or b))},
    {"&&": lambda a, b: int(bool(a and b))},
    {"|": lambda a, b: a | b},
    {"^": lambda a, b: a ^ b},
    {"&": lambda a, b: a & b},
    {"==": lambda a, b: int(a == b), "!=": lambda a, b: int(a != b)},
    {
        "<=": lambda a, b: int(a <= b),
        ">=": lambda a, b: int(a >= b),
        "<": lambda a, b: int(a < b),
        ">": lambda a, b: int(a > b),
    },
    {"<<": lambda a, b: a << (b & 63), ">>": lambda a, b: a >> (b & 63)},
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
    {"*": lambda a, b: a * b, "/": lambda a, b: _divided(a, b), "%": lambda a, b: a - b * _divided(a, b)},
)
_DEEPEST = 50


def calculate(text: str, variables: Mapping[str, str]) -> int:
    """The value of an expression.

    Raises:
        SyntaxTrouble: it is none, or divides by zero.
    """
    tokens, at = [], 0
    text = text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise SyntaxTrouble("arithmetic syntax error")
        tokens.append(found[1])
        at = found.end()
    if not tokens:
        return 0
    reader = _Expression(tokens, variables)
    value = reader.level(0)
    if reader.tokens:
        raise SyntaxTrouble("arithmetic syntax error")
    return value


class _Expression:
    def __init__(self, tokens: list[str], variables: Mapping[str, str]) -> None:
        self.tokens = tokens
        self._variables = variables
        self._depth = 0

    def level(self, number: int) -> int:
        if number == len(_LEVELS):
            return self._one()
        value = self.level(number + 1)
        while self.tokens and self.tokens[0] in _LEVELS[number]:
            operate = _LEVELS[number][self.tokens.pop(0)]
            value = _wrapped(operate(value, self.level(number + 1)))
        return value

    def _one(self) -> int:
        self._depth += 1
        if not self.tokens or self._depth > _DEEPEST:
            raise SyntaxTrouble("arithmetic syntax error")
        token = self.tokens.pop(0)
        value = self._value(token)
        self._depth -= 1
        return value

    def _value(self, token: str) -> int:
        if token == "(":
            value = self.level(0)
            if not self.tokens or self.tokens.pop(0) != ")":
                raise SyntaxTrouble("arithmetic syntax error")
            return value
        if token == "-":
            return -self._one()
        if token == "+":
            return self._one()
        if token == "!":
            return int(not self._one())
        if token == "~":
            return ~self._one()
        if token.isdigit():
            return _wrapped(int(token[:20]))
        if token[0].isalpha() or token[0] == "_":
            text = self._variables.get(token, "").strip() or "0"
            try:
                return _wrapped(int(text[:20]))
            except ValueError:
                raise SyntaxTrouble("arithmetic syntax error") from None
        raise SyntaxTrouble("arithmetic syntax error")


def _wrapped(value: int) -> int:
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def _divided(a: int, b: int) -> int:
    if b == 0:
        raise SyntaxTrouble("divide by zero")
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient
