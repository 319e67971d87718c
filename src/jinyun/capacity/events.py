"""News of this room."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HoldExpired:
    """Nobody decided in time: what was held is given back; published in that transaction."""

    hold_id: str
    holder_kind: str
    holder_id: str
