"""Whose the pools are in which something is held: a room above knows; it registers its answer (in `app.py`)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class OwnedPool:
    """A pool, and who answers for it: a person, the holders of a role, or nobody."""

    id: str
    name: str
    """What people call it."""
    owner_id: str | None
    owner_role: str | None


Lookup = Callable[[Session, Collection[str]], Sequence[OwnedPool]]
"""From ids of pools, or what people call them, to those that there are, by name."""

_lookups: list[Lookup] = []


def register(lookup: Lookup) -> None:
    """Let a room say whose pools are; a second time changes nothing."""
    if lookup not in _lookups:
        _lookups.append(lookup)


def owned_pools(session: Session, pools: Collection[str]) -> list[OwnedPool]:
    """Return those of these pools that there are; they are named by their ids or by what people call them."""
    return [pool for lookup in _lookups for pool in lookup(session, pools)] if pools else []
