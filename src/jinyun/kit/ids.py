"""Identifiers: UUIDv7 as text, so that the order of ids is the order of creation."""

import re
from datetime import datetime
from typing import Annotated

import uuid_utils
from pydantic import StringConstraints

PATTERN = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
ID_LENGTH = 36
Id = Annotated[str, StringConstraints(pattern=PATTERN)]
"""A UUID as the API takes it: 36 characters, lower case."""


def is_id(text: str) -> bool:
    """Tell whether a text can be an id; others are not compared with ids, whose columns hold ASCII alone."""
    return re.fullmatch(PATTERN, text) is not None


def new_id() -> str:
    """Return a new UUIDv7 as 36 lower-case characters."""
    return str(uuid_utils.uuid7())


def first_id_at(moment: datetime) -> str:
    """Return what no id made at this moment (to the millisecond) or later is smaller than, as databases compare."""
    milliseconds = f"{int(moment.timestamp() * 1000):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}"
