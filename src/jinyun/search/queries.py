"""Finding things by how their name, address or number begins: one indexed query a kind, and nobody sees more by it.

People and application systems are found by any part of their name as well: a bank has thousands of them, not millions.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from jinyun.access.authority import allowed, granting, visible, visible_departments
from jinyun.inventory.models import ObservedAddress, ObservedObject
from jinyun.kit.actor import Actor
from jinyun.networks.models import Network, Router
from jinyun.orders.models import Order
from jinyun.organisation.models import Department, Person, Project
from jinyun.search.schemas import HitsView, HitView, Kind, SearchView
from jinyun.servers import states as server_states
from jinyun.servers.models import FloatingAddress, Server
from jinyun.volumes import states as volume_states
from jinyun.volumes.models import Volume

SHOWN = 5
"""Of each kind."""
Found = tuple[Kind, Select[Any], Callable[[Any], HitView]]


def search(session: Session, actor: Actor, typed: str) -> SearchView:
    """Return what begins like `typed`, of what the actor may read; a fixed number of queries."""
    wanted = typed.strip()
    found = []
    for kind, statement, shown in _kinds(session, actor, wanted):
        rows = list(session.scalars(statement.limit(SHOWN + 1)).unique())
        if rows:
            found.append(HitsView(kind=kind, items=[shown(row) for row in rows[:SHOWN]], more=len(rows) > SHOWN))
    return SearchView(found=found)


def _kinds(session: Session, actor: Actor, wanted: str) -> Iterator[Found]:
    if granting(actor, "server.read"):
        yield "server", _servers(actor, wanted), lambda row: _hit(row, row.hostname, row.address, row.state)
    if granting(actor, "network.read"):
        yield "floating-address", _floating(actor, wanted), lambda row: _hit(row, row.address, row.state, row.state)
    yield "order", _orders(actor, wanted), lambda row: _hit(row, row.number, row.purpose, row.state)
    if granting(actor, "volume.read"):
        yield "volume", _volumes(actor, wanted), lambda row: _hit(row, row.name, f"{row.size_gib} GiB", row.state)
    if granting(actor, "project.read"):
        yield "project", _projects(actor, wanted), lambda row: _hit(row, row.code, row.name)
    if granting(actor, "network.read"):
        yield "network", _networks(actor, wanted), lambda row: _hit(row, row.code, row.name, row.state)
        yield "router", _routers(actor, wanted), lambda row: _hit(row, row.code, "", row.state)
    if granting(actor, "person.read"):
        yield "person", _people(actor, wanted), lambda row: _hit(row, row.login, f"{row.name}, {row.department.name}")
    if allowed(session, actor, "operation.operate"):
        yield "observed", _observed(wanted), lambda row: _hit(row, row.name, row.region.code)


def _servers(actor: Actor, wanted: str) -> Select[Any]:
    column = Server.address if _is_address(wanted) else Server.hostname
    statement = select(Server).where(visible(actor, "server.read", Server.project_id), _begins(column, wanted))
    return statement.where(Server.state.in_(server_states.LIVE)).order_by(column, Server.id)


def _floating(actor: Actor, wanted: str) -> Select[Any]:
    may_see = visible(actor, "network.read", FloatingAddress.project_id)
    by_address = _begins(FloatingAddress.address, wanted) if _is_address(wanted) else false()
    return select(FloatingAddress).where(may_see, by_address).order_by(FloatingAddress.address, FloatingAddress.id)


def _orders(actor: Actor, wanted: str) -> Select[Any]:
    own = Order.applicant_id == actor.person_id if actor.in_person else false()
    may_see = or_(own, visible(actor, "order.read", Order.project_id))
    return select(Order).where(may_see, _begins(Order.number, wanted)).order_by(Order.number.desc())


def _volumes(actor: Actor, wanted: str) -> Select[Any]:
    may_see = visible(actor, "volume.read", Volume.project_id)
    statement = select(Volume).where(may_see, Volume.state.in_(volume_states.LIVE), _begins(Volume.name, wanted))
    return statement.order_by(Volume.name, Volume.id)


def _projects(actor: Actor, wanted: str) -> Select[Any]:
    named = or_(_begins(Project.code, wanted.lower()), Project.name.contains(wanted, autoescape=True))
    return select(Project).where(visible(actor, "project.read", Project.id), named).order_by(Project.code)


def _networks(actor: Actor, wanted: str) -> Select[Any]:
    shared_or_own = or_(Network.project_id.is_(None), visible(actor, "network.read", Network.project_id))
    return select(Network).where(shared_or_own, _begins(Network.code, wanted)).order_by(Network.code)


def _routers(actor: Actor, wanted: str) -> Select[Any]:
    may_see = visible(actor, "network.read", Router.project_id)
    return select(Router).where(may_see, _begins(Router.code, wanted)).order_by(Router.code)


def _people(actor: Actor, wanted: str) -> Select[Any]:
    inside = select(Department.id).where(visible_departments(actor, "person.read"))
    named = or_(_begins(Person.login, wanted.lower()), Person.name.contains(wanted, autoescape=True))
    statement = select(Person).where(Person.department_id.in_(inside), Person.active, named)
    return statement.options(joinedload(Person.department)).order_by(Person.login)


def _observed(wanted: str) -> Select[Any]:
    statement = select(ObservedObject).where(ObservedObject.gone_at.is_(None))
    if _is_address(wanted):
        having = select(ObservedAddress.object_id).where(_begins(ObservedAddress.address, wanted))
        statement = statement.where(ObservedObject.id.in_(having))
    else:
        statement = statement.where(_begins(ObservedObject.name, wanted))
    return statement.options(joinedload(ObservedObject.region)).order_by(ObservedObject.name, ObservedObject.id)


def _begins(column: InstrumentedAttribute[Any], wanted: str) -> ColumnElement[bool]:
    return column.startswith(wanted, autoescape=True)


def _is_address(wanted: str) -> bool:
    """Tell whether it can only be the beginning of an address: figures with a dot or a colon between them."""
    return any(mark in wanted for mark in ".:") and all(each in "0123456789abcdefABCDEF.:" for each in wanted)


def _hit(row: Any, name: str, note: str, state: str | None = None) -> HitView:
    return HitView(id=row.id, name=name, note=note, state=state)
