"""States of the synchronisation, and what becomes of what."""

NEVER = "never"
"""The directory was not read yet."""
IN_STEP = "in_step"
"""Departments and people are here as they are there."""
HELD = "held"
"""The plan would remove too much, or nothing is to happen by itself: an administrator has to confirm it."""

TRANSITIONS: dict[str, frozenset[str]] = {
    NEVER: frozenset({IN_STEP, HELD}),
    IN_STEP: frozenset({IN_STEP, HELD}),
    HELD: frozenset({IN_STEP, HELD}),
}

SYNC = "sync"
"""An administrator asks for a new reading, and has what it says carried out."""
PREVIEW = "preview"
"""An administrator asks for a new reading, and wants to see what it would change."""
