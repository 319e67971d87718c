"""Lock-out: failed sign-ins are counted in the database, for all API nodes together, before a password is tried.

Three counts: of a login from an address, of an address, of a login from anywhere. The first stops a guesser before he
could stop the login for others; the last stops many addresses together, and spares those where the login was right.
"""

import hashlib
import ipaddress
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from jinyun.access.errors import TooManyAttempts
from jinyun.access.models import FailureCount
from jinyun.kit.clock import utc_now
from jinyun.kit.settings import Settings
from jinyun.kit.uniqueness import get_or_add

ALL = ""
WITHOUT_DIRECTORY = "without the directory"
FIRST_WAIT = timedelta(seconds=15)
"""How long the first one too many has to wait; each further one doubles it."""
LONGEST_WAIT = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=30)
"""How long an address counts as the login's own after it was right from there."""
NETWORK_BITS = 64
"""One subscriber of IPv6 has that many bits to himself: they count as one address."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in: of this login (its digest), from this address."""

    login_digest: str
    address: str

    @classmethod
    def of(cls, login: str, address: str | None) -> "Attempt":
        """Return the attempt to sign in as `login` from `address`; capitals do not make another login of it."""
        return cls(login_digest(login), _network(address or "-"))

    @classmethod
    def without_directory(cls, login: str, address: str | None) -> "Attempt":
        """Return the attempt at a local account while the directory is away, which is counted apart."""
        return cls.of(f"{WITHOUT_DIRECTORY} {login}", address)


def login_digest(login: str) -> str:
    """Return under what a login is counted: people type passwords into this field, so that it is not kept."""
    return hashlib.sha256(login.strip().casefold().encode()).hexdigest()


def admit(session: Session, attempt: Attempt, settings: Settings) -> None:
    """Count an attempt as failed, or stop it; `succeeded` or `give_back` takes it back.

    Counting first means that any number of attempts at once are no more than the same number one after the other.

    Raises:
        TooManyAttempts: wait; nothing was counted.
    """
    now = utc_now()
    counts = list(_locked(session, attempt, now))
    waits = [count.blocked_until - now for count in _that_stop(counts, now) if count.blocked_until is not None]
    if waits:
        raise TooManyAttempts(math.ceil(max(waits).total_seconds()))
    for count, limit in zip(counts, _limits(settings), strict=True):
        _count(count, limit, now, timedelta(minutes=settings.sign_in_window_minutes))


def succeeded(session: Session, attempt: Attempt, settings: Settings) -> None:
    """Take the attempt back, forget what failed of this login from this address, and know the address as its own."""
    now = utc_now()
    _, pair, _ = counts = list(_locked(session, attempt, now))
    _take_back(counts, settings)
    pair.failures, pair.blocked_until, pair.succeeded_at, pair.touched_at = 0, None, now, now


def give_back(session: Session, attempt: Attempt, settings: Settings) -> None:
    """Take the attempt back: nobody could say whether it was right."""
    _take_back(list(_locked(session, attempt, utc_now())), settings)


def unlock(session: Session, login: str) -> None:
    """Forget all that failed of a login."""
    digests = [Attempt.of(login, None).login_digest, Attempt.without_directory(login, None).login_digest]
    session.execute(delete(FailureCount).where(FailureCount.login_digest.in_(digests)))


def _locked(session: Session, attempt: Attempt, now: datetime) -> Iterator[FailureCount]:
    """Yield the counts of address, pair and login, locked in this order by everybody."""
    for digest, address in (
        (ALL, attempt.address),
        (attempt.login_digest, attempt.address),
        (attempt.login_digest, ALL),
    ):
        row = FailureCount(login_digest=digest, address=address, failures=0, touched_at=now)
        yield get_or_add(session, row, (digest, address))


def _limits(settings: Settings) -> tuple[int, int, int]:
    return settings.sign_in_address_failures, settings.sign_in_failures, settings.sign_in_login_failures


def _that_stop(counts: list[FailureCount], now: datetime) -> list[FailureCount]:
    """Return the counts that stop an attempt now; where the login was right lately, others' failures do not."""
    address, pair, _ = counts
    known = pair.succeeded_at is not None and pair.succeeded_at > now - KNOWN_FOR
    return [each for each in ((address, pair) if known else counts) if each.blocked_until and each.blocked_until > now]


def _count(count: FailureCount, limit: int, now: datetime, window: timedelta) -> None:
    last = max(filter(None, (count.failed_at, count.blocked_until)), default=now)
    if last < now - window:
        count.failures = 0
    count.failures += 1
    count.failed_at = count.touched_at = now
    beyond = count.failures - limit
    if beyond >= 0:
        count.blocked_until = now + min(FIRST_WAIT * 2 ** min(beyond, 16), LONGEST_WAIT)


def _take_back(counts: list[FailureCount], settings: Settings) -> None:
    for count, limit in zip(counts, _limits(settings), strict=True):
        count.failures = max(count.failures - 1, 0)
        if count.failures < limit:
            count.blocked_until = None


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, NETWORK_BITS), strict=False))
    return str(parsed)
