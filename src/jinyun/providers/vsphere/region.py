"""A vCenter as a region: its clusters, and what is in it already. It has no projects of its own."""

from collections.abc import Sequence
from functools import cached_property

from jinyun.providers.base import (
    CloudLimit,
    Connection,
    HostControl,
    Inventory,
    ProjectScope,
    RegionFacts,
    Server,
    Tenancy,
)
from jinyun.providers.errors import Refused
from jinyun.providers.estate import Estate
from jinyun.providers.vsphere.estate import VsphereEstate
from jinyun.providers.vsphere.inventory import VsphereInventory
from jinyun.providers.vsphere.session import VsphereSession

SIMULATOR_BUILDS = frozenset({"5973321"})
"""What the simulator of govmomi says it is: a build of 2017 that no bank runs any more."""
OWN_MAINTENANCE = "hosts of a vCenter are put into maintenance in the vCenter"
NO_PROJECTS = "a vCenter has no projects: nothing new is delivered to it yet"


class VsphereTenancy:
    """A vCenter keeps no projects apart."""

    def ensure_project(self, name: str, description: str) -> str:
        """Raise Refused (`not-offered`)."""
        raise Refused(NO_PROJECTS, code="not-offered")

    def limits(self, project_id: str) -> list[CloudLimit]:
        """Return nothing: there are no projects that could be limited."""
        return []

    def lift_limits(self, project_id: str) -> None:
        """Do nothing."""


class VsphereHostControl:
    """A vCenter empties its hosts by itself: to ask it for that is not offered yet."""

    def close(self, name: str, why: str) -> None:
        """Raise Refused (`not-offered`)."""
        raise Refused(OWN_MAINTENANCE, code="not-offered")

    def open(self, name: str) -> None:
        """Raise Refused (`not-offered`)."""
        raise Refused(OWN_MAINTENANCE, code="not-offered")

    def servers_on(self, name: str) -> Sequence[Server]:
        """Raise Refused (`not-offered`)."""
        raise Refused(OWN_MAINTENANCE, code="not-offered")


class VsphereRegion:
    """An open connection to a vCenter, safe to use from several threads; nothing is called before it is used."""

    def __init__(self, connection: Connection) -> None:
        self._session = VsphereSession(connection)

    def facts(self) -> RegionFacts:
        """Sign in and say what this is; BackendDown (`credentials-rejected`) where the password is wrong."""
        about = self._session.ask(lambda content: content.about)
        simulated = about.build in SIMULATOR_BUILDS
        release = f"{about.name} {about.version} build {about.build}"
        return RegionFacts(self._session.endpoint, f"{release} (vcsim)" if simulated else release, simulated=simulated)

    @cached_property
    def inventory(self) -> Inventory:
        """The vCenter as a whole."""
        return VsphereInventory(self._session)

    @cached_property
    def hosts(self) -> HostControl:
        """Its hosts: they are maintained in the vCenter itself."""
        return VsphereHostControl()

    @cached_property
    def tenancy(self) -> Tenancy:
        """Its projects: none."""
        return VsphereTenancy()

    @cached_property
    def estate(self) -> Estate:
        """What is there already."""
        return VsphereEstate(self._session)

    def project(self, project_id: str) -> ProjectScope:
        """Raise Refused (`not-offered`)."""
        raise Refused(NO_PROJECTS, code="not-offered")
