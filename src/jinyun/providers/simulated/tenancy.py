"""The projects of a simulated region."""

from jinyun.kit.ids import new_id
from jinyun.providers.simulated.calls import Part, changes
from jinyun.providers.simulated.world import Transaction


class SimulatedTenancy(Part):
    """The region's own projects."""

    @changes("project.ensure")
    def ensure_project(self, transaction: Transaction, name: str, description: str) -> str:
        """Make the project, or find it by its name; return its id. Simulated projects know no quota."""
        known = transaction.one("SELECT id FROM project WHERE name = ?", name)
        if known:
            return str(known["id"])
        project_id = new_id()
        transaction.record("project.create", project_id)
        transaction.run("INSERT INTO project VALUES (?, ?, ?)", project_id, name, description)
        return project_id
