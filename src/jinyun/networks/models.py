"""Tables of the address plan and of connectivity."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jinyun.kit.database import Base, CreatedAt, IdKey, IdType, Moment, Name, Word
from jinyun.networks.states import CREATING, HELD, OPEN, READY
from jinyun.organisation.models import Project
from jinyun.regions.models import Region

EVERYONE = "everyone"
"""Owner of a security group that all application systems may use."""


class Network(Base):
    """A network that servers can be put into."""

    __tablename__ = "network"

    id: Mapped[IdKey]
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    external_id: Mapped[str | None] = mapped_column(String(255))
    """The region's id of it; empty until it is made."""
    code: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[Name]
    kind: Mapped[Word]
    vlan: Mapped[int | None]
    project_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("project.id"), index=True)
    """Empty where all application systems may use it."""
    state: Mapped[Word] = mapped_column(default=CREATING)
    created_at: Mapped[CreatedAt]
    region: Mapped[Region] = relationship()
    project: Mapped[Project | None] = relationship()
    subnets: Mapped[list["Subnet"]] = relationship(
        back_populates="network", order_by="Subnet.id", cascade="all, delete-orphan"
    )

    __table_args__ = (UniqueConstraint("region_id", "external_id"), Base.__table_args__)


class Subnet(Base):
    """A prefix of a network."""

    __tablename__ = "subnet"

    id: Mapped[IdKey]
    network_id: Mapped[str] = mapped_column(IdType, ForeignKey("network.id"), index=True)
    external_id: Mapped[str | None] = mapped_column(String(255))
    cidr: Mapped[str] = mapped_column(String(64))
    gateway: Mapped[str | None] = mapped_column(String(64))
    network: Mapped[Network] = relationship(back_populates="subnets")
    ranges: Mapped[list["AddressRange"]] = relationship(
        back_populates="subnet", order_by="AddressRange.first", cascade="all, delete-orphan"
    )


class AddressRange(Base):
    """Addresses that Jinyun hands out, first to last; its row is locked by whoever takes or gives one back.

    It lies outside the region's own allocation pools, and the gateway is not in it.
    """

    __tablename__ = "address_range"

    id: Mapped[IdKey]
    subnet_id: Mapped[str] = mapped_column(IdType, ForeignKey("subnet.id"), index=True)
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    subnet: Mapped[Subnet] = relationship(back_populates="ranges")
    gaps: Mapped[list["AddressGap"]] = relationship(cascade="all, delete-orphan")


class AddressGap(Base):
    """A stretch of a range where every address is free; neighbours are merged when an address there is given back."""

    __tablename__ = "address_gap"

    id: Mapped[IdKey]
    range_id: Mapped[str] = mapped_column(IdType, ForeignKey("address_range.id"))
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (UniqueConstraint("range_id", "first"), Base.__table_args__)


class Address(Base):
    """An address that somebody has; a free one has no row."""

    __tablename__ = "address"

    id: Mapped[IdKey]
    subnet_id: Mapped[str] = mapped_column(IdType, ForeignKey("subnet.id"))
    number: Mapped[int] = mapped_column(BigInteger)
    address: Mapped[str] = mapped_column(String(64))
    state: Mapped[Word] = mapped_column(default=HELD)
    holder_kind: Mapped[Word]
    holder_id: Mapped[str] = mapped_column(String(64), index=True)
    hostname: Mapped[str | None] = mapped_column(String(255))
    note: Mapped[str] = mapped_column(String(255), default="")
    created_at: Mapped[CreatedAt]
    subnet: Mapped[Subnet] = relationship()

    __table_args__ = (UniqueConstraint("subnet_id", "number"), Base.__table_args__)


class Router(Base):
    """A router of an application system: it joins networks, and leads to an external one where it has one."""

    __tablename__ = "router"

    id: Mapped[IdKey]
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    project_id: Mapped[str] = mapped_column(IdType, ForeignKey("project.id"), index=True)
    code: Mapped[Word] = mapped_column(unique=True)
    external_network_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("network.id"))
    external_id: Mapped[str | None] = mapped_column(String(255))
    state: Mapped[Word]
    created_at: Mapped[CreatedAt]
    region: Mapped[Region] = relationship()
    project: Mapped[Project] = relationship()
    external_network: Mapped[Network | None] = relationship()
    networks: Mapped[list[Network]] = relationship(
        secondary="router_network", order_by="Network.code", viewonly=True, sync_backref=False
    )


