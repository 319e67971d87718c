"""Documents of the API as tables and lines; nothing that the server says can move the cursor."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.table import Table
from rich.text import Text as Styled

from jinyun.cli.words import FACTS, STATES, state_style, word
from jinyun.kit.texts import Language, Text

Document = Mapping[str, Any]
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Escape sequences, control characters, and marks that turn the direction of writing."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, or one line of what is shown of a single thing."""

    title: Text
    read: Callable[[Document, Language], Any]
    style: Callable[[Document], str] = lambda _: ""


def column(en: str, zh: str, key: str, form: Callable[[Any], object] | None = None) -> Column:
    """Show the value of a key; `a.b` reads inside an object; `form` is not asked where there is none."""

    def read(document: Document, language: Language) -> object:
        value = _value(document, key)
        return value if form is None or value is None else form(value)

    return Column(Text(en, zh), read)


def state(key: str = "state") -> Column:
    """Show a state, in words and in its colour."""
    return Column(
        Text("state", "状态"),
        lambda document, language: word(STATES, document[key], language),
        lambda document: state_style(document[key]),
    )


def moment(value: str) -> str:
    """Return a moment in the local time zone."""
    return datetime.fromisoformat(value).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def duration(seconds: float) -> str:
    """Return a duration as people say it."""
    whole = int(seconds)
    if whole < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02} min" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02} h"


def money(amount: str) -> str:
    """Return an amount as people read it."""
    return f"{Decimal(amount):,}"


def memory(mib: int) -> str:
    """Return an amount of memory in the unit that suits it."""
    return f"{mib // 1024} GiB" if mib and mib % 1024 == 0 else f"{mib} MiB"


def plain(text: str) -> str:
    """Return a text without what would steer a terminal; lines stay lines."""
    return _CONTROL.sub("", text)


def cell(value: object, language: Language) -> str:
    """Return a value as a person reads it."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return (Text("yes", "是") if value else Text("no", "否")).in_language(language)
    if isinstance(value, list):
        return ", ".join(cell(each, language) for each in value)
    return plain(str(value))


def table(columns: Sequence[Column], documents: Iterable[Document], language: Language) -> Table:
    """Return documents as a table."""
    result = Table(box=None, pad_edge=False, header_style="bold")
    for each in columns:
        result.add_column(each.title.in_language(language), overflow="fold")
    for document in documents:
        result.add_row(*(_styled(each, document, language) for each in columns))
    return result


def details(columns: Sequence[Column], document: Document, language: Language) -> Table:
    """Return one document as lines of name and value."""
    result = Table(box=None, pad_edge=False, show_header=False)
    result.add_column(style="bold", no_wrap=True)
    result.add_column(overflow="fold")
    for each in columns:
        result.add_row(each.title.in_language(language), _styled(each, document, language))
    return result


def facts(value: object, language: Language, depth: int = 0) -> list[str]:
    """Return what is to be decided as lines, the inner parts indented; no value can pass for another line.

    Texts in both languages are shown in one, moments in the local zone; of what has a summary, the summary alone.
    """
    indent = "  " * depth
    if not isinstance(value, dict):
        return [f"{indent}{_in_one_line(value, language)}"]
    lines = []
    for key, inner in value.items():
        label = word(FACTS, key, language)
        short = _in_short(inner, language)
        if isinstance(short, dict):
            lines += [f"{indent}{label}:", *facts(short, language, depth + 1)]
        elif isinstance(short, list) and any(isinstance(each, dict) for each in short):
            for number, each in enumerate(short, start=1):
                lines += [f"{indent}{label} {number}:", *facts(each, language, depth + 1)]
        else:
            lines.append(f"{indent}{label}: {_in_one_line(short, language)}")
    return lines


def _in_one_line(value: object, language: Language) -> str:
    return " ⏎ ".join(cell(value, language).splitlines())


def _in_short(value: Any, language: Language) -> Any:
    if isinstance(value, dict) and "summary" in value:
        return _in_short(value["summary"], language)
    if isinstance(value, dict) and value.keys() == {"en", "zh"}:
        return value[language]
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return moment(value)
    return value


def _styled(each: Column, document: Document, language: Language) -> Styled:
    return Styled(cell(each.read(document, language), language), style=each.style(document))


def _value(document: Document, key: str) -> Any:
    value: Any = document
    for part in key.split("."):
        value = None if value is None else value[part]
    return value
