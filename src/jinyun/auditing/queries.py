"""Reading the audit log: newest first, each filter by an index of its own that is in the order of time as well."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit.models import AuditRecord
from jinyun.auditing.schemas import RecordDetail, RecordFilter, RecordView
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.kit.ids import first_id_at
from jinyun.kit.paging import Page, PageRequest, read_page

EQUAL = {
    "person": AuditRecord.actor_login,
    "on_behalf_of": AuditRecord.on_behalf_of,
    "subject_kind": AuditRecord.subject_kind,
    "subject_id": AuditRecord.subject_id,
    "project": AuditRecord.project_id,
    "request_id": AuditRecord.request_id,
    "order_number": AuditRecord.order_number,
}


def list_records(session: Session, actor: Actor, page: PageRequest, wanted: RecordFilter) -> Page[RecordView]:
    """Return records, newest first; one query. Raises Forbidden."""
    authorise(session, actor, "audit.read")
    rows, following = read_page(session, _filtered(wanted), [AuditRecord.id], page, descending=True)
    return Page(items=[RecordView.of(row) for row in rows], next=following)


def show_record(session: Session, actor: Actor, record_id: str) -> RecordDetail:
    """Return one record with all that it says. Raises Forbidden, NotFound."""
    authorise(session, actor, "audit.read")
    row = session.get(AuditRecord, record_id)
    if row is None:
        raise NotFound(kind="audit record", name=record_id)
    return RecordDetail.of(row)


def _filtered(wanted: RecordFilter) -> Select[AuditRecord]:
    statement = select(AuditRecord)
    for name, column in EQUAL.items():
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(column == value)
    if wanted.action is not None:
        statement = statement.where(AuditRecord.action.startswith(wanted.action, autoescape=True))
    if wanted.since is not None:
        statement = statement.where(AuditRecord.id >= first_id_at(wanted.since))
    if wanted.until is not None:
        statement = statement.where(AuditRecord.id < first_id_at(wanted.until))
    return statement
