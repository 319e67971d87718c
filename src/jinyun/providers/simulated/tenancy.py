"""The projects of a simulated region."""

from jinyun.kit.ids import new_id
from jinyun.providers.base import CloudLimit
from jinyun.providers.simulated.calls import Part, changes, reads
from jinyun.providers.simulated.world import Transaction, World


class SimulatedTenancy(Part):
    """The region's own projects."""

    @changes("project.ensure")
    def ensure_project(self, transaction: Transaction, name: str, description: str) -> str:
        """Make the project, unlimited, or find it by its name; return its id."""
        known = transaction.one("SELECT id FROM project WHERE name = ?", name)
        if known:
            return str(known["id"])
        project_id = new_id()
        transaction.record("project.create", project_id)
        transaction.run("INSERT INTO project VALUES (?, ?, ?)", project_id, name, description)
        return project_id

    @reads("project.limits")
    def limits(self, transaction: Transaction, project_id: str) -> list[CloudLimit]:
        """Return what somebody limited the project to, in the world itself."""
        rows = transaction.all("SELECT * FROM project_limit WHERE project_id = ? ORDER BY resource", project_id)
        return [CloudLimit(row["resource"], row["amount"]) for row in rows]

    @changes("project.lift-limits")
    def lift_limits(self, transaction: Transaction, project_id: str) -> None:
        """Make the project unlimited."""
        transaction.run("DELETE FROM project_limit WHERE project_id = ?", project_id)


def limit_project(world: World, project_id: str, resource: str, amount: int) -> None:
    """Limit a project, as an administrator of the cloud might behind Jinyun's back."""
    with world.changing() as transaction:
        transaction.run("INSERT INTO project_limit VALUES (?, ?, ?)", project_id, resource, amount)
