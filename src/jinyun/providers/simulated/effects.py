"""What becomes true when work ends. Each effect happens at the moment that was due, whenever somebody looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from sqlite3 import Row

from jinyun.providers.base import ServerStatus, VolumeStatus
from jinyun.providers.simulated import hosts
from jinyun.providers.simulated.world import Transaction, World


@contextmanager
def reading(world: World) -> Iterator[Transaction]:
    """Look at the world as it is now, after all that was due."""
    with world.reading() as transaction:
        due = transaction.one("SELECT 1 FROM work WHERE due_at <= ?", transaction.now)
    if due:
        with changing(world):
            pass
    with world.reading() as transaction:
        yield transaction


@contextmanager
def changing(world: World) -> Iterator[Transaction]:
    """Change the world as it is now, after all that was due."""
    with world.changing() as transaction:
        _settle(transaction)
        yield transaction


def _settle(transaction: Transaction) -> None:
    due = transaction.all("SELECT * FROM work WHERE due_at <= ? ORDER BY due_at, number", transaction.now)
    for work in due:
        if transaction.run("DELETE FROM work WHERE number = ?", work["number"]):
            EFFECTS[work["effect"]](replace(transaction, now=work["due_at"]), work)


def _server_becomes(transaction: Transaction, work: Row) -> None:
    status = work["value"]
    transaction.run(
        "UPDATE server SET status = ?1, task = NULL, changed_at = ?2, rests_as ="
        " CASE WHEN ?1 IN ('active', 'stopped') THEN ?1 ELSE rests_as END WHERE id = ?3",
        status,
        transaction.now,
        work["subject_id"],
    )


def _server_boots(transaction: Transaction, work: Row) -> None:
    _server_becomes(transaction, work)
    transaction.run("UPDATE server SET booted_at = ? WHERE id = ?", transaction.now, work["subject_id"])


def _server_fails(transaction: Transaction, work: Row) -> None:
    transaction.run(
        "UPDATE server SET status = ?, task = NULL, fault = ?, changed_at = ? WHERE id = ?",
        ServerStatus.ERROR,
        work["value"],
        transaction.now,
        work["subject_id"],
    )


def _server_goes(transaction: Transaction, work: Row) -> None:
    server = transaction.one("SELECT * FROM server WHERE id = ?", work["subject_id"])
    if server is None:
        return
    hosts.give_back(transaction, server["host"], server["flavor_id"])
    hosts.give_back(transaction, server["former_host"], server["former_flavor_id"] or server["flavor_id"])
    transaction.run("UPDATE port SET server_id = NULL WHERE server_id = ?", server["id"])
    for attachment in transaction.all("SELECT * FROM attachment WHERE server_id = ?", server["id"]):
        _let_go(transaction, attachment)
    transaction.run(
        "UPDATE server SET status = ?, task = NULL, host = NULL, changed_at = ? WHERE id = ?",
        ServerStatus.DELETED,
        transaction.now,
        server["id"],
    )


def _resize_ends(transaction: Transaction, work: Row) -> None:
    """Keep the new flavor and free the old one's room, or (`revert`) the other way round."""
    server = transaction.one("SELECT * FROM server WHERE id = ?", work["subject_id"])
    if server is None:
        return
    new = (server["host"], server["flavor_id"])
    old = (server["former_host"], server["former_flavor_id"])
    kept, dropped = (old, new) if work["value"] == "revert" else (new, old)
    hosts.give_back(transaction, *dropped)
    transaction.run(
        "UPDATE server SET host = ?, flavor_id = ?, former_host = NULL, former_flavor_id = NULL,"
        " status = rests_as, task = NULL, changed_at = ? WHERE id = ?",
        *kept,
        transaction.now,
        server["id"],
    )


def _server_moves(transaction: Transaction, work: Row) -> None:
    """Put a server onto the host whose room was taken for it, and free its room on the one it leaves."""
    server = transaction.one("SELECT * FROM server WHERE id = ?", work["subject_id"])
    if server is None:
        return
    hosts.give_back(transaction, server["host"], server["flavor_id"])
    transaction.run(
        "UPDATE server SET host = former_host, former_host = NULL, status = rests_as, task = NULL, changed_at = ?"
        " WHERE id = ?",
        transaction.now,
        server["id"],
    )


def _change_fails(transaction: Transaction, work: Row) -> None:
    transaction.run(
        "UPDATE server SET status = rests_as, task = NULL, fault = ?, changed_at = ? WHERE id = ?",
        work["value"],
        transaction.now,
        work["subject_id"],
    )


def _volume_becomes(transaction: Transaction, work: Row) -> None:
    transaction.run("UPDATE volume SET status = ? WHERE id = ?", work["value"], work["subject_id"])


def _volume_goes(transaction: Transaction, work: Row) -> None:
    transaction.run("DELETE FROM volume WHERE id = ?", work["subject_id"])


def _volume_grew(transaction: Transaction, work: Row) -> None:
    """Give a volume its new size, and let it be what it was before."""
    status, _, size_gib = work["value"].partition(" ")
    size = int(size_gib)
    transaction.run("UPDATE volume SET status = ?, size_gib = ? WHERE id = ?", status, size, work["subject_id"])


def _snapshot_becomes(transaction: Transaction, work: Row) -> None:
    transaction.run("UPDATE snapshot SET status = ? WHERE id = ?", work["value"], work["subject_id"])


def _snapshot_goes(transaction: Transaction, work: Row) -> None:
    transaction.run("DELETE FROM snapshot WHERE id = ?", work["subject_id"])


def _attached(transaction: Transaction, work: Row) -> None:
    transaction.record("array.map", work["value"])
    if transaction.run("UPDATE attachment SET state = 'attached' WHERE id = ? AND server_knows", work["subject_id"]):
        transaction.run("UPDATE volume SET status = ? WHERE id = ?", VolumeStatus.IN_USE, work["value"])


def _attachment_abandoned(transaction: Transaction, work: Row) -> None:
    transaction.run("UPDATE attachment SET server_knows = 0 WHERE id = ?", work["subject_id"])


def _detached(transaction: Transaction, work: Row) -> None:
    attachment = transaction.one("SELECT * FROM attachment WHERE id = ?", work["subject_id"])
    if attachment:
        _let_go(transaction, attachment)


def _let_go(transaction: Transaction, attachment: Row) -> None:
    if attachment["state"] != "attaching":
        transaction.record("array.unmap", attachment["volume_id"])
    transaction.run("DELETE FROM work WHERE subject_id = ?", attachment["id"])
    transaction.run("DELETE FROM attachment WHERE id = ?", attachment["id"])
    transaction.run("UPDATE volume SET status = ? WHERE id = ?", VolumeStatus.AVAILABLE, attachment["volume_id"])


EFFECTS: dict[str, Callable[[Transaction, Row], None]] = {
    "server-becomes": _server_becomes,
    "server-boots": _server_boots,
    "server-fails": _server_fails,
    "server-goes": _server_goes,
    "resize-ends": _resize_ends,
    "change-fails": _change_fails,
    "server-moves": _server_moves,
    "volume-becomes": _volume_becomes,
    "volume-goes": _volume_goes,
    "volume-grew": _volume_grew,
    "snapshot-becomes": _snapshot_becomes,
    "snapshot-goes": _snapshot_goes,
    "attached": _attached,
    "attachment-abandoned": _attachment_abandoned,
    "detached": _detached,
}
