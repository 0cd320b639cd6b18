"""A terminal's line discipline: echo, editing, Ctrl-C and Ctrl-D, and lines for whoever reads."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable

_LONGEST = 4_096
_REMEMBERED = 200
_KEYS = {
    b"[A": "up",
    b"[B": "down",
    b"[C": "right",
    b"[D": "left",
    b"[H": "home",
    b"[F": "end",
    b"[3~": "delete",
}
_KEYS |= {b"OA": "up", b"OB": "down", b"OC": "right", b"OD": "left", b"OH": "home", b"OF": "end"}
_CONTROLS = {
    1: "home",
    2: "left",
    4: "eof",
    5: "end",
    6: "right",
    8: "back",
    9: "tab",
    10: "enter",
    11: "cut",
} | {
    12: "clear",
    13: "enter",
    14: "down",
    16: "up",
    21: "kill",
    23: "word",
    127: "back",
}


class Terminal:
    """What is typed becomes lines; what is written gets its line ends.

    Args:
        send: Sends bytes to the client's screen.
        columns: Its width.
        rows: Its height.
    """

    def __init__(self, send: Callable[[bytes], Awaitable[None]], columns: int = 80, rows: int = 24) -> None:
        self.columns = columns
        self.rows = rows
        self.interrupt: Callable[[], None] = lambda: None
        """Called for Ctrl-C."""
        self.prompt = ""
        """What stands before the line that is being typed."""
        self._send = send
        self._lines: asyncio.Queue[bytes] = asyncio.Queue(64)
        self._line = ""
        self._cursor = 0
        self._history: list[str] = []
        self._back = 0
        self._escape: bytes | None = None
        self._half = b""
        self._over = False

    async def write(self, data: bytes) -> None:
        """Write to the screen."""
        await self._send(data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    async def read(self) -> bytes:
        """The next line with its end; empty for Ctrl-D."""
        if self._over and self._lines.empty():
            return b""
        return await self._lines.get()

    def remember(self, line: str) -> None:
        """Keep a line for the up key."""
        if line.strip() and self._history[-1:] != [line]:
            self._history = [*self._history[-_REMEMBERED:], line]

    def forget(self) -> None:
        """Drop what was typed ahead and the line that was begun."""
        while not self._lines.empty():
            self._lines.get_nowait()
        self._line, self._cursor, self._back = "", 0, 0

    async def close(self) -> None:
        """The client types no more."""
        self._over = True
        if self._line:
            await self._lines.put(self._line.encode())
        await self._lines.put(b"")

    async def type(self, data: bytes) -> None:
        """What the client has typed."""
        for code in data:
            byte = bytes((code,))
            if self._escape is not None:
                await self._escaped(byte)
            elif code == 27:
                self._escape = b""
            elif code == 3:
                await self._send(b"^C\r\n")
                self.forget()
                self.interrupt()
            elif code in _CONTROLS:
                await self._key(_CONTROLS[code])
            elif code >= 32:
                await self._text(byte)

    async def _escaped(self, byte: bytes) -> None:
        assert self._escape is not None
        self._escape += byte
        if self._escape in _KEYS:
            key, self._escape = _KEYS[self._escape], None
            await self._key(key)
        elif len(self._escape) > 6 or not self._begun(byte):
            self._escape = None

    def _begun(self, byte: bytes) -> bool:
        """Whether an escape sequence may still go on."""
        assert self._escape is not None
        if len(self._escape) == 1:
            return byte in b"[O"
        return not byte.isalpha() and byte != b"~"

    async def _text(self, byte: bytes) -> None:
        self._half += byte
        try:
            text = self._half.decode()
        except UnicodeDecodeError:
            if len(self._half) >= 4:
                self._half = b""
            return
        self._half = b""
        if len(self._line) >= _LONGEST:
            await self._send(b"\a")
            return
        self._line = self._line[: self._cursor] + text + self._line[self._cursor :]
        self._cursor += len(text)
        rest = self._line[self._cursor :]
        await self._send((text + rest).encode() + _left(_width(rest)))

    async def _key(self, key: str) -> None:
        if key == "enter":
            line, self._line, self._cursor, self._back = self._line, "", 0, 0
            await self._send(b"\r\n")
            await self._lines.put(f"{line}\n".encode())
        elif key == "eof":
            if not self._line:
                await self._lines.put(b"")
        elif key == "clear":
            await self._send(b"\x1b[H\x1b[2J" + (self.prompt + self._line).encode())
            await self._send(_left(_width(self._line[self._cursor :])))
        elif key in ("up", "down"):
            await self._recall(1 if key == "up" else -1)
        elif key in ("left", "right", "home", "end"):
            await self._move(key)
        else:
            await self._erase(key)

    async def _move(self, key: str) -> None:
        places = {"left": self._cursor - 1, "right": self._cursor + 1, "home": 0, "end": len(self._line)}
        place = min(max(places[key], 0), len(self._line))
        between = self._line[min(place, self._cursor) : max(place, self._cursor)]
        steps = _width(between)
        await self._send(
            _left(steps) if place < self._cursor else f"\x1b[{steps}C".encode() if steps else b""
        )
        self._cursor = place

    async def _erase(self, key: str) -> None:
        begin, end = self._cursor, self._cursor
        match key:
            case "back":
                begin = max(0, begin - 1)
            case "delete":
                end = min(len(self._line), end + 1)
            case "kill":
                begin = 0
            case "cut":
                end = len(self._line)
            case "word":
                begin = len(self._line[:begin].rstrip().rpartition(" ")[0])
                begin += bool(begin)
            case _:
                return
        await self._replace(self._line[:begin] + self._line[end:], begin)

    async def _recall(self, step: int) -> None:
        back = min(max(self._back + step, 0), len(self._history))
        if back != self._back:
            self._back = back
            line = self._history[-back] if back else ""
            await self._replace(line, len(line))

    async def _replace(self, line: str, cursor: int) -> None:
        """Show another line in place of the one that is there."""
        back = _left(_width(self._line[: self._cursor]))
        self._line, self._cursor = line, cursor
        await self._send(back + b"\x1b[K" + line.encode() + _left(_width(line[cursor:])))


def _width(text: str) -> int:
    """Cells that a text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def _left(cells: int) -> bytes:
    return f"\x1b[{cells}D".encode() if cells else b""
