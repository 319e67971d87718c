"""Server groups over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.kit.actor import Actor
from jinyun.kit.errors import AlreadyExists
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.servers import groups
from jinyun.servers.groups import GroupInUse
from jinyun.servers.schemas import NewServerGroup, ServerGroupView

router = APIRouter(prefix="/v1/server-groups", tags=["servers"])


@router.get("", responses=reading())
def list_server_groups(
    call: CurrentCall, page: PageQuery, project: Annotated[str | None, Query(max_length=64)] = None
) -> Page[ServerGroupView]:
    """List server groups."""
    return call.read(lambda session, actor: groups.list_groups(session, actor, page, project))


@router.post("", status_code=201, responses=writing(AlreadyExists))
def create_server_group(call: CurrentCall, body: NewServerGroup) -> ServerGroupView:
    """Make a group; servers join it when they are ordered."""

    def work(session: Session, actor: Actor) -> ServerGroupView:
        return ServerGroupView.of(groups.create(session, actor, body), [])

    return call.write(work)


@router.get("/{server_group_id}", responses=reading_one())
def show_server_group(call: CurrentCall, server_group_id: Id) -> ServerGroupView:
    """Show a group with its servers, and whether they are placed as it wants."""
    return call.read(lambda session, actor: groups.show(session, actor, server_group_id))


@router.delete("/{server_group_id}", status_code=204, responses=writing(GroupInUse))
def delete_server_group(call: CurrentCall, server_group_id: Id) -> None:
    """Delete a group that no server is in."""
    call.write(lambda session, actor: groups.delete(session, actor, server_group_id))
