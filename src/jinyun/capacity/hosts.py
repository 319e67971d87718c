"""Which host of its pool a server goes to, and whether a pool can do without one of its hosts."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.capacity.amounts import Amount
from jinyun.capacity.drawing import draw, host_of_choice, places_on_hosts
from jinyun.capacity.errors import FULL, NoCapacity
from jinyun.capacity.groups import GroupRule, with_group
from jinyun.capacity.measure import measure
from jinyun.capacity.models import Hold
from jinyun.capacity.request import PlacementRequest
from jinyun.capacity.service import lock_standing
from jinyun.kit.errors import NotFound
from jinyun.kit.texts import Text
from jinyun.organisation.models import Project
from jinyun.regions.models import Pool

GROUP_FORBIDS = Text(
    "Its server group allows no other host of pool {pool} that has room.",
    "按其服务器组规则，资源池 {pool} 中没有其他可用主机。",
)
TOO_SMALL = Text(
    "Without {host}, pool {pool} has not enough room for what runs in it and is promised.",
    "没有主机 {host} 时，资源池 {pool} 无法容纳现有和已承诺的服务器。",
)
NOT_SAFE = Text(
    "Without {host}, pool {pool} would not survive the loss of another host (N+1).",
    "没有主机 {host} 时，资源池 {pool} 将无法再容忍一台主机故障（N+1）。",
)


def host_for(session: Session, hold_id: str) -> str | None:
    """Return the name of a host of the hold's pool for one of its servers; None where the region may choose.

    Where a host was held, it is that one. The region may choose where the zone has this pool alone. Otherwise a
    host is drawn, in proportion to the places that each has: many deliveries draw at once, from figures of the same
    reading.

    Raises:
        NotFound: there is no such hold.
        NoCapacity: no host of the pool has room for the server now.
    """
    hold = session.get(Hold, hold_id)
    if hold is None:
        raise NotFound(kind="hold", name=hold_id)
    if hold.pool_id is None:
        return None
    (room,) = measure(session, [hold.pool_id])
    places = places_on_hosts(session, room, _size(hold), besides=hold.id)
    if hold.host is not None:
        if not places.get(hold.host):
            raise NoCapacity(FULL.format(pool=f"{room.label} ({hold.host})"))
        return hold.host
    same_zone = select(func.count()).select_from(Pool).where(Pool.zone_id == room.pool.zone_id, Pool.present)
    if room.pool.zone_id is not None and session.scalar(same_zone) == 1:
        return None
    return draw(places)


def host_to_move_to(session: Session, hold_id: str, away_from: str, group: GroupRule | None = None) -> str:
    """Return the name of another host of the hold's pool for one of its servers, one that its group allows.

    The caller has locked the group.

    Raises:
        NotFound, HoldGone.
        NoCapacity: no other host of the pool has room for it now, or none where it would not break its group's rule.
    """
    hold = lock_standing(session, hold_id)
    (room,) = measure(session, [hold.pool_id or ""])
    project = session.get_one(Project, hold.project_id)
    anywhere = PlacementRequest(project, *_size(hold).parts(), not_on_hosts=frozenset({away_from}))
    request = with_group(session, anywhere, group, besides=hold.id)
    try:
        return host_of_choice(session, room.without(away_from), request, besides=hold.id)
    except NoCapacity:
        if any(places_on_hosts(session, room.without(away_from), request.size, besides=hold.id).values()):
            raise NoCapacity(GROUP_FORBIDS.format(pool=room.label)) from None
        raise


def moved(session: Session, hold_id: str, host: str) -> None:
    """Note that what was held on a certain host is on another one now. Raises NotFound, HoldGone."""
    hold = lock_standing(session, hold_id)
    if hold.host is not None:
        hold.host = host


def require_room_without(session: Session, pool_id: str, host: str) -> None:
    """Let pass when all that runs and is promised in a pool fits without one of its hosts.

    Raises:
        NoCapacity: it does not, or it does and would not survive the loss of another host where it has to (N+1).
    """
    (room,) = measure(session, [pool_id])
    left = room.without(host)
    if min(left.free.parts()) < 0:
        raise NoCapacity(TOO_SMALL.format(pool=room.label, host=host))
    if room.pool.keeps_a_host and not left.survives_a_host(Amount()):
        raise NoCapacity(NOT_SAFE.format(pool=room.label, host=host))


def _size(hold: Hold) -> Amount:
    """Return what one of a hold's servers takes."""
    return hold.amount.divided_by(hold.lines.get("servers", 1))
