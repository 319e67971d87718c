"""News of this room."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObjectsChanged:
    """Things in a region were seen to be different from before, to be back, or to be gone; in the same transaction."""

    region_id: str
    object_ids: tuple[str, ...]