class RouterNetwork(Base):
    """A network that a router joins: its gateway's address is the router's, so there is one at most."""

    __tablename__ = "router_network"

    network_id: Mapped[str] = mapped_column(IdType, ForeignKey("network.id"), primary_key=True)
    router_id: Mapped[str] = mapped_column(IdType, ForeignKey("router.id"), index=True)


class PrefixPool(Base):
    """A stretch of the bank's plan from which networks that are ordered get their prefixes."""

    __tablename__ = "prefix_pool"

    id: Mapped[IdKey]
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    zone: Mapped[str | None] = mapped_column(String(255))
    """For networks of this availability zone alone; empty for all of the region's."""
    cidr: Mapped[str] = mapped_column(String(64))
    dns: Mapped[list[str]] = mapped_column(JSON)
    """Name servers that the servers of these networks are told of."""
    created_at: Mapped[CreatedAt]
    region: Mapped[Region] = relationship()

    __table_args__ = (UniqueConstraint("region_id", "cidr"), Base.__table_args__)


class PrefixBlock(Base):
    """Sixteen addresses of a pool that a network has; the primary key says who was first."""

    __tablename__ = "prefix_block"

    pool_id: Mapped[str] = mapped_column(IdType, ForeignKey("prefix_pool.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counted from the beginning of the pool."""
    network_id: Mapped[str] = mapped_column(IdType, ForeignKey("network.id"), index=True)


class NetworkProposal(Base):
    """A network that a region shows and that is not in the plan."""

    __tablename__ = "network_proposal"

    id: Mapped[IdKey]
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    external_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[Name]
    shared: Mapped[bool]
    external: Mapped[bool] = mapped_column(default=False, server_default=false())
    vlan: Mapped[int | None]
    subnets: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Of each: `external_id`, `cidr`, `gateway`, `pools` that the region hands out itself."""
    state: Mapped[Word] = mapped_column(default=OPEN)
    observed_at: Mapped[Moment]
    region: Mapped[Region] = relationship()

    __table_args__ = (UniqueConstraint("region_id", "external_id"), Base.__table_args__)


class SecurityGroup(Base):
    """What traffic is let through to a server."""

    __tablename__ = "security_group"

    id: Mapped[IdKey]
    project_id: Mapped[str | None] = mapped_column(IdType, ForeignKey("project.id"))
    """Empty where all application systems may use it."""
    owner: Mapped[str] = mapped_column(String(36))
    """The project's id or `everyone`, so that a code is unique among the groups of everyone too."""
    code: Mapped[Word]
    name: Mapped[Name]
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """As `schemas.Rule` writes them."""
    state: Mapped[Word] = mapped_column(default=READY, server_default=READY)
    created_at: Mapped[CreatedAt]
    project: Mapped[Project | None] = relationship()

    __table_args__ = (UniqueConstraint("owner", "code"), Base.__table_args__)


class SecurityGroupUse(Base):
    """Something that needs a security group to stay: a server, an order, another group whose rules name it."""

    __tablename__ = "security_group_use"

    group_id: Mapped[str] = mapped_column(IdType, ForeignKey("security_group.id"), primary_key=True)
    holder_kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder_id: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class SecurityGroupBinding(Base):
    """A security group as it is in one region, in the region's project of one application system.

    The row is there before the group is: whoever makes the group has it, because no region keeps two from making one.
    """

    __tablename__ = "security_group_binding"

    id: Mapped[IdKey]
    group_id: Mapped[str] = mapped_column(IdType, ForeignKey("security_group.id"))
    region_id: Mapped[str] = mapped_column(IdType, ForeignKey("region.id"))
    project_id: Mapped[str] = mapped_column(IdType, ForeignKey("project.id"))
    external_id: Mapped[str | None] = mapped_column(String(255))
    maker: Mapped[str] = mapped_column(String(64))
    """Token of the step that makes it."""
    made_since: Mapped[Moment]

    __table_args__ = (UniqueConstraint("group_id", "region_id", "project_id"), Base.__table_args__)
