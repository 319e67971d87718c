"""Ways in: a password that fits, a token that is alive."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jinyun.access import service as access
from jinyun.access.models import ApiToken
from jinyun.access.service import TOKEN_PREFIX, NotSignedIn, WrongCredentials
from jinyun.audit.models import AuditRecord
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.organisation.models import Person
from tests.bank import found_bank

CALLER = Actor(None, "anonymous", "", source_address="10.0.0.9")
PASSWORD = "correct horse 汉字"
HOUR = timedelta(hours=1)


@pytest.fixture
def bank(database: Database) -> Database:
    def prepare(session: Session) -> None:
        access.set_password(session, found_bank(session).people["alice"], PASSWORD)

    database.write(prepare)
    return database


def sign_in(bank: Database, login: str = "alice", password: str = PASSWORD, lifetime: timedelta = HOUR) -> str:
    return bank.write(lambda session: access.sign_in(session, CALLER, login, password, lifetime=lifetime)[0])


def whose(bank: Database, token: str) -> str:
    return bank.read(lambda session: access.person_of_token(session, token).login)


def test_a_token_is_its_owners_and_is_not_kept_in_clear(bank: Database) -> None:
    token = sign_in(bank)
    assert token.startswith(TOKEN_PREFIX)
    assert whose(bank, token) == "alice"
    stored = bank.read(lambda session: session.scalars(select(ApiToken)).one())
    assert token not in str(vars(stored))
    noted = bank.read(lambda session: session.scalars(select(AuditRecord).filter_by(action="session.open")).one())
    assert (noted.actor_login, noted.source_address) == ("alice", "10.0.0.9")


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("alice", "wrong"),
        ("alice", ""),
        ("nobody", PASSWORD),
        ("bob", PASSWORD),
        ("ALICE", PASSWORD),
    ],
)
def test_what_does_not_fit_is_refused_alike(bank: Database, login: str, password: str) -> None:
    with pytest.raises(WrongCredentials):
        sign_in(bank, login, password)


def test_a_new_password_replaces_the_old_one(bank: Database) -> None:
    alice = bank.read(lambda session: session.scalars(select(Person.id).filter_by(login="alice")).one())
    bank.write(lambda session: access.set_password(session, alice, "another one"))
    with pytest.raises(WrongCredentials):
        sign_in(bank)
    assert whose(bank, sign_in(bank, password="another one")) == "alice"


def test_a_token_ends_at_its_time(bank: Database) -> None:
    token = sign_in(bank)
    bank.write(lambda s: s.execute(update(ApiToken).values(expires_at=utc_now() - timedelta(seconds=1))))
    with pytest.raises(NotSignedIn):
        whose(bank, token)


def test_signing_out_ends_one_token_alone(bank: Database) -> None:
    first, second = sign_in(bank), sign_in(bank)
    bank.write(lambda session: access.sign_out(session, CALLER, first))
    bank.write(lambda session: access.sign_out(session, CALLER, first))
    with pytest.raises(NotSignedIn):
        whose(bank, first)
    assert whose(bank, second) == "alice"
    closed = bank.read(lambda session: session.scalars(select(AuditRecord).filter_by(action="session.close")).all())
    assert len(closed) == 1


def test_who_left_has_no_way_in(bank: Database) -> None:
    token = sign_in(bank)
    bank.write(lambda s: s.execute(update(Person).where(Person.login == "alice").values(active=False)))
    with pytest.raises(NotSignedIn):
        whose(bank, token)
    with pytest.raises(WrongCredentials):
        sign_in(bank)


@pytest.mark.parametrize("token", ["", "jy_", "jy_guess", "汉字", "x" * 10_000])
def test_a_guess_is_no_token(bank: Database, token: str) -> None:
    sign_in(bank)
    with pytest.raises(NotSignedIn):
        whose(bank, token)
