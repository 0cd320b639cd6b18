"""Settings from file, environment and flags."""

import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from k8stui.core.lang import Lang
from k8stui.core.refs import Scope
from k8stui.settings import Settings, SettingsError, cache_dir, config_dir, load, state_dir


def env(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(tmp_path), **more}


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / ".config" / "k8stui" / "config.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def refused(tmp_path: Path, text: str) -> SettingsError:
    write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(env(tmp_path))
    assert caught.value.message.ja != caught.value.message.en
    return caught.value


def test_defaults_need_no_file(tmp_path: Path) -> None:
    assert load(env(tmp_path)) == Settings(cache_dir=tmp_path / ".cache" / "k8stui")


def test_the_language_follows_the_locale_until_something_is_said(tmp_path: Path) -> None:
    assert load(env(tmp_path, LANG="ja_JP.UTF-8")).lang is Lang.JA
    write(tmp_path, "lang: en\n")
    assert load(env(tmp_path, LANG="ja_JP.UTF-8")).lang is Lang.EN


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    write(tmp_path, "theme: light\nnamespace: one\ncontext: one\n")
    environ = env(tmp_path, K8STUI_NAMESPACE="two", K8STUI_CONTEXT="two")
    found = load(environ, flags={"context": "three", "namespace": None})
    assert (found.theme, found.namespace, found.context) == ("k8stui-light", "two", "three")


def test_everything_can_be_said_in_the_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        """
lang: ja
theme: high-contrast
keys:
  logs: L
  describe: [d, ctrl+d]
notes-dir: notes
kubeconfig: ~/kube/one
context: shop
namespace: shop, web
read-only: yes
context-colours:
  "*prod*": "#c03030"
  test: green
cache-dir: /var/cache/k8stui
mouse: false
motion: off
counts-seconds: 7.5
""",
    )
    found = load(env(tmp_path))
    assert found == Settings(
        lang=Lang.JA,
        theme="k8stui-high-contrast",
        keys={"logs": ("L",), "describe": ("d", "ctrl+d")},
        notes_dir=tmp_path / ".config" / "k8stui" / "notes",
        kubeconfig=tmp_path / "kube" / "one",
        context="shop",
        namespace="shop,web",
        read_only=True,
        context_colours={"*prod*": "#c03030", "test": "green"},
        cache_dir=Path("/var/cache/k8stui"),
        mouse=False,
        motion=False,
        counts_seconds=7.5,
    )
    assert found.scope() == Scope.of("shop", "web")
    assert found.colour_of("eu-prod-1") == "#c03030"
    assert found.colour_of("test") == "green"
    assert found.colour_of("tests") is None


def test_every_word_can_be_said_in_the_environment(tmp_path: Path) -> None:
    found = load(
        env(
            tmp_path,
            K8STUI_LANG="JA",
            K8STUI_READ_ONLY="1",
            K8STUI_MOUSE="no",
            K8STUI_COUNTS_SECONDS="0",
            K8STUI_NAMESPACE="*",
            K8STUI_THEME="",
        )
    )
    assert (found.lang, found.read_only, found.mouse, found.counts_seconds) == (Lang.JA, True, False, 0.0)
    assert found.scope() == Scope.all()
    assert found.theme == ""


def test_what_kubernetes_puts_into_the_environment_of_a_pod_is_no_setting(tmp_path: Path) -> None:
    environ = env(tmp_path, K8STUI_SERVICE_HOST="10.0.0.1", K8STUI_PORT="tcp://10.0.0.1:80")
    assert load(environ) == load(env(tmp_path))


def test_a_flag_without_a_value_is_a_truth(tmp_path: Path) -> None:
    assert load(env(tmp_path, K8STUI_MOUSE="on"), flags={"read_only": True, "mouse": False}) == Settings(
        read_only=True, mouse=False, cache_dir=tmp_path / ".cache" / "k8stui"
    )


def test_an_empty_value_leaves_the_default(tmp_path: Path) -> None:
    write(tmp_path, "theme:\nkeys:\n# nothing else\n")
    assert load(env(tmp_path)) == load(env(tmp_path / "elsewhere", XDG_CACHE_HOME=str(tmp_path / ".cache")))


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_file_is_as_none(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert load(env(tmp_path)).theme == ""


def test_an_unknown_name_is_refused_with_the_nearest_and_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, "theme: light\nreadonly: true\n")
    file = tmp_path / ".config" / "k8stui" / "config.yaml"
    assert error.where == f"{file}:2"
    assert error.message.en == f"{file}:2: There is no setting readonly. Did you mean read-only?"
    assert "read-only" in error.message.ja


