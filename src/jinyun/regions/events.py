"""News from the regions for the rooms above."""

from collections.abc import Sequence
from dataclasses import dataclass

from jinyun.providers.base import FlavorFacts, ImageFacts, NetworkFacts, VolumeTypeFacts


@dataclass(frozen=True, slots=True)
class RegionObserved:
    """Everything that a region has to offer at this moment; what is not named here is gone from it.

    Published at the end of each reading, in the transaction that notes it.
    """

    region_id: str
    flavors: Sequence[FlavorFacts]
    images: Sequence[ImageFacts]
    volume_types: Sequence[VolumeTypeFacts]
    networks: Sequence[NetworkFacts]
