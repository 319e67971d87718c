"""Who is acting: a person with his grants, or the platform itself."""

from dataclasses import dataclass, replace
from typing import Literal

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
class WayIn:
    """A session or a token, and what a token is limited to."""

    kind: Literal["session", "token"]
    id: str
    actions: frozenset[str] | None = None
    """The actions that it is good for; None for all that its person may."""
    password_due: bool = False
    """Whether it is good for nothing before its person has changed his password."""


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
    on_behalf_of: str | None = None
    """Login of the person for whom somebody else, or the platform, acts."""
    order_number: str | None = None
    """The order that this is done for."""
    way_in: WayIn | None = None
    """What he came in by; None for the platform and for whoever acts through an operation."""

    @property
    def in_person(self) -> bool:
        """Whether what follows from who he is counts: his own orders, his to-dos. A limited token has grants alone."""
        return self.way_in is None or self.way_in.actions is None

    def for_order(self, number: str) -> "Actor":
        """Return him as he acts for an order."""
        return replace(self, order_number=number)


PLATFORM = Actor(person_id=None, login="jinyun", name="Jinyun")
"""The platform acting by itself: schedules and operations."""


def platform_for(login: str, *, order_number: str | None = None, request_id: str | None = None) -> Actor:
    """Return the platform as it carries out what a person asked for; it has no authority of its own."""
    return replace(PLATFORM, on_behalf_of=login, order_number=order_number, request_id=request_id)
