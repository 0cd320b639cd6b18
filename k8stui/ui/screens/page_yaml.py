"""The page's YAML: the live object line by line, and beside it the field under the cursor explained."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from k8stui.core.lang import Lang, Text
from k8stui.core.objects import JsonObject, dig
from k8stui.core.paths import Path, dotted, fields, jsonpath
from k8stui.core.refs import ObjectRef
from k8stui.session import fields as field_facts
from k8stui.session.fields import FieldFacts
from k8stui.session.page import ObjectState
from k8stui.session.yamldoc import MASK, YamlDocument, as_text, decoded, part_of
from k8stui.ui.prose import Line
from k8stui.ui.screens.pagetab import Page, PageTab
from k8stui.ui.widgets.field_lines import field_lines, reading_lines
from k8stui.ui.widgets.foot import FootKey
from k8stui.ui.widgets.note_pane import LinesPane
from k8stui.ui.widgets.yaml_view import YamlView

REST_SECONDS = 0.06
"""How long the cursor rests before its field is explained."""
PATIENCE_SECONDS = 0.2
"""A schema that takes longer is not waited for: the object's own facts are shown meanwhile."""
_WIDE_VALUE = 60
"""Characters from which on a value is shown in full beside the YAML."""

_FOLD = Text("fold", "開閉")
_SEARCH = Text("search", "検索")
_NEXT = Text("next hit", "次の一致")
_COPY = Text("copy", "コピー")
_REVEAL = Text("reveal", "値を表示")
_MANAGED = Text("managedFields", "managedFields")
_HINT = Text("↵ keep   Esc clear   then n N", "↵ 確定   Esc 解除   n N で移動")
_FOUND = Text("{at} of {count}", "{count}件中{at}件目")
_NOT_FOUND = Text('Nothing here contains "{text}".', "「{text}」を含む行はありません。")
_REVEALED = Text("Shown until this page closes: {path}", "ページを閉じるまで表示します: {path}")
_HIDDEN = Text("Hidden again: {path}", "再び隠しました: {path}")
_NO_SECRET = Text("Nothing is masked on this line.", "この行に隠された値はありません。")
_COPY_TITLE = Text("Copy", "コピーするもの")
_CHOICES = {
    "value": Text("the value", "値"),
    "line": Text("the line", "行"),
    "path": Text("the path", "パス"),
    "jsonpath": Text("the path as JSONPath", "JSONPath形式のパス"),
    "all": Text("the whole document", "全体"),
}


class YamlPane(Container):
    """YAML and field, side by side where there is room, else one above the other."""

    def __init__(self, on_moved: Callable[[], None]) -> None:
        super().__init__(id="page-yaml")
        self.on_moved = on_moved
        self.yaml = YamlView(id="yaml")
        self.field = LinesPane(id="yaml-field")

    @on(YamlView.Moved)
    def _moved(self, event: YamlView.Moved) -> None:
        event.stop()
        self.on_moved()

    def compose(self) -> ComposeResult:
        """Both."""
        yield self.yaml
        yield self.field

    def focus(self, scroll_visible: bool = True) -> YamlPane:
        """The YAML takes the keys."""
        self.yaml.focus(scroll_visible)
        return self


