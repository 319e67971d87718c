"""Where the next server goes: pools are filtered, then weighed, and every choice explains itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinyun.capacity.amounts import Amount
from jinyun.capacity.filters import FILTERS
from jinyun.capacity.measure import PoolRoom
from jinyun.capacity.request import PlacementRequest
from jinyun.kit.texts import Text

CHOSEN = Text(
    "Pool {pool} is the best of {count} that can take it.", "资源池 {pool} 是 {count} 个可用资源池中的最优者。"
)
NONE_SUITABLE = Text("None of {count} pools can take it: {reasons}.", "{count} 个资源池均无法满足：{reasons}。")
NO_POOLS = Text("There is no pool yet.", "尚无资源池。")
TAKEN_MEANWHILE = Text("{count} filled up in the meantime", "{count} 个在此期间已被占满")


@dataclass(slots=True)
class Explanation:
    """Which pools were out of the question and why, how the others rank, and which one was taken."""

    considered: int
    filters: list[dict[str, Any]] = field(default_factory=list)
    """Of each filter: `name`, `title`, `removed` (how many), `pools` (each with `pool` and `why`)."""
    ranking: list[dict[str, Any]] = field(default_factory=list)
    """Of each suitable pool, the best first: its numbers, as `describe` gives them."""
    chosen: dict[str, Any] | None = None
    """The numbers of the pool that was taken."""

    def summary(self) -> Text:
        """Return it in one sentence."""
        if self.chosen is not None:
            return CHOSEN.format(pool=self.chosen["pool"], count=len(self.ranking))
        if not self.considered:
            return NO_POOLS
        titles = [Text(**each["title"]) for each in self.filters if each["removed"]]
        return Text(
            NONE_SUITABLE.en.format(count=self.considered, reasons="; ".join(title.en for title in titles)),
            NONE_SUITABLE.zh.format(count=self.considered, reasons="；".join(title.zh for title in titles)),
        )

    def remove(self, name: str, title: Text, removed: Mapping[str, Text]) -> None:
        """Note that a filter took out these pools, each for its reason."""
        pools = [{"pool": pool, "why": why.as_dict()} for pool, why in removed.items()]
        filled = title.format(count=len(removed)).as_dict()
        self.filters.append({"name": name, "title": filled, "removed": len(removed), "pools": pools})

    def remove_filled(self, room: PoolRoom) -> None:
        """Note that somebody else took what was left of a pool."""
        self.ranking = [each for each in self.ranking if each["pool"] != room.label]
        self.remove("meantime", TAKEN_MEANWHILE, {room.label: TAKEN_MEANWHILE.format(count=1)})

    def as_document(self) -> dict[str, Any]:
        """Return it as it is stored with a hold."""
        return {
            "considered": self.considered,
            "filters": self.filters,
            "ranking": self.ranking,
            "chosen": self.chosen,
            "summary": self.summary().as_dict(),
        }


def choose(rooms: Sequence[PoolRoom], request: PlacementRequest) -> tuple[list[PoolRoom], Explanation]:
    """Return the pools that can take the request, the best first, and the explanation."""
    explanation = Explanation(considered=len(rooms))
    left = list(rooms)
    for each in FILTERS:
        reasons = [(room, each.why_not(room, request)) for room in left]
        explanation.remove(each.name, each.title, {room.label: why for room, why in reasons if why is not None})
        left = [room for room, why in reasons if why is None]
    left.sort(key=lambda room: weight(room, request))
    explanation.ranking = [describe(room, request.amount) for room in left]
    return left, explanation


def fits(room: PoolRoom, request: PlacementRequest) -> bool:
    """Tell whether no filter stands against the pool."""
    return all(each.why_not(room, request) is None for each in FILTERS)


def weight(room: PoolRoom, request: PlacementRequest) -> tuple[bool, bool, float, str]:
    """Return what pools are sorted by, the best first.

    A pool that still survives a host's failure comes before one that does not; one that is kept for systems of this
    criticality before one for all; then the one with the largest share left of what is scarcest in it.
    """
    remaining = (room.free - request.amount).share_of(room.size)
    dedicated = room.pool.criticality_class == request.criticality
    return not room.survives_a_host(request.amount), not dedicated, -remaining, room.pool.id


def describe(room: PoolRoom, wanted: Amount) -> dict[str, Any]:
    """Return a pool's numbers, before and after it takes what is wanted."""
    return {
        "pool": room.label,
        "zone": room.pool.zone.name if room.pool.zone else None,
        "hosts": len(room.hosts),
        "size": room.size.as_dict(),
        "used": room.used.as_dict(),
        "held": (room.held + room.settling).as_dict(),
        "free": room.free.as_dict(),
        "free_after": (room.free - wanted).as_dict(),
        "survives_a_host": room.survives_a_host(wanted),
        "share_left": round((room.free - wanted).share_of(room.size), 4),
    }
