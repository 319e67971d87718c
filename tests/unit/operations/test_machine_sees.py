"""The machine of rules is worth something: with any one of the engine's guards taken out it fails."""

import pytest
from sqlalchemy import Update, select
from sqlalchemy.orm import Session

from jinyun.kit.database import Database, database_now
from jinyun.kit.settings import Settings
from jinyun.operations import claims, lanes, runner, service
from jinyun.operations.claims import Claim, Fence, heartbeat
from jinyun.operations.models import OperationRow
from tests.unit.operations.test_machine import run_machine


def look_only(session: Session, held: Claim) -> Fence:
    """The fence without its two questions."""
    row = session.get_one(OperationRow, held.operation_id, populate_existing=True)
    return Fence(database_now(session), row.cancel_requested)


def do_nothing(*_: object) -> None:
    """A lock on a subject that locks nothing, a place in a lane that is never given back."""


def swap_blindly(session: Session, statement: Update, values: dict[str, object]) -> bool:
    """The compare-and-swap without the comparison: whatever was read before is written."""
    blind = statement.where()
    blind._where_criteria = statement._where_criteria[:1]
    session.execute(blind, {name: value for name, value in values.items() if name != "seen"})
    return True


def keep_all(database: Database, worker_id: str, _watched: object, settings: Settings) -> dict[str, int]:
    """The heartbeat that also keeps what its worker has let go of."""
    mine = select(OperationRow.id).where(OperationRow.worker_id == worker_id)
    return heartbeat(database, worker_id, database.read(lambda session: list(session.scalars(mine))), settings)


@pytest.mark.parametrize(
    ("module", "guard", "instead", "seen"),
    [
        (runner, "fenced", look_only, "two workers wrote"),
        (service, "_reserve", do_nothing, "held are"),
        (lanes, "swapped", swap_blindly, "inside are"),
        (lanes, "leave", do_nothing, "no end"),
        (claims, "heartbeat", keep_all, "no end"),
    ],
)
def test_without_this_guard_it_fails(
    database: Database, monkeypatch: pytest.MonkeyPatch, module: object, guard: str, instead: object, seen: str
) -> None:
    monkeypatch.setattr(module, guard, instead)
    with pytest.raises(AssertionError, match=seen):
        run_machine(database, monkeypatch)
