"""Changes that nobody makes alone: one administrator asks for it, another one confirms it, then it is done.

This knows nothing of what is changed: each room registers its kinds of change (in `app.py`).
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from jinyun.access import states
from jinyun.access.authority import allowed, authorise, grants_of
from jinyun.access.models import AccessChange
from jinyun.access.sessions import require_session
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import NotFound, Problem
from jinyun.kit.paging import PageRequest, read_page
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique
from jinyun.kit.words import spoken
from jinyun.organisation.models import Person

LIFETIME = timedelta(days=3)
"""How long a change waits for its second person."""
READ = "role.read"
"""Who may see what waits."""


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """One kind of change, and what a room does about it."""

    kind: str
    action: str
    """What who asks and who confirms must both be allowed to do, for the whole system."""
    title: Text
    """What it comes to; placeholders are filled from the content."""
    check: Callable[[Session, Mapping[str, Any]], None]
    """Raises a Problem where it cannot be done as things are: asked for, and again when it is confirmed."""
    apply: Callable[[Session, Actor, Mapping[str, Any]], None]
    """Does it, in the name of who confirmed it, and notes it in the log."""


class AskedAlready(Problem):
    """The same change waits for its second person."""

    status = 409
    detail = Text("This was asked for already and waits to be confirmed.", "该变更已提交，正在等待确认。")
    hint = Text("See `GET /v1/access-changes`.", "见 `GET /v1/access-changes`。")


class ChangeDecided(Problem):
    """Somebody decided it before."""

    status = 409
    detail = Text("{login} decided this on {when}: it was {state}.", "{login} 已于 {when} 作出决定：{state}。")
    hint = Text("To change it again, ask anew.", "如需再次变更，请重新提交。")


class ChangeExpired(Problem):
    """Nobody decided in time."""

    status = 409
    detail = Text("The time to decide ended on {when}.", "决定期限已于 {when} 结束。")
    hint = Text("Ask anew.", "请重新提交。")


class SecondPersonNeeded(Problem):
    """Who asked for it, or whom it concerns, is not the second person."""

    status = 403
    detail = Text(
        "It takes another administrator: not who asked for it, and not whom it concerns.",
        "须由另一位管理员确认：不能是提交人，也不能是变更所涉及的人员。",
    )
    hint = Text("Ask a second security administrator.", "请联系另一位安全管理员。")


class RequesterLost(Problem):
    """Who asked for it may not do so any more."""

    status = 409
    detail = Text("{login}, who asked for this, may not do so any more.", "提交人 {login} 已不再拥有相应权限。")
    hint = Text("Refuse it, and have somebody else ask anew.", "请拒绝该变更，并由其他管理员重新提交。")


_kinds: dict[str, ChangeKind] = {}


def register(*kinds: ChangeKind) -> None:
    """Make kinds of change known; a second time changes nothing."""
    _kinds.update({kind.kind: kind for kind in kinds})


def propose(
    session: Session, actor: Actor, kind: ChangeKind, content: Mapping[str, Any], *, concerns_id: str | None = None
) -> AccessChange:
    """Ask for a change; nothing happens until a second administrator confirms it.

    Args:
        content: JSON; all that `kind` needs to do it, and to say what it comes to.
        concerns_id: the person who gains or loses by it, and therefore cannot confirm it.

    Raises:
        Forbidden: he may not ask for this.
        AskedAlready: the same waits already.
        Problem: whatever the kind's own check finds.
    """
    authorise(session, actor, kind.action)
    kind.check(session, content)
    digest = hashlib.sha256(json.dumps([kind.kind, content], sort_keys=True).encode()).hexdigest()
    now = utc_now()
    _forget_expired(session, digest, now)
    change = AccessChange(
        kind=kind.kind,
        content=dict(content),
        open_digest=digest,
        concerns_id=concerns_id,
        requested_by=actor.person_id,
        requested_at=now,
        expires_at=now + LIFETIME,
        state=states.WAITING,
    )
    add_unique(session, change, AskedAlready())
    _note(session, actor, "change.ask", change)
    return change


def confirm(session: Session, actor: Actor, change_id: str) -> AccessChange:
    """Confirm a change, which is done in the same transaction.

    Raises:
        SessionNeeded: he came by a token, which is no second person.
        NotFound, Forbidden: there is none, or he may not decide such changes.
        SecondPersonNeeded: he asked for it himself, or it concerns him.
        ChangeDecided, ChangeExpired, RequesterLost: it cannot be confirmed any more.
        Problem: whatever the kind's own check finds.
    """
    require_session(actor)
    change = _waiting(session, actor, change_id)
    if actor.person_id in {change.requested_by, change.concerns_id}:
        raise SecondPersonNeeded
    carry_out(session, actor, change)
    return change


def refuse(session: Session, actor: Actor, change_id: str, reason: str) -> AccessChange:
    """Refuse a change, or take back one's own. Raises NotFound, Forbidden, ChangeDecided, ChangeExpired."""
    change = _waiting(session, actor, change_id)
    change.reason = reason
    _decide(session, actor, change, states.REFUSED)
    return change


