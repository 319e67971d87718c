"""News of this room."""

from dataclasses import dataclass

from jinyun.kit.texts import Text


@dataclass(frozen=True, slots=True)
class DirectoryFailed:
    """The company directory cannot be read; published once, when it begins."""

    source: str
    reason: Text


@dataclass(frozen=True, slots=True)
class DirectoryAnswered:
    """The company directory can be read again."""

    source: str


@dataclass(frozen=True, slots=True)
class PlanHeld:
    """What the directory says would remove so much that an administrator has to confirm it."""

    source: str
    reason: Text


@dataclass(frozen=True, slots=True)
class PlanReleased:
    """Nothing waits for a confirmation any more."""

    source: str
