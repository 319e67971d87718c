"""What a search shows."""

from typing import Literal

from pydantic import BaseModel, Field

Kind = Literal["server", "volume", "order", "project", "network", "router", "floating-address", "person", "observed"]


class HitView(BaseModel):
    """One thing that begins like what was typed."""

    id: str
    name: str
    note: str = Field(description="What tells it from others of its name: an address, a purpose, a department")
    state: str | None = None


class HitsView(BaseModel):
    """The first few of one kind, in the order of what they were found by."""

    kind: Kind
    items: list[HitView]
    more: bool = Field(description="There are others; the list of this kind shows them")


class SearchView(BaseModel):
    """What was found, by kind; kinds of which nothing was found are left out."""

    found: list[HitsView]
