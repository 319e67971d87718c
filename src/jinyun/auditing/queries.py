"""Reading the audit log: newest first, each filter by an index of its own that is in the order of time as well."""

from sqlalchemy import ScalarSelect, Select, select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit.models import AuditRecord
from jinyun.auditing.schemas import RecordDetail, RecordFilter, RecordView
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.kit.ids import first_id_at, is_id
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.organisation.models import Project

EQUAL = {
    "person": AuditRecord.actor_login,
    "on_behalf_of": AuditRecord.on_behalf_of,
    "subject_kind": AuditRecord.subject_kind,
    "subject_id": AuditRecord.subject_id,
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
    if wanted.project is not None:
        statement = statement.where(AuditRecord.project_id == _project_id(wanted.project))
    if wanted.action is not None:
        statement = statement.where(AuditRecord.action.startswith(wanted.action, autoescape=True))
    if wanted.since is not None:
        statement = statement.where(AuditRecord.id >= first_id_at(wanted.since))
    if wanted.until is not None:
        statement = statement.where(AuditRecord.id < first_id_at(wanted.until))
    return statement


def _project_id(project: str) -> str | ScalarSelect[str]:
    """Return the id of an application system that is named by its id or code."""
    return project if is_id(project) else select(Project.id).where(Project.code == project).scalar_subquery()
