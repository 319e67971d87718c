"""What a server takes and what a host has: virtual CPUs, memory in MiB, local disk in GiB."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Amount:
    """Three numbers that always go together."""

    vcpus: int = 0
    memory_mib: int = 0
    disk_gib: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.vcpus + other.vcpus, self.memory_mib + other.memory_mib, self.disk_gib + other.disk_gib)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.vcpus - other.vcpus, self.memory_mib - other.memory_mib, self.disk_gib - other.disk_gib)

    def times(self, factor: int) -> "Amount":
        """Return so many of it."""
        return Amount(self.vcpus * factor, self.memory_mib * factor, self.disk_gib * factor)

    def divided_by(self, count: int) -> "Amount":
        """Return one of so many equal parts."""
        return Amount(self.vcpus // count, self.memory_mib // count, self.disk_gib // count)

    def at_least_zero(self) -> "Amount":
        """Return it without its negative parts."""
        return Amount(max(0, self.vcpus), max(0, self.memory_mib), max(0, self.disk_gib))

    def holds(self, other: "Amount") -> bool:
        """Tell whether `other` fits in; what is not asked for need not be there."""
        return (
            (other.vcpus <= self.vcpus or other.vcpus <= 0)
            and (other.memory_mib <= self.memory_mib or other.memory_mib <= 0)
            and (other.disk_gib <= self.disk_gib or other.disk_gib <= 0)
        )

    def count_of(self, size: "Amount") -> int:
        """Return how many of this size fit in; only what the size asks for limits it."""
        fewest = None
        for there, wanted in (
            (self.vcpus, size.vcpus),
            (self.memory_mib, size.memory_mib),
            (self.disk_gib, size.disk_gib),
        ):
            if wanted > 0 and (fewest is None or there // wanted < fewest):
                fewest = there // wanted
        return max(0, fewest or 0)

    def share_of(self, whole: "Amount") -> float:
        """Return the scarcest part's share of `whole`, 0 to 1."""
        pairs = zip(self.parts(), whole.parts(), strict=True)
        return max(0.0, min([there / total for there, total in pairs if total > 0], default=0.0))

    def as_dict(self) -> dict[str, int]:
        """Return it as JSON holds it."""
        return {"vcpus": self.vcpus, "memory_mib": self.memory_mib, "disk_gib": self.disk_gib}

    def parts(self) -> tuple[int, int, int]:
        """Return the three numbers."""
        return self.vcpus, self.memory_mib, self.disk_gib

    @classmethod
    def total(cls, amounts: Iterable["Amount"]) -> Self:
        """Return the sum."""
        listed = list(amounts)
        return cls(
            sum(each.vcpus for each in listed),
            sum(each.memory_mib for each in listed),
            sum(each.disk_gib for each in listed),
        )
