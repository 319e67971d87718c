"""Tables of servers."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jinyun.capacity.amounts import Amount
from jinyun.capacity.groups import Affinity, GroupRule
from jinyun.catalog.models import Flavor, ImageVersion
from jinyun.kit.database import Base, CreatedAt, IdKey, IdType, Name, Reference, UtcDateTime, Word
from jinyun.networks.models import Network
from jinyun.organisation.models import Project
from jinyun.regions.models import Pool, Region
from jinyun.servers.states import DELIVERED
from jinyun.volumes.models import Volume


class Server(Base):
    """A server of an application system."""

    __tablename__ = "server"

    id: Mapped[IdKey]
    kind: Mapped[Word] = mapped_column(default="virtual")
    ladder: Mapped[Word] = mapped_column(default=DELIVERED, server_default=DELIVERED)
    """Whether Jinyun made it, and if not, how far it is Jinyun's: see `states`."""
    project_id: Mapped[str] = mapped_column(IdType, ForeignKey("project.id"), index=True)
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"), index=True)
    pool_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("pool.id"), index=True)
    """Empty for a machine that was there before and is in no pool."""
    flavor_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("flavor.id"))
    """Empty where no flavor of the catalogue has its size."""
    own_vcpus: Mapped[int | None]
    """These three: the size of a machine that was there before, whatever its flavor says."""
    own_memory_mib: Mapped[int | None]
    own_disk_gib: Mapped[int | None]
    image_version_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("image_version.id"))
    """Empty for a machine that was there before, as are network and address where the plan does not have them."""
    network_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("network.id"))
    security_group_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("security_group.id"))
    address_id: Mapped[str | None] = mapped_column(IdType)
    address: Mapped[str | None] = mapped_column(String(45), index=True)
    hostname: Mapped[str] = mapped_column(String(255), index=True)
    state: Mapped[Word] = mapped_column(index=True)
    external_id: Mapped[str | None] = mapped_column(String(64), index=True)
    external_uuid: Mapped[str | None] = mapped_column(String(64))
    """What a machine that was there before calls itself: nothing is done to another one that got its id."""
    port_external_id: Mapped[str | None] = mapped_column(String(64))
    host: Mapped[str | None] = mapped_column(String(255))
    public_key: Mapped[str | None] = mapped_column(Text)
    user_data: Mapped[str | None] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(String(500), default="")
    hold_id: Mapped[str] = mapped_column(IdType)
    group_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("server_group.id"), index=True)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When its lease is over; empty where it has no end."""
    lease_noticed: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The end of lease that notice was given of."""
    created_at: Mapped[CreatedAt]
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recycled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    purge_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    project: Mapped[Project] = relationship()
    region: Mapped[Region] = relationship()
    pool: Mapped[Pool | None] = relationship()
    flavor: Mapped[Flavor | None] = relationship()
    image_version: Mapped[ImageVersion | None] = relationship()
    network: Mapped[Network | None] = relationship()
    group: Mapped["ServerGroup | None"] = relationship(back_populates="servers")
    attachments: Mapped[list["Attachment"]] = relationship(back_populates="server", order_by="Attachment.id")

    @property
    def size(self) -> Amount:
        """What it takes of a pool: its own size, else that of its flavor."""
        if self.own_vcpus is not None or self.flavor is None:
            return Amount(self.own_vcpus or 0, self.own_memory_mib or 0, self.own_disk_gib or 0)
        return Amount(self.flavor.vcpus, self.flavor.memory_mib, self.flavor.disk_gib)

    @size.setter
    def size(self, own: Amount) -> None:
        self.own_vcpus, self.own_memory_mib, self.own_disk_gib = own.parts()


class ServerGroup(Base):
    """Servers of one application system that are placed apart from one another, or together, by hosts."""

    __tablename__ = "server_group"

    id: Mapped[IdKey]
    project_id: Mapped[str] = mapped_column(IdType, ForeignKey("project.id"))
    name: Mapped[Word]
    affinity: Mapped[Word]
    """A word of `capacity.groups.Affinity`."""
    created_at: Mapped[CreatedAt]
    project: Mapped[Project] = relationship()
    servers: Mapped[list[Server]] = relationship(back_populates="group", order_by="Server.hostname", viewonly=True)

    __table_args__ = (UniqueConstraint("project_id", "name"), Base.__table_args__)

    @property
    def rule(self) -> GroupRule:
        """What placement has to know of it."""
        return GroupRule(self.id, Affinity(self.affinity))


class FloatingAddress(Base):
    """An address of an external network that answers for a server of an application system, or for none as yet."""

    __tablename__ = "floating_address"

    id: Mapped[IdKey]
    project_id: Mapped[str] = mapped_column(IdType, ForeignKey("project.id"), index=True)
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    network_id: Mapped[str] = mapped_column(IdType, ForeignKey("network.id"))
    address_id: Mapped[str] = mapped_column(IdType, unique=True)
    address: Mapped[str] = mapped_column(String(45))
    external_id: Mapped[str | None] = mapped_column(String(64))
    server_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("server.id"), index=True)
    hold_id: Mapped[str] = mapped_column(IdType)
    state: Mapped[Word]
    created_at: Mapped[CreatedAt]
    project: Mapped[Project] = relationship()
    region: Mapped[Region] = relationship()
    network: Mapped[Network] = relationship()
    server: Mapped[Server | None] = relationship()


class TakenHostname(Base):
    """A hostname that a server has, or will have once its order is approved; the primary key says who was first."""

    __tablename__ = "taken_hostname"

    hostname: Mapped[str] = mapped_column(String(255), primary_key=True)
    server_id: Mapped[Reference]


class Attachment(Base):
    """A volume on a server; the row exists from the wish on until the volume is off again."""

    __tablename__ = "attachment"

    id: Mapped[IdKey]
    server_id: Mapped[str] = mapped_column(IdType, ForeignKey("server.id"), index=True)
    volume_id: Mapped[str] = mapped_column(IdType, ForeignKey("volume.id"), unique=True)
    device: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[CreatedAt]
    server: Mapped[Server] = relationship(back_populates="attachments")
    volume: Mapped[Volume] = relationship()


class KeyPair(Base):
    """A person's SSH public key under a name."""

    __tablename__ = "keypair"

    id: Mapped[IdKey]
    person_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"))
    name: Mapped[Word]
    public_key: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[Name]
    created_at: Mapped[CreatedAt]

    __table_args__ = (UniqueConstraint("person_id", "name"), Base.__table_args__)


class ConsoleOutput(Base):
    """What a server had printed on its serial console when an operation looked; kept for an hour."""

    __tablename__ = "console_output"

    operation_id: Mapped[str] = mapped_column(IdType, primary_key=True)
    server_id: Mapped[str] = mapped_column(IdType, ForeignKey("server.id"), index=True)
    output: Mapped[str] = mapped_column(Text(length=2**24 - 1))
    read_at: Mapped[CreatedAt] = mapped_column(index=True)
