"""What makes one pool better than another that could take it too; the first weigher that tells them apart decides."""

from collections.abc import Callable
from dataclasses import dataclass

from jinyun.capacity.request import PlacementRequest
from jinyun.capacity.rooms import PoolRoom
from jinyun.kit.texts import Text


@dataclass(frozen=True, slots=True)
class Weigher:
    """One preference; the pool with the larger value is the better one."""

    name: str
    title: Text
    value: Callable[[PoolRoom, PlacementRequest], float]


def _survives(room: PoolRoom, request: PlacementRequest) -> float:
    return room.survives_a_host(request.amount)


def _apart(room: PoolRoom, request: PlacementRequest) -> float:
    return room.pool.id not in request.rather_not_in_pools


def _group(room: PoolRoom, request: PlacementRequest) -> float:
    if not (request.rather_on_hosts or request.rather_not_on_hosts):
        return True
    return room.places_for(request.size, enough=1, where=request.prefers_host) > 0


def _own(room: PoolRoom, _request: PlacementRequest) -> float:
    return room.pool.dedicated_to is not None


def _class(room: PoolRoom, request: PlacementRequest) -> float:
    return room.pool.criticality_class == request.criticality


def _licences(room: PoolRoom, request: PlacementRequest) -> float:
    return -len(room.pool.licences - request.licences)


def _share_left(room: PoolRoom, request: PlacementRequest) -> float:
    return round(room.pool.weight * (room.free - request.amount).share_of(room.size), 4)


PREFERENCES: tuple[Weigher, ...] = (
    Weigher("survives", Text("Still survives the loss of a host", "仍可容忍单台主机故障"), _survives),
    Weigher("apart", Text("Away from what it should stay apart from", "与应分离的服务器不在一处"), _apart),
    Weigher("group", Text("Has a host that its server group would rather have", "有更符合服务器组的主机"), _group),
    Weigher("own", Text("Dedicated to these systems", "专供该部门或系统"), _own),
    Weigher("class", Text("Kept for systems of this criticality", "专用于该重要程度"), _class),
    Weigher("licences", Text("No licence is wasted", "不占用多余许可"), _licences),
)
WEIGHERS: tuple[Weigher, ...] = (
    *PREFERENCES,
    Weigher("share", Text("Share left of what is scarcest, times the weight", "最紧张资源剩余比例×权重"), _share_left),
)


def weigh(room: PoolRoom, request: PlacementRequest) -> tuple[float, ...]:
    """Return a pool's values, in the order of `WEIGHERS`."""
    return tuple([each.value(room, request) for each in WEIGHERS])
