"""Reading who has which role: a fixed number of queries a page."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.access.grants import Outcome, Place
from jinyun.access.models import RoleGrant
from jinyun.access.role_schemas import ChangeView, GrantOutcome, RoleGrantView
from jinyun.kit.actor import Actor
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.organisation.models import Department, Person, Project


def list_grants(
    session: Session, actor: Actor, page: PageRequest, *, login: str | None, role: str | None
) -> Page[RoleGrantView]:
    """Return the roles that were given, of one person or of one kind where these are named. Raises Forbidden."""
    authorise(session, actor, "role.read")
    statement = select(RoleGrant)
    if login is not None:
        statement = statement.where(RoleGrant.person_id.in_(select(Person.id).where(Person.login == login)))
    if role is not None:
        statement = statement.where(RoleGrant.role == role)
    rows, following = read_page(session, statement, [RoleGrant.id], page)
    return Page(items=grant_views(session, rows), next=following)


def grant_views(session: Session, grants: Sequence[RoleGrant]) -> list[RoleGrantView]:
    """Show grants with the names of people and places."""
    holders = select(Person).where(Person.id.in_([grant.person_id for grant in grants]))
    people = {person.id: person for person in session.scalars(holders)}
    places: dict[str, Place] = {"": Place("system")}
    ids = [grant.scope_id for grant in grants]
    for scope, kind in (("department", Department), ("project", Project)):
        for row in session.execute(select(kind.id, kind.code, kind.name).where(kind.id.in_(ids))):
            places[row.id] = Place(scope, *row)
    return [RoleGrantView.of(each, people[each.person_id], places[each.scope_id]) for each in grants]


def show_outcome(session: Session, actor: Actor, outcome: Outcome) -> GrantOutcome:
    """Show what became of giving or taking a role."""
    return GrantOutcome(
        grant=grant_views(session, [outcome.grant])[0] if outcome.grant else None,
        change=ChangeView.of(outcome.change, actor.language) if outcome.change else None,
    )
