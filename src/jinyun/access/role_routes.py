"""Roles, and changes that take two people, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from jinyun.access import grants, role_queries, second_person
from jinyun.access.errors import SessionNeeded
from jinyun.access.grants import LastSecurityAdministrator, NotGivenThere, OwnRole, RolesExcludeEachOther
from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.access.role_schemas import ChangeView, GivenRole, GrantOutcome, NewRoleGrant, Refusal, RoleGrantView
from jinyun.access.second_person import AskedAlready, ChangeDecided, ChangeExpired, RequesterLost, SecondPersonNeeded
from jinyun.kit.actor import Actor
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery

router = APIRouter(prefix="/v1", tags=["roles"])
CONFIRMING = writing(
    SessionNeeded,
    SecondPersonNeeded,
    ChangeDecided,
    ChangeExpired,
    RequesterLost,
    RolesExcludeEachOther,
    LastSecurityAdministrator,
)


@router.get("/role-grants", responses=reading())
def list_role_grants(
    call: CurrentCall,
    page: PageQuery,
    login: Annotated[str | None, Query(max_length=255, description="Only this person's")] = None,
    role: Annotated[GivenRole | None, Query(description="Only this role")] = None,
) -> Page[RoleGrantView]:
    """List who was given which role, and where."""
    return call.read(lambda session, actor: role_queries.list_grants(session, actor, page, login=login, role=role))


@router.post(
    "/role-grants", status_code=201, responses=writing(OwnRole, NotGivenThere, RolesExcludeEachOther, AskedAlready)
)
def give_role(call: CurrentCall, body: NewRoleGrant) -> GrantOutcome:
    """Give a role; one of the three administrators waits for a second security administrator."""

    def work(session: Session, actor: Actor) -> GrantOutcome:
        outcome = grants.give(session, actor, body.login, body.role, body.scope, body.target)
        return role_queries.show_outcome(session, actor, outcome)

    return call.write(work)


@router.delete("/role-grants/{grant_id}", responses=writing(LastSecurityAdministrator, AskedAlready))
def take_role(call: CurrentCall, grant_id: Id) -> GrantOutcome:
    """Take a role away; one of the three administrators waits for a second security administrator."""
    return call.write(
        lambda session, actor: role_queries.show_outcome(session, actor, grants.take(session, actor, grant_id))
    )


@router.get("/access-changes", responses=reading())
def list_access_changes(
    call: CurrentCall, page: PageQuery, waiting: Annotated[bool, Query(description="Only undecided ones")] = True
) -> Page[ChangeView]:
    """List the changes that take two people, the newest first."""

    def work(session: Session, actor: Actor) -> Page[ChangeView]:
        changes, following = second_person.list_changes(session, actor, page, waiting=waiting)
        return Page(items=[ChangeView.of(change, actor.language) for change in changes], next=following)

    return call.read(work)


@router.get("/access-changes/{change_id}", responses=reading_one())
def show_access_change(call: CurrentCall, change_id: Id) -> ChangeView:
    """Show a change that takes two people."""
    return call.read(
        lambda session, actor: ChangeView.of(second_person.find(session, actor, change_id), actor.language)
    )


@router.post("/access-changes/{change_id}/confirm", responses=CONFIRMING)
def confirm_access_change(call: CurrentCall, change_id: Id) -> ChangeView:
    """Confirm a change as the second person; it is done at once."""
    return call.write(
        lambda session, actor: ChangeView.of(second_person.confirm(session, actor, change_id), actor.language)
    )


@router.post("/access-changes/{change_id}/refuse", responses=writing(ChangeDecided, ChangeExpired))
def refuse_access_change(call: CurrentCall, change_id: Id, body: Refusal) -> ChangeView:
    """Refuse a change, or take back your own."""
    return call.write(
        lambda session, actor: ChangeView.of(
            second_person.refuse(session, actor, change_id, body.reason), actor.language
        )
    )