def carry_out(session: Session, actor: Actor, change: AccessChange) -> None:
    """Do what was asked for, in the name of who confirms it; that he may was checked before.

    Raises:
        RequesterLost: who asked for it left, or lost the right to.
        Problem: whatever the kind's own check finds.
    """
    kind = _kinds[change.kind]
    requester = session.get_one(Person, change.requested_by)
    holder = Actor(requester.id, requester.login, requester.name, grants_of(session, requester.id))
    if not requester.active or not allowed(session, holder, kind.action):
        raise RequesterLost(login=requester.login)
    kind.check(session, change.content)
    _decide(session, actor, change, states.CONFIRMED)
    kind.apply(session, actor, change.content)


def locked(session: Session, change_id: str) -> AccessChange:
    """Return a change that still waits, locked. Raises NotFound, ChangeDecided, ChangeExpired."""
    change = session.get(AccessChange, change_id, with_for_update=True, populate_existing=True)
    if change is None:
        raise NotFound(kind="change", name=change_id)
    if change.state in {states.CONFIRMED, states.REFUSED} and change.decided_at is not None:
        raise ChangeDecided(login=change.decided_login, when=_said(change.decided_at), state=change.state)
    if state_of(change) == states.EXPIRED:
        raise ChangeExpired(when=_said(change.expires_at))
    return change


def find(session: Session, actor: Actor, change_id: str) -> AccessChange:
    """Return a change. Raises Forbidden, NotFound."""
    authorise(session, actor, READ)
    change = session.get(AccessChange, change_id, options=[joinedload(AccessChange.requester)])
    if change is None:
        raise NotFound(kind="change", name=change_id)
    return change


def list_changes(
    session: Session, actor: Actor, page: PageRequest, *, waiting: bool
) -> tuple[list[AccessChange], str | None]:
    """Return changes, the newest first: those that wait, or all. Raises Forbidden."""
    authorise(session, actor, READ)
    statement = select(AccessChange).options(joinedload(AccessChange.requester))
    if waiting:
        statement = statement.where(AccessChange.state == states.WAITING, AccessChange.expires_at > utc_now())
    return read_page(session, statement, [AccessChange.id], page, descending=True)


def state_of(change: AccessChange) -> str:
    """Return the state as the clock has it: what nobody decided in time is written down as expired only later."""
    overdue = change.state == states.WAITING and change.expires_at <= utc_now()
    return states.EXPIRED if overdue else change.state


def title_of(change: AccessChange) -> Text:
    """Say what a change comes to."""
    return _kinds[change.kind].title.format(**{name: spoken(name, value) for name, value in change.content.items()})


def _waiting(session: Session, actor: Actor, change_id: str) -> AccessChange:
    find(session, actor, change_id)
    change = locked(session, change_id)
    authorise(session, actor, _kinds[change.kind].action)
    return change


def _decide(session: Session, actor: Actor, change: AccessChange, state: str) -> None:
    change.state, change.open_digest = state, None
    change.decided_by, change.decided_login, change.decided_at = actor.person_id, actor.login, utc_now()
    session.flush()
    _note(session, actor, "change.confirm" if state == states.CONFIRMED else "change.refuse", change)


def _forget_expired(session: Session, digest: str, now: datetime) -> None:
    """Let the same be asked for again where nobody decided in time."""
    expired = update(AccessChange).where(AccessChange.open_digest == digest, AccessChange.expires_at <= now)
    closing = expired.values(state=states.EXPIRED, open_digest=None)
    session.execute(closing.execution_options(synchronize_session=False))


def _note(session: Session, actor: Actor, action: str, change: AccessChange) -> None:
    subject = ("change", change.id, title_of(change).en)
    after = {"kind": change.kind, "content": change.content, "state": change.state, "reason": change.reason}
    audit.record(session, actor, action, subject, after=after)


def _said(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
