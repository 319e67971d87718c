"""States of a region."""

REGISTERING = "registering"
"""Its connection was entered; nobody has reached it yet."""
READY = "ready"
"""It answered when it was last read."""
UNREACHABLE = "unreachable"
"""It could not be reached, or lets Jinyun not in; `problem` says why. It is tried again until it answers."""

TRANSITIONS: dict[str, frozenset[str]] = {
    REGISTERING: frozenset({READY, UNREACHABLE}),
    READY: frozenset({UNREACHABLE}),
    UNREACHABLE: frozenset({READY}),
}
