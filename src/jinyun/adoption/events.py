"""News of this room."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerManaged:
    """A server that was there before may be changed by Jinyun from now on."""

    server_id: str


@dataclass(frozen=True, slots=True)
class ServerGivenBack:
    """A server that was there before belongs to nobody any more."""

    server_id: str
