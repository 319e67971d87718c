"""Orders of an estate, worked to their end in this process."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.operations.definition import Operation
from jinyun.operations.models import OperationRow
from jinyun.operations.states import ACTIVE
from jinyun.orders.models import Order
from tests.estate import Estate
from tests.stories.stage import await_that
from tests.working import run_operations


def run_to_the_end(estate: Estate, *recipes: type[Operation]) -> None:
    """Work until nothing is under way any more."""
    under_way = select(OperationRow.id).where(OperationRow.state.in_(ACTIVE))

    def ended() -> bool:
        run_operations(estate.database, *recipes)
        return estate.database.read(lambda session: session.scalar(under_way)) is None

    await_that(ended, "all operations end")


def states_of(estate: Estate) -> list[str]:
    """Return the states of the newest order and its items."""

    def read(session: Session) -> list[str]:
        order = session.scalars(select(Order).order_by(Order.number.desc()).limit(1)).one()
        return [order.state, *(item.state for item in order.items)]

    return estate.database.read(read)
