"""What is in a region already, whoever made it: read whole, in batches, and then followed change by change."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class ObservedKind(StrEnum):
    """What sort of thing is observed."""

    SERVER = "server"
    VOLUME = "volume"
    PORT = "port"


class Power(StrEnum):
    """Whether a server runs."""

    ON = "on"
    OFF = "off"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Key:
    """What tells a thing from all others of its region."""

    kind: ObservedKind
    id: str
    """The backend's id: of a vCenter's machine its moref."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A thing as the backend shows it."""

    key: Key
    name: str
    """As people wrote it, without the backend's escapes."""
    document: Mapping[str, Any]
    """Everything else that is known, as JSON; docs/en/vsphere-real.md names what is in it."""
    uuid: str | None = None
    """An id of its own that it keeps when its backend's id changes."""
    cluster: str | None = None
    host: str | None = None
    power: Power | None = None
    addresses: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    """What of it the user may not read."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a watch heard of."""

    changed: frozenset[Key] = field(default_factory=frozenset)
    gone: frozenset[Key] = field(default_factory=frozenset)
    anew: bool = False
    """Something changed that only a new reading of everything shows."""

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone or self.anew)


class EstateWatch(Protocol):
    """An open watch; it misses nothing that happens from its opening on. For one thread."""

    @property
    def installation(self) -> str:
        """What tells this backend from any other, also where the ids of their things are the same."""

    def keys(self) -> Sequence[Key]:
        """Return everything that there is. Raises BackendError."""

    def read(self, keys: Sequence[Key]) -> Sequence[Observed]:
        """Return those of some things that still exist; any number, they are read in batches. Raises BackendError."""

    def changed(self, seconds: float) -> Changes:
        """Wait at most so long for changes, and return them. Raises BackendError."""


class Estate(Protocol):
    """What is there already."""

    batch: int
    """How many things are best read at once."""

    def watch(self) -> AbstractContextManager[EstateWatch]:
        """Open a watch. Raises BackendError."""
