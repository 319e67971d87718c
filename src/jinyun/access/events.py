"""News of access."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BreakGlassUsed:
    """Somebody signed in with a local account although there is a company directory."""

    login: str
    source_address: str
