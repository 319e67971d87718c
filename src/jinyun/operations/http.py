"""How routes of all rooms answer with an operation."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from jinyun.access.http import Call
from jinyun.kit.actor import Actor
from jinyun.operations.models import OperationRow
from jinyun.operations.schemas import OperationView


def operation_of(call: Call, work: Callable[[Session, Actor], OperationRow]) -> OperationView:
    """Run `work`, which starts or changes an operation, and show that operation."""
    return call.write(lambda session, actor: OperationView.of(work(session, actor), actor.language))
