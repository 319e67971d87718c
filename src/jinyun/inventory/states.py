"""States of an orphan."""

SEEN = "seen"
"""Found once: it may still turn out to belong to somebody."""
CONFIRMED = "confirmed"
"""Found again some time later: an operator decides."""
CLEANING = "cleaning"
"""Being removed."""
GONE = "gone"
"""Removed, or not found any more, or found to belong to somebody."""

TRANSITIONS: dict[str, frozenset[str]] = {
    SEEN: frozenset({CONFIRMED, GONE}),
    CONFIRMED: frozenset({CLEANING, GONE}),
    CLEANING: frozenset({CONFIRMED, GONE}),
    GONE: frozenset({SEEN}),
}
