"""States of a drift: what is done about something that is different."""

OPEN = "open"
"""Somebody has to say what becomes of it."""
IGNORED = "ignored"
"""Nobody wants to hear of it until a moment; then it is open again."""
REVERTING = "reverting"
"""An operation is making it as it was."""
ACCEPTED = "accepted"
"""It is expected to be as it is."""
REVERTED = "reverted"
"""An operation made it as it was."""
SETTLED = "settled"
"""It became as it was without Jinyun."""
DROPPED = "dropped"
"""The machine is not managed any more."""

STANDING = frozenset({OPEN, IGNORED, REVERTING})
"""What is different still."""
TRANSITIONS: dict[str, frozenset[str]] = {
    OPEN: frozenset({IGNORED, REVERTING, ACCEPTED, REVERTED, SETTLED, DROPPED}),
    IGNORED: frozenset({OPEN, REVERTING, ACCEPTED, SETTLED, DROPPED}),
    REVERTING: frozenset({OPEN, REVERTED, SETTLED, DROPPED}),
    ACCEPTED: frozenset(),
    REVERTED: frozenset(),
    SETTLED: frozenset(),
    DROPPED: frozenset(),
}
