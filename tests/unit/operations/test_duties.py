"""A duty that fails is an alarm until it succeeds, and keeps no other duty from being done."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.operations.models import Alarm, Schedule
from jinyun.operations.schedules import Periodic, run_due


def again(session: Session) -> None:
    session.execute(update(Schedule).values(next_at=utc_now() - timedelta(seconds=1)))


def alarms(database: Database) -> list[tuple[str, str, bool]]:
    rows = database.read(lambda session: list(session.scalars(select(Alarm).order_by(Alarm.id))))
    return [(row.subject, row.text["en"], row.cleared_at is None) for row in rows]


def test_a_duty_that_fails_is_an_alarm_until_it_succeeds(database: Database) -> None:
    failing, done = [True], []

    def fail(_database: Database) -> None:
        if failing[0]:
            raise OSError("the share is away")

    duties = [
        Periodic("archive", timedelta(hours=1), fail),
        Periodic("tidy", timedelta(hours=1), lambda _database: done.append(1)),
    ]
    for _ in range(2):
        assert run_due(database, duties) == 2
        database.write(again)
    assert alarms(database) == [("archive", "The platform fails to archive: the share is away", True)]
    assert len(done) == 2
    failing[0] = False
    run_due(database, duties)
    assert [stands for _, _, stands in alarms(database)] == [False]
