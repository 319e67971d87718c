"""What rules find in a machine: pure, so that a rule can be tried without a database."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

SOURCES = ("folder", "name", "tag", "field", "network", "guest-hostname", "cluster")
"""What of a machine can be looked at."""
PROJECT, SYSTEM, OWNER = "project", "system", "owner"
GIVES = (PROJECT, SYSTEM, OWNER)
"""What a rule that matches says: the application system that it names, the one whose code or name stands there, or the
one person whose login or name stands there, who may own just one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is tried."""

    id: str
    source: str
    key: str
    pattern: str
    gives: str
    project_id: str | None


@dataclass(frozen=True, slots=True)
class Looked:
    """A machine as rules see it."""

    name: str
    cluster: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched."""

    rule: Rule
    value: str
    """What was looked at."""
    named: str
    """The part of it that names something."""


def matches(rules: Sequence[Rule], looked: Looked) -> Iterator[Match]:
    """Yield the rules that match a machine, in their order."""
    for rule in rules:
        for value in values_of(rule.source, rule.key, looked):
            named = _named(rule.pattern, value)
            if named is not None:
                yield Match(rule, value, named)
                break


def values_of(source: str, key: str, looked: Looked) -> list[str]:
    """Return what a source holds of a machine."""
    facts = looked.facts
    match source:
        case "name":
            found: list[Any] = [looked.name]
        case "cluster":
            found = [looked.cluster]
        case "tag":
            found = [each["name"] for each in facts.get("tags", ()) if key in {"", each["category"]}]
        case "field":
            found = [facts.get("custom_fields", {}).get(key)]
        case "network":
            found = [each.get("network") for each in facts.get("nics", ())]
        case "guest-hostname":
            found = [facts.get("guest_hostname")]
        case _:
            found = [facts.get(source)]
    return [value for value in found if isinstance(value, str) and value]


def _named(pattern: str, value: str) -> str | None:
    """Return what `{}` of the pattern stands for, or the whole value where it has none; None where it does not match.

    `*` is any text, `?` one character, `{}` some text without a slash; upper and lower case are the same.
    """
    found = _compiled(pattern).fullmatch(value)
    if found is None:
        return None
    return found["named"] if "named" in found.groupdict() else value


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": ".", "{}": "(?P<named>[^/]+?)"}
    once = pattern.replace("{}", "\0", 1)
    tokens = re.split(r"(\*|\?|\0)", once)
    written = "".join(parts.get("{}" if each == "\0" else each, re.escape(each)) for each in tokens)
    return re.compile(written, re.IGNORECASE | re.DOTALL)
