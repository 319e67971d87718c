"""One's inbox over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, writing
from jinyun.kit.actor import Actor
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.notices import service as notices
from jinyun.notices.schemas import MailLanguage, NoticeView

router = APIRouter(prefix="/v1/notices", tags=["notices"])


@router.get("", responses=reading())
def list_notices(
    call: CurrentCall, page: PageQuery, unread: Annotated[bool, Query(description="Only those not read")] = False
) -> Page[NoticeView]:
    """List what you were told, the newest first."""

    def work(session: Session, actor: Actor) -> Page[NoticeView]:
        rows, following = notices.list_own(session, actor, page, unread=unread)
        return Page(items=[NoticeView.of(row, actor.language) for row in rows], next=following)

    return call.read(work)


@router.post("/read", status_code=204, responses=writing())
def read_all_notices(call: CurrentCall) -> None:
    """Note that you have read everything."""
    call.write(lambda session, actor: notices.mark_read(session, actor, None))


@router.post("/{notice_id}/read", status_code=204, responses=writing())
def read_notice(call: CurrentCall, notice_id: Id) -> None:
    """Note that you have read it; what is not yours stays as it is."""
    call.write(lambda session, actor: notices.mark_read(session, actor, notice_id))


@router.put("/language", status_code=204, responses=writing())
def choose_mail_language(call: CurrentCall, body: MailLanguage) -> None:
    """Get your mail in a language; Chinese where you have not said."""
    call.write(lambda session, actor: notices.choose_language(session, actor, body.language))
