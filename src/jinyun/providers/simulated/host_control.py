"""What is done to the hosts of a simulated region."""

from collections.abc import Sequence

from jinyun.providers.base import Server
from jinyun.providers.errors import Missing
from jinyun.providers.simulated.calls import Part, changes, reads
from jinyun.providers.simulated.compute import server_from
from jinyun.providers.simulated.world import Transaction


class SimulatedHostControl(Part):
    """The region's hosts."""

    @changes("host.close")
    def close(self, transaction: Transaction, name: str, why: str) -> None:
        """Have the region place no new server on a host; nobody there reads why. Raises Missing."""
        _set(transaction, name, enabled=False)

    @changes("host.open")
    def open(self, transaction: Transaction, name: str) -> None:
        """Have the region place servers on a host again. Raises Missing."""
        _set(transaction, name, enabled=True)

    @reads("host.servers")
    def servers_on(self, transaction: Transaction, name: str) -> Sequence[Server]:
        """Return the servers of all projects that are on a host."""
        rows = transaction.all("SELECT * FROM server WHERE host = ? AND status <> 'deleted' ORDER BY id", name)
        return [server_from(transaction, row) for row in rows]


def _set(transaction: Transaction, name: str, *, enabled: bool) -> None:
    if not transaction.run("UPDATE host SET enabled = ? WHERE name = ?", enabled, name):
        raise Missing(f"host {name} does not exist")
