"""Due times: a reminder, then whoever is above, or the end; on the bank's calendar, by the database's clock."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.approvals import calendar_days, deadlines, deciding
from jinyun.approvals.events import ChainDecided
from jinyun.kit import events
from jinyun.kit.database import Database
from jinyun.kit.errors import Forbidden
from jinyun.kit.paging import PageRequest
from jinyun.kit.settings import Settings
from jinyun.notices.models import Notice
from tests.clock import Clock
from tests.unit.approvals.chains import Desk, person

MONDAY = datetime(2027, 3, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
EIGHT = {"hours": 8, "remind_after": 4}


@pytest.fixture
def desk(database: Database, clock: Clock) -> Desk:
    clock.now = MONDAY
    return Desk(database, person("carl", due=EIGHT), person("chief", due={"hours": 8, "then": "expire"}))


def pass_hours(desk: Desk, clock: Clock, hours: float) -> None:
    clock.forward(hours=hours)
    deadlines.keep_deadlines(Settings(), desk.database)


def subjects(desk: Desk, login: str) -> list[str]:
    told = select(Notice).where(Notice.person_id == desk.bank.people[login]).order_by(Notice.id)
    rows = desk.database.read(lambda session: list(session.scalars(told)))
    return [row.subject["en"].split(":")[0] for row in rows]


def verbs(desk: Desk, chain: str) -> list[str]:
    return [entry.verb for entry in desk.chain(chain).decisions]


def test_who_is_late_is_reminded_once_and_then_whoever_is_above_decides(desk: Desk, clock: Clock) -> None:
    chain = desk.open()
    pass_hours(desk, clock, 1)
    assert desk.chain(chain).stages[0].due_at == MONDAY.replace(hour=9)
    pass_hours(desk, clock, 2.9)
    assert verbs(desk, chain) == ["open"]
    pass_hours(desk, clock, 0.2)
    pass_hours(desk, clock, 1)
    assert verbs(desk, chain) == ["open", "remind"]
    assert subjects(desk, "carl") == ["For your decision", "Still for your decision"]
    pass_hours(desk, clock, 3)
    assert desk.asked(chain)[0] == {"rita": "pending"}
    assert subjects(desk, "carl")[2:] == ["No longer yours to decide"]
    assert subjects(desk, "rita") == ["For your decision"]
    assert desk.seat(chain, "rita").reason["en"] == "Manager of Carl, who did not decide in time"
    pass_hours(desk, clock, 24)
    pass_hours(desk, clock, 24)
    pass_hours(desk, clock, 24)
    assert desk.asked(chain)[0] != {"rita": "pending"}


def test_at_the_top_it_waits_in_the_administrators_queue_which_is_reminded(desk: Desk, clock: Clock) -> None:
    chain = desk.open()
    for _ in range(8):
        pass_hours(desk, clock, 24)
    assert desk.asked(chain)[0] == {"security_administrator": "pending"}
    before = len(subjects(desk, "sec"))
    for _ in range(4):
        pass_hours(desk, clock, 24)
    assert len(subjects(desk, "sec")) > before
    assert desk.approve("sec", desk.seat(chain, "security_administrator")) == "pending"


def test_where_the_policy_says_so_it_expires_and_the_rooms_above_hear_of_it(desk: Desk, clock: Clock) -> None:
    heard: list[Any] = []

    def listener(_session: Session, event: ChainDecided) -> None:
        heard.append(event.state)

    events.subscribe(ChainDecided, listener)
    chain = desk.open()
    desk.approve("carl", desk.seat(chain, "carl"))
    pass_hours(desk, clock, 0.1)
    pass_hours(desk, clock, 9)
    events._listeners[ChainDecided].remove(listener)
    assert (desk.chain(chain).state, heard) == ("expired", ["expired"])
    assert subjects(desk, "alice") == ["Expired"]


def test_nothing_is_due_on_a_holiday_and_a_returned_chain_starts_anew(desk: Desk, clock: Clock) -> None:
    days = [(date(2027, 3, day), False, "holiday") for day in (1, 2, 3)]
    desk.as_("sec", lambda session, actor: calendar_days.import_days(session, actor, days))
    chain = desk.open()
    for _ in range(3):
        pass_hours(desk, clock, 24)
    assert verbs(desk, chain) == ["open"]
    desk.do("carl", deciding.give_back, desk.seat(chain, "carl"), "d" * 64, "why?")
    pass_hours(desk, clock, 72)
    assert verbs(desk, chain) == ["open", "return"]
    desk.renew(chain)
    pass_hours(desk, clock, 1)
    due = desk.chain(chain).stages[0].due_at
    assert due is not None
    assert due > clock.now


def test_only_security_administrators_keep_the_calendar_and_the_same_twice_changes_nothing(desk: Desk) -> None:
    days = [(date(2027, 10, 1), False, "National Day"), (date(2027, 10, 9), True, "worked for it")]

    def keep(session: Session, actor: Any) -> int:
        return calendar_days.import_days(session, actor, days)

    with pytest.raises(Forbidden):
        desk.as_("sys", keep)
    assert [desk.as_("sec", keep), desk.as_("sec", keep)] == [2, 0]
    rows, _ = desk.as_("sec", lambda session, actor: calendar_days.list_days(session, actor, PageRequest()))
    assert [(row.day, row.worked) for row in rows] == [("2027-10-01", False), ("2027-10-09", True)]
