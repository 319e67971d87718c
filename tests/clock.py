"""The database's clock, moved by hand."""

from datetime import datetime, timedelta

from jinyun.kit.clock import utc_now


class Clock:
    """Stands in for the time of day of a database: SQLite asks it, a server's connections are set by it."""

    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)
