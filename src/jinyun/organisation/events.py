"""News of this room."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PeopleLeft:
    """People do not work here any more; published in the transaction that makes them inactive."""

    ids: tuple[str, ...]
