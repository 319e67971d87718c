"""Which machine a line means: by its id, or by its name in a region or in all of them."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload

from jinyun.adoption.errors import MachineNameAmbiguous, MachineNotObserved
from jinyun.adoption.sheet import Wish
from jinyun.inventory.models import ObservedObject
from jinyun.kit.errors import Problem
from jinyun.kit.ids import is_id
from jinyun.providers.estate import ObservedKind

BATCH = 500


class Machines:
    """The machines that some lines may mean, read in a few queries."""

    def __init__(self, session: Session, wishes: Sequence[Wish]) -> None:
        ids = [wish.machine for wish in wishes if is_id(wish.machine)]
        names = [wish.machine for wish in wishes if not is_id(wish.machine)]
        self._by_id = {row.id: row for row in _read(session, ids, by_name=False)}
        self._by_name: dict[str, list[ObservedObject]] = defaultdict(list)
        for row in _read(session, names, by_name=True):
            self._by_name[row.name].append(row)

    def find(self, wish: Wish) -> ObservedObject:
        """Return the machine. Raises MachineNotObserved, MachineNameAmbiguous."""
        if is_id(wish.machine):
            if wish.machine not in self._by_id:
                raise MachineNotObserved(field="id", machine=wish.machine)
            return self._by_id[wish.machine]
        found = [row for row in self._by_name[wish.machine] if wish.region in {None, row.region.code}]
        there = [row for row in found if row.gone_at is None] or found
        if len(there) > 1:
            raise MachineNameAmbiguous(field="id", machine=wish.machine, count=len(there))
        if not there:
            raise MachineNotObserved(field="id", machine=wish.machine)
        return there[0]


def looked_up(machines: Machines, wish: Wish) -> ObservedObject | Problem:
    """Return the machine that a line means, or what is wrong with the line."""
    if wish.problem is not None:
        return wish.problem
    try:
        return machines.find(wish)
    except (MachineNotObserved, MachineNameAmbiguous) as problem:
        return problem


def _read(session: Session, values: Sequence[str], *, by_name: bool) -> list[ObservedObject]:
    whole = select(ObservedObject).options(joinedload(ObservedObject.region), selectinload(ObservedObject.addresses))
    rows: list[ObservedObject] = []
    for start in range(0, len(values), BATCH):
        these = values[start : start + BATCH]
        named: ColumnElement[bool] = ObservedObject.name.in_(these)
        servers = whole.where(ObservedObject.kind == ObservedKind.SERVER, named)
        rows += session.scalars(servers if by_name else whole.where(ObservedObject.id.in_(these)))
    return rows
