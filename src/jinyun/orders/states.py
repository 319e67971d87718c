"""States of orders and their items."""

PENDING_APPROVAL = "pending_approval"
"""Submitted; what it needs is held, and somebody must decide."""
RETURNED = "returned"
"""The applicant has it back, to hand it in again; what it needs is held meanwhile."""
WAITING = "waiting"
"""Of an item: approved; it comes after the item that it refers to, or after who is at its server now."""
DELIVERING = "delivering"
"""Approved; operations are at work."""
DELIVERED = "delivered"
"""Every item was delivered."""
PARTLY_DELIVERED = "partly_delivered"
"""Some items were delivered, the others failed and were undone."""
FAILED = "failed"
"""No item could be delivered; everything was undone."""
REJECTED = "rejected"
"""An approver said no; what was held is free again."""
WITHDRAWN = "withdrawn"
"""The applicant took it back; what was held is free again."""
STRUCK = "struck"
"""Of an item: an approver took it out; what was held for it is free again."""
EXPIRED = "expired"
"""Nobody decided in time; what was held is free again."""

UNDECIDED = frozenset({PENDING_APPROVAL, RETURNED})
OPEN = UNDECIDED | {DELIVERING}


def order_state(item_states: list[str]) -> str:
    """Derive an approved order's state from its items'."""
    if DELIVERING in item_states or WAITING in item_states:
        return DELIVERING
    if all(state == DELIVERED for state in item_states):
        return DELIVERED
    return PARTLY_DELIVERED if DELIVERED in item_states else FAILED
