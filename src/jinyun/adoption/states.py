"""States of what somebody asked to have adopted; the rungs of the ladder themselves are states of a server."""

OBSERVED = "observed"
"""The rung below all others: it is in a region, and nobody here owns it."""

PENDING_APPROVAL = "pending_approval"
"""The department of the application system has not decided."""
RETURNED = "returned"
"""Given back to whoever asked: he may take it back, and ask anew."""
ADOPTING = "adopting"
"""Approved; an operation goes through its lines."""
ENDED = "ended"
"""Every line of it came to an end."""
REJECTED = "rejected"
WITHDRAWN = "withdrawn"
EXPIRED = "expired"

UNDECIDED = frozenset({PENDING_APPROVAL, RETURNED})
PART_TRANSITIONS: dict[str, frozenset[str]] = {
    PENDING_APPROVAL: frozenset({RETURNED, ADOPTING, REJECTED, WITHDRAWN, EXPIRED}),
    RETURNED: frozenset({WITHDRAWN, EXPIRED}),
    ADOPTING: frozenset({ENDED}),
    ENDED: frozenset(),
    REJECTED: frozenset(),
    WITHDRAWN: frozenset(),
    EXPIRED: frozenset(),
}
"""Of the lines of a batch that are for one application system."""

WAITING = "waiting"
"""For the approval, or for its turn."""
ADOPTED = "adopted"
"""It belongs to the application system from now on."""
UNCHANGED = "unchanged"
"""It belonged to it before, or was asked for before: there is nothing to do."""
REFUSED = "refused"
"""It cannot be adopted as it was asked; the line says why, by a code."""
LET_GO = "let_go"
"""Nobody approved it, or whoever asked took it back."""

LINE_TRANSITIONS: dict[str, frozenset[str]] = {
    WAITING: frozenset({ADOPTED, REFUSED, LET_GO}),
    ADOPTED: frozenset(),
    UNCHANGED: frozenset(),
    REFUSED: frozenset(),
    LET_GO: frozenset(),
}
