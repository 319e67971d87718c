"""A thousand requests of three levels: absences, transfers, escalations, a dead mail server; nothing is lost."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.approvals import deadlines, deciding, deputies, queries
from jinyun.approvals import service as approvals
from jinyun.approvals.course import replay
from jinyun.approvals.models import Assignment, Chain, Decision
from jinyun.approvals.records import course_of, log_of
from jinyun.connectors.mail import MailAway
from jinyun.kit.actor import Actor
from jinyun.kit.database import Database
from jinyun.kit.errors import Problem
from jinyun.kit.paging import PageRequest
from jinyun.kit.settings import Settings
from jinyun.notices import sending
from jinyun.notices.models import Notice, OutboxMessage
from tests.bank import acting
from tests.clock import Clock
from tests.unit.approvals.chains import DIGEST, Desk, all_needed_said_yes, person

ORDERS, AN_HOUR, LONGEST = 1000, 100, 400
APPROVERS = ("carl", "dora", "erik", "fay", "gus", "rita", "chief", "sec")
MONDAY = datetime(2027, 3, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
DUE = {"hours": 6, "remind_after": 3}
OPEN = ("pending", "returned")


@dataclass
class MailServer:
    """Takes mail, and is away for a while."""

    away: bool = False
    refused: int = 0
    taken: Counter[str] = field(default_factory=Counter)

    def send(self, message: EmailMessage) -> None:
        """Take a message by its id."""
        if self.away:
            self.refused += 1
            raise MailAway("away")
        self.taken[str(message["Message-ID"])] += 1

    def close(self) -> None:
        """Nothing is held open."""


class Bank:
    """People who come, go, decide and pass on, hour by hour."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self.desk, self.clock, self.dice = desk, clock, random.Random(5)  # noqa: S311 - dice
        self.asked = 0

    def hour(self) -> None:
        """Let an hour of work pass."""
        self.desk.database.write(self._order)
        if self.dice.random() < 0.3:
            self._appoint()
        for login in APPROVERS:
            if self.dice.random() < 0.6:
                self.desk.database.write(partial(self._work, login))
        self.desk.database.write(self._hand_in_again)

    def open_chains(self) -> int:
        """Count what is still to be decided."""
        still = select(func.count()).select_from(Chain).where(Chain.state.in_(OPEN))
        return self.desk.database.read(lambda session: session.scalar(still) or 0)

    def _order(self, session: Session) -> None:
        actor = acting(session, self.desk.bank, "alice")
        for _ in range(min(AN_HOUR, ORDERS - self.asked)):
            self.asked += 1
            approvals.open_chain(session, actor, self.desk.request(session, f"order-{self.asked}"))

    def _appoint(self) -> None:
        away, deputy = self.dice.sample([each for each in APPROVERS if each != "sec"], 2)
        span = (self.clock.now, self.clock.now + timedelta(hours=24))
        self.desk.as_(away, lambda session, actor: deputies.appoint(session, actor, deputy, span, "leave"))

    def _work(self, login: str, session: Session) -> None:
        actor = acting(session, self.desk.bank, login)
        for todo in queries.todos(session, actor, PageRequest(limit=100))[0]:
            self._decide(session, actor, todo)

    def _decide(self, session: Session, actor: Actor, todo: Assignment) -> None:
        """Do something with a to-do; what may not be done is left."""
        if todo.delegate_id == actor.person_id:
            deciding.answer(session, actor, todo.id, "fine")
            return
        to = self.dice.choice(APPROVERS)
        choices: list[tuple[float, Callable[..., Chain], tuple[Any, ...]]] = [
            (0.80, deciding.approve, (DIGEST,)),
            (0.05, deciding.transfer, (to, "please")),
            (0.04, deciding.delegate, (to, "well?")),
            (0.03, deciding.add_signers, ([to], "both")),
            (0.02, deciding.reject, (DIGEST, "no")),
            (0.02, deciding.give_back, (DIGEST, "why?")),
        ]
        point = self.dice.random()
        for share, verb, arguments in choices:
            point -= share
            if point < 0:
                try:
                    verb(session, actor, todo.id, *arguments)
                except Problem:
                    self.refused += 1
                return

    refused = 0

    def _hand_in_again(self, session: Session) -> None:
        actor = acting(session, self.desk.bank, "alice")
        for chain in session.scalars(select(Chain).where(Chain.state == "returned")).all():
            approvals.renew(session, actor, chain, self.desk.request(session, chain.subject_id))


def test_a_thousand_requests_end_as_their_logs_say_and_no_notice_is_lost_or_sent_twice(
    database: Database, clock: Clock
) -> None:
    clock.now = MONDAY
    three = (person("carl", "dora", due=DUE), person("rita", "erik", due=DUE), person("chief", due=DUE))
    bank = Bank(Desk(database, *three), clock)
    settings, server = Settings(), MailServer()
    for hour in range(LONGEST):
        server.away = hour == 3
        bank.hour()
        for _ in range(4):
            clock.forward(minutes=15)
            sending.send_due(settings, database, server)
        deadlines.keep_deadlines(settings, database)
        if bank.asked == ORDERS and not bank.open_chains():
            break
    clock.forward(minutes=20)
    sending.send_due(settings, database, server)
    outcomes = database.read(_check_chains)
    assert outcomes.total() == ORDERS
    assert set(outcomes) == {"approved", "rejected"}
    verbs = database.read(lambda session: Counter(session.scalars(select(Decision.verb))))
    assert {"transfer", "delegate", "answer", "return", "resubmit", "add-signers", "escalate", "remind"} <= set(verbs)
    assert server.refused
    _check_mail(database, server)


def _check_chains(session: Session) -> Counter[str]:
    """Replay every log, and return how the chains ended."""
    outcomes: Counter[str] = Counter()
    for chain in session.scalars(select(Chain)):
        log = log_of(chain)
        course = course_of(chain)
        assert replay(log) == course
        assert (course.state == "approved") == all_needed_said_yes(log, chain.applicant_id)
        outcomes[course.state] += 1
    return outcomes


def _check_mail(database: Database, server: MailServer) -> None:
    states = database.read(lambda session: Counter(session.scalars(select(OutboxMessage.state))))
    notices = database.read(lambda session: session.scalar(select(func.count()).select_from(Notice)))
    assert states == {"sent": notices}
    assert len(server.taken) == notices
    assert set(server.taken.values()) == {1}
