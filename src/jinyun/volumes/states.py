"""States of a volume."""

BUILDING = "building"
"""Ordered and approved; being made."""
AVAILABLE = "available"
"""Exists and is on no server."""
ATTACHED = "attached"
"""On a server."""
RECYCLED = "recycled"
"""On no server, in the recycle bin: its lease is over."""
DELETED = "deleted"
"""Gone from the region, or never came to be."""

LIVE = frozenset({BUILDING, AVAILABLE, ATTACHED, RECYCLED})
