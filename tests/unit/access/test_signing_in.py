"""Passwords: the company directory first, then break-glass accounts; nobody else gets in, and nobody learns why."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jinyun.access import signing_in
from jinyun.access.errors import DirectoryAway, NoLocalAccount, NotSignedIn, WrongCredentials
from jinyun.access.events import BreakGlassUsed
from jinyun.access.models import LocalAccount, PersonSession
from jinyun.access.sessions import PROGRAM, WEB, find_open
from jinyun.access.signing_in import sign_in
from jinyun.audit.models import AuditRecord
from jinyun.kit import events
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.organisation.models import SERVICE, Person
from tests.unit.access.stage import DIRECTORY_PASSWORD, PASSWORD, House, seconds

CALLER = Actor(None, "anonymous", "", source_address="10.0.0.9")
INJECTIONS = ["*", "*)(uid=*", "bob)(|(uid=*))", "bob\\2a", "bob*", "(uid=bob)", "uid=bob,ou=people", "bob' OR '1'='1"]


def records(house: House, action: str) -> list[AuditRecord]:
    return house.database.read(lambda session: list(session.scalars(select(AuditRecord).filter_by(action=action))))


def whose(house: House, clear: str) -> str:
    return house.database.read(lambda session: find_open(session, clear, PROGRAM, house.settings)[1].login)


def test_a_session_is_its_owners_and_is_not_kept_in_clear(house: House) -> None:
    opened = sign_in(house.door, CALLER, "alice", PASSWORD, PROGRAM)
    assert whose(house, opened.clear) == "alice"
    assert opened.clear not in str(house.database.read(lambda s: vars(s.scalars(select(PersonSession)).one())))
    (noted,) = records(house, "session.open")
    assert (noted.actor_login, noted.source_address) == ("alice", "10.0.0.9")


@pytest.mark.parametrize(
    ("login", "password"),
    [("alice", "wrong"), ("alice", ""), ("nobody", PASSWORD), ("bob", PASSWORD), ("ALICE", PASSWORD)],
)
def test_what_does_not_fit_is_refused_alike(house: House, login: str, password: str) -> None:
    with pytest.raises(WrongCredentials):
        sign_in(house.door, CALLER, login, password, PROGRAM)
    (noted,) = records(house, "session.refuse")
    assert noted.subject_name == (login if login in house.bank.people else "-")


def test_the_directory_is_asked_first(company: House) -> None:
    assert sign_in(company.door, CALLER, "bob", DIRECTORY_PASSWORD, WEB).row.way == "directory"
    assert not records(company, "session.break-glass")
    with pytest.raises(WrongCredentials):
        sign_in(company.door, CALLER, "bob", "wrong", WEB)


def test_whom_only_the_directory_knows_does_not_get_in(company: House) -> None:
    assert company.directory is not None
    company.directory.known["visitor"] = DIRECTORY_PASSWORD
    with pytest.raises(WrongCredentials):
        sign_in(company.door, CALLER, "visitor", DIRECTORY_PASSWORD, WEB)


def test_the_directory_does_not_open_an_account_that_was_entered_here(company: House) -> None:
    """Whoever runs the directory must not become a break-glass administrator by giving somebody that login."""
    assert company.directory is not None
    company.directory.known["alice"] = DIRECTORY_PASSWORD
    with pytest.raises(WrongCredentials):
        sign_in(company.door, CALLER, "alice", DIRECTORY_PASSWORD, WEB)
    brought = update(Person).where(Person.login == "alice").values(source="ldap", external_id="1")
    company.change(lambda session: session.execute(brought))
    assert sign_in(company.door, CALLER, "alice", DIRECTORY_PASSWORD, WEB).row.way == "directory"


def test_a_local_account_beside_the_directory_raises_an_alarm(company: House) -> None:
    heard: list[BreakGlassUsed] = []
    events.subscribe(BreakGlassUsed, lambda _session, event: heard.append(event))
    assert sign_in(company.door, CALLER, "alice", PASSWORD, WEB).row.way == "local"
    assert heard == [BreakGlassUsed("alice", "10.0.0.9")]
    assert len(records(company, "session.break-glass")) == 1


def test_without_a_directory_a_local_account_is_nothing_special(house: House) -> None:
    heard: list[BreakGlassUsed] = []
    events.subscribe(BreakGlassUsed, lambda _session, event: heard.append(event))
    sign_in(house.door, CALLER, "alice", PASSWORD, WEB)
    assert not heard


def test_a_directory_that_is_down_says_so_and_locks_nobody_out(company: House) -> None:
    assert company.directory is not None
    company.directory.is_up = False
    for _ in range(company.settings.sign_in_failures + 3):
        with pytest.raises(DirectoryAway):
            sign_in(company.door, CALLER, "bob", DIRECTORY_PASSWORD, WEB)
    assert not records(company, "session.refuse")
    company.directory.is_up = True
    assert sign_in(company.door, CALLER, "bob", DIRECTORY_PASSWORD, WEB).person.login == "bob"


def test_break_glass_opens_while_the_directory_is_down(company: House) -> None:
    assert company.directory is not None
    company.directory.is_up = False
    assert sign_in(company.door, CALLER, "alice", PASSWORD, WEB).row.way == "local"
    assert len(records(company, "session.break-glass")) == 1


def test_break_glass_cannot_be_guessed_while_the_directory_is_down(company: House) -> None:
    """After too many guesses the right password does not help either, and every answer is the same."""
    assert company.directory is not None
    company.directory.is_up = False
    for guess in [*(f"guess {number}" for number in range(company.settings.sign_in_failures)), PASSWORD]:
        with pytest.raises(DirectoryAway):
            sign_in(company.door, CALLER, "alice", guess, WEB)


@pytest.mark.parametrize("login", INJECTIONS)
def test_a_login_that_means_something_to_ldap_is_just_an_unknown_login(company: House, login: str) -> None:
    """Whatever the directory says to it: the person is looked for among ours by exactly this login."""
    assert company.directory is not None
    company.directory.known[login] = DIRECTORY_PASSWORD
    with pytest.raises(WrongCredentials):
        sign_in(company.door, CALLER, login, DIRECTORY_PASSWORD, WEB)
    assert company.directory.asked == [login]


def test_a_refusal_takes_the_same_time_whether_the_login_exists_or_not(
    company: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the directory answers faster for a login that it does not know."""
    monkeypatch.setattr(signing_in, "REFUSAL_SECONDS", 0.3)

    def refused(login: str) -> None:
        with pytest.raises(WrongCredentials):
            sign_in(company.door, CALLER, login, "wrong", WEB)

    known, unknown = seconds(lambda: refused("bob")), seconds(lambda: refused("nobody"))
    assert known >= 0.3
    assert unknown >= 0.3


