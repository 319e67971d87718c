"""Which providers there are, by name."""

from collections.abc import Callable

from jinyun.providers.base import Connection, Region


def open_region(connection: Connection) -> Region:
    """Open the region that a connection describes; nothing is called yet.

    Raises:
        KeyError: no provider has this name.
    """
    return PROVIDERS[connection.provider](connection)


def _openstack(connection: Connection) -> Region:
    from jinyun.providers.openstack.region import OpenStackRegion

    return OpenStackRegion(connection)


def _simulated(connection: Connection) -> Region:
    from jinyun.providers.simulated.region import SimulatedRegion

    return SimulatedRegion(connection)


def _vsphere(connection: Connection) -> Region:
    from jinyun.providers.vsphere.region import VsphereRegion

    return VsphereRegion(connection)


PROVIDERS: dict[str, Callable[[Connection], Region]] = {
    "openstack": _openstack,
    "simulated": _simulated,
    "vsphere": _vsphere,
}
"""A provider's client library is imported only when a region of its kind is opened."""

ONLY_OBSERVED = frozenset({"vsphere"})
"""Regions of these kinds show what is there already; nothing new is delivered to them yet."""

NO_RATIO_OF_THEIR_OWN = frozenset({"vsphere"})
"""Regions of these kinds bound no overcommit: what the pool says is all that counts."""

WITH_MACHINES = frozenset({"vsphere", "openstack"})
"""Regions of these kinds have verbs for machines that were there before: see `estate.Machines`."""
