"""Who is acting: a person with his grants, or the platform itself."""

from dataclasses import dataclass

from jinyun.kit.texts import DEFAULT_LANGUAGE, Language


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at a scope: the whole system, a department and all below it, or one project."""

    role: str
    scope: str
    """`system`, `department` or `project`."""
    scope_id: str | None = None
    department_path: str | None = None
    """The department's path where the scope is a department: its subtree starts with it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with what authority, and from where."""

    person_id: str | None
    login: str
    name: str
    grants: tuple[Grant, ...] = ()
    language: Language = DEFAULT_LANGUAGE
    source_address: str | None = None
    request_id: str | None = None


PLATFORM = Actor(person_id=None, login="jinyun", name="Jinyun")
"""The platform acting by itself: schedules and operations."""
