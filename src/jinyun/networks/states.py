"""States of networks, security groups, addresses and proposals; transitions as data."""

CREATING = "creating"
"""Written down here; an operation is making it in the region."""
READY = "ready"
"""It is in the region; addresses are handed out."""

ORDERED = "ordered"
"""Asked for by an order that is being decided or delivered; only what the same order asks for may use it."""
DELETING = "deleting"
"""An operation is removing it from the regions; nothing may begin to use it."""
RELEASED = "released"
"""It is no more, and its prefix is free; the row stays because servers of the past name it."""

NETWORK_TRANSITIONS: dict[str, frozenset[str]] = {
    ORDERED: frozenset({READY}),
    CREATING: frozenset({READY}),
    READY: frozenset({DELETING}),
    DELETING: frozenset({READY, RELEASED}),
    RELEASED: frozenset(),
}
"""A network that could not be made is taken out of the plan again, so that its code and prefix are free."""

GROUP_TRANSITIONS: dict[str, frozenset[str]] = {
    ORDERED: frozenset({READY}),
    READY: frozenset({DELETING}),
    DELETING: frozenset({READY}),
}
"""A security group that was not approved, or that is removed, is gone with its row."""

HELD = "held"
"""Promised to something that is being approved or delivered."""
USED = "used"
"""Something answers there."""
RESERVED = "reserved"
"""Kept back by an operator: an appliance, a virtual address, a plan."""

RECORDED = "recorded"
"""Something that was there before answers there; nothing was changed in it."""

ADDRESS_TRANSITIONS: dict[str, frozenset[str]] = {
    HELD: frozenset({USED}),
    USED: frozenset({USED}),
    RESERVED: frozenset(),
    RECORDED: frozenset(),
}
"""An address that is released is free again: its row is gone. A used one may change its holder."""

OPEN = "open"
"""The region shows the network; nobody has said what to do with it."""
DISMISSED = "dismissed"
"""An operator does not want it in the plan."""

PROPOSAL_TRANSITIONS: dict[str, frozenset[str]] = {OPEN: frozenset({DISMISSED}), DISMISSED: frozenset()}
"""An accepted proposal becomes a network and is gone; a dismissed one may still be accepted."""

PROVIDER = "provider"
"""A network of the data centre, usually a VLAN."""
EXTERNAL = "external"
"""A network of the data centre that leads outside: floating addresses come from it, servers are not put into it."""
TENANT = "tenant"
"""A network of one application system inside the region."""
