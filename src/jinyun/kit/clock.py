"""The one place that reads the time of day."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def day_of(moment: datetime, zone: str) -> date:
    """Return which day a moment belongs to, in a time zone: the bank's says what a day is."""
    return moment.astimezone(ZoneInfo(zone)).date()
