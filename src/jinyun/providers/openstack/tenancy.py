"""The cloud's projects through Keystone, with quotas lifted: Jinyun itself is the gate."""

from openstack.connection import Connection

from jinyun.providers.base import CloudLimit
from jinyun.providers.errors import BackendDown, Refused
from jinyun.providers.openstack.api import Api, Document
from jinyun.providers.openstack.failures import preparing

PREFIX = "jinyun-"
"""Begins the name of every project that Jinyun made."""

ROLES = ("admin", "member")
"""Roles of Jinyun's own user in its projects."""

UNLIMITED = -1
COMPUTE_QUOTAS = ("instances", "cores", "ram", "key_pairs", "metadata_items", "server_groups", "server_group_members")
STORAGE_QUOTAS = ("volumes", "gigabytes", "per_volume_gigabytes", "snapshots", "backups", "backup_gigabytes", "groups")
NETWORK_QUOTAS = ("network", "subnet", "port", "router", "floatingip", "security_group", "security_group_rule")


class OpenStackTenancy:
    """The region's own projects."""

    def __init__(self, cloud: Connection, identity: Api, compute: Api, storage: Api, network: Api) -> None:
        self._cloud = cloud
        self._identity = identity
        self._compute = compute
        self._storage = storage
        self._network = network

    def ensure_project(self, name: str, description: str) -> str:
        """Make the cloud's project with unlimited quota, or find it; return its id. Its name begins with `jinyun-`."""
        with preparing():
            user_id = self._cloud.current_user_id
            domain_id = self._cloud.current_project.domain_id
        full_name = name if name.startswith(PREFIX) else PREFIX + name
        project = self._find(full_name, domain_id) or self._make(full_name, description, domain_id)
        for role in ROLES:
            self._identity.put(f"/projects/{project['id']}/users/{user_id}/roles/{self._role_id(role)}")
        self._lift_quotas(project["id"])
        return str(project["id"])

    def limits(self, project_id: str) -> list[CloudLimit]:
        """Return what compute, storage and network limit the project to; nothing where all is unlimited."""
        found = (
            (self._compute.get(f"/os-quota-sets/{project_id}")["quota_set"], COMPUTE_QUOTAS),
            (self._storage.get(f"/os-quota-sets/{project_id}")["quota_set"], STORAGE_QUOTAS),
            (self._network.get(f"/quotas/{project_id}")["quota"], NETWORK_QUOTAS),
        )
        named = [(name, said.get(name, UNLIMITED)) for said, names in found for name in names]
        return [CloudLimit(name, limit) for name, limit in named if limit != UNLIMITED]

    def lift_limits(self, project_id: str) -> None:
        """Make the project unlimited in compute, storage and network."""
        self._lift_quotas(project_id)

    def _find(self, name: str, domain_id: str) -> Document | None:
        query = {"name": name, "domain_id": domain_id}
        return next(self._identity.items("/projects", "projects", {**query}), None)

    def _make(self, name: str, description: str, domain_id: str) -> Document:
        wish = {"name": name, "description": description, "domain_id": domain_id}
        try:
            made: Document = self._identity.post("/projects", {"project": wish})["project"]
        except Refused:
            somebody_was_faster = self._find(name, domain_id)
            if somebody_was_faster is None:
                raise
            return somebody_was_faster
        return made

    def _role_id(self, name: str) -> str:
        role = next(self._identity.items("/roles", "roles", {"name": name}), None)
        if role is None:
            raise BackendDown(f"the cloud has no role {name}")
        return str(role["id"])

    def _lift_quotas(self, project_id: str) -> None:
        self._compute.put(f"/os-quota-sets/{project_id}", {"quota_set": dict.fromkeys(COMPUTE_QUOTAS, UNLIMITED)})
        self._storage.put(f"/os-quota-sets/{project_id}", {"quota_set": dict.fromkeys(STORAGE_QUOTAS, UNLIMITED)})
        self._network.put(f"/quotas/{project_id}", {"quota": dict.fromkeys(NETWORK_QUOTAS, UNLIMITED)})