def test_a_name_near_to_nothing_is_answered_with_all(tmp_path: Path) -> None:
    assert "counts-seconds" in refused(tmp_path, "qqq: 1\n").message.en


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("read_only: true", 1, "read-only"),
        ("lang: fr", 1, "en or ja"),
        ("\nmouse: maybe", 2, "true or false"),
        ("counts-seconds: soon", 1, "seconds"),
        ("counts-seconds: -1", 1, "seconds"),
        ("counts-seconds: nan", 1, "seconds"),
        ("counts-seconds: 1e9", 1, "seconds"),
        ("namespace: Not_One", 1, "namespace"),
        ("theme: [a, b]", 1, "one value"),
        ("keys: L", 1, "Names with values"),
        ("keys:\n  logs: []", 2, "logs needs a key"),
        ("keys:\n  logs: {a: b}", 2, "logs needs a key"),
        ("context-colours:\n  prod: '#12'", 2, "prod needs a colour"),
        ("context-colours:\n  prod: #c03030", 2, "with the quotes"),
        ("- a", 1, "names and values"),
        ("theme: dark\ntheme: dark", 2, "second time"),
        ("theme: &x a\ncontext: *x", 1, "Anchors"),
        ("theme: !!python/object:os.system a", 1, "Tags"),
        ("theme: a: b", 1, "not YAML"),
        ("theme: dark\n---\ntheme: b", 2, "more than one document"),
        ("[a]: b", 1, "must be a word"),
        ("theme: \x07", 1, "unreadable"),
        ("theme: " + "[" * 5000, 1, "nested too deeply"),
        ("x" * 1_000_001, 1, "too large"),
        ('context: "a\\eb"', 1, "a word"),
        ("theme: sunshine", 1, "dark, light, high-contrast"),
        ("keys:\n  logs: no+such", 2, "logs needs a key"),
        ("keys:\n  logs: [L, spaec]", 2, "logs needs a key"),
        ("context-colours:\n  prod: blurple", 2, "prod needs a colour"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    error = refused(tmp_path, text)
    assert error.where.endswith(f"config.yaml:{line}")
    assert words in error.message.en


@pytest.mark.parametrize("name", ["LANG", "READ_ONLY", "COUNTS_SECONDS", "NAMESPACE"])
def test_a_mistake_in_the_environment_names_the_variable(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=f"K8STUI_{name}: ") as caught:
        load(env(tmp_path, **{f"K8STUI_{name}": "???"}))
    assert caught.value.where == f"K8STUI_{name}"


def test_a_mistake_in_a_flag_names_the_flag(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--counts-seconds: "):
        load(env(tmp_path), flags={"counts_seconds": "soon"})


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    with pytest.raises(SettingsError, match="no such file"):
        load(env(tmp_path), config=other)
    with pytest.raises(SettingsError, match="no such file"):
        load(env(tmp_path, K8STUI_CONFIG=str(other)))
    other.write_text("theme: light", encoding="utf-8")
    write(tmp_path, "theme: dark")
    assert load(env(tmp_path), config=other).theme == "k8stui-light"
    assert load(env(tmp_path, K8STUI_CONFIG=str(other))).theme == "k8stui-light"


@pytest.mark.parametrize("content", [None, b"theme: \xff\xfe"])
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "config.yaml"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match="cannot be read"):
        load(env(tmp_path), config=file)


def test_settings_do_not_change() -> None:
    settings = Settings()
    with pytest.raises(FrozenInstanceError):
        settings.theme = "other"  # type: ignore[misc]  # that is what is tested
    with pytest.raises(TypeError):
        settings.keys["a"] = ("b",)  # type: ignore[index]  # that is what is tested


def test_directories_follow_xdg_and_ignore_relative_paths(tmp_path: Path) -> None:
    assert config_dir({"HOME": "/h"}) == Path("/h/.config/k8stui")
    assert cache_dir({"HOME": "/h", "XDG_CACHE_HOME": "/c"}) == Path("/c/k8stui")
    assert state_dir({"HOME": "/h", "XDG_STATE_HOME": "relative"}) == Path("/h/.local/state/k8stui")


def test_without_a_file_no_yaml_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from k8stui.settings import load; load({'HOME': sys.argv[1]});"
        " print('yaml' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
