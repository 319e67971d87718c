"""What in a simulated data centre bears a token, and what is wrong with volumes that do."""

from datetime import UTC, datetime
from sqlite3 import Row

from jinyun.providers.base import Marked, MarkedKind
from jinyun.providers.simulated.world import Transaction

QUERIES: dict[MarkedKind, str] = {
    MarkedKind.SERVER: "SELECT *, 'server ' || status || ' on ' || coalesce(host, 'no host') AS evidence"
    " FROM server WHERE status <> 'deleted'",
    MarkedKind.PORT: "SELECT *, NULL AS created_at, 'port at ' || address || ', '"
    " || coalesce('used by ' || server_id, 'unused') AS evidence FROM port WHERE 1",
    MarkedKind.VOLUME: "SELECT *, 'volume ' || status AS evidence FROM volume WHERE 1",
    MarkedKind.ATTACHMENT: "SELECT volume.*, 'attachment ' || attachment.id || ' ' || state || ', unknown to server '"
    " || server_id AS evidence FROM attachment JOIN volume ON volume.id = volume_id WHERE NOT server_knows",
    MarkedKind.RESERVATION: "SELECT *, 'volume ' || status || ' without attachment' AS evidence FROM volume"
    " WHERE status IN ('in_use', 'reserved') AND id NOT IN (SELECT volume_id FROM attachment)",
}
"""Where things of each kind are found; a condition on the token follows."""


def marked(transaction: Transaction, prefix: str) -> list[Marked]:
    """Return everything that bears a token that begins so."""
    return [
        _marked_from(kind, row)
        for kind, query in QUERIES.items()
        for row in transaction.all(f"{query} AND substr(token, 1, length(?1)) = ?1", prefix)
    ]


def _marked_from(kind: MarkedKind, row: Row) -> Marked:
    return Marked(
        kind=kind,
        id=row["id"],
        name=row["name"],
        token=row["token"],
        project_id=row["project_id"],
        created_at=datetime.fromtimestamp(row["created_at"], UTC) if row["created_at"] else None,
        evidence=row["evidence"],
    )
