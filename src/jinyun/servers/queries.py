"""Reading servers; a page costs the same number of queries whatever is on it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from jinyun.access.authority import authorise_anywhere, visible
from jinyun.catalog.models import ImageVersion
from jinyun.kit.actor import Actor
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.operations import service as operations
from jinyun.organisation.models import Project
from jinyun.regions.models import Pool
from jinyun.servers import states
from jinyun.servers.models import FloatingAddress, KeyPair, Server
from jinyun.servers.schemas import FloatingAddressView, KeyPairView, ServerDetail, ServerView
from jinyun.servers.service import find

WITH_EVERYTHING: tuple[ORMOption, ...] = (
    joinedload(Server.project),
    joinedload(Server.region),
    joinedload(Server.pool).joinedload(Pool.zone),
    joinedload(Server.flavor),
    joinedload(Server.image_version).joinedload(ImageVersion.image),
    joinedload(Server.network),
)


@dataclass(frozen=True, slots=True)
class ServerFilter:
    """Which servers to list."""

    project: str | None = None
    state: str | None = None
    hostname: str | None = None
    address: str | None = None
    ladder: str | None = None
    pool_id: str | None = None
    host: str | None = None


def list_servers(session: Session, actor: Actor, page: PageRequest, wanted: ServerFilter) -> Page[ServerView]:
    """Return the servers that `actor` may see; without a wanted state those that live."""
    statement = select(Server).where(visible(actor, "server.read", Server.project_id)).options(*WITH_EVERYTHING)
    if wanted.state is not None:
        statement = statement.where(Server.state == wanted.state)
    else:
        statement = statement.where(Server.state.in_(states.LIVE))
    if wanted.project is not None:
        statement = statement.join(Project, Server.project_id == Project.id).where(Project.code == wanted.project)
    if wanted.ladder is not None:
        statement = statement.where(Server.ladder == wanted.ladder)
    if wanted.hostname is not None:
        statement = statement.where(Server.hostname.startswith(wanted.hostname, autoescape=True))
    if wanted.address is not None:
        statement = statement.where(Server.address == wanted.address)
    if wanted.pool_id is not None:
        statement = statement.where(Server.pool_id == wanted.pool_id)
    if wanted.host is not None:
        statement = statement.where(Server.host == wanted.host)
    rows, mark = read_page(session, statement, [Server.id], page)
    busy = operations.busy(session, "server", [row.id for row in rows])
    return Page(items=[ServerView.of(row, busy.get(row.id)) for row in rows], next=mark)


def show_server(session: Session, actor: Actor, server_id: str) -> ServerDetail:
    """Return one server. Raises NotFound."""
    server = find(session, actor, server_id)
    return ServerDetail.detail_of(server, operations.busy(session, "server", [server.id]).get(server.id))


def list_keypairs(session: Session, actor: Actor, page: PageRequest) -> Page[KeyPairView]:
    """Return the actor's own key pairs."""
    statement = select(KeyPair).where(KeyPair.person_id == actor.person_id)
    rows, mark = read_page(session, statement, [KeyPair.id], page)
    return Page(items=[KeyPairView.of(row) for row in rows], next=mark)


def list_floating(session: Session, actor: Actor, page: PageRequest) -> Page[FloatingAddressView]:
    """Return the floating addresses of the actor's application systems. Raises Forbidden where he may read none."""
    authorise_anywhere(actor, "network.read")
    statement = select(FloatingAddress).where(visible(actor, "network.read", FloatingAddress.project_id))
    of = FloatingAddress
    statement = statement.options(*map(joinedload, (of.project, of.region, of.network, of.server)))
    rows, mark = read_page(session, statement, [FloatingAddress.id], page)
    return Page(items=[FloatingAddressView.of(row) for row in rows], next=mark)
