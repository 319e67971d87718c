"""States of operations and their steps, and which may follow which."""

PENDING = "pending"
"""Nobody has begun yet."""
RUNNING = "running"
"""Going forward; a step runs, waits for a backend, or queues in a lane."""
UNDOING = "undoing"
"""Going backward after a refusal, a time-out or a cancellation; this cannot be cancelled."""
NEEDS_OPERATOR = "needs_operator"
"""Stopped by something unforeseen; nothing is deleted, subjects stay held until an operator decides."""
SUCCEEDED = "succeeded"
"""Every step is done."""
FAILED = "failed"
"""Refused or timed out, and everything undone."""
CANCELLED = "cancelled"
"""Cancelled by a person, and everything undone."""

ACTIVE = frozenset({PENDING, RUNNING, UNDOING, NEEDS_OPERATOR})
ENDED = frozenset({SUCCEEDED, FAILED, CANCELLED})

OPERATION_TRANSITIONS: dict[str, frozenset[str]] = {
    PENDING: frozenset({RUNNING, UNDOING, CANCELLED}),
    RUNNING: frozenset({UNDOING, NEEDS_OPERATOR, SUCCEEDED}),
    UNDOING: frozenset({NEEDS_OPERATOR, FAILED, CANCELLED}),
    NEEDS_OPERATOR: frozenset({RUNNING, UNDOING}),
    SUCCEEDED: frozenset(),
    FAILED: frozenset(),
    CANCELLED: frozenset(),
}

STEP_PENDING = "pending"
"""Its turn has not come."""
STEP_QUEUED = "queued"
"""Waits in its lane for admission."""
STEP_RUNNING = "running"
"""A worker is at it, or died at it: the thing may exist."""
STEP_WAITING = "waiting"
"""The backend is at work."""
STEP_DONE = "done"
"""Finished; its result is kept."""
STEP_FAILED = "failed"
"""Refused or timed out."""
STEP_UNDOING = "undoing"
"""Being taken back."""
STEP_UNDONE = "undone"
"""Taken back, or nothing was there to take back."""

STEP_SKIPPED = "skipped"
"""An operator took it on himself: neither done nor undone by the engine."""

STEP_BEGUN = frozenset({STEP_RUNNING, STEP_WAITING, STEP_DONE, STEP_FAILED, STEP_UNDOING})
"""The thing may exist: going backward means undoing these."""
