"""Where the next server goes: pools are filtered, then weighed, and every choice explains itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Any

from jinyun.capacity.filters import FILTERS
from jinyun.capacity.request import PlacementRequest
from jinyun.capacity.rooms import PoolRoom
from jinyun.capacity.weighers import PREFERENCES, WEIGHERS, weigh
from jinyun.kit.texts import Text

CHOSEN = Text(
    "Pool {pool} is the best of {count} that can take it.", "资源池 {pool} 是 {count} 个可用资源池中的最优者。"
)
NONE_SUITABLE = Text("None of {count} pools can take it: {reasons}.", "{count} 个资源池均无法满足：{reasons}。")
NO_POOLS = Text("There is no pool yet.", "尚无资源池。")
TAKEN_MEANWHILE = Text("{count} filled up in the meantime", "{count} 个在此期间已被占满")
NAMED = 20
"""So many of the pools that a filter removed are named, each with its reason; all are counted."""
RANKED = 5
"""So many of the suitable pools are shown with their numbers; all are counted."""
AS_GOOD = 10
"""So many of the best are looked at for one that nobody is taking from."""


@dataclass(slots=True)
class Explanation:
    """Which pools were out of the question and why, how the others rank, and which one was taken."""

    considered: int
    filters: list[dict[str, Any]] = field(default_factory=list)
    """Of each filter: `name`, `title`, `removed` (how many), `pools` (the first, each with `pool` and `why`)."""
    suitable: int = 0
    ranking: list[dict[str, Any]] = field(default_factory=list)
    """Of the best suitable pools, the best first: its numbers, as `describe` gives them."""
    chosen: dict[str, Any] | None = None
    """The numbers of the pool that was taken."""

    def summary(self) -> Text:
        """Return it in one sentence."""
        if self.chosen is not None:
            return CHOSEN.format(pool=self.chosen["pool"], count=self.suitable)
        if not self.considered:
            return NO_POOLS
        titles = [Text(**each["title"]) for each in self.filters if each["removed"]]
        return Text(
            NONE_SUITABLE.en.format(count=self.considered, reasons="; ".join(title.en for title in titles)),
            NONE_SUITABLE.zh.format(count=self.considered, reasons="；".join(title.zh for title in titles)),
        )

    def remove(self, name: str, title: Text, removed: Mapping[str, Text]) -> None:
        """Note that a filter took out these pools, each for its reason."""
        pools = [{"pool": pool, "why": why.as_dict()} for pool, why in islice(removed.items(), NAMED)]
        filled = title.format(count=len(removed)).as_dict()
        self.filters.append({"name": name, "title": filled, "removed": len(removed), "pools": pools})

    def remove_filled(self, room: PoolRoom) -> None:
        """Note that somebody else took what was left of a pool."""
        self.suitable -= 1
        self.ranking = [each for each in self.ranking if each["pool"] != room.label]
        self.remove("meantime", TAKEN_MEANWHILE, {room.label: TAKEN_MEANWHILE.format(count=1)})

    def as_document(self) -> dict[str, Any]:
        """Return it as it is stored with a hold."""
        return {
            "considered": self.considered,
            "filters": self.filters,
            "suitable": self.suitable,
            "ranking": self.ranking,
            "chosen": self.chosen,
            "summary": self.summary().as_dict(),
        }


def choose(rooms: Sequence[PoolRoom], request: PlacementRequest) -> tuple[list[PoolRoom], Explanation]:
    """Return the pools that can take the request, the best first, and the explanation; the order of `rooms` is naught.

    Pools with the same values stand in the order of their ids.
    """
    explanation = Explanation(considered=len(rooms))
    left = sorted(rooms, key=lambda room: room.pool.id)
    for each in FILTERS:
        removed: dict[str, Text] = {}
        staying = []
        for room in left:
            why = each.why_not(room, request)
            if why is None:
                staying.append(room)
            else:
                removed[room.label] = why
        explanation.remove(each.name, each.title, removed)
        left = staying
    left.sort(key=lambda room: weigh(room, request), reverse=True)
    explanation.suitable = len(left)
    explanation.ranking = [describe(room, request) for room in left[:RANKED]]
    return left, explanation


def fits(room: PoolRoom, request: PlacementRequest) -> bool:
    """Tell whether no filter stands against the pool."""
    return all(each.why_not(room, request) is None for each in FILTERS)


def as_good_as_first(rooms: Sequence[PoolRoom], request: PlacementRequest) -> list[PoolRoom]:
    """Return the first of ranked pools and those after it that only their share left tells from it, some at most."""
    first = _preferred(rooms[0], request)
    return list(takewhile(lambda room: _preferred(room, request) == first, rooms[:AS_GOOD]))


def _preferred(room: PoolRoom, request: PlacementRequest) -> list[float]:
    return [each.value(room, request) for each in PREFERENCES]


def describe(room: PoolRoom, request: PlacementRequest) -> dict[str, Any]:
    """Return a pool's numbers, before and after it takes what is wanted, and what it was weighed by."""
    after = room.free - request.amount
    return {
        "pool": room.label,
        "zone": room.pool.zone,
        "hosts": len(room.hosts),
        "hosts_with_room": room.hosts_with_room(request.size),
        "size": room.size.as_dict(),
        "used": room.used.as_dict(),
        "held": room.promised.as_dict(),
        "free": room.free.as_dict(),
        "free_after": after.as_dict(),
        "survives_a_host": room.survives_a_host(request.amount),
        "share_left": round(after.share_of(room.size), 4),
        "weights": {each.name: each.value(room, request) for each in WEIGHERS},
    }
