"""States of a volume."""

BUILDING = "building"
"""Ordered and approved; being made."""
AVAILABLE = "available"
"""Exists and is on no server."""
ATTACHED = "attached"
"""On a server."""
DELETED = "deleted"
"""Gone from the region, or never came to be."""

LIVE = frozenset({BUILDING, AVAILABLE, ATTACHED})
