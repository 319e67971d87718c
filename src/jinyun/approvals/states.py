"""States of a chain, of its stages and of what one person has to decide; transitions as data."""

PENDING = "pending"
"""Somebody still has to decide."""
WAITING = "waiting"
"""Of a stage and its people: earlier stages are not passed yet."""
APPROVED = "approved"
"""Everybody who was needed said yes."""
REJECTED = "rejected"
"""Somebody said no: nothing of it happens."""
WITHDRAWN = "withdrawn"
"""It was taken back before it was decided."""
PASSED = "passed"
"""Of one person's part: it was decided without him."""

UNDECIDED = frozenset({WAITING, PENDING})

CHAIN_TRANSITIONS: dict[str, frozenset[str]] = {
    PENDING: frozenset({APPROVED, REJECTED, WITHDRAWN}),
    APPROVED: frozenset(),
    REJECTED: frozenset(),
    WITHDRAWN: frozenset(),
}
"""A chain; what was decided stays decided, a changed request gets a new chain."""

STAGE_TRANSITIONS: dict[str, frozenset[str]] = {
    WAITING: frozenset({PENDING, REJECTED, WITHDRAWN}),
    PENDING: frozenset({APPROVED, REJECTED, WITHDRAWN}),
    APPROVED: frozenset(),
    REJECTED: frozenset(),
    WITHDRAWN: frozenset(),
}

ASSIGNMENT_TRANSITIONS: dict[str, frozenset[str]] = {
    WAITING: frozenset({PENDING, PASSED}),
    PENDING: frozenset({APPROVED, REJECTED, PASSED}),
    APPROVED: frozenset(),
    REJECTED: frozenset(),
    PASSED: frozenset(),
}

APPROVE = "approve"
REJECT = "reject"
WITHDRAW = "withdraw"

VERBS: dict[str, str] = {APPROVE: APPROVED, REJECT: REJECTED, WITHDRAW: WITHDRAWN}
"""What a person can do, and the state that it leads to."""
