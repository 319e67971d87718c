"""Signing in and out, and one's sessions."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from jinyun.access import endings, passwords, queries, sessions, signing_in
from jinyun.access.digests import csrf_token
from jinyun.access.errors import (
    DirectoryAway,
    ForeignRequest,
    NoLocalAccount,
    SessionNeeded,
    TooManyAttempts,
    WrongCredentials,
)
from jinyun.access.http import CurrentCall, FirstCall, anonymous, door, reading, writing
from jinyun.access.schemas import (
    GrantView,
    NewPassword,
    OpenSessionView,
    SelfView,
    SessionView,
    SignIn,
    SingleSignOnView,
    WaysView,
    WebSessionView,
)
from jinyun.access.sessions import PROGRAM, WEB
from jinyun.access.sign_on import SingleSignOn
from jinyun.access.web import drop_cookie, require_own_origin, session_cookie, set_cookie
from jinyun.kit.bodies import Named
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import (
    DatabaseUnavailable,
    InvalidField,
    MalformedRequest,
    NotFound,
    OutcomeUncertain,
    Problem,
    RequestTooLarge,
)
from jinyun.kit.http import InternalError, problems
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text

router = APIRouter(prefix="/v1", tags=["access"])
ANYBODY: tuple[type[Problem], ...] = (
    MalformedRequest,
    InvalidField,
    RequestTooLarge,
    DatabaseUnavailable,
    OutcomeUncertain,
    InternalError,
)
SAME_PASSWORD = Text("It is the password that you have.", "新密码与当前密码相同。")
PROVING = (WrongCredentials, TooManyAttempts, DirectoryAway)


@router.get("/sign-in", responses=problems(InternalError))
def show_ways(request: Request) -> WaysView:
    """Show how one can sign in here."""
    state = request.app.state
    offered: SingleSignOn | None = state.single_sign_on
    address = f"{state.settings.public_url.rstrip('/')}/v1/sign-on"
    return WaysView(
        password=True,
        directory=state.password_check is not None,
        single_sign_on=None if offered is None else SingleSignOnView(name=offered.name, address=address),
    )


@router.post("/sessions", status_code=201, responses=problems(*PROVING, *ANYBODY))
def sign_in(request: Request, body: SignIn) -> SessionView:
    """Sign in with a password, for the command line and other programs."""
    opened = signing_in.sign_in(
        door(request), anonymous(request), body.login, body.password, PROGRAM, user_agent=agent(request)
    )
    return SessionView(
        token=opened.clear, expires_at=opened.row.expires_at, login=opened.person.login, name=opened.person.name
    )


@router.post("/web-sessions", status_code=201, responses=problems(*PROVING, ForeignRequest, *ANYBODY))
def sign_in_to_console(request: Request, response: Response, body: SignIn) -> WebSessionView:
    """Sign in with a password, for the web console: sets a cookie, always a new one."""
    here = door(request)
    require_own_origin(request, here.settings)
    opened = signing_in.sign_in(here, anonymous(request), body.login, body.password, WEB, user_agent=agent(request))
    leave_old_session(request)
    give_session_cookie(response, opened, here.settings)
    return WebSessionView(
        csrf_token=csrf_token(opened.clear),
        expires_at=opened.row.expires_at,
        idle_minutes=here.settings.session_idle_minutes,
        login=opened.person.login,
        name=opened.person.name,
    )


@router.get("/web-sessions/current", responses=reading(NotFound))
def show_console_session(request: Request, call: FirstCall) -> WebSessionView:
    """Show the session of the web console again, with its CSRF token, to a page that was loaded anew."""
    clear = request.cookies.get(session_cookie(call.settings))
    if clear is None:
        raise NotFound(kind="session", name="current")
    row, person, _due = call.read(lambda session, _: sessions.find_open(session, clear, WEB, call.settings))
    return WebSessionView(
        csrf_token=csrf_token(clear),
        expires_at=row.expires_at,
        idle_minutes=call.settings.session_idle_minutes,
        login=person.login,
        name=person.name,
    )


@router.get("/sessions", responses=reading(SessionNeeded))
def list_sessions(call: CurrentCall, page: PageQuery) -> Page[OpenSessionView]:
    """List your open sessions, the newest first."""
    return call.read(lambda session, actor: queries.list_sessions(session, actor, page, call.settings))


@router.delete("/sessions/current", status_code=204, responses=writing(SessionNeeded))
def sign_out(call: FirstCall, response: Response) -> None:
    """Sign out: this session ends now."""
    call.write(sessions.close_current)
    drop_cookie(response, session_cookie(call.settings), call.settings)


@router.delete("/sessions/{session_id}", status_code=204, responses=writing(SessionNeeded))
def end_session(call: CurrentCall, session_id: Id) -> None:
    """End one of your sessions."""
    call.write(lambda session, actor: sessions.close(session, actor, session_id))


@router.delete("/sessions", status_code=204, responses=writing(SessionNeeded))
def sign_out_everywhere(call: CurrentCall, response: Response) -> None:
    """Sign out everywhere: all your sessions end now, this one too; tokens stay."""
    call.write(sessions.close_everywhere)
    drop_cookie(response, session_cookie(call.settings), call.settings)


@router.delete("/people/{login}/sessions", status_code=204, responses=writing())
def sign_out_person(call: CurrentCall, login: Named) -> None:
    """End all sessions and tokens of somebody else."""
    call.write(lambda session, actor: endings.sign_out_person(session, actor, login))


@router.delete("/people/{login}/sign-in-failures", status_code=204, responses=writing())
def unlock_person(call: CurrentCall, login: Named) -> None:
    """Let a login that failed too often try again at once."""
    call.write(lambda session, actor: endings.unlock_person(session, actor, login))


@router.put("/self/password", status_code=204, responses=writing(*PROVING, SessionNeeded, NoLocalAccount))
def change_password(request: Request, call: FirstCall, body: NewPassword) -> None:
    """Change the password of your local account; your other sessions end."""
    sessions.require_session(call.actor)
    if body.new == body.current:
        raise InvalidField("new", SAME_PASSWORD)
    signing_in.prove(door(request), call.actor, call.actor.login, body.current)
    call.write(lambda session, actor: passwords.change(session, actor, body.new))


@router.get("/self", responses=reading())
def show_self(call: FirstCall) -> SelfView:
    """Show who you are and what you may do."""
    actor = call.actor
    grants = [GrantView.of(grant) for grant in actor.grants]
    due = actor.way_in is not None and actor.way_in.password_due
    return SelfView(id=actor.person_id or "", login=actor.login, name=actor.name, password_due=due, grants=grants)


def leave_old_session(request: Request) -> None:
    """End the session whose cookie came along with a new sign-in: nobody goes on in one that was there before."""
    settings: Settings = request.app.state.settings
    database: Database = request.app.state.database
    old = request.cookies.get(session_cookie(settings))
    if old is not None:
        database.write(lambda session: sessions.abandon(session, old))


def give_session_cookie(response: Response, opened: sessions.Opened, settings: Settings) -> None:
    """Have the browser keep a new session until its end at the latest."""
    lifetime: timedelta = opened.row.expires_at - utc_now()
    set_cookie(response, session_cookie(settings), opened.clear, lifetime, settings)


def agent(request: Request) -> str:
    """Return what a caller calls itself, to be recognised in the list of sessions."""
    return request.headers.get("user-agent", "")
