"""Single sign-on over HTTP: a browser goes there and comes back; the command line fetches its session."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from jinyun.access import sign_on
from jinyun.access.errors import SignOnAway, SignOnNotOffered, SignOnRefused
from jinyun.access.http import anonymous
from jinyun.access.routes import ANYBODY, agent, give_session_cookie, leave_old_session
from jinyun.access.schemas import SessionView, SignOnCode
from jinyun.access.sign_on import LIFETIME, Answer, Goal, SingleSignOn
from jinyun.access.web import drop_cookie, set_cookie, sign_on_cookie
from jinyun.kit.http import problems

router = APIRouter(prefix="/v1/sign-on", tags=["access"])
Word = Annotated[str | None, Query(max_length=2048)]
PROBLEMS = problems(SignOnNotOffered, SignOnRefused, SignOnAway, *ANYBODY)


@router.get("", status_code=303, response_class=RedirectResponse, responses=PROBLEMS)
def begin_sign_on(
    request: Request,
    next_path: Annotated[str, Query(alias="next", max_length=512, description="Where to go afterwards")] = "/",
    loopback_port: Annotated[int | None, Query(ge=1024, le=65535, description="Where the command line waits")] = None,
    challenge: Annotated[str, Query(max_length=64, pattern=r"^([A-Za-z0-9_-]{43})?$")] = "",
) -> RedirectResponse:
    """Send the browser to single sign-on."""
    state = request.app.state
    goal = Goal(next_path, loopback_port, challenge)
    begun = sign_on.begin(_offered(request), state.database, state.settings, goal)
    response = RedirectResponse(begun.address, 303)
    set_cookie(response, sign_on_cookie(state.settings), begun.browser_secret, LIFETIME, state.settings)
    return response


@router.get("/callback", status_code=303, response_class=RedirectResponse, responses=PROBLEMS)
def finish_sign_on(
    request: Request,
    state: Annotated[str, Query(max_length=256)],
    code: Word = None,
    iss: Word = None,
    error: Word = None,
) -> RedirectResponse:
    """Take the browser back from single sign-on: into the console, or to the command line that sent it."""
    app = request.app.state
    secret = request.cookies.get(sign_on_cookie(app.settings), "")
    answer = Answer(state, code, iss, error, secret)
    finished = sign_on.finish(
        _offered(request), app.database, app.settings, anonymous(request), answer, user_agent=agent(request)
    )
    response = RedirectResponse(_destination(finished), 303)
    drop_cookie(response, sign_on_cookie(app.settings), app.settings)
    if finished.opened is not None:
        leave_old_session(request)
        give_session_cookie(response, finished.opened, app.settings)
    return response


@router.post("/sessions", status_code=201, responses=PROBLEMS)
def fetch_session(request: Request, body: SignOnCode) -> SessionView:
    """Fetch the session of a command line whose person has signed in with his browser."""
    app = request.app.state
    opened = app.database.write(
        lambda session: sign_on.fetch_session(
            session, anonymous(request), body.code, body.verifier, app.settings, user_agent=agent(request)
        )
    )
    return SessionView(
        token=opened.clear, expires_at=opened.row.expires_at, login=opened.person.login, name=opened.person.name
    )


def _offered(request: Request) -> SingleSignOn:
    offered: SingleSignOn | None = request.app.state.single_sign_on
    if offered is None:
        raise SignOnNotOffered
    return offered


def _destination(finished: sign_on.Finished) -> str:
    if finished.code is None:
        return finished.goal.next_path
    return f"http://127.0.0.1:{finished.goal.loopback_port}/?{urlencode({'code': finished.code})}"
