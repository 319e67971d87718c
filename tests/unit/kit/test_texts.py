import pytest

from jinyun.kit.texts import Language, Text, localised, preferred_language, stored_text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("ZH-Hans-CN", "zh"),
        ("en-GB,zh;q=0.5", "en"),
        ("fr,de;q=0.9,zh;q=0.1", "zh"),
        ("fr", "en"),
        ("en;q=0.2,zh;q=0.7", "zh"),
        ("zh;q=0", "en"),
        ("zh;q=much", "en"),
        ("zh; q=0.8, en; q=0.9", "en"),
        ("zh;q=nan", "en"),
        (",,;;q=,", "en"),
    ],
)
def test_the_language_that_somebody_prefers(header: str | None, language: Language) -> None:
    assert preferred_language(header) == language


def test_a_text_inside_a_text_is_put_in_its_language() -> None:
    outer = Text("It is a {kind}", "这是{kind}").format(kind=Text("server", "服务器"))
    assert (outer.en, outer.zh) == ("It is a server", "这是服务器")


def test_braces_in_a_value_stay_as_they_are() -> None:
    assert Text("{words}", "{words}").format(words="{0} {kind}").en == "{0} {kind}"


def test_stored_texts_are_shown_in_one_language() -> None:
    stored = Text("yes", "是").as_dict()
    assert stored_text(stored, "zh") == "是"
    assert stored_text(None, "zh") is None
    nested = {"a": [stored, 1], "b": {"en": "x", "zh": "y", "more": 1}, "c": None}
    assert localised(nested, "en") == {"a": ["yes", 1], "b": {"en": "x", "zh": "y", "more": 1}, "c": None}
