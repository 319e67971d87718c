"""An OpenStack cloud as a region: how to sign in, and which project sees what."""

from collections import OrderedDict
from functools import cached_property
from threading import Lock
from typing import Any

from openstack.connection import Connection as Cloud

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
from jinyun.providers.openstack.api import BLOCK_STORAGE, COMPUTE, IDENTITY, IMAGE, NETWORK, PLACEMENT, Api
from jinyun.providers.openstack.attachments import Attachments
from jinyun.providers.openstack.compute import OpenStackCompute
from jinyun.providers.openstack.estate import OpenStackEstate
from jinyun.providers.openstack.flavors import FlavorNames
from jinyun.providers.openstack.host_control import OpenStackHostControl
from jinyun.providers.openstack.hosts import Hosts
from jinyun.providers.openstack.inventory import OpenStackInventory
from jinyun.providers.openstack.networking import OpenStackNetworking
from jinyun.providers.openstack.notifications import Notifications
from jinyun.providers.openstack.routing import OpenStackRouting
from jinyun.providers.openstack.snapshots import OpenStackSnapshots
from jinyun.providers.openstack.storage import OpenStackBlockStorage
from jinyun.providers.openstack.tenancy import OpenStackTenancy
from jinyun.providers.openstack.translate import release_of

AUTH = ("auth_url", "username", "project_name", "project_id")
"""What `Connection.public` may hold for signing in, besides the domains."""

DOMAINS = {
    ("user_domain_name", "user_domain_id"): ("user_domain_name", "Default"),
    ("project_domain_name", "project_domain_id"): ("project_domain_name", "Default"),
}
"""A domain is named or given by its id; the second is taken where neither is."""

PLACE = ("region_name", "interface", "cacert")
"""What `Connection.public` may hold about where the services are, and which authority signed their certificates."""

NO_RETRIES = {
    f"{prefix}{retries}": 0
    for prefix in ("", "image_", "baremetal_", "baremetal_introspection_")
    for retries in ("connect_retries", "status_code_retries")
}
"""The engine repeats a step, knowing what it does; the client library must not."""

PROJECTS_AT_HAND = 256


class OpenStackProject:
    """Everything that happens inside one of the cloud's projects, with a token for that project."""

    def __init__(self, cloud: Cloud, flavors: FlavorNames, hosts: Hosts) -> None:
        compute, storage, network = Api(cloud, COMPUTE), Api(cloud, BLOCK_STORAGE), Api(cloud, NETWORK)
        attachments = Attachments(compute, storage)
        self._compute = OpenStackCompute(
            compute=compute, network=network, attachments=attachments, flavors=flavors, hosts=hosts
        )
        self._storage = OpenStackBlockStorage(storage, attachments)
        self._snapshots = OpenStackSnapshots(storage)
        self._networking = OpenStackNetworking(network)
        self._routing = OpenStackRouting(network)

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


class OpenStackRegion:
    """An open connection to a cloud, safe to use from several threads; nothing is called before it is used.

    `Connection.public` holds `auth_url`, `username`, `project_name`, and where they differ from the usual ones
    `user_domain_name`, `project_domain_name` (or `…_id`), `region_name`, `interface`, `cacert`; `Connection.secret` is
    the password. The user must be an administrator of the cloud. Each HTTP request ends within the connection's
    time-out; a call makes one or a few of them, and a few more when it is the first for its project.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = Lock()
        self._projects: OrderedDict[str, OpenStackProject] = OrderedDict()

    def facts(self) -> RegionFacts:
        """Sign in and say what this is; BackendDown (`credentials-rejected`) where the password is wrong."""
        newest = Api(self._cloud, COMPUTE).limits
        return RegionFacts(self._connection.public["auth_url"], release_of(newest), simulated=False)

    @cached_property
    def inventory(self) -> Inventory:
        """The region as a whole."""
        cloud = self._cloud
        compute = Api(cloud, COMPUTE)
        return OpenStackInventory(
            compute=compute,
            hosts=self._hosts,
            storage=Api(cloud, BLOCK_STORAGE),
            network=Api(cloud, NETWORK),
            image=Api(cloud, IMAGE),
            flavors=self._flavors,
        )

    @cached_property
    def hosts(self) -> HostControl:
        """The region's hosts."""
        return OpenStackHostControl(Api(self._cloud, COMPUTE), self._hosts, self._flavors)

    @cached_property
    def tenancy(self) -> Tenancy:
        """The region's projects."""
        cloud = self._cloud
        quota_keepers = (Api(cloud, COMPUTE), Api(cloud, BLOCK_STORAGE), Api(cloud, NETWORK))
        return OpenStackTenancy(cloud, Api(cloud, IDENTITY), *quota_keepers)

    @cached_property
    def estate(self) -> Estate:
        """What is there already, and was not made by Jinyun."""
        cloud, bus = self._cloud, self._connection.bus
        notifications = None if bus is None else Notifications(bus)
        return OpenStackEstate(Api(cloud, COMPUTE), Api(cloud, BLOCK_STORAGE), Api(cloud, NETWORK), notifications)

    def project(self, project_id: str) -> ProjectScope:
        """Return the scope of one of the cloud's projects."""
        with self._lock:
            known = self._projects.get(project_id) or OpenStackProject(
                self._cloud.connect_as(project_id=project_id), self._flavors, self._hosts
            )
            self._projects[project_id] = known
            self._projects.move_to_end(project_id)
            if len(self._projects) > PROJECTS_AT_HAND:
                self._projects.popitem(last=False)
        return known

    @cached_property
    def _cloud(self) -> Cloud:
        """The cloud as the administrator's own project sees it."""
        return sign_in(self._connection)

    @cached_property
    def _hosts(self) -> Hosts:
        return Hosts(Api(self._cloud, COMPUTE), Api(self._cloud, PLACEMENT))

    @cached_property
    def _flavors(self) -> FlavorNames:
        return FlavorNames(Api(self._cloud, COMPUTE))


def sign_in(connection: Connection) -> Cloud:
    """Return the client library's connection; it calls nobody before it is used and reads no file or environment."""
    public = connection.public
    auth = {name: public[name] for name in AUTH if name in public} | {"password": connection.secret}
    for names, (usual_name, usual) in DOMAINS.items():
        auth |= {name: public[name] for name in names if name in public} or {usual_name: usual}
    options: dict[str, Any] = {name: public[name] for name in PLACE if name in public}
    options |= NO_RETRIES
    return Cloud(auth=auth, verify=True, api_timeout=connection.call_timeout_seconds, app_name="jinyun", **options)
