"""The table of actions: keys, palette, help and greying-out all read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from k8stui.core.errors import UsageError
from k8stui.core.lang import Text


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a person can do with a key."""

    id: str
    """Stable name, by which settings remap the key."""
    keys: tuple[str, ...]
    """Default keys in Textual's spelling."""
    title: Text
    group: str
    """``go``, ``look``, ``learn``, ``cluster`` or ``app``: a heading of the help page."""
    explain: Text
    """One sentence for help and palette."""
    palette: bool = True
    foot: int = 0
    """Rank among the keys that the foot line shows; 0 is never."""


def _op(
    id: str,
    keys: str,
    group: str,
    title: tuple[str, str],
    explain: tuple[str, str],
    *,
    palette: bool = True,
    foot: int = 0,
) -> Operation:
    return Operation(id, tuple(keys.split(",")), Text(*title), group, Text(*explain), palette, foot)


OPERATIONS: tuple[Operation, ...] = (
    _op(
        "open",
        "enter",
        "go",
        ("open", "開く"),
        ("Open what is under the cursor.", "カーソル位置の項目を開きます。"),
        foot=1,
        palette=False,
    ),
    _op(
        "command",
        "colon",
        "go",
        ("go to", "移動"),
        (
            "Go to a kind, namespace or context by name.",
            "種類・Namespace・コンテキストの名前を入力して移動します。",
        ),
        foot=3,
    ),
    _op(
        "filter",
        "slash",
        "look",
        ("filter", "絞り込み"),
        ("Show only the rows that contain a text.", "入力した文字を含む行だけを表示します。"),
        foot=2,
    ),
    _op(
        "back",
        "escape",
        "go",
        ("back", "戻る"),
        ("Clear the filter, else go back.", "絞り込みを解除します。なければ前の画面に戻ります。"),
    ),
    _op(
        "up",
        "q",
        "go",
        ("back", "戻る"),
        ("Go back to the view before.", "前の画面に戻ります。"),
        palette=False,
    ),
    _op(
        "history.back",
        "left_square_bracket",
        "go",
        ("history back", "履歴を戻る"),
        ("Go back in the history.", "履歴を一つ戻ります。"),
    ),
    _op(
        "history.forward",
        "right_square_bracket",
        "go",
        ("history forward", "履歴を進む"),
        ("Go forward in the history.", "履歴を一つ進みます。"),
    ),
    _op(
        "history.last",
        "minus",
        "go",
        ("last view", "直前の画面"),
        ("Switch between this view and the one before.", "今の画面と直前の画面を行き来します。"),
    ),
    _op(
        "scope.all",
        "0",
        "look",
        ("all namespaces", "全Namespace"),
        ("Show every namespace.", "すべてのNamespaceを表示します。"),
    ),
    _op(
        "scope.choose",
        "ctrl+n",
        "look",
        ("namespaces", "Namespaceを選ぶ"),
        ("Choose the namespace to look at.", "表示するNamespaceを選びます。"),
        palette=True,
    ),
    _op(
        "context.choose",
        "ctrl+t",
        "cluster",
        ("contexts", "コンテキスト"),
        ("Choose another cluster of the kubeconfig.", "kubeconfigの別のクラスターを選びます。"),
    ),
    _op(
        "sort.name",
        "N",
        "look",
        ("sort by name", "名前順"),
        ("Sort by name; again reverses.", "名前で並べ替えます。もう一度押すと逆順になります。"),
    ),
    _op(
        "sort.age",
        "A",
        "look",
        ("sort by age", "経過時間順"),
        ("Sort by age; again reverses.", "経過時間で並べ替えます。もう一度押すと逆順になります。"),
    ),
    _op(
        "sort.choose",
        "o",
        "look",
        ("sort by…", "並べ替え"),
        ("Sort by any column.", "列を選んで並べ替えます。"),
    ),
    _op(
        "wide",
        "ctrl+w",
        "look",
        ("wide columns", "全列表示"),
        ("Show or hide the wide columns.", "詳細な列の表示を切り替えます。"),
    ),
    _op(
        "copy.name",
        "c",
        "look",
        ("copy name", "名前をコピー"),
        ("Copy the name under the cursor.", "カーソル位置の名前をコピーします。"),
    ),
    _op(
        "copy.kubectl",
        "C",
        "look",
        ("copy kubectl", "kubectlをコピー"),
        (
            "Copy the kubectl command that shows the same.",
            "同じ内容を表示するkubectlコマンドをコピーします。",
        ),
    ),
    _op(
        "tree",
        "t",
        "look",
        ("tree", "ツリー"),
        ("Show or hide the tree of categories.", "カテゴリのツリーの表示を切り替えます。"),
        foot=6,
    ),
    _op(
        "note",
        "n",
        "look",
        ("note", "解説"),
        ("Show the note in full, or hide it again.", "解説を大きく表示します。もう一度押すと閉じます。"),
        foot=5,
    ),
    _op(
        "page.yaml",
        "y",
        "look",
        ("YAML", "YAML"),
        (
            "The object as YAML, each field explained.",
            "YAMLを表示し、各フィールドを解説します。",
        ),
        foot=4,
    ),
    _op(
        "yaml.reveal",
        "x",
        "look",
        ("reveal", "値を表示"),
        ("Show or hide one value of a Secret, decoded.", "Secretの値を1つ、デコードして表示します。"),
        palette=False,
    ),
    _op(
        "yaml.managed",
        "m",
        "look",
        ("managedFields", "managedFields"),
        ("Show or hide metadata.managedFields.", "metadata.managedFieldsの表示を切り替えます。"),
        palette=False,
    ),
    _op(
        "page.describe",
        "d",
        "look",
        ("description", "詳細"),
        (
            "The object described, with its containers, endpoints or rules, and its events.",
            "オブジェクトの詳細を、コンテナ・エンドポイント・権限やイベントとともに表示します。",
        ),
    ),
    _op(
        "page.events",
        "v",
        "look",
        ("events", "イベント"),
        (
            "What has happened to the object, the latest last.",
            "オブジェクトに起きたことを、新しいものを下にして表示します。",
        ),
    ),
    _op(
        "page.relations",
        "u",
        "look",
        ("relations", "関係"),
        (
            "Owners, what is owned, neighbours, and the way of a request.",
            "所有者、所有するもの、関係するもの、リクエストの経路を表示します。",
        ),
    ),
    _op(
        "page.history",
        "H",
        "look",
        ("history", "変更履歴"),
        (
            "What has changed in the object, when, and by whom.",
            "オブジェクトの何がいつ誰によって変わったかを表示します。",
        ),
    ),
    _op(
        "handbook",
        "B",
        "learn",
        ("handbook", "ハンドブック"),
        (
            "Read every note by the chapters of the book, with objects of this cluster that show it.",
            "すべての解説を本の章立てで読みます。このクラスターで該当するオブジェクトにも移動できます。",
        ),
    ),
    _op(
        "handbook.categories",
        "K",
        "learn",
        ("by category", "カテゴリ別"),
        (
            "Read every note by the five API categories.",
            "すべての解説を5つのAPIカテゴリ別に読みます。",
        ),
    ),
    _op(
        "why",
        "W",
        "learn",
        ("why Kubernetes", "Kubernetesの利点"),
        (
            "The thirteen things that Kubernetes brings, each with objects of this cluster that show it.",
            "Kubernetesの13の利点を、このクラスターの実例とともに読みます。",
        ),
    ),
    _op(
        "cluster.note",
        "I",
        "learn",
        ("this cluster", "このクラスター"),
        (
            "What this cluster runs on and which network it has, and how that shows.",
            "このクラスターの動作環境とネットワークを、根拠とともに表示します。",
        ),
    ),
    _op(
        "pane.next",
        "tab",
        "go",
        ("next pane", "次の欄"),
        ("Move to the next pane.", "次の欄に移ります。"),
        palette=False,
    ),
    _op(
        "pane.previous",
        "shift+tab",
        "go",
        ("previous pane", "前の欄"),
        ("Move to the pane before.", "前の欄に移ります。"),
        palette=False,
    ),
    _op(
        "refresh",
        "r,ctrl+r",
        "cluster",
        ("refresh", "再取得"),
        (
            "List again now; when the cluster is lost, try now.",
            "今すぐ再取得します。切断中はすぐに再接続を試みます。",
        ),
    ),
    _op(
        "language",
        "f2",
        "app",
        ("日本語 / English", "日本語 / English"),
        ("Switch between English and Japanese.", "日本語と英語を切り替えます。"),
    ),
    _op(
        "theme",
        "f3",
        "app",
        ("theme", "配色"),
        (
            "Switch between dark, light and high contrast.",
            "配色（暗い・明るい・高コントラスト）を切り替えます。",
        ),
    ),
    _op(
        "palette",
        "ctrl+p",
        "app",
        ("palette", "パレット"),
        ("Search everything that can be done.", "できることを検索します。"),
        palette=False,
    ),
    _op(
        "help",
        "question_mark,f1",
        "app",
        ("keys", "キー一覧"),
        ("Show every key.", "キーの一覧を表示します。"),
        foot=9,
    ),
    _op("quit", "ctrl+c,ctrl+q", "app", ("quit", "終了"), ("Leave k8stui.", "k8stuiを終了します。")),
)
"""Every action of the explorer. Moving the cursor belongs to the table, whose keys have ids of their own."""


def with_keys(keys: Mapping[str, tuple[str, ...]]) -> tuple[Operation, ...]:
    """The table with keys remapped by settings (action id to keys).

    Raises:
        UsageError: an id is not in the table.
    """
    known = {operation.id for operation in OPERATIONS}
    for name in keys:
        if name not in known and not name.startswith("table."):
            raise UsageError(
                Text("There is no action called {id}.", "{id}というアクションはありません。").format(id=name),
                Text("Press ? for the list of actions.", "?キーでアクションの一覧を確認できます。"),
            )
    return tuple(replace(op, keys=keys.get(op.id, op.keys)) for op in OPERATIONS)
