"""Forgetting routine: a region is read every minute, and nobody asks later how each reading went."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from jinyun.operations.models import OperationRow, OperationStep
from jinyun.operations.states import ENDED

BATCH = 500


def forget_ended(session: Session, kinds: Sequence[str], before: datetime) -> int:
    """Delete ended operations of routine kinds, some at a call; return how many, 0 when there is nothing left."""
    old = (
        select(OperationRow.id)
        .where(OperationRow.state.in_(ENDED), OperationRow.kind.in_(kinds), OperationRow.ended_at < before)
        .limit(BATCH)
    )
    ids = list(session.scalars(old))
    session.execute(delete(OperationStep).where(OperationStep.operation_id.in_(ids)))
    session.execute(delete(OperationRow).where(OperationRow.id.in_(ids)))
    return len(ids)
