"""CEL expressions rewritten so that the engine looks fields up in place.

``a.b`` and ``a["b"]`` mean the same of a JSON object, and fail alike where the field is missing. The engine
copies all of ``a`` for the first and nothing for the second: asking a Pod for ``object.status.phase`` takes
as long as its status is large. People write, and read, the first.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""(?P<skip>//[^\n]*
      | [bBrR]{0,2}(?:\"\"\"(?:.|\n)*?\"\"\"|'''(?:.|\n)*?''')
      | (?:[rR][bB]?|[bB][rR])(?:"[^"\n]*"|'[^'\n]*')
      | [bB]?(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)\w*)
      | (?P<field>(?<=[\w\])])\s*\.\s*(?P<name>[A-Za-z_]\w*)\b(?!\s*[({]))
      | (?P<opens>\bhas\s*\(|\()
      | (?P<closes>\s*\))""",
    re.VERBOSE | re.ASCII,
)


def indexed(source: str) -> str:
    """The same expression with every field that is not the last one inside ``has()`` taken by index."""
    parts: list[str] = []
    opened: list[bool] = []
    rest = 0
    for token in _TOKEN.finditer(source):
        parts.append(source[rest : token.start()])
        rest = token.end()
        if token["opens"]:
            opened.append(token["opens"].startswith("has"))
        closes_has = token["closes"] is not None and bool(opened) and opened.pop()
        if closes_has and len(parts) > 1 and parts[-1] == "" and parts[-2].startswith('["'):
            parts[-2] = f".{parts[-2][2:-2]}"
        parts.append(f'["{token["name"]}"]' if token["field"] else token[0])
    return "".join(parts) + source[rest:]