def test_who_left_has_no_way_in(house: House) -> None:
    opened = sign_in(house.door, CALLER, "alice", PASSWORD, PROGRAM)
    house.change(lambda s: s.execute(update(Person).where(Person.login == "alice").values(active=False)))
    with pytest.raises(NotSignedIn):
        whose(house, opened.clear)
    with pytest.raises(WrongCredentials):
        sign_in(house.door, CALLER, "alice", PASSWORD, PROGRAM)


def test_a_service_account_does_not_sign_in_by_password(company: House) -> None:
    """Neither with a password of the directory nor with a local one that somebody wrote into the database."""
    assert company.directory is not None

    def make(session: Session) -> None:
        alice = session.scalars(select(Person).filter_by(login="alice")).one()
        robot = Person(login="svc-robot", name="", mail="", department_id=alice.department_id, kind=SERVICE)
        session.add(robot)
        session.flush()
        kept = session.get_one(LocalAccount, alice.id).password_hash
        session.add(LocalAccount(person_id=robot.id, password_hash=kept))

    company.change(make)
    company.directory.known["svc-robot"] = DIRECTORY_PASSWORD
    for password in (PASSWORD, DIRECTORY_PASSWORD):
        with pytest.raises(WrongCredentials):
            sign_in(company.door, CALLER, "svc-robot", password, PROGRAM)


def test_a_session_ends_at_its_time(house: House) -> None:
    opened = sign_in(house.door, CALLER, "alice", PASSWORD, PROGRAM)
    house.change(lambda s: s.execute(update(PersonSession).values(expires_at=utc_now() - timedelta(seconds=1))))
    with pytest.raises(NotSignedIn):
        whose(house, opened.clear)


@pytest.mark.parametrize("guess", ["", "jy_", "jys_", "jys_guess", "汉字", "x" * 10_000])
def test_a_guess_is_no_session(house: House, guess: str) -> None:
    sign_in(house.door, CALLER, "alice", PASSWORD, PROGRAM)
    with pytest.raises(NotSignedIn):
        whose(house, guess)


def test_a_new_password_replaces_the_old_one_and_ends_the_other_sessions(house: House) -> None:
    stolen, mine = house.terminal(), house.terminal()
    change = {"current": PASSWORD, "new": "another horse battery"}
    assert mine.put("/v1/self/password", json=change | {"current": "wrong"}).json()["code"] == WrongCredentials.code
    assert mine.put("/v1/self/password", json=change).status_code == 204
    assert (mine.get("/v1/self").status_code, stolen.get("/v1/self").status_code) == (200, 401)
    assert mine.post("/v1/sessions", json={"login": "alice", "password": PASSWORD}).status_code == 401
    assert mine.post("/v1/sessions", json={"login": "alice", "password": change["new"]}).status_code == 201


def test_a_password_of_the_directory_is_not_changed_here(company: House) -> None:
    browser = company.signed_in_browser("bob", DIRECTORY_PASSWORD)
    answer = browser.put("/v1/self/password", json={"current": DIRECTORY_PASSWORD, "new": "another horse battery"})
    assert answer.json()["code"] == NoLocalAccount.code
