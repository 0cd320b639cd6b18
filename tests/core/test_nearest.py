"""Names near to a mistyped one."""

from k8stui.core.nearest import did_you_mean, nearest


def test_the_nearest_name_comes_first_whatever_its_case() -> None:
    assert nearest("Titel", ["id", "title", "text"])[0] == "title"
    assert nearest("deployment", ["Deployment", "Pod"]) == ["Deployment"]
    assert nearest("zzz", ["id", "title"]) == []


def test_the_question_is_asked_in_both_languages_or_not_at_all() -> None:
    question = did_you_mean("titel", ["title"])
    assert question is not None
    assert "title" in question.en
    assert "title" in question.ja
    assert did_you_mean("zzz", ["title"]) is None
