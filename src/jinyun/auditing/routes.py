"""The audit log over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from jinyun.access.http import CurrentCall, reading, reading_one
from jinyun.auditing import queries
from jinyun.auditing.schemas import RecordDetail, RecordFilter, RecordView
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageRequest

router = APIRouter(prefix="/v1/audit", tags=["audit"])


class RecordQuery(PageRequest, RecordFilter):
    """Which records, and which part of the list."""


@router.get("/records", responses=reading())
def list_audit_records(call: CurrentCall, wanted: Annotated[RecordQuery, Query()]) -> Page[RecordView]:
    """List what was done, newest first."""
    return call.read(lambda session, actor: queries.list_records(session, actor, wanted, wanted))


@router.get("/records/{record_id}", responses=reading_one())
def show_audit_record(call: CurrentCall, record_id: Id) -> RecordDetail:
    """Show one record, with what was changed and its place in the chain."""
    return call.read(lambda session, actor: queries.show_record(session, actor, record_id))
