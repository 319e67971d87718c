"""Single sign-on: from the browser's first step to a session, each answer good once and for one browser."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.digests import digest, new_secret, same
from jinyun.access.errors import SignOnAway, SignOnRefused
from jinyun.access.models import SignOn
from jinyun.access.passwords import is_vouched_for
from jinyun.access.sessions import PROGRAM, SIGN_ON, WEB, Opened, open_session
from jinyun.audit import service as audit
from jinyun.connectors.oidc import (
    TIMEOUT,
    Flow,
    OidcClient,
    OidcProvider,
    OidcRefused,
    OidcUnavailable,
    challenge_of,
)
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import InvalidField
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.organisation.models import Person
from jinyun.organisation.people import find_person

LIFETIME = timedelta(minutes=10)
"""How long somebody may stay at the provider's pages."""
CODE_LIFETIME = timedelta(minutes=1)
"""How long the command line has to fetch its session."""
CALLBACK = "/v1/sign-on/callback"
UNKNOWN = Text("it was not begun in this browser, is too old, or was used before", "并非由本浏览器发起、已过期或已使用")
UNSAID = Text("the provider does not say who you are", "单点登录服务未说明您的身份")
NOBODY = Text("{login} does not work here", "{login} 不是本单位在职人员")
NO_GROUP = Text("{login} is not in the group that may use Jinyun", "{login} 不在允许使用金云的用户组中")
CANCELLED = Text("the provider says {error}", "单点登录服务返回 {error}")
NOT_VALID = Text("its answer did not pass a check", "其应答未通过校验")
NOT_LOCAL = Text("It must be a path of this site.", "必须是本站内的路径。")
NEEDED = Text("It is missing.", "缺少该字段。")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """The provider of this installation, and how people are found by what it says."""

    provider: OidcProvider
    name: str
    login_claim: str
    groups_claim: str
    group: str | None
    """Who may use Jinyun; None where everybody may whom the bank knows."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-on that begins: where the browser goes, and the secret that it keeps meanwhile."""

    address: str
    browser_secret: str


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a sign-on leads: to a path of the console, or to a command line that waits on its own machine."""

    next_path: str = "/"
    loopback_port: int | None = None
    challenge: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """A sign-on that has succeeded: a browser's session, or the code that the command line fetches its session by."""

    goal: Goal
    opened: Opened | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser brings back."""

    state: str
    code: str | None
    issuer: str | None
    error: str | None
    browser_secret: str


def single_sign_on(settings: Settings) -> SingleSignOn | None:
    """Return the single sign-on that the settings speak of, or None."""
    if settings.oidc_issuer is None:
        return None
    file = settings.oidc_client_secret_file
    client = OidcClient(
        settings.oidc_issuer,
        settings.oidc_client_id,
        file.read_text(encoding="utf-8").strip() if file is not None else None,
        settings.oidc_scopes,
    )
    trusted = ssl.create_default_context(cafile=settings.oidc_ca_file)
    http = httpx.Client(verify=trusted, timeout=TIMEOUT, trust_env=False)
    return SingleSignOn(
        OidcProvider(client, http),
        settings.oidc_name,
        settings.oidc_login_claim,
        settings.oidc_groups_claim,
        settings.oidc_group,
    )


def begin(sign_on: SingleSignOn, database: Database, settings: Settings, goal: Goal) -> Begun:
    """Begin a sign-on.

    Raises:
        InvalidField: it would lead to another site afterwards.
        SignOnAway: the provider cannot be asked where it wants the browser.
    """
    if not is_local_path(goal.next_path):
        raise InvalidField("next", NOT_LOCAL)
    if goal.loopback_port is not None and not goal.challenge:
        raise InvalidField("challenge", NEEDED)
    state, browser_secret = new_secret(), new_secret()
    flow = Flow(new_secret(), new_secret(), _redirect_uri(settings))
    try:
        address = sign_on.provider.address(flow, state)
    except OidcUnavailable as error:
        raise _away(error) from error
    row = SignOn(
        digest=digest(state),
        browser_digest=digest(browser_secret),
        nonce=flow.nonce,
        verifier=flow.verifier,
        next_path=goal.next_path,
        loopback_port=goal.loopback_port,
        challenge=goal.challenge,
        expires_at=utc_now() + LIFETIME,
    )
    database.write(lambda session: session.add(row))
    return Begun(address, browser_secret)


def finish(
    sign_on: SingleSignOn, database: Database, settings: Settings, caller: Actor, answer: Answer, *, user_agent: str
) -> Finished:
    """Turn the provider's answer into a session, or into a code for the command line.

    Raises:
        SignOnRefused: not begun here, used before, or the answer lets nobody in; written down.
        SignOnAway: the provider does not answer.
    """
    try:
        flow, goal = database.write(lambda session: _take(session, answer, settings))
        claims = _claims(sign_on, flow, answer)
        login = _login(sign_on, claims)
    except SignOnRefused as refused:
        _note_refusal(database, caller, refused)
        raise

    def work(session: Session) -> Finished:
        person = _person(session, login)
        if goal.loopback_port is not None:
            return Finished(goal, None, _leave_code(session, goal, person))
        opened = open_session(session, caller, person, WEB, SIGN_ON, settings, user_agent=user_agent)
        return Finished(goal, opened, None)

    try:
        return database.write(work)
    except SignOnRefused as refused:
        _note_refusal(database, caller, refused)
        raise


def fetch_session(
    session: Session, caller: Actor, code: str, verifier: str, settings: Settings, *, user_agent: str
) -> Opened:
    """Open the command line's session by the code that its browser brought, good once.

    Raises:
        SignOnRefused: unknown, too old, used before, or another command line's.
    """
    row = session.scalar(select(SignOn).where(SignOn.digest == digest(code)).with_for_update())
    if row is None or row.person_id is None or row.expires_at <= utc_now():
        raise SignOnRefused(reason=UNKNOWN)
    if not same(row.challenge, challenge_of(verifier)):
        raise SignOnRefused(reason=UNKNOWN)
    person = session.get_one(Person, row.person_id)
    session.delete(row)
    return open_session(session, caller, person, PROGRAM, SIGN_ON, settings, user_agent=user_agent)


def is_local_path(path: str) -> bool:
    """Tell whether a browser that is sent to `path` stays here: `//host` and `/\\host` would lead it away."""
    return (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and path.isprintable()
        and path.isascii()
        and "\\" not in path
    )


def _take(session: Session, answer: Answer, settings: Settings) -> tuple[Flow, Goal]:
    """Take a sign-on off the table: whatever comes of it, the same answer is good no second time."""
    row = session.scalar(select(SignOn).where(SignOn.digest == digest(answer.state)).with_for_update())
    if row is None or row.person_id is not None or row.expires_at <= utc_now():
        raise SignOnRefused(reason=UNKNOWN)
    if not same(row.browser_digest, digest(answer.browser_secret)):
        raise SignOnRefused(reason=UNKNOWN)
    session.delete(row)
    goal = Goal(row.next_path, row.loopback_port, row.challenge)
    return Flow(row.nonce, row.verifier, _redirect_uri(settings)), goal


def _claims(sign_on: SingleSignOn, flow: Flow, answer: Answer) -> Mapping[str, Any]:
    if answer.error is not None or answer.code is None:
        raise SignOnRefused(reason=CANCELLED.format(error=json.dumps(answer.error)))
    try:
        return sign_on.provider.claims(flow, answer.code, answer.issuer)
    except OidcUnavailable as error:
        raise _away(error) from error
    except OidcRefused as error:
        log.warning("single sign-on refused", reason=str(error))
        raise SignOnRefused(reason=NOT_VALID) from error


def _login(sign_on: SingleSignOn, claims: Mapping[str, Any]) -> str:
    """Return the login that the provider names, if its groups let him in."""
    login = claims.get(sign_on.login_claim)
    if not isinstance(login, str) or not login:
        raise SignOnRefused(reason=UNSAID)
    groups = claims.get(sign_on.groups_claim, [])
    if sign_on.group is not None and sign_on.group not in (groups if isinstance(groups, list) else [groups]):
        raise SignOnRefused(reason=NO_GROUP.format(login=login))
    return login


def _person(session: Session, login: str) -> Person:
    person = find_person(session, login)
    if person is None or not is_vouched_for(session, person):
        raise SignOnRefused(reason=NOBODY.format(login=login))
    return person


def _leave_code(session: Session, goal: Goal, person: Person) -> str:
    code = new_secret()
    session.add(
        SignOn(
            digest=digest(code),
            browser_digest="",
            nonce="",
            verifier="",
            next_path=goal.next_path,
            loopback_port=goal.loopback_port,
            challenge=goal.challenge,
            person_id=person.id,
            expires_at=utc_now() + CODE_LIFETIME,
        )
    )
    return code


def _note_refusal(database: Database, caller: Actor, refused: SignOnRefused) -> None:
    after = {"way": SIGN_ON, "reason": refused.explanation().en}
    database.write(lambda session: audit.record(session, caller, "session.refuse", ("person", "-", "-"), after=after))


def _away(error: OidcUnavailable) -> SignOnAway:
    log.warning("single sign-on does not answer", error=str(error))
    return SignOnAway()


def _redirect_uri(settings: Settings) -> str:
    return f"{settings.public_url.rstrip('/')}{CALLBACK}"
