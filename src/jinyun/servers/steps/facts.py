"""What steps know of a server, read in one go so that no session is open while a region is asked."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from jinyun.catalog.service import external_flavor_id, external_image_id
from jinyun.kit.texts import Text
from jinyun.operations.definition import Parameters, StepContext
from jinyun.providers import base
from jinyun.providers.base import ProjectScope
from jinyun.providers.errors import Missing
from jinyun.regions.connections import project_scope
from jinyun.servers.models import Server
from jinyun.volumes.models import Volume


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """A server as Jinyun wants it; ids named `external` are the region's."""

    id: str
    hostname: str
    project_id: str
    project_code: str
    region_id: str
    region_code: str
    zone: str | None
    external_id: str | None
    port_external_id: str | None
    external_network_id: str
    external_subnet_id: str
    external_flavor_id: str
    external_image_id: str
    address: str
    security_group_id: str | None
    public_key: str | None
    user_data: str | None

    def scope(self, step: StepContext) -> ProjectScope:
        """Return the region's scope of the server's project."""
        return project_scope(step, self.region_id, self.project_id)

    def observe(self, step: StepContext) -> tuple[ProjectScope, base.Server]:
        """Return the server as the region sees it.

        Raises:
            Missing: the region does not have it any more.
        """
        scope = self.scope(step)
        found = scope.compute.get(self.external_id) if self.external_id else None
        if found is None or found.status is base.ServerStatus.DELETED:
            raise Missing(f"server {self.external_id} of {self.hostname}")
        return scope, found


class NotMadeHere(LookupError):
    """A step for servers that Jinyun made was begun for one that was there before: a bug of who chose the recipe."""


def facts(step: StepContext) -> ServerFacts:
    """Read the facts of the server that the operation is about."""
    return step.read(lambda session: _facts(session, step.parameters["server_id"]))


def region_says(found: base.Server) -> Text:
    """Put what the region is doing into words."""
    task = found.task or found.status.value
    where = f" ({found.host})" if found.host else ""
    return Text(f"The region is at it: {task}{where}", f"区域正在处理：{task}{where}")


def array_lane(parameters: Parameters, volume_id: str | None) -> str:
    """Return the lane of the storage that a volume lies on: attach and detach share it, the array serves both."""
    array: str = parameters["arrays"][volume_id]
    return f"array/{array}"


def build_lane(parameters: Parameters, _key: str | None) -> str:
    """Return the lane that admits new servers to a region."""
    return f"build/{parameters['region']}"


def array_of(volume: Volume) -> str:
    """Name the storage backend that a volume lies on."""
    return f"{volume.region.code}/{volume.tier.code}"


def _facts(session: Session, server_id: str) -> ServerFacts:
    server = session.get_one(Server, server_id)
    network, flavor_id, image_id = server.network, server.flavor_id, server.image_version_id
    if network is None or flavor_id is None or image_id is None or server.address is None:
        raise NotMadeHere(server_id)
    return ServerFacts(
        id=server.id,
        hostname=server.hostname,
        project_id=server.project_id,
        project_code=server.project.code,
        region_id=server.region_id,
        region_code=server.region.code,
        zone=server.pool.zone.name if server.pool and server.pool.zone else None,
        external_id=server.external_id,
        port_external_id=server.port_external_id,
        external_network_id=network.external_id or "",
        external_subnet_id=network.subnets[0].external_id or "",
        external_flavor_id=external_flavor_id(session, flavor_id, server.region_id),
        external_image_id=external_image_id(session, image_id, server.region_id),
        address=server.address,
        security_group_id=server.security_group_id,
        public_key=server.public_key,
        user_data=server.user_data,
    )
