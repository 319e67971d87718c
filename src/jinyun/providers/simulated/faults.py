"""What tests and operators may do to a simulated data centre to make it behave like a real one."""

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from jinyun.providers.simulated.world import Transaction, World, draw


class FaultKind(StrEnum):
    """What goes wrong."""

    TIMEOUT_BEFORE = "timeout-before"
    """The request is lost; the caller gets no answer."""
    TIMEOUT_AFTER = "timeout-after"
    """The work is done; the caller gets no answer."""
    DOUBLED = "doubled"
    """Something on the way repeats the request: the work is done twice, the caller gets the first answer."""
    BUSY = "busy"
    """429: nothing is done."""
    SERVER_ERROR = "server-error"
    """500 before anything is done, which the caller cannot know."""
    DOWN = "down"
    """Connection refused."""
    CREDENTIALS = "credentials"
    """The password is not accepted any more."""
    SLOW = "slow"
    """The call and the work it starts take `factor` times as long; a call longer than its time-out gives no answer."""
    HALF_CREATED = "half-created"
    """The new server or volume ends in ERROR."""
    VANISHED = "vanished"
    """The new server is gone when its time has come, as though nobody had asked for it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that strikes one call."""

    kind: FaultKind
    factor: float = 1.0


def set_fault(
    world: World,
    verb: str,
    kind: FaultKind,
    *,
    times: int | None = None,
    probability: float = 1.0,
    seed: int = 0,
    factor: float = 10.0,
) -> None:
    """Let a fault strike calls from now on.

    Args:
        world: the data centre.
        verb: which calls, as in the journal (`server.create`); `*` stands for anything (`server.*`).
        kind: what goes wrong.
        times: how many calls it strikes before it is gone; None for ever.
        probability: the share of matching calls that it strikes, chosen by `seed`.
        seed: the same seed strikes the same calls.
        factor: how many times slower, for `slow`.
    """
    with world.changing() as transaction:
        transaction.run(
            "INSERT INTO fault (verb, kind, times, probability, seed, factor) VALUES (?, ?, ?, ?, ?, ?)",
            verb,
            kind,
            times,
            probability,
            seed,
            factor,
        )


def clear_faults(world: World) -> None:
    """Let nothing go wrong any more."""
    with world.changing() as transaction:
        transaction.run("DELETE FROM fault")


def strike(world: World, verb: str) -> Fault | None:
    """Return the fault that strikes this call, if one does, and count it. The oldest fault goes first."""
    with world.reading() as transaction:
        if not _matching(transaction, verb):
            return None
    with world.changing() as transaction:
        for number in _matching(transaction, verb):
            fault = _try(transaction, number)
            if fault:
                return fault
    return None


def _matching(transaction: Transaction, verb: str) -> list[int]:
    rows = transaction.all("SELECT number, verb FROM fault WHERE times IS NULL OR times > 0 ORDER BY number")
    return [row["number"] for row in rows if fnmatchcase(verb, row["verb"])]


def _try(transaction: Transaction, number: int) -> Fault | None:
    transaction.run("UPDATE fault SET considered = considered + 1 WHERE number = ?", number)
    row = transaction.one("SELECT * FROM fault WHERE number = ?", number)
    if row is None or draw(row["seed"], row["considered"]) >= row["probability"]:
        return None
    transaction.run("UPDATE fault SET times = times - 1 WHERE number = ? AND times IS NOT NULL", number)
    return Fault(FaultKind(row["kind"]), row["factor"] if row["kind"] == FaultKind.SLOW else 1.0)


def set_pace(world: World, verb: str, *, call_seconds: float, work_seconds: float) -> None:
    """Choose how long calls of a verb take to answer, and how long the work takes that they start."""
    with world.changing() as transaction:
        transaction.run("REPLACE INTO pace VALUES (?, ?, ?)", verb, call_seconds, work_seconds)


def set_array(world: World, name: str, *, seconds: float, patience_seconds: float | None = None) -> None:
    """Choose how long a storage array takes to map or unmap a volume; it does one thing at a time.

    Args:
        world: the data centre.
        name: the array: `san-high`, `san-general` or `san-low` in the default world.
        seconds: for one mapping.
        patience_seconds: after this long in the array's queue the cloud forgets an attachment while the array still
            carries it out, which leaves an orphan; None: it waits for ever.
    """
    with world.changing() as transaction:
        transaction.run(
            "UPDATE array SET seconds = ?, patience_seconds = ? WHERE name = ?", seconds, patience_seconds, name
        )


def set_host(world: World, name: str, *, up: bool = True, enabled: bool = True) -> None:
    """Let a host die or come back (`up`), or take it out of scheduling (`enabled`); its servers stay where they are."""
    with world.changing() as transaction:
        transaction.run("UPDATE host SET up = ?, enabled = ? WHERE name = ?", up, enabled, name)
