"""What is in a region already, whoever made it: read whole, in batches, then followed change by change; and its verbs.

A verb starts work and returns the backend's id of that work; the caller asks `work` until it has ended. Whoever repeats
a verb after OutcomeUnknown looks at the server first: each verb says what is true once it was done.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from jinyun.providers.errors import BackendError


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
    """An open watch; it misses nothing that happens from its opening on. For one thread at a time."""

    @property
    def installation(self) -> str:
        """What tells this backend from any other, also where the ids of their things are the same."""

    def keys(self) -> Sequence[Key]:
        """Return everything that there is. Raises BackendError."""

    def read(self, keys: Sequence[Key]) -> Sequence[Observed]:
        """Return those of some things that still exist; any number, they are read in batches. Raises BackendError."""

    def changed(self, seconds: float) -> Changes:
        """Wait at most so long for changes, and return them. Raises BackendError."""


@dataclass(frozen=True, slots=True)
class Work:
    """Something that a backend was asked to do."""

    ended: bool
    failure: BackendError | None = None
    """Why it ended without being done."""
    percent: int | None = None


class Machines(Protocol):
    """Servers that are there already."""

    def get(self, machine_id: str) -> Observed | None:
        """Return the server as it is now, or None where it does not exist any more."""

    def work(self, work_id: str) -> Work:
        """Return how far some work is. Missing where the backend has forgotten it: then look at the server."""

    def start(self, machine_id: str) -> str:
        """Ask for power on; Refused (`wrong-state`) where it is on."""

    def stop(self, machine_id: str, *, hard: bool) -> str:
        """Ask for a shutdown by the guest where its tools run, else, or with `hard`, by power.

        Refused (`wrong-state`) where it is off.
        """

    def reboot(self, machine_id: str, *, hard: bool) -> str:
        """Ask for a reboot by the guest where its tools run, else, or with `hard`, by power."""

    def snapshot(self, machine_id: str, name: str) -> str:
        """Ask for a snapshot of the disks."""

    def remove_snapshot(self, machine_id: str, name: str) -> str | None:
        """Ask for a snapshot's removal; None where there is none of this name."""

    def resize(self, machine_id: str, *, vcpus: int, memory_mib: int) -> str:
        """Ask for another size; Refused (`wrong-state`) where it runs and cannot be changed while it does."""

    def extend_disk(self, machine_id: str, disk_key: int, size_gib: int) -> str:
        """Ask for a larger disk; Refused where it would shrink, or has snapshots."""

    def migrate(self, machine_id: str, *, host_id: str | None = None, datastore_id: str | None = None) -> str:
        """Ask for a move to another host, to another datastore, or both."""


class Estate(Protocol):
    """What is there already."""

    batch: int
    """How many things are best read at once."""

    @property
    def machines(self) -> Machines | None:
        """What can be done with its servers; None where they are only looked at."""

    def watch(self) -> AbstractContextManager[EstateWatch]:
        """Open a watch. Raises BackendError."""
