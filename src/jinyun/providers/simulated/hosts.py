"""Who sits where: room on hosts is taken when a server is placed and given back when it is gone."""

from sqlite3 import Row

from jinyun.providers.simulated.world import Transaction


def place(transaction: Transaction, flavor: Row, zone: str | None, host: str | None = None) -> Row | None:
    """Take room for a flavor on the emptiest fitting host and return it; None where none has room."""
    chosen = transaction.one(
        "SELECT * FROM host WHERE up AND enabled AND (?1 IS NULL OR zone = ?1) AND (?2 IS NULL OR name = ?2)"
        " AND vcpus * cpu_ratio - used_vcpus >= ?3 AND memory_mib * memory_ratio - used_memory_mib >= ?4"
        " AND disk_gib - used_disk_gib >= ?5 ORDER BY used_memory_mib, name LIMIT 1",
        zone,
        host,
        flavor["vcpus"],
        flavor["memory_mib"],
        flavor["disk_gib"],
    )
    if chosen:
        _take(transaction, chosen["name"], flavor, 1)
    return chosen


def give_back(transaction: Transaction, host: str | None, flavor_id: str) -> None:
    """Free the room that a server of this flavor took; nothing happens for a server that never had a host."""
    flavor = transaction.one("SELECT * FROM flavor WHERE id = ?", flavor_id)
    if host and flavor:
        _take(transaction, host, flavor, -1)


def _take(transaction: Transaction, host: str, flavor: Row, sign: int) -> None:
    transaction.run(
        "UPDATE host SET used_vcpus = used_vcpus + ?, used_memory_mib = used_memory_mib + ?,"
        " used_disk_gib = used_disk_gib + ? WHERE name = ?",
        sign * flavor["vcpus"],
        sign * flavor["memory_mib"],
        sign * flavor["disk_gib"],
        host,
    )
