"""States of a change that takes two people; transitions as data."""

WAITING = "waiting"
"""A second administrator has to confirm it."""
CONFIRMED = "confirmed"
"""It was confirmed, and done in the same moment."""
REFUSED = "refused"
"""A second administrator refused it, or who asked for it took it back."""
EXPIRED = "expired"
"""Nobody decided in time."""

CHANGE_TRANSITIONS: dict[str, frozenset[str]] = {
    WAITING: frozenset({CONFIRMED, REFUSED, EXPIRED}),
    CONFIRMED: frozenset(),
    REFUSED: frozenset(),
    EXPIRED: frozenset(),
}
