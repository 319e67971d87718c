"""What a company directory is to Jinyun: departments and people as they are there, and whether a password is right."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from jinyun.kit.texts import Text


class DirectoryUnavailable(Exception):
    """The directory cannot say: it is down, lets nobody in, or gave less than it has.

    Args:
        reason: what is wrong, in both languages.
    """

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DirectoryDepartment:
    """A department as the directory has it; every field but `id` may be empty or wrong."""

    id: str
    """Never changes: not when it is renamed, not when it moves."""
    code: str
    name: str
    parent: str | None = None
    """Id of the department above; None at the top."""
    head: str | None = None
    """Id of the person who leads it, or what the directory says where that leads to nobody."""


@dataclass(frozen=True, slots=True)
class DirectoryPerson:
    """A person as the directory has him; every field but `id` may be empty or wrong."""

    id: str
    login: str
    name: str
    mail: str = ""
    department: str | None = None
    """Id of his department, or what the directory says where that leads to none."""
    manager: str | None = None
    """Id of his manager, or what the directory says where that leads to nobody."""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of the directory at one moment."""

    departments: tuple[DirectoryDepartment, ...]
    people: tuple[DirectoryPerson, ...]


class Watch(Protocol):
    """A directory that is being watched."""

    snapshot: Snapshot
    """As it stands, as far as this watch knows."""

    def changed(self, seconds: float) -> bool:
        """Wait up to so many seconds for a change; True where `snapshot` is a new one.

        Raises:
            DirectoryUnavailable: the directory cannot say any more; watch it anew.
        """


class PasswordCheck(Protocol):
    """Asks the directory whether a password is right."""

    def check(self, login: str, password: str) -> bool:
        """Tell whether this login has this password, and is active.

        Raises:
            DirectoryUnavailable: the directory cannot say.
        """


class Directory(PasswordCheck, Protocol):
    """A company directory."""

    @property
    def source(self) -> str:
        """What its people and departments are marked with here."""

    def read(self) -> Snapshot:
        """Return everything, or nothing: never a part.

        Raises:
            DirectoryUnavailable: it cannot say.
        """

    def watch(self) -> AbstractContextManager[Watch]:
        """Read everything and hear of each change from then on.

        Raises:
            DirectoryUnavailable: it cannot say.
        """
