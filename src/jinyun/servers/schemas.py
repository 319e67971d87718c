"""What the API shows of servers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from jinyun.capacity.groups import AffinityName, keeps_its_rule
from jinyun.catalog.models import ImageVersion
from jinyun.kit.bodies import Body
from jinyun.kit.ids import Id
from jinyun.servers import states
from jinyun.servers.models import Attachment, ConsoleOutput, FloatingAddress, KeyPair, Server, ServerGroup


class FloatingAddressView(BaseModel):
    """An address of an external network that answers for a server."""

    id: str
    address: str
    network: str = Field(description="Code of the external network")
    project: str = Field(description="Code of its application system")
    region: str
    state: str
    server: str | None = Field(description="Hostname; null: it answers for none")

    @classmethod
    def of(cls, row: FloatingAddress) -> "FloatingAddressView":
        """Show a floating address."""
        return cls(
            id=row.id,
            address=row.address,
            network=row.network.code,
            project=row.project.code,
            region=row.region.code,
            state=row.state,
            server=row.server.hostname if row.server else None,
        )


class Move(Body):
    """For whom a floating address shall answer."""

    server: str | None = Field(max_length=63, description="Hostname; null: for none")


class AttachmentView(BaseModel):
    """A volume on a server."""

    volume_id: str
    name: str
    tier: str
    size_gib: int
    device: str | None = Field(description="As the region names it; the guest may name it otherwise")

    @classmethod
    def of(cls, row: Attachment) -> "AttachmentView":
        """Show an attachment."""
        volume = row.volume
        return cls(
            volume_id=volume.id, name=volume.name, tier=volume.tier.code, size_gib=volume.size_gib, device=row.device
        )


class ServerView(BaseModel):
    """A server."""

    id: str
    hostname: str
    kind: str
    ladder: str = Field(description="`delivered`: Jinyun made it; it was there before: `adopted`, or `managed`")
    project: str = Field(description="Code of its application system")
    region: str
    simulated: bool = Field(description="Its region is a simulation: there is no real machine behind it")
    zone: str | None
    pool: str | None
    flavor: str | None = Field(description="null: it has a size of its own")
    image: str | None = Field(description="Image and version, `name:version`; null: it was there before")
    network: str | None = Field(description="null: its address is not in the plan")
    address: str | None
    state: str
    operation_id: str | None = Field(description="The operation that has it right now")
    purpose: str
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    purge_at: datetime | None = Field(description="When it leaves the recycle bin for good")

    @classmethod
    def of(cls, server: Server, operation_id: str | None = None) -> "ServerView":
        """Show a server."""
        return cls(
            id=server.id,
            hostname=server.hostname,
            kind=server.kind,
            ladder=server.ladder,
            project=server.project.code,
            region=server.region.code,
            simulated=server.region.simulated,
            zone=server.pool.zone.name if server.pool and server.pool.zone else None,
            pool=server.pool.name if server.pool else None,
            flavor=server.flavor.code if server.flavor else None,
            image=_image(server.image_version),
            network=server.network.code if server.network else None,
            address=server.address,
            state=server.state,
            operation_id=operation_id,
            purpose=server.purpose,
            created_at=server.created_at,
            ready_at=server.ready_at,
            expires_at=server.expires_at,
            purge_at=server.purge_at,
        )


class ServerDetail(ServerView):
    """A server with everything on it."""

    vcpus: int
    memory_mib: int
    disk_gib: int
    login_user: str | None
    host: str | None = Field(description="For those who run the region")
    server_group: str | None = Field(description="Name of the group that it is placed by")
    external_id: str | None = Field(description="The region's id of it")
    volumes: list[AttachmentView]

    @classmethod
    def detail_of(cls, server: Server, operation_id: str | None) -> "ServerDetail":
        """Show a server with its volumes."""
        return cls(
            **ServerView.of(server, operation_id).model_dump(),
            **server.size.as_dict(),
            login_user=server.image_version.login_user if server.image_version else None,
            host=server.host,
            server_group=server.group.name if server.group else None,
            external_id=server.external_id,
            volumes=[AttachmentView.of(attachment) for attachment in server.attachments],
        )


class NewServerGroup(Body):
    """A group to be."""

    project: str = Field(min_length=1, max_length=64, description="Code or id of the application system")
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
    affinity: AffinityName = Field(description="How its servers are placed by hosts; the soft ones where it can be had")


class GroupMember(BaseModel):
    """A server of a group."""

    id: str
    hostname: str
    state: str


class ServerGroupView(BaseModel):
    """Servers that are placed apart from one another, or together."""

    id: str
    project: str = Field(description="Code of its application system")
    name: str
    affinity: AffinityName
    servers: list[GroupMember] = Field(description="Those that were delivered or are being delivered")
    places: int = Field(description="How many servers it has a place for, ordered ones among them")
    kept: bool = Field(description="Whether all of them are placed as the group wants it")
    created_at: datetime

    @classmethod
    def of(cls, group: ServerGroup, hosts: list[str]) -> "ServerGroupView":
        """Show a group whose servers are, or will be, on these hosts."""
        return cls(
            id=group.id,
            project=group.project.code,
            name=group.name,
            affinity=group.rule.affinity.value,
            servers=[
                GroupMember(id=server.id, hostname=server.hostname, state=server.state)
                for server in group.servers
                if server.state in states.LIVE
            ],
            places=len(hosts),
            kept=keeps_its_rule(group.rule.affinity, hosts),
            created_at=group.created_at,
        )


def _image(version: ImageVersion | None) -> str | None:
    return f"{version.image.code}:{version.version}" if version else None


class Reboot(Body):
    """How to reboot."""

    hard: bool = Field(default=False, description="By power, where the guest does not listen")


class Resize(Body):
    """The new size."""

    flavor: str = Field(min_length=1, max_length=64)


class Attach(Body):
    """The volume to attach."""

    volume_id: Id


class Purge(Body):
    """What goes with the server."""

    with_volumes: bool = Field(default=False, description="Delete its data volumes, too")


class ReadLog(Body):
    """How much of the console's output to read."""

    lines: int = Field(default=200, ge=1, le=5000)


class ConsoleOutputView(BaseModel):
    """What a server printed on its serial console."""

    output: str
    read_at: datetime

    @classmethod
    def of(cls, row: ConsoleOutput) -> "ConsoleOutputView":
        """Show console output."""
        return cls(output=row.output, read_at=row.read_at)


KeyName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]


class NewKeyPair(Body):
    """A public key and its name."""

    name: KeyName
    public_key: str = Field(min_length=1, max_length=16384)


class KeyPairView(BaseModel):
    """A key pair; only its public half is here."""

    name: str
    public_key: str
    fingerprint: str
    created_at: datetime

    @classmethod
    def of(cls, row: KeyPair) -> "KeyPairView":
        """Show a key pair."""
        return cls(name=row.name, public_key=row.public_key, fingerprint=row.fingerprint, created_at=row.created_at)
