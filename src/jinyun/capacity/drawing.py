"""Which host of a pool takes a server, where the region is not left to choose."""

import random
from collections.abc import Mapping

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from jinyun.capacity.amounts import Amount
from jinyun.capacity.errors import FULL, NoCapacity
from jinyun.capacity.models import Hold
from jinyun.capacity.request import PlacementRequest
from jinyun.capacity.rooms import PoolRoom
from jinyun.capacity.states import HELD, USED


def places_on_hosts(session: Session, room: PoolRoom, size: Amount, *, besides: str | None = None) -> dict[str, int]:
    """Return how many servers of a size each host could take beside what is promised on it by its name.

    Args:
        besides: id of a hold whose own promise does not count.

    Raises:
        NoCapacity: no host could take one.
    """
    promised = _promised(session, room, besides) if room.hosts else {}
    free = {host.name: host.free - promised.get(host.name, Amount()) for host in room.hosts}
    places = {name: left.at_least_zero().count_of(size) for name, left in free.items()}
    if not any(places.values()):
        raise NoCapacity(FULL.format(pool=room.label))
    return places


def host_of_choice(session: Session, room: PoolRoom, request: PlacementRequest, *, besides: str | None = None) -> str:
    """Return the name of a host that the request may be on, one of those that it had better be on where there is one.

    Raises:
        NoCapacity: none of them has room.
    """
    places = places_on_hosts(session, room, request.size, besides=besides)
    allowed = {name: count for name, count in places.items() if count and request.may_be_on(name)}
    if not allowed:
        raise NoCapacity(FULL.format(pool=room.label))
    better = {name: count for name, count in allowed.items() if request.prefers_host(name)}
    return draw(better or allowed)


def draw(places: Mapping[str, int]) -> str:
    """Draw a host in proportion to its places: many draw at once, from figures of the same reading."""
    return random.choices(list(places), list(places.values()))[0]  # noqa: S311 - spreading, not secrecy


def _promised(session: Session, room: PoolRoom, besides: str | None) -> dict[str, Amount]:
    """Return what is promised on each host by its name and not yet in the region's figures."""
    unseen = and_(Hold.state == USED, Hold.settling_since > room.unseen_since)
    promised = (
        select(Hold.host, func.sum(Hold.vcpus), func.sum(Hold.memory_mib), func.sum(Hold.disk_gib))
        .where(Hold.pool_id == room.pool.id, Hold.host.is_not(None), or_(Hold.state == HELD, unseen))
        .group_by(Hold.host)
    )
    if besides is not None:
        promised = promised.where(Hold.id != besides)
    found = session.execute(promised)
    return {str(host): Amount(int(vcpus), int(memory), int(disk)) for host, vcpus, memory, disk in found}
