"""Who is told what of a chain."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.approvals import deciding
from jinyun.kit.database import Database
from jinyun.notices.models import Notice
from tests.unit.approvals.chains import DIGEST, Desk, person


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, person("carl", "dora"), person("rita"))


class Ears:
    """What everybody was told since one last listened."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.heard: set[str] = set()

    def __call__(self) -> set[tuple[str, str]]:
        def work(session: Session) -> list[Notice]:
            return [row for row in session.scalars(select(Notice)) if row.id not in self.heard]

        new = self.desk.database.read(work)
        self.heard |= {row.id for row in new}
        return {(self.desk.logins[row.person_id], row.subject["en"].split(":")[0]) for row in new}


def test_everybody_is_told_what_concerns_him_and_nobody_twice(desk: Desk) -> None:
    told = Ears(desk)
    chain = desk.open()
    assert told() == {("carl", "For your decision"), ("dora", "For your decision")}
    carl = desk.seat(chain, "carl")
    desk.do("carl", deciding.delegate, carl, "erik", "well?")
    assert told() == {("erik", "For your word")}
    desk.do("erik", deciding.answer, carl, "fine")
    assert told() == {("carl", "Answered")}
    desk.do("carl", deciding.transfer, carl, "fay", "yours")
    assert told() == {("fay", "For your decision")}
    desk.do("alice", deciding.replace_approver, carl, "gus", "she is away")
    assert told() == {("fay", "No longer yours to decide"), ("gus", "For your decision")}
    desk.do("gus", deciding.add_signers, carl, ["erik"], "both")
    assert told() == {("erik", "For your decision")}
    desk.as_("gus", lambda session, actor: deciding.say(session, actor, chain, "urgent"))
    assert told() == {("alice", "Comment on"), ("dora", "Comment on"), ("erik", "Comment on")}
    desk.do("gus", deciding.give_back, carl, DIGEST, "why?")
    assert told() == {("alice", "Returned to you")}
    desk.renew(chain)
    assert told() == {(login, "For your decision") for login in ("gus", "dora", "erik")}
    desk.approve("gus", carl)
    desk.approve("erik", desk.seat(chain, "erik"))
    assert told() == {("rita", "For your decision")}
    desk.approve("rita", desk.seat(chain, "rita"))
    assert told() == {("alice", "Approved")}


def test_a_no_is_told_to_the_applicant_with_its_reason(desk: Desk) -> None:
    chain = desk.open()
    desk.do("carl", deciding.reject, desk.seat(chain, "carl"), DIGEST, "too large")
    bodies = select(Notice.body).where(Notice.person_id == desk.bank.people["alice"])
    assert desk.database.read(lambda session: session.scalars(bodies).one())["en"] == "From Carl: too large"
