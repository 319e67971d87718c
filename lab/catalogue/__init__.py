"""Everything that runs in the data centre. To add a service: add its entry to one of these modules."""

from lab.catalogue import directory, hardware, infrastructure, jinyun, mail, network, openstack, sign_on, vcenter
from lab.layout import Layout
from lab.service import Door, Entry, Service

# What `lab up` starts when it is not told otherwise.
DEFAULT_GROUPS = ("infrastructure", "network", "hardware", "openstack")

# What carries running servers: it may end only when they have ended.
CARRYING_GROUPS = ("infrastructure", "network", "hardware")

MODULES = (infrastructure, network, hardware, openstack, directory, jinyun, sign_on, mail, vcenter)


def entries(layout: Layout) -> dict[str, Entry]:
    """All services and jobs by name."""
    found: dict[str, Entry] = {}
    for entry in (entry for module in MODULES for entry in module.entries(layout)):
        if entry.name in found:
            raise ValueError(f"two entries are called {entry.name}")
        found[entry.name] = entry
    return found


def services(layout: Layout) -> dict[str, Service]:
    """All services by name."""
    return {name: entry for name, entry in entries(layout).items() if isinstance(entry, Service)}


def doors(layout: Layout) -> dict[Door, list[Service]]:
    """The ways in through HAProxy, each with the services behind it."""
    behind: dict[Door, list[Service]] = {}
    for service in services(layout).values():
        if service.door:
            behind.setdefault(service.door, []).append(service)
    return behind


def outer_ports(layout: Layout) -> dict[int, str]:
    """Ports that the lab takes in the machine's own network, each with who needs it."""
    exposed = {s.listens_on: s.name for s in services(layout).values() if s.listens_on and not s.namespaced}
    return {door.port: door.name for door in doors(layout)} | exposed
