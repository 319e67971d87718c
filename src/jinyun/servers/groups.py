"""Server groups: made by those who order for an application system, minded whenever one of theirs is placed."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from jinyun.access.authority import authorise, authorise_found, visible
from jinyun.audit import service as audit
from jinyun.capacity.groups import GroupRule, hosts_by_group, hosts_of
from jinyun.directory.queries import find_project
from jinyun.kit.actor import Actor
from jinyun.kit.errors import AlreadyExists, NotFound, Problem
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique
from jinyun.organisation.models import Project
from jinyun.servers.models import Server, ServerGroup
from jinyun.servers.schemas import NewServerGroup, ServerGroupView

READ, WRITE = "server.read", "order.write"


class GroupInUse(Problem):
    """Servers are in it, or are ordered for it."""

    status = 409
    detail = Text("Server group {name} has {count} servers.", "服务器组 {name} 中有 {count} 台服务器。")
    hint = Text(
        "It can go when they are gone for good, and what is ordered for it is decided.",
        "请在其服务器彻底删除、相关订单办结之后再删除。",
    )


def create(session: Session, actor: Actor, wanted: NewServerGroup) -> ServerGroup:
    """Make a group for an application system. Raises NotFound, Forbidden, AlreadyExists."""
    project = find_project(session, actor, wanted.project)
    authorise(session, actor, WRITE, project.id)
    group = ServerGroup(project_id=project.id, name=wanted.name, affinity=wanted.affinity)
    add_unique(session, group, AlreadyExists(field="name", kind="server group", name=wanted.name))
    audit.record(session, actor, "server-group.create", _subject(group), project_id=project.id, after=_said(group))
    return group


def delete(session: Session, actor: Actor, group_id: str) -> None:
    """Delete a group that no server is in. Raises NotFound, Forbidden, GroupInUse."""
    group = find(session, actor, group_id, WRITE)
    lock(session, group.id)
    count = len(hosts_of(session, group.id))
    if count:
        raise GroupInUse(name=group.name, count=count)
    for server in session.scalars(select(Server).where(Server.group_id == group.id)):
        server.group_id = None
    audit.record(session, actor, "server-group.delete", _subject(group), project_id=group.project_id)
    session.flush()
    session.delete(group)


def find(session: Session, actor: Actor, group_id: str, action: str = READ) -> ServerGroup:
    """Return a group that `actor` may see and do `action` to. Raises NotFound, Forbidden."""
    group = session.get(ServerGroup, group_id)
    if group is None:
        raise NotFound(kind="server group", name=group_id)
    authorise_found(session, actor, (READ, action), group.project_id, "server group", group_id)
    return group


def rule_of(session: Session, project_id: str, name: str) -> GroupRule:
    """Return a group of an application system by its name, locked: nothing else of it is placed meanwhile.

    Raises:
        NotFound: the application system has no such group.
    """
    named = select(ServerGroup).filter_by(project_id=project_id, name=name).with_for_update()
    group = session.scalar(named)
    if group is None:
        raise NotFound(field="server_group", kind="server group", name=name)
    return group.rule


def lock(session: Session, group_id: str | None) -> GroupRule | None:
    """Return a server's group, locked, before any hold is; None for one that is in none."""
    return session.get_one(ServerGroup, group_id, with_for_update=True).rule if group_id else None


def show(session: Session, actor: Actor, group_id: str) -> ServerGroupView:
    """Return one group with its servers. Raises NotFound."""
    group = find(session, actor, group_id)
    return ServerGroupView.of(group, hosts_of(session, group.id))


def list_groups(session: Session, actor: Actor, page: PageRequest, project: str | None) -> Page[ServerGroupView]:
    """Return the groups of the application systems that `actor` may see, or of one of them."""
    statement = select(ServerGroup).where(visible(actor, READ, ServerGroup.project_id))
    if project is not None:
        statement = statement.join(ServerGroup.project).where(Project.code == project)
    statement = statement.options(joinedload(ServerGroup.project), selectinload(ServerGroup.servers))
    rows, mark = read_page(session, statement, [ServerGroup.name, ServerGroup.id], page)
    hosts = hosts_by_group(session, [row.id for row in rows])
    return Page(items=[ServerGroupView.of(row, hosts.get(row.id, [])) for row in rows], next=mark)


def _subject(group: ServerGroup) -> tuple[str, str, str]:
    return "server-group", group.id, group.name


def _said(group: ServerGroup) -> dict[str, str]:
    return {"name": group.name, "affinity": group.affinity}
