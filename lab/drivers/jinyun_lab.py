"""Nova driver of many hypervisors in one process, with nothing behind them.

Nova loads drivers from its own package only: the lab links this file there.
"""
# mypy: ignore-errors
# Runs inside Nova, whose classes are not installed where the lab's own code is checked.

import os
import uuid
from pathlib import Path

from nova.compute import power_state
from nova.virt import fake


class ScaleDriver(fake.FakeLiveMigrateDriver):
    """Big hosts whose names and identities survive a restart, and with them their servers."""

    vcpus = 64
    memory_mb = 262144
    local_gb = 10240

    def init_host(self, host):
        """Make the nodes."""
        self._host = host
        count = int(os.environ["JINYUN_LAB_NODES"])
        self._set_nodes([f"{host}-{number:03d}" for number in range(count)] if count > 1 else [host])

    def get_nodenames_by_uuid(self, refresh=False):
        """Each node's identity derives from its name."""
        return {_identity(node): node for node in self._nodes}

    def get_available_resource(self, nodename):
        """Resources of one node."""
        return super().get_available_resource(nodename) | {"uuid": _identity(nodename)}

    def get_host_uptime(self):
        """Uptime of the machine that pretends."""
        return Path("/proc/uptime").read_text()

    def get_info(self, instance, use_cache=True):
        """Adopt a server that Nova knows and this process, freshly started, does not."""
        if instance.uuid not in self.instances:
            self.instances[instance.uuid] = fake.FakeInstance(instance.name, power_state.RUNNING, instance.uuid)
        return super().get_info(instance, use_cache)


def _identity(node):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, node))
