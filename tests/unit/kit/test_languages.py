"""Whatever a person reads is there in both languages, and says the same."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import jinyun
from jinyun.app import all_recipes
from jinyun.kit.errors import REGISTRY, Problem
from jinyun.kit.texts import Text
from jinyun.kit.words import STATES, VERBS
from jinyun.operations.states import ACTIVE, ENDED
from jinyun.orders.routes import State as OrderState
from jinyun.providers.errors import REASONS
from jinyun.servers.errors import WrongServerState
from jinyun.servers.routes import State as ServerState
from jinyun.servers.states import VERBS as SERVER_VERBS
from jinyun.volumes.states import LIVE as LIVE_VOLUMES

STATE_NAMES = sorted(ACTIVE | ENDED | LIVE_VOLUMES | {*get_args(OrderState), *get_args(ServerState)})
OTHERWISE_FILLED = {"possible", "verbs", "known", "ranges", "request_id"}
"""Placeholders that only a hint has."""
SOURCES = Path(jinyun.__file__).parent
CHINESE = re.compile("[\u4e00-\u9fff]")
ENGLISH_SENTENCE = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,}\b")
CODE = re.compile(r"`[^`]*`")


def texts_in_the_source() -> Iterator[tuple[str, Text]]:
    """Find every `Text("…", "…")` that is written down, with its place."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text":
                said = [*node.args, *(keyword.value for keyword in node.keywords)]
                both = [each.value for each in said if isinstance(each, ast.Constant) and isinstance(each.value, str)]
                if len(both) == 2:
                    yield f"{path.relative_to(SOURCES)}:{node.lineno}", Text(both[0], both[1])


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def complaint(text: Text) -> str | None:
    """Say what is wrong with a text, or None."""
    if placeholders(text.en) != placeholders(text.zh):
        return "other placeholders"
    english, chinese = (re.sub(r"\{\w*\}", "", CODE.sub("", sentence)).strip() for sentence in (text.en, text.zh))
    if CHINESE.search(english):
        return "Chinese in the English text"
    if english and not CHINESE.search(chinese):
        return "no Chinese"
    return "English in the Chinese text" if ENGLISH_SENTENCE.search(chinese) else None


def test_every_text_that_is_written_down() -> None:
    found = list(texts_in_the_source())
    wrong = [f"{place}: {complaint(text)}: {text}" for place, text in found if complaint(text)]
    assert len(found) > 300
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("problem", [each for each in REGISTRY.values() if each.__module__.startswith("jinyun.")])
def test_every_problem(problem: type[Problem]) -> None:
    for text in (problem.detail, problem.hint):
        assert text.en.strip()
        assert text.zh.strip()
        assert placeholders(text.en) == placeholders(text.zh)
    assert placeholders(problem.hint.en) <= placeholders(problem.detail.en) | OTHERWISE_FILLED
    assert 400 <= problem.status < 600
    assert problem.__doc__
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", problem.code)


def test_every_step_and_operation() -> None:
    for recipe in all_recipes().by_kind.values():
        for text in (recipe.title, *(step.title for step in recipe.steps)):
            assert complaint(text) is None, f"{recipe.kind}: {text}"


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_of_a_region(code: str) -> None:
    assert complaint(REASONS[code]) is None
    assert placeholders(REASONS[code].en) == {"words"}


def test_kinds_states_and_verbs_are_in_the_language_of_the_sentence() -> None:
    problem = WrongServerState(hostname="web-1", state="recycled", verb="stop", possible="active, stopped")
    document = problem.as_document("zh")
    assert document["detail"] == "服务器 web-1 的状态为 在回收站，当前不能执行 停止。"
    assert document["hint"] == "可在以下状态执行：运行中、已关机。"
    assert problem.as_document("en")["hint"] == "Possible when it is: active, stopped."


@pytest.mark.parametrize("state", STATE_NAMES)
def test_every_state_has_a_chinese_name(state: str) -> None:
    assert CHINESE.search(STATES[state])


@pytest.mark.parametrize("verb", sorted(SERVER_VERBS))
def test_every_verb_has_a_chinese_name(verb: str) -> None:
    assert CHINESE.search(VERBS[verb])
