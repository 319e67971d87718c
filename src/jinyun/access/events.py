"""News of access."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BreakGlassUsed:
    """Somebody signed in with a local account although there is a company directory."""

    login: str
    source_address: str


@dataclass(frozen=True, slots=True)
class AdministratorRecovered:
    """There was no security administrator left, and root made one on the host."""

    login: str
    account: str
    """Who was root there, and on which host."""
