"""States of a chain, of its stages and of what one person has to decide; transitions as data."""

PENDING = "pending"
"""Somebody still has to decide."""
WAITING = "waiting"
"""Of a stage and its people: earlier stages are not passed yet."""
RETURNED = "returned"
"""Of a chain: the applicant has it back, and hands it in again or withdraws it."""
APPROVED = "approved"
"""Everybody who was needed said yes."""
REJECTED = "rejected"
"""Somebody said no: nothing of it happens."""
WITHDRAWN = "withdrawn"
"""It was taken back before it was decided."""
EXPIRED = "expired"
"""Nobody decided by its due time."""
REPLACED = "replaced"
"""What it was about has changed: every yes is void, and the next chain of its subject asks anew."""
PASSED = "passed"
"""Of one person's part: it was decided without him."""

OPEN_CHAIN = frozenset({PENDING, RETURNED})
UNDECIDED = frozenset({WAITING, PENDING})

CHAIN_TRANSITIONS: dict[str, frozenset[str]] = {
    PENDING: frozenset({APPROVED, REJECTED, WITHDRAWN, RETURNED, REPLACED, EXPIRED}),
    RETURNED: frozenset({PENDING, WITHDRAWN, REPLACED}),
    APPROVED: frozenset(),
    REJECTED: frozenset(),
    WITHDRAWN: frozenset(),
    REPLACED: frozenset(),
    EXPIRED: frozenset(),
}
"""A chain; what was decided stays decided, a changed request gets a new chain."""

STAGE_TRANSITIONS: dict[str, frozenset[str]] = {
    WAITING: frozenset({PENDING, REJECTED, WITHDRAWN, REPLACED, EXPIRED}),
    PENDING: frozenset({APPROVED, WAITING, REJECTED, WITHDRAWN, REPLACED, EXPIRED}),
    APPROVED: frozenset({PENDING, WAITING}),
    REJECTED: frozenset(),
    WITHDRAWN: frozenset(),
    REPLACED: frozenset(),
    EXPIRED: frozenset(),
}
"""A stage; one that was passed is asked again when a later one returns the chain to it."""

ASSIGNMENT_TRANSITIONS: dict[str, frozenset[str]] = {
    WAITING: frozenset({PENDING, PASSED}),
    PENDING: frozenset({APPROVED, REJECTED, PASSED, WAITING}),
    APPROVED: frozenset({PENDING, WAITING}),
    REJECTED: frozenset(),
    PASSED: frozenset({PENDING, WAITING}),
}

NONE = "none"
"""A rule's word, which the first entry of the log repeats: nobody is asked; the chain is approved as it begins."""
OPEN = "open"
APPROVE = "approve"
REJECT = "reject"
RETURN = "return"
RESUBMIT = "resubmit"
TRANSFER = "transfer"
DELEGATE = "delegate"
ANSWER = "answer"
ADD_SIGNERS = "add-signers"
REPLACE = "replace"
HAND_ON = "hand-on"
REMIND = "remind"
ESCALATE = "escalate"
EXPIRE = "expire"
COMMENT = "comment"
WITHDRAW = "withdraw"
REVISE = "revise"
REALLOCATE = "reallocate"

GIVES_AWAY = frozenset({TRANSFER, REPLACE, HAND_ON, ESCALATE})
"""Verbs after which somebody else has to decide."""
DECIDES = frozenset({APPROVE, REJECT, RETURN})
"""Verbs by which somebody decides what he was asked."""
ENDS: dict[str, str] = {REJECT: REJECTED, WITHDRAW: WITHDRAWN, REVISE: REPLACED, EXPIRE: EXPIRED}
"""Verbs that end a chain at once, and the state that they lead to."""
