import pytest

from k8stui.ui.widgets.table_filter import FilterMode, TextFilter, haystack

KEY = ("shop", "api-6b8f")
CELLS = ["shop", "api-6b8f", "1/2", "CrashLoopBackOff", "日本 語", "10.0.0.1", "a (b"]
HAY = haystack(CELLS)


def found(typed: str) -> bool:
    text_filter = TextFilter.parse(typed)
    assert text_filter is not None
    return text_filter.matches(KEY, HAY)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("api", True),
        ("API-6B", True),
        ("nothing", False),
        ("!api", False),
        ("!nothing", True),
        ("日本 語", True),
        ("api nothing", False),
        (" ", True),
        ("1/2 Crash", True),
        ("10.0.0.1", True),
        ("10x0", False),
        ("api|db", True),
        ("^crash.*off$", True),
        ("^loop", False),
        ("api.*crash", True),
        ("!^crash", False),
        ("/b8f/", True),
        ("a (b", True),
        ("(", True),
        ("[", False),
        ("~sapi", True),
        ("~ap6f", True),
        ("-f ap6f", True),
        ("~f6", False),
        ("!~ap6f", False),
    ],
)
def test_what_is_found(typed: str, expected: bool) -> None:
    assert found(typed) is expected


@pytest.mark.parametrize("typed", ["", "!", "~", "-f ", "!~"])
def test_nothing_to_look_for_is_no_filter(typed: str) -> None:
    assert TextFilter.parse(typed) is None


def test_a_half_typed_expression_is_plain_text() -> None:
    half, whole = TextFilter.parse("(api"), TextFilter.parse("(api)")
    assert half is not None and half.mode is FilterMode.PLAIN
    assert whole is not None and whole.mode is FilterMode.REGEX


def test_an_expression_that_could_hold_up_the_screen_is_plain_text() -> None:
    for typed in ("(a+)+$", "(.*b)*", "/(a{2,}c?)+/"):
        runaway = TextFilter.parse(typed)
        assert runaway is not None and runaway.mode is FilterMode.PLAIN
    harmless = TextFilter.parse("(a|b)+")
    assert harmless is not None and harmless.mode is FilterMode.REGEX


def test_spans_show_what_was_found() -> None:
    plain, fuzzy, inverse = (TextFilter.parse(typed) for typed in ("6B", "~ai8", "!api"))
    assert plain is not None and fuzzy is not None and inverse is not None
    assert plain.spans("api-6b8f") == [(4, 6)]
    assert fuzzy.spans("api-6b8f", name=True) == [(0, 1), (2, 3), (6, 7)]
    assert fuzzy.spans("api-6b8f") == []
    assert inverse.spans("api-6b8f") == []


def test_typing_on_narrows() -> None:
    def parsed(typed: str) -> TextFilter:
        text_filter = TextFilter.parse(typed)
        assert text_filter is not None
        return text_filter

    assert parsed("api-").narrows(parsed("api"))
    assert not parsed("api").narrows(parsed("api-"))
    assert not parsed("!api-").narrows(parsed("!api"))
    assert not parsed("api.*").narrows(parsed("api"))
    assert not parsed("api").narrows(None)
