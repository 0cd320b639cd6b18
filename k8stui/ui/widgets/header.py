"""The header line: which cluster, where in it, and how fresh this view is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from rich.style import Style
from textual import events
from textual.color import Color

from k8stui.core.freshness import Freshness, Phase
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang, Text
from k8stui.core.refs import Scope
from k8stui.session.model import ClusterInfo
from k8stui.ui.base import TonedWidget
from k8stui.ui.messages import Operate
from k8stui.ui.prose import Line, Span, line_width
from k8stui.ui.text import fit
from k8stui.ui.theme import contrast

STALE_AFTER = 10.0
"""Seconds without a connection after which the header tells the time that the rows are from."""

OWN_COLOUR = "own"
"""The tone of a context that has a colour of its own."""

_LIVE = Text("live", "最新")
_CONNECTING = Text("connecting to {host}", "{host}に接続中")
_CONNECTING_SHORT = Text("connecting", "接続中")
_SYNCING = Text("syncing", "取得中")
_SYNCING_TOTAL = Text("syncing {done} of {total}", "取得中 {total}件中{done}件")
_SYNCING_DONE = Text("syncing {done}", "取得中 {done}件")
_POLLING = Text("polling, no watch", "定期取得（watch不可）")
_POLLING_SHORT = Text("polling", "定期取得")
_RETRY = Text("reconnecting in {seconds} s", "{seconds}秒後に再接続")
_RETRY_NOW = Text("reconnecting", "再接続中")
_STALE = Text("stale since {time}, next try in {seconds} s", "{time}時点の内容・{seconds}秒後に再接続")
_STALE_NOW = Text("stale since {time}, reconnecting", "{time}時点の内容・再接続中")
_STALE_SHORT = Text("stale since {time}", "{time}時点の内容")
_DENIED = Text("denied", "権限なし")
_FAILED = Text("failed", "取得失敗")
_STOPPED = Text("not connected", "未接続")
_PARTIAL = Text("{count} namespaces denied", "{count}個のNamespaceは権限なし")
_ONLY_ONE = Text("only ns {name}", "ns {name}のみ")
_ONLY_SOME = Text("only {count} namespaces", "{count}個のNamespaceのみ")
_ALL = Text("all namespaces", "全Namespace")
_MANY = Text("{count} namespaces", "{count}個のNamespace")
_PRACTICE = Text("practice cluster", "練習用クラスター")
_READ_ONLY = Text("read-only", "読み取り専用")
_INSECURE = Text("! certificate not checked", "! 証明書を検証していません")
_INSECURE_SHORT = Text("! TLS", "! TLS")


@dataclass(frozen=True, slots=True)
class HeaderState:
    """Everything that the header says."""

    info: ClusterInfo | None = None
    scope: Scope | None = None
    """None until a cluster is open, and for a kind without namespaces."""
    read_only: bool = True
    freshness: Freshness | None = None
    """None while nothing is followed."""
    stopped: bool = False
    """The person cancelled connecting."""
    kind: ResourceKind | None = None
    shown: int = 0
    total: int = 0
    filter: str = ""
    colour: str | None = None
    """The person's own colour for this context, behind its name."""


def kind_noun(kind: ResourceKind, count: int) -> str:
    """The kind's name as a noun for a number of objects: Pod, Pods, NetworkPolicies."""
    if count == 1:
        return kind.kind
    pairs = zip(kind.kind.lower(), kind.plural, strict=False)
    stem = next((i for i, (one, many) in enumerate(pairs) if one != many), len(kind.kind))
    return kind.kind[:stem] + kind.plural[stem:] if stem > 1 else kind.plural


def count_words(state: HeaderState, lang: Lang) -> list[str]:
    """How many rows there are, the longest way of saying it first."""
    if state.kind is None or state.freshness is None or state.freshness.current_at is None:
        return [""]
    some = f"{state.total:,}"
    if state.shown != state.total:
        some = Text("{shown} of {total}", "{total}件中{shown}").get(lang)
        some = some.format(shown=f"{state.shown:,}", total=f"{state.total:,}")
    if lang is Lang.JA:
        return [f"{state.kind.kind} {some}件", f"{some}件"]
    return [f"{some} {kind_noun(state.kind, state.total)}", some]


