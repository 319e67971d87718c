"""The access table: a file that people read, the code obeys and the tests hold every route to."""

from pathlib import Path
from typing import Literal

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
