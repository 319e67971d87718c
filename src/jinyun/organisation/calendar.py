"""The bank's working time: which days are worked, and when so many working hours are over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5
LONGEST_REST = 60
"""Days without work in a row, after which a calendar is taken for a mistake."""


class NeverWorked(ValueError):
    """No day of this calendar is worked for months."""


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """From Monday to Friday, but for holidays, and on the weekend days that make up for them (调休)."""

    zone: str
    begins: time
    ends: time
    special: Mapping[date, bool] = field(default_factory=dict)
    """Days that are otherwise than their weekday: whether they are worked."""

    def is_worked(self, day: date) -> bool:
        """Tell whether a day is worked."""
        return self.special.get(day, day.weekday() < SATURDAY)

    def after(self, moment: datetime, hours: int) -> datetime:
        """Return when so many working hours are over.

        Raises:
            NeverWorked: the calendar has no working day.
        """
        zone = ZoneInfo(self.zone)
        day, left, rest = moment.astimezone(zone).date(), timedelta(hours=hours), 0
        while rest < LONGEST_REST:
            begins = datetime.combine(day, self.begins, zone)
            ends = datetime.combine(day, self.ends, zone)
            here = max(ends - max(begins, moment), timedelta()) if self.is_worked(day) else timedelta()
            if here and left <= here:
                return max(begins, moment) + left
            left, rest, day = left - here, 0 if self.is_worked(day) else rest + 1, day + timedelta(days=1)
        raise NeverWorked