def freshness_words(state: HeaderState, now: float, lang: Lang) -> list[tuple[str, str]]:
    """Mark and words with their tone, the longest way of saying it first."""
    fresh = state.freshness
    if state.stopped:
        return [(f"○ {_STOPPED.get(lang)}", "quiet")]
    if fresh is None or fresh.phase is Phase.CONNECTING:
        host = state.info.host if state.info is not None else ""
        short = (f"◌ {_CONNECTING_SHORT.get(lang)}", "busy")
        return [(f"◌ {_CONNECTING.format(host=host).get(lang)}", "busy"), short] if host else [short]
    match fresh.phase:
        case Phase.SYNCING:
            return _syncing(fresh, lang)
        case Phase.LIVE:
            return [(f"● {words}", "good") for words in _partly(fresh, _LIVE, lang)]
        case Phase.POLLING:
            return [(f"↻ {words.get(lang)}", "busy") for words in (_POLLING, _POLLING_SHORT)]
        case Phase.RECONNECTING:
            return _lost(fresh, now, lang)
        case Phase.DENIED:
            return [(f"⊘ {_DENIED.get(lang)}", "bad")]
        case _:
            return [(f"✖ {_FAILED.get(lang)}", "bad")]


def _partly(fresh: Freshness, words: Text, lang: Lang) -> Iterator[str]:
    if fresh.partial:
        yield f"{words.get(lang)}, {_PARTIAL.format(count=len(fresh.partial)).get(lang)}"
    yield words.get(lang)


def _syncing(fresh: Freshness, lang: Lang) -> list[tuple[str, str]]:
    if fresh.total:
        counted = _SYNCING_TOTAL.format(done=f"{fresh.done:,}", total=f"{fresh.total:,}")
        percent = f"{100 * fresh.done // fresh.total} %"
        return [(f"◌ {counted.get(lang)}", "busy"), (f"◌ {percent}", "busy")]
    words = _SYNCING_DONE.format(done=f"{fresh.done:,}") if fresh.done else _SYNCING
    return [(f"◌ {words.get(lang)}", "busy"), (f"◌ {_SYNCING.get(lang)}", "busy")]


def _lost(fresh: Freshness, now: float, lang: Lang) -> list[tuple[str, str]]:
    left = max(0, round((fresh.retry_at or 0) - now))
    if fresh.current_at is None or now - fresh.current_at < STALE_AFTER:
        words = _RETRY.format(seconds=left) if left else _RETRY_NOW
        return [(f"↻ {words.get(lang)}", "warn")]
    time = datetime.fromtimestamp(fresh.current_at).strftime("%H:%M")
    long = (_STALE if left else _STALE_NOW).format(time=time, seconds=left)
    return [(f"◍ {long.get(lang)}", "warn"), (f"◍ {_STALE_SHORT.format(time=time).get(lang)}", "warn")]


def _scope_words(scope: Scope, only: tuple[str, ...], lang: Lang) -> str:
    if only:
        words = _ONLY_ONE if len(only) == 1 else _ONLY_SOME
        return words.format(name=only[0], count=len(only)).get(lang)
    if scope.everywhere:
        return _ALL.get(lang)
    if len(scope.namespaces) == 1:
        return f"ns {scope.namespaces[0]}"
    return _MANY.format(count=len(scope.namespaces)).get(lang)


