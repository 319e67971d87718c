"""Verbs on servers of a cloud that were there before: Nova takes them at once and keeps no name for the work."""

from collections.abc import Callable
from typing import Any

from jinyun.providers.errors import Missing, Refused
from jinyun.providers.estate import Observed, Power, Work
from jinyun.providers.openstack.api import Api, Document

AT_ONCE = "at-once"
"""Stands for work that has no name: the server itself tells its end."""
BROKEN = "ERROR"
NOT_OFFERED = "of a cloud's servers that were there before only the power is changed"


class OpenStackMachines:
    """Servers of all projects, by their ids."""

    def __init__(self, compute: Api, shown: Callable[[Document], Observed]) -> None:
        self._compute, self._shown = compute, shown

    def get(self, machine_id: str) -> Observed | None:
        """Return the server as it is now, or None where it does not exist any more."""
        found = self._compute.find(f"/servers/{machine_id}")
        return None if found is None else self._shown(found["server"])

    def work(self, work_id: str) -> Work:
        """Return that it was taken: whether it is done, the server tells."""
        return Work(ended=True)

    def start(self, machine_id: str) -> str:
        """Ask for power on; Refused (`wrong-state`) where it is on."""
        if self._seen(machine_id).power is Power.ON:
            raise Refused(f"{machine_id} is on", code="wrong-state")
        return self._ask(machine_id, {"os-start": None})

    def stop(self, machine_id: str, *, hard: bool) -> str:
        """Ask for a shutdown: Nova asks the guest, and cuts the power where that takes too long.

        Refused (`wrong-state`) where it is off.
        """
        self._running(machine_id)
        return self._ask(machine_id, {"os-stop": None})

    def reboot(self, machine_id: str, *, hard: bool) -> str:
        """Ask for a reboot by the guest or, with `hard`, by power; Refused (`wrong-state`) where it is off."""
        self._running(machine_id)
        return self._ask(machine_id, {"reboot": {"type": "HARD" if hard else "SOFT"}})

    def snapshot(self, machine_id: str, name: str) -> str:
        """Raise Refused (`not-offered`)."""
        raise Refused(NOT_OFFERED, code="not-offered")

    def remove_snapshot(self, machine_id: str, name: str) -> str | None:
        """Raise Refused (`not-offered`)."""
        raise Refused(NOT_OFFERED, code="not-offered")

    def resize(self, machine_id: str, *, vcpus: int, memory_mib: int) -> str:
        """Raise Refused (`not-offered`): a server of a cloud has the size of its flavor."""
        raise Refused(NOT_OFFERED, code="not-offered")

    def extend_disk(self, machine_id: str, disk_key: int, size_gib: int) -> str:
        """Raise Refused (`not-offered`)."""
        raise Refused(NOT_OFFERED, code="not-offered")

    def migrate(self, machine_id: str, *, host_id: str | None = None, datastore_id: str | None = None) -> str:
        """Raise Refused (`not-offered`)."""
        raise Refused(NOT_OFFERED, code="not-offered")

    def _ask(self, machine_id: str, action: dict[str, Any]) -> str:
        self._compute.post(f"/servers/{machine_id}/action", action)
        return AT_ONCE

    def _running(self, machine_id: str) -> None:
        if self._seen(machine_id).power is not Power.ON:
            raise Refused(f"{machine_id} is not on", code="wrong-state")

    def _seen(self, machine_id: str) -> Observed:
        server = self.get(machine_id)
        if server is None:
            raise Missing(machine_id)
        if server.document["status"] == BROKEN:
            raise Refused(f"{machine_id} is in error", code="wrong-state")
        return server
