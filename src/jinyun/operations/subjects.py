"""Who has a thing: one operation for itself, or several together that do not disturb one another.

The row of a thing is the lock: its primary key lets one in, and whoever shares the thing holds that row while he joins
or leaves. Of those who share it, one is named there.
"""

from collections.abc import Iterable
from typing import cast

from sqlalchemy import Table, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jinyun.operations.models import OperationRow, OperationSharer, OperationSubject

Subject = tuple[str, str]
"""Kind and id of a thing."""
ATTEMPTS = 5
SUBJECTS = cast("Table", OperationSubject.__table__)
SHARERS = cast("Table", OperationSharer.__table__)
TAKE = insert(SUBJECTS)
LET_GO = delete(SUBJECTS).where(SUBJECTS.c.operation_id == bindparam("id"))
SHARED = (
    select(SHARERS.c.kind, SHARERS.c.subject_id)
    .where(SHARERS.c.operation_id == bindparam("id"))
    .order_by(SHARERS.c.kind, SHARERS.c.subject_id)
)


def take(session: Session, operation_id: str, subject: Subject) -> bool:
    """Have a thing for one operation alone; False where any has it."""
    kind, subject_id = subject
    try:
        session.execute(TAKE, {"kind": kind, "subject_id": subject_id, "operation_id": operation_id})
    except IntegrityError:
        return False  # a row that is refused is all that the database takes back
    return True


def share(session: Session, operation_id: str, subject: Subject) -> bool:
    """Have a thing together with others that share it; False where one has it for itself."""
    kind, subject_id = subject
    for _ in range(ATTEMPTS):
        if _locked(session, subject) is None:
            if not take(session, operation_id, subject):
                continue  # somebody came first, in this moment
        elif _sharer(session, subject) is None:
            return False
        session.add(OperationSharer(kind=kind, subject_id=subject_id, operation_id=operation_id))
        session.flush()
        return True
    return False


def release(session: Session, operation_id: str) -> None:
    """Let go of everything that an operation has; what is shared stays with the others."""
    for kind, subject_id in session.execute(SHARED, {"id": operation_id}).all():
        subject = (kind, subject_id)
        present = _locked(session, subject)
        session.delete(session.get_one(OperationSharer, (kind, subject_id, operation_id)))
        session.flush()
        heir = _sharer(session, subject)
        if present is not None and heir is not None:
            present.operation_id = heir
        elif present is not None:
            session.delete(present)
        session.flush()
    session.execute(LET_GO, {"id": operation_id})


def holder(session: Session, subject: Subject) -> OperationRow | None:
    """Return the operation that has a thing, or one of those that share it."""
    kind, subject_id = subject
    statement = select(OperationRow).join(OperationSubject, OperationSubject.operation_id == OperationRow.id)
    return session.scalar(statement.where(OperationSubject.kind == kind, OperationSubject.subject_id == subject_id))


def held(session: Session, kind: str, subject_ids: Iterable[str]) -> dict[str, str]:
    """Return which of these things an active operation has, as subject id → operation id."""
    statement = select(OperationSubject.subject_id, OperationSubject.operation_id).where(
        OperationSubject.kind == kind, OperationSubject.subject_id.in_(list(subject_ids))
    )
    return dict(session.execute(statement).all())


def _locked(session: Session, subject: Subject) -> OperationSubject | None:
    return session.get(OperationSubject, subject, with_for_update=True, populate_existing=True)


def _sharer(session: Session, subject: Subject) -> str | None:
    kind, subject_id = subject
    statement = select(OperationSharer.operation_id).filter_by(kind=kind, subject_id=subject_id)
    return session.scalar(statement.order_by(OperationSharer.operation_id).limit(1))
