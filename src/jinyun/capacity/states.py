"""States of a hold; transitions as data."""

HELD = "held"
"""Promised: while it is being approved (until it expires) and while it is being delivered."""
USED = "used"
"""Delivered: somebody works with it."""
RELEASED = "released"
"""Given back."""

TRANSITIONS: dict[str, frozenset[str]] = {
    HELD: frozenset({USED, RELEASED}),
    USED: frozenset({RELEASED}),
    RELEASED: frozenset(),
}
