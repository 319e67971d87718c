from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from jinyun.organisation.calendar import NeverWorked, WorkingTime

ZONE = "Asia/Shanghai"
NATIONAL_DAY = {date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 10, 10): True}
"""The holiday of 2026, and the Saturday worked for it."""
CALENDAR = WorkingTime(ZONE, time(9), time(18), NATIONAL_DAY)


def at(day: str, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour, minute), ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("moment", "hours", "due"),
    [
        (at("2026-09-21", 10), 4, at("2026-09-21", 14)),
        (at("2026-09-21", 10), 8, at("2026-09-21", 18)),
        (at("2026-09-21", 10), 9, at("2026-09-22", 10)),
        (at("2026-09-21", 3), 1, at("2026-09-21", 10)),
        (at("2026-09-21", 23), 1, at("2026-09-22", 10)),
        (at("2026-09-25", 17), 2, at("2026-09-28", 10)),
        (at("2026-09-30", 17), 2, at("2026-10-08", 10)),
        (at("2026-10-09", 17, 30), 1, at("2026-10-10", 9, 30)),
        (at("2026-10-10", 17), 2, at("2026-10-12", 10)),
        (at("2026-09-21", 10), 45, at("2026-09-28", 10)),
    ],
    ids=str,
)
def test_hours_count_only_while_the_bank_works(moment: datetime, hours: int, due: datetime) -> None:
    assert CALENDAR.after(moment, hours) == due
    assert CALENDAR.after(moment.astimezone(ZoneInfo("UTC")), hours) == due


def test_a_calendar_without_work_is_a_mistake() -> None:
    never = {date.fromordinal(date(2026, 1, 1).toordinal() + day): False for day in range(100)}
    with pytest.raises(NeverWorked):
        WorkingTime(ZONE, time(9), time(18), never).after(at("2026-01-01", 9), 1)
