"""The access table: a file that people read, the code obeys and the tests hold every route to."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict

TABLE = Path(__file__).parent / "table.yaml"
Scope = Literal["system", "department", "project"]


class Role(BaseModel):
    """What a role may do, where it can be given, and whether it stands alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    may: frozenset[str]
    given_at: tuple[Scope, ...]
    alone: bool = False


class AccessTable(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: dict[str, Role]
    routes: dict[str, str]
    """`METHOD /path` → what it asks for; the file says how that is written."""


def read_table() -> AccessTable:
    """Return the table as it stands in the file."""
    return AccessTable.model_validate(yaml.safe_load(TABLE.read_text(encoding="utf-8")))


class Answer(StrEnum):
    """What somebody gets from a route."""

    ALLOW = "allow"
    FILTER = "filter"
    """The list, without what he may not see."""
    FORBID = "forbid"
    """403."""
    HIDE = "hide"
    """404: as if it were not there."""
    OPEN = "open"
    """It asks nobody who he is."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route asks for, taken apart."""

    verb: Literal["open", "signed in", "system", "anywhere", "within", "list", "filter", "find"]
    action: str = ""
    then: str = ""


APPLICANT, ASKED = "applicant", "asked"
"""What a rule may end with besides an action: it is one's own request, or the decision is one's own."""
_RULE = re.compile(r"(open|signed in)|(system|anywhere|within|list|filter|find) ([a-z.-]+)(?: then ([a-z.-]+))?")


def read_rule(text: str) -> Rule:
    """Take a rule apart. Raises ValueError where it is none."""
    found = _RULE.fullmatch(text)
    if found is None or (found[4] and found[2] != "find"):
        raise ValueError(f"not a rule of the access table: {text!r}")
    return Rule(cast("Any", found[1] or found[2]), found[3] or "", found[4] or "")


def answer(rule: Rule, here: Collection[str], somewhere: Collection[str], everywhere: Collection[str]) -> Answer:
    """Return what a route answers.

    Args:
        here: the actions that he has for the thing in question, with APPLICANT or ASKED where he is.
        somewhere: those that he has at any scope.
        everywhere: those that he has for the whole system.
    """
    match rule.verb:
        case "open":
            return Answer.OPEN
        case "signed in":
            return Answer.ALLOW
        case "list":
            return Answer.FILTER
        case "filter":
            return Answer.FILTER if rule.action in somewhere else Answer.FORBID
        case "find":
            return _found(rule, here)
    reach = {"system": everywhere, "anywhere": somewhere, "within": here}[rule.verb]
    return Answer.ALLOW if rule.action in reach else Answer.FORBID


def _found(rule: Rule, here: Collection[str]) -> Answer:
    if rule.action not in here:
        return Answer.HIDE
    return Answer.ALLOW if not rule.then or rule.then in here else Answer.FORBID
