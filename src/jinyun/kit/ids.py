"""Identifiers: UUIDv7 as text, so that the order of ids is the order of creation."""

from typing import Annotated

import uuid_utils
from pydantic import StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""A UUID as the API takes it: 36 characters, lower case."""


def new_id() -> str:
    """Return a new UUIDv7 as 36 lower-case characters."""
    return str(uuid_utils.uuid7())
