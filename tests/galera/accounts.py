"""What must be true in the end: of Jinyun's tables, and of the data centre itself."""

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.approvals.models import Decision
from jinyun.approvals.states import APPROVE, OPEN
from jinyun.capacity.amounts import Amount
from jinyun.capacity.models import Hold, PoolLoad, Quota
from jinyun.capacity.quotas import scopes_of
from jinyun.capacity.states import USED
from jinyun.networks.models import Address
from jinyun.networks.states import USED as ADDRESS_USED
from jinyun.operations.models import LaneGrant, OperationRow, OperationSubject
from jinyun.operations.states import ACTIVE
from jinyun.orders.models import Order, OrderItem
from jinyun.servers.models import Server
from tests.estate import Estate
from tests.galera.desk import Book

DELIVERIES = OperationRow.kind.like("deliver-%")


def unfinished(session: Session) -> int:
    """Return how many deliveries are under way."""
    return session.scalar(select(func.count()).where(DELIVERIES, OperationRow.state.in_(ACTIVE))) or 0


def check_orders(session: Session, book: Book) -> None:
    """Each acknowledged order is there once, decided once, and delivered by one operation; no other order is."""
    orders = list(session.scalars(select(Order)))
    assert sorted(order.id for order in orders) == sorted(book.ordered)
    assert sorted(book.approved) == sorted(book.ordered)
    assert len({order.number for order in orders}) == len(orders)
    items = {item.order_id: item.specification["hostname"] for item in session.scalars(select(OrderItem))}
    assert items == book.ordered
    entries = Counter(tuple(entry) for entry in session.execute(select(Decision.chain_id, Decision.verb)))
    assert entries == Counter((order.chain_id, verb) for order in orders for verb in (OPEN, APPROVE))
    ends = dict(session.execute(select(OperationRow.state, func.count()).where(DELIVERIES).group_by("state")).all())
    problems = list(session.scalars(select(OperationRow.problem).where(DELIVERIES, OperationRow.state != "succeeded")))
    assert ends == {"succeeded": len(orders)}, problems
    assert {order.state for order in orders} == {"delivered"}


def check_nothing_is_left_over(session: Session) -> None:
    """The engine holds nothing back any more."""
    assert session.scalar(select(func.count(LaneGrant.step_id))) == 0
    assert session.scalar(select(func.count()).where(OperationSubject.kind != "region")) == 0


def check_sums(session: Session, book: Book) -> None:
    """Loads and quotas say what the holds say; each server has its address for itself."""
    holds = list(session.scalars(select(Hold)))
    assert {hold.state for hold in holds} == {USED}
    assert sum(hold.lines.get("servers", 0) for hold in holds) == len(book.ordered)
    for load in session.scalars(select(PoolLoad)):
        mine = (hold.amount for hold in holds if hold.pool_id == load.pool_id)
        assert (load.used, load.held) == (sum(mine, Amount()), Amount())
    quotas = list(session.scalars(select(Quota)))
    assert quotas
    for quota in quotas:
        mine_lines = [hold.lines for hold in holds if quota.scope_id in scopes_of(session, hold.project_id)]
        assert (quota.used, quota.held) == (sum(lines.get(quota.resource, 0) for lines in mine_lines), 0)
    servers = {server.address_id: server.address for server in session.scalars(select(Server))}
    used = session.scalars(select(Address).where(Address.state == ADDRESS_USED))
    assert {row.id: row.address for row in used} == servers
    assert len(set(servers.values())) == len(book.ordered)


def check_world(estate: Estate, book: Book) -> None:
    """One server, port, volume and attachment for each order, by its token, made once; nothing else."""
    count = len(book.ordered)
    servers = estate.in_world("SELECT name, token FROM server WHERE status <> 'deleted'")
    assert sorted(row["name"] for row in servers) == sorted(book.ordered.values())
    for table in ("server", "port", "volume"):
        tokens = [row["token"] for row in estate.in_world(f"SELECT token FROM {table}")]
        assert len(tokens) == len(set(tokens)) == count, table
    attached = estate.in_world("SELECT server_id FROM attachment WHERE state = 'attached' AND server_knows")
    assert len({row["server_id"] for row in attached}) == len(attached) == count
    made = estate.in_world(
        "SELECT token, verb, count(*) AS times FROM journal WHERE verb LIKE '%.create' GROUP BY 1, 2"
    )
    assert [dict(row) for row in made if row["times"] != 1] == []
    assert Counter(row["verb"] for row in made)["server.create"] == count
