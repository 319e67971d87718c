"""States of image versions and of proposals, and which may follow which."""

OFFERED = "offered"
"""May be ordered."""
WITHDRAWN = "withdrawn"
"""May not be ordered any more; servers that run it stay as they are."""

VERSION_TRANSITIONS: dict[str, frozenset[str]] = {
    OFFERED: frozenset({WITHDRAWN}),
    WITHDRAWN: frozenset({OFFERED}),
}

PROPOSED = "proposed"
"""A region has it and no entry of the catalogue stands for it there; somebody should decide."""
ACCEPTED = "accepted"
"""An entry of the catalogue is bound to it."""
DISMISSED = "dismissed"
"""It shall not be offered; it may be accepted later all the same."""

PROPOSAL_TRANSITIONS: dict[str, frozenset[str]] = {
    PROPOSED: frozenset({ACCEPTED, DISMISSED}),
    DISMISSED: frozenset({ACCEPTED}),
    ACCEPTED: frozenset(),
}
