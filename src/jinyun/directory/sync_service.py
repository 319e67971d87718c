"""What a security administrator can do with the company directory; a worker carries it out."""

from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.directory.models import DirectoryLine, DirectorySync
from jinyun.directory.states import HELD, PREVIEW, SYNC
from jinyun.directory.sync import row_of
from jinyun.directory.sync_schemas import DirectoryView, LineView
from jinyun.kit.actor import Actor
from jinyun.kit.database import database_now
from jinyun.kit.errors import Problem
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text


class NoDirectory(Problem):
    """No company directory is configured, or no worker has looked at it yet."""

    status = 409
    detail = Text("There is no company directory, or no worker watches it.", "未配置企业目录，或没有工作进程在同步。")
    hint = Text("Set JINYUN_DIRECTORY_URL and run a worker.", "请设置 JINYUN_DIRECTORY_URL 并运行工作进程。")


class PlanChanged(Problem):
    """The plan that waits is not the one that was looked at."""

    status = 409
    detail = Text(
        "No such plan waits for a confirmation: the directory has changed since, or it was carried out.",
        "没有等待确认的该计划：目录此后已变化，或计划已执行。",
    )
    hint = Text("Look at the newest plan and confirm that one.", "请查看最新计划并确认。")


def show(session: Session, actor: Actor, settings: Settings) -> DirectoryView:
    """Return how it stands with the directory. Raises Forbidden."""
    authorise(session, actor, "person.read")
    return _view(session, actor, row_of(session), settings)


def list_lines(session: Session, actor: Actor, kind: Literal["change", "finding"], page: PageRequest) -> Page[LineView]:
    """Return the lines of the newest plan. Raises Forbidden."""
    authorise(session, actor, "person.read")
    statement = select(DirectoryLine).where(DirectoryLine.kind == kind)
    rows, following = read_page(session, statement, [DirectoryLine.position, DirectoryLine.id], page)
    return Page(items=[LineView.of(row, actor.language) for row in rows], next=following)


def request(session: Session, actor: Actor, settings: Settings, *, preview: bool) -> DirectoryView:
    """Ask the worker that watches for a new reading.

    Raises:
        NoDirectory: nothing to read.
        Forbidden.
    """
    authorise(session, actor, "person.manage")
    row = _locked(session)
    row.requested_at, row.requested_mode = database_now(session), PREVIEW if preview else SYNC
    audit.record(session, actor, "directory.request", _subject(row), after={"mode": row.requested_mode})
    return _view(session, actor, row, settings)


def confirm(session: Session, actor: Actor, settings: Settings, digest: str) -> DirectoryView:
    """Have exactly the plan carried out that waits.

    Raises:
        NoDirectory: nothing waits, because there is no directory.
        PlanChanged: another plan waits by now, or none.
        Forbidden.
    """
    authorise(session, actor, "person.manage")
    row = _locked(session)
    if row.state != HELD or row.digest != digest:
        raise PlanChanged(field="digest")
    row.confirmed_digest = digest
    audit.record(session, actor, "directory.confirm", _subject(row), after={"digest": digest, **row.summary})
    return _view(session, actor, row, settings)


def _locked(session: Session) -> DirectorySync:
    row = session.scalar(select(DirectorySync).order_by(DirectorySync.source).limit(1).with_for_update())
    if row is None:
        raise NoDirectory
    return row


def _subject(row: DirectorySync) -> tuple[str, str, str]:
    return "directory", row.source, row.source


def _view(session: Session, actor: Actor, row: DirectorySync | None, settings: Settings) -> DirectoryView:
    return DirectoryView.of(
        row,
        database_now(session),
        actor.language,
        configured=bool(settings.directory_url),
        cap=settings.directory_cap_percent,
    )