class _Pieces:
    """The header's pieces, each with its ways of being said from long to short; the last may be nothing."""

    def __init__(self, state: HeaderState, now: float, lang: Lang) -> None:
        info = state.info
        cluster: list[Line] = [()]
        version: list[Line] = [()]
        if info is not None:
            name = Span(info.context, "title", "op:context.choose")
            if info.practice:
                name = Span(_PRACTICE.get(lang), "warn", "op:context.choose")
            if state.colour:
                name = Span(f" {name.text} ", OWN_COLOUR, name.act)
            cluster = [(name,), *((name._replace(text=fit(name.text, n).rstrip()),) for n in (24, 16, 10))]
            if info.version:
                version = [(Span(f"· {info.version}", "quiet"),), ()]
        scope: list[Line] = [()]
        if state.scope is not None:
            words = Span(
                _scope_words(state.scope, state.freshness.only if state.freshness else (), lang),
                "ink",
                "op:scope.choose",
            )
            scope = [(words,), *((words._replace(text=fit(words.text, n).rstrip()),) for n in (20, 12))]
        insecure: list[Line] = [()]
        if info is not None and info.insecure:
            insecure = [(Span(w.get(lang), "warn"),) for w in (_INSECURE, _INSECURE_SHORT)]
        lock: list[Line] = [(Span(_READ_ONLY.get(lang), "quiet"),), ()] if state.read_only else [()]
        narrowed: list[Line] = [()]
        if state.filter:
            cutoffs = (f"/{state.filter}", fit(f"/{state.filter}", 14).rstrip())
            narrowed = [(Span(w, "accent", "op:filter"),) for w in cutoffs]
        self.left: dict[str, list[Line]] = {
            "product": [(Span("k8stui", "title"),), ()],
            "cluster": cluster,
            "version": version,
            "scope": scope,
            "insecure": insecure,
        }
        fresh = freshness_words(state, now, lang)
        self.right: dict[str, list[Line]] = {
            "filter": narrowed,
            "lock": lock,
            "fresh": [(Span(words, tone, "op:refresh"),) for words, tone in fresh],
            "count": [(Span(words, "strong"),) if words else () for words in count_words(state, lang)],
        }

    SHRINKING = (
        "product", "version", "insecure", "lock", "fresh", "filter", "cluster", "count", "scope", "cluster",
        "scope", "cluster",
    )  # fmt: skip
    """What is said shorter first when the line is too narrow: the product's name, the version, the long
    warning and the lock go before anything about this view."""

    def shrink(self, piece: str) -> None:
        """Say one piece the next shorter way."""
        for side in (self.left, self.right):
            if len(side.get(piece, ())) > 1:
                side[piece] = side[piece][1:]


def header_line(state: HeaderState, cells: int, now: float, lang: Lang) -> Line:
    """The whole line in exactly so many cells, shortened as far as that needs."""
    pieces = _Pieces(state, now, lang)
    left, right = _joined(pieces.left), _joined(pieces.right)
    for piece in _Pieces.SHRINKING:
        if line_width(left) + line_width(right) + 4 <= cells:
            break
        pieces.shrink(piece)
        left, right = _joined(pieces.left), _joined(pieces.right)
    gap = max(1, cells - line_width(left) - line_width(right) - 2)
    return (Span(" "), *left, Span(" " * gap), *right, Span(" "))


def _joined(side: dict[str, list[Line]]) -> Line:
    line: Line = ()
    for name, ways in side.items():
        if ways[0]:
            gap = " " if name == "version" else "   "
            line = (*line, Span(gap), *ways[0]) if line else ways[0]
    return line


class Banner(TonedWidget):
    """The header. ``show`` changes what it says; while it counts down it draws itself every second."""

    DEFAULT_CSS = "Banner { height: 1; background: $k-panel; }"

    def __init__(self, clock: Callable[[], float], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.clock = clock
        self.state = HeaderState()

    def on_mount(self) -> None:
        """Count down."""
        self.set_interval(1.0, self._tick)

    def _tick(self) -> None:
        fresh = self.state.freshness
        if fresh is not None and fresh.phase is Phase.RECONNECTING:
            self.refresh()

    def show(self, **changes: object) -> None:
        """Change fields of the state."""
        state = replace(self.state, **changes)  # type: ignore[arg-type]  # fields of HeaderState by name
        if state.colour != self.state.colour:
            self.painter.own = {OWN_COLOUR: _own_style(state.colour)} if state.colour else {}
        if state != self.state:
            self.state = state
            self.refresh()

    def line(self, y: int, cells: int) -> Line:
        """The header's only line."""
        return header_line(self.state, cells, self.clock(), self.base.lang)

    def on_click(self, event: events.Click) -> None:
        """A piece that stands for an action runs it."""
        verb, _, what = self.act_at(event.x, 0).partition(":")
        if verb == "op":
            self.post_message(Operate(what))


def _own_style(colour: str) -> Style:
    """A background of a person's choice, with black or white on it, whichever is seen better."""
    ground = Color.parse(colour)
    ink = max(("#000000", "#ffffff"), key=lambda front: contrast(front, ground.hex6))
    return Style(color=ink, bgcolor=ground.hex6, bold=True)
