"""Sentences of the command line."""

from k8stui.core.errors import UsageError
from k8stui.core.lang import Text

NO_TERMINAL = UsageError(
    Text("The explorer needs a terminal.", "エクスプローラーを使うには端末が必要です。"),
    Text(
        "For scripts there are: k8stui categories, k8stui explain, k8stui notes.",
        "スクリプトではk8stui categories、k8stui explain、k8stui notesを使えます。",
    ),
)
DUMB_TERMINAL = UsageError(
    Text(
        "This terminal says that it cannot place text (TERM={term}).",
        "この端末は画面表示に対応していないと報告しています（TERM={term}）。",
    ).format(term="dumb"),
    Text(
        "Use another terminal, or set TERM to what it is, such as xterm-256color.",
        "別の端末を使うか、TERMにxterm-256colorなど実際の端末名を設定してください。",
    ),
)
USAGE = Text(
    """\
usage: k8stui [KIND] [-n NAMESPACE | -A] [--context NAME] [--kubeconfig FILE] [--lang en|ja] [--practice]
       k8stui categories [-o table|json|yaml] [--no-counts]
       k8stui explain KIND[.GROUP][/NAME]|cluster [-n NAMESPACE] [-o text|json]
       k8stui notes [ID] [--chapter N] [--category NAME] [--search WORDS] [--examples] [-o text|json]
       k8stui notes check DIRECTORY [-o text|json]
       k8stui practice [--port PORT] [--pods N] [--kubeconfig FILE]

Explore a Kubernetes cluster by the five API categories, with a note beside whatever is selected.
Without a usable kubeconfig the built-in practice cluster opens.

  KIND                what to open: pods, po, deploy.apps, any kind the cluster serves (default: pods)
  -n, --namespace NS  look at these namespaces (several with commas)
  -A, --all-namespaces
                      look at every namespace
  --context NAME      a context of the kubeconfig
  --kubeconfig FILE   the kubeconfig, instead of $KUBECONFIG or ~/.kube/config
  --lang en|ja        the language (default: settings, then the locale)
  --theme NAME        k8stui-dark, k8stui-light or k8stui-high-contrast
  --config FILE       settings, instead of config.yaml in the user's configuration directory
  --practice          open the practice cluster
  --as-user NAME      open it as somebody with fewer rights: viewer or dev-team
  -o, --output FORM   of categories, explain and notes: table, text, json, yaml
  --chapter N         of notes: a chapter of the book's notes, or a section such as 5.2
  --category NAME     of notes: workloads, service, config-storage, cluster, metadata, or all
  --search WORDS      of notes: those with all the words, in either language
  --examples          of notes ID: name objects of the cluster that show it
  --no-counts         of categories: do not ask how many objects there are
  --version           print the version
  -h, --help          print this help
""",
    """\
使い方: k8stui [種類] [-n NAMESPACE | -A] [--context 名前] [--kubeconfig ファイル] [--lang en|ja] [--practice]
        k8stui categories [-o table|json|yaml] [--no-counts]
        k8stui explain 種類[.グループ][/名前]|cluster [-n NAMESPACE] [-o text|json]
        k8stui notes [ID] [--chapter 章] [--category 名前] [--search 語句] [--examples] [-o text|json]
        k8stui notes check ディレクトリー [-o text|json]
        k8stui practice [--port ポート] [--pods N] [--kubeconfig ファイル]

Kubernetesクラスターを5つのAPIカテゴリで見て回ります。選んだものの解説が横に表示されます。
使えるkubeconfigがないときは、内蔵の練習用クラスターが開きます。

  種類                開くもの: pods、po、deploy.appsなど、クラスターにある種類（省略時はpods）
  -n, --namespace NS  表示するNamespace（カンマ区切りで複数）
  -A, --all-namespaces
                      すべてのNamespaceを表示
  --context 名前      kubeconfigのコンテキスト
  --kubeconfig ファイル
                      $KUBECONFIGや~/.kube/configの代わりに使うkubeconfig
  --lang en|ja        言語（省略時は設定、次にロケール）
  --theme 名前        k8stui-dark、k8stui-light、k8stui-high-contrast
  --config ファイル   ユーザーの設定ディレクトリのconfig.yamlの代わりに使う設定ファイル
  --practice          練習用クラスターを開く
  --as-user 名前      権限の少ないユーザーで開く: viewer または dev-team
  -o, --output 形式   categories、explain、notesの出力形式: table、text、json、yaml
  --chapter 章        notesで章（1など）や節（5.2など）を絞り込む
  --category 名前     notesでカテゴリ（workloads、service、config-storage、cluster、metadata、all）を絞り込む
  --search 語句       notesを語句で検索（日本語・英語）
  --examples          notes IDで、該当するオブジェクトをクラスターから探す
  --no-counts         categoriesで件数を問い合わせない
  --version           バージョンを表示
  -h, --help          このヘルプを表示
""",
)


def bad_option(word: str) -> UsageError:
    """An option that does not exist."""
    return UsageError(
        Text("There is no option {word}.", "{word}というオプションはありません。").format(word=word),
        Text("k8stui --help lists them.", "k8stui --helpで一覧を確認できます。"),
    )


def needs_value(word: str) -> UsageError:
    """An option without the value that belongs to it."""
    return UsageError(
        Text("The option {word} needs a value.", "オプション{word}には値が必要です。").format(word=word)
    )


def one_of(word: str, value: str, choices: str) -> UsageError:
    """A value that is none of the possible ones."""
    return UsageError(
        Text(
            "{word} cannot be {value}: it is one of {choices}.",
            "{word}に{value}は指定できません。{choices}のいずれかです。",
        ).format(word=word, value=value, choices=choices)
    )


def too_many(word: str) -> UsageError:
    """A word that has no place on the command line."""
    return UsageError(
        Text("The argument {word} is one too many.", "引数{word}は余分です。").format(word=word),
        Text("k8stui --help shows the form.", "k8stui --helpで書き方を確認できます。"),
    )


EXPLAIN_WHAT = UsageError(
    Text("explain needs a kind.", "explainには種類の指定が必要です。"),
    Text("For instance: k8stui explain pods", "例: k8stui explain pods"),
)
CHECK_WHAT = UsageError(
    Text("notes check needs a directory.", "notes checkにはディレクトリーの指定が必要です。"),
    Text("For instance: k8stui notes check ~/notes", "例: k8stui notes check ~/notes"),
)


def no_note(word: str, near: Text | None) -> UsageError:
    """An id that no note has."""
    return UsageError(
        Text("There is no note called {word}.", "{word}というノートはありません。").format(word=word), near
    )