class YamlTab(PageTab):
    """Shows each version of the object; folds, cursor and search stay."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._pane = YamlPane(self.moved)
        self._ref: ObjectRef | None = None
        self._obj: JsonObject | None = None
        self._revealed: set[Path] = set()
        self._managed = False

    @property
    def widget(self) -> YamlPane:
        """YAML and field."""
        return self._pane

    @property
    def yaml(self) -> YamlView:
        """The YAML."""
        return self._pane.yaml

    def show(self, state: ObjectState) -> None:
        """Show a version; of another object from its top."""
        if state.ref != self._ref:
            self._ref, self._obj = state.ref, None
            self._revealed.clear()
            self.yaml.folded.clear()
            self.yaml.search("")
            self.yaml.show(YamlDocument({}), place=())
            self._pane.field.show(reading_lines)
        if state.obj is not None and state.obj is not self._obj:
            self._obj = state.obj
            self._draw()

    def _draw(self) -> None:
        if self._obj is not None:
            document = YamlDocument(self._obj, revealed=self._revealed, managed=self._managed)
            self.yaml.show(document)

    def close(self) -> None:
        """Revealed values are hidden again."""
        if self._revealed:
            self._revealed.clear()
            self._draw()

    def relabel(self) -> None:
        """The field in the other language."""
        self.moved()

    # The field under the cursor

    def moved(self) -> None:
        """The cursor is on another place, or the object has changed: explain it when it rests."""
        if self._ref is not None and self._obj is not None:
            self.page.work(partial(self._explain, self._ref, self._obj, self.yaml.place), "page-field")

    async def _explain(self, ref: ObjectRef, obj: JsonObject, path: Path) -> None:
        await asyncio.sleep(REST_SECONDS)
        session = self.page.session
        reading = asyncio.create_task(field_facts.facts(session, ref.kind, obj, path))
        try:
            done, _ = await asyncio.wait({reading}, timeout=PATIENCE_SECONDS)
            if not done:
                self._show_field(ref, await field_facts.facts_without_schema(session, ref.kind, obj, path))
            self._show_field(ref, await reading)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def _show_field(self, ref: ObjectRef, found: FieldFacts) -> None:
        session = self.page.session
        names = found.doc.path if found.doc is not None else fields(found.path)
        command = session.kubectl_explain(ref.kind, names)
        value, now = self._full_value(found.path), session.clock()

        def compose(cells: int, lang: Lang) -> list[Line]:
            return field_lines(found, value, command, now, cells, lang)

        self._pane.field.show(compose)

    def _full_value(self, path: Path) -> str:
        """The value, where its line is too short for it."""
        line = self.yaml.line
        if line is None or self.yaml.document is None or line.tone not in ("str", "mark"):
            return ""
        value = dig(self._obj, *path)
        text = self._text_of(path, value)
        return text if len(text) > _WIDE_VALUE and "\n" not in text else ""

    def _text_of(self, path: Path, value: object) -> str:
        """A value as text: masked as on the screen, decoded where it is revealed."""
        document = self.yaml.document
        if document is not None and document.masked(path):
            return (decoded(value) if path[0] == "data" else str(value)) if path in self._revealed else MASK
        return value if isinstance(value, str) else ""

    # Actions

    def keys(self) -> Sequence[FootKey]:
        """What can be done here."""
        lang = self.page.base.lang
        keys = [FootKey("← →", _FOLD.get(lang), ""), FootKey("/", _SEARCH.get(lang), "filter")]
        if self.yaml.wanted:
            keys.append(FootKey("n N", _NEXT.get(lang), ""))
        if self._secret:
            keys.append(FootKey("x", _REVEAL.get(lang), "yaml.reveal"))
        return [
            *keys,
            FootKey("m", _MANAGED.get(lang), "yaml.managed"),
            FootKey("c", _COPY.get(lang), "copy.name"),
        ]

    @property
    def _secret(self) -> bool:
        return self._ref is not None and self._ref.kind.name == "secrets"

    def kubectl(self) -> str:
        """``kubectl get -o yaml``."""
        return self.page.session.kubectl(self.page.state.ref, "yaml")

    def operate(self, operation: str) -> bool:
        """Search, copy, reveal, managedFields."""
        match operation:
            case "filter":
                self.page.ask("/", self.yaml.wanted, _HINT)
            case "copy.name":
                self._choose_copy()
            case "yaml.managed":
                self._managed = not self._managed
                self._draw()
            case "yaml.reveal":
                self._reveal()
            case _:
                return False
        return True

    def sense(self, operation: str) -> bool | None:
        """What makes sense on this tab."""
        match operation:
            case "filter" | "yaml.managed" | "copy.name":
                return self._obj is not None
            case "yaml.reveal":
                return self._secret
            case _:
                return None

    def typed(self, text: str) -> None:
        """Search while it is typed."""
        self.yaml.search(text)

    def answered(self, text: str, *, entered: bool) -> None:
        """Enter keeps the search, Esc ends it."""
        count = self.yaml.search(text if entered else "")
        if entered and text:
            found = _FOUND.format(at=self.yaml.hit_number, count=count)
            self.page.base.tell(found if count else _NOT_FOUND.format(text=text))
        self.page.show_foot()

    def escape(self) -> bool:
        """Esc ends the search first."""
        if not self.yaml.wanted:
            return False
        self.yaml.search("")
        self.page.show_foot()
        return True

    def _reveal(self) -> None:
        document, path = self.yaml.document, self.yaml.place
        if document is None or not document.masked(path):
            self.page.base.tell(_NO_SECRET)
            return
        shown = path not in self._revealed
        (self._revealed.add if shown else self._revealed.discard)(path)
        self._draw()
        self.page.base.tell((_REVEALED if shown else _HIDDEN).format(path=dotted(path)))

    def _choose_copy(self) -> None:
        from k8stui.ui.screens.chooser import Choice, Chooser

        say = self.page.base.say
        choices = [Choice(name, say(title)) for name, title in _CHOICES.items()]

        def chosen(answer: str | None) -> None:
            if answer is not None:
                shown = dotted(self.yaml.place) if self._secret and self._revealed else ""
                self.page.copy(self._copied(answer), shown)

        self.page.base.push_screen(Chooser(_COPY_TITLE, choices), chosen)

    def _copied(self, what: str) -> str:
        document, line, path = self.yaml.document, self.yaml.line, self.yaml.place
        if document is None or line is None:
            return ""
        match what:
            case "line":
                return line.text.strip()
            case "path":
                return dotted(path)
            case "jsonpath":
                return jsonpath(path)
            case "all":
                return as_text(document)
            case _:
                value = dig(self._obj, *path)
                if isinstance(value, dict | list) and value:
                    return part_of(document, self.yaml.place_line)
                return self._text_of(path, value) or line.value
