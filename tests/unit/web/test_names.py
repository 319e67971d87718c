"""Whatever the API calls by a fixed name has a word in the console."""

import re
from pathlib import Path

import pytest

from jinyun.access.roles import ROLES
from jinyun.app import all_recipes
from jinyun.orders.kinds.registry import KINDS

SOURCE = Path(__file__).parents[3] / "src/jinyun"
NAMES = (Path(__file__).parents[3] / "console/src/language/en/names.ts").read_text(encoding="utf-8")
KNOWN = set(re.findall(r'"([a-z]+\.[a-z_.-]+)":', NAMES))
STATES = {
    found
    for file in SOURCE.glob("*/states.py")
    for found in re.findall(r'^[A-Z_]+(?:: \w+)? = "([a-z_]+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)
}
NO_STATES = {"external", "mail", "preview", "provider", "sync", "tenant"}
"""Names in files of states that are none, and verbs of decisions, which have words as such."""
VERBS = {word.removeprefix("verb.") for word in KNOWN if word.startswith("verb.")}


@pytest.mark.parametrize("kind", sorted({*all_recipes().by_kind, *KINDS}))
def test_every_kind_of_operation_and_order_has_a_word(kind: str) -> None:
    assert f"kind.{kind}" in KNOWN


@pytest.mark.parametrize("state", sorted(STATES - NO_STATES - VERBS))
def test_every_state_has_a_word(state: str) -> None:
    assert f"state.{state}" in KNOWN


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_has_a_word(role: str) -> None:
    assert f"role.{role}" in KNOWN
