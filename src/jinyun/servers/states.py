"""States of a server; what an operation is doing to it right now is the operation's to tell."""

BUILDING = "building"
"""Approved; being delivered."""
ACTIVE = "active"
"""Runs."""
STOPPED = "stopped"
"""Exists, powered off."""
RECYCLED = "recycled"
"""In the recycle bin: powered off; address, disks and quota are kept until it is purged or restored."""
DELETED = "deleted"
"""Purged."""
FAILED = "failed"
"""Never came to be: the region refused, and all was undone."""
UNADOPTED = "unadopted"
"""Was there before, and belongs to nobody here any more; it runs on in its region."""

LIVE = frozenset({BUILDING, ACTIVE, STOPPED, RECYCLED})
"""These hold a hostname, an address and capacity."""

VERBS: dict[str, frozenset[str]] = {
    "start": frozenset({STOPPED}),
    "stop": frozenset({ACTIVE}),
    "reboot": frozenset({ACTIVE}),
    "resize": frozenset({ACTIVE, STOPPED}),
    "attach": frozenset({ACTIVE, STOPPED}),
    "detach": frozenset({ACTIVE, STOPPED}),
    "console": frozenset({ACTIVE}),
    "log": frozenset({ACTIVE, STOPPED}),
    "extend-disk": frozenset({ACTIVE, STOPPED}),
    "migrate": frozenset({ACTIVE, STOPPED}),
    "delete": frozenset({ACTIVE, STOPPED}),
    "restore": frozenset({RECYCLED}),
    "purge": frozenset({RECYCLED}),
}
"""Which verb is possible in which states."""

DELIVERED = "delivered"
"""Jinyun made it."""
ADOPTED = "adopted"
"""It was there before: it has an owner, its size and addresses count, and it can be started, stopped and looked at."""
MANAGED = "managed"
"""It was there before, and Jinyun may change it, too."""

POWER = frozenset({"start", "stop", "reboot"})
RUNGS: dict[str, frozenset[str]] = {
    DELIVERED: frozenset(VERBS) - {"extend-disk", "migrate"},
    ADOPTED: POWER,
    MANAGED: POWER | {"resize", "extend-disk", "migrate"},
}
"""Which verb there is on which rung of the ladder. Volumes, logs and the recycle bin are for what Jinyun made: nothing
that was there before is deleted, it is given back."""
