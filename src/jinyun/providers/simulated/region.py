"""A simulated data centre as a region: labelled as such, otherwise like any other."""

from jinyun.providers.base import (
    BlockStorage,
    Compute,
    Connection,
    HostControl,
    Inventory,
    Networking,
    ProjectScope,
    RegionFacts,
    Routing,
    Snapshots,
    Tenancy,
)
from jinyun.providers.estate import Estate
from jinyun.providers.simulated.calls import Link
from jinyun.providers.simulated.compute import SimulatedCompute
from jinyun.providers.simulated.host_control import SimulatedHostControl
from jinyun.providers.simulated.inventory import SimulatedInventory
from jinyun.providers.simulated.networking import SimulatedNetworking
from jinyun.providers.simulated.routing import SimulatedRouting
from jinyun.providers.simulated.snapshots import SimulatedSnapshots
from jinyun.providers.simulated.storage import SimulatedBlockStorage
from jinyun.providers.simulated.tenancy import SimulatedTenancy
from jinyun.providers.simulated.world import Transaction, World

RELEASE = "simulated-1"


class SimulatedProject:
    """Everything that happens inside one project."""

    def __init__(self, link: Link, project_id: str) -> None:
        self._compute = SimulatedCompute(link, project_id)
        self._storage = SimulatedBlockStorage(link, project_id)
        self._snapshots = SimulatedSnapshots(link, project_id)
        self._networking = SimulatedNetworking(link, project_id)
        self._routing = SimulatedRouting(link, project_id)

    @property
    def compute(self) -> Compute:
        """Servers."""
        return self._compute

    @property
    def storage(self) -> BlockStorage:
        """Volumes."""
        return self._storage

    @property
    def snapshots(self) -> Snapshots:
        """Snapshots of volumes."""
        return self._snapshots

    @property
    def networking(self) -> Networking:
        """Ports, networks, security groups."""
        return self._networking

    @property
    def routing(self) -> Routing:
        """Routers and floating addresses."""
        return self._routing


class SimulatedRegion:
    """An open connection to a world; `Connection.public["world"]` is the path of the file that `build_world` made."""

    def __init__(self, connection: Connection) -> None:
        world = World(connection.public["world"], patience_seconds=connection.call_timeout_seconds)
        self._link = Link(world, connection.secret, connection.call_timeout_seconds)

    def facts(self) -> RegionFacts:
        """Sign in and say what this is; BackendDown (`credentials-rejected`) where the password is wrong."""
        return self._link.read("region.facts", self._describe)

    def _describe(self, transaction: Transaction) -> RegionFacts:
        return RegionFacts(endpoint=self._link.world.path.absolute().as_uri(), release=RELEASE, simulated=True)

    @property
    def inventory(self) -> Inventory:
        """The region as a whole."""
        return SimulatedInventory(self._link)

    @property
    def hosts(self) -> HostControl:
        """The region's hosts."""
        return SimulatedHostControl(self._link)

    @property
    def tenancy(self) -> Tenancy:
        """The region's projects."""
        return SimulatedTenancy(self._link)

    @property
    def estate(self) -> Estate | None:
        """None: what is there already is not watched."""
        return None

    def project(self, project_id: str) -> ProjectScope:
        """Return the scope of one of the backend's projects."""
        return SimulatedProject(self._link, project_id)
