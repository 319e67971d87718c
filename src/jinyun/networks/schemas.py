"""What the API shows of networks, addresses and security groups."""

from collections.abc import Mapping
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from jinyun.kit.bodies import Body, WrongValue
from jinyun.kit.texts import Text
from jinyun.networks.models import Address, Network, NetworkProposal, PrefixPool, SecurityGroup, Subnet
from jinyun.networks.plan import BLOCK_LENGTH, text_of
from jinyun.providers.base import SecurityRule

MAXIMUM_RULES = 100
ANYWHERE = "0.0.0.0/0"
NO_PREFIX = Text("It must be a prefix such as 10.20.0.0/24", "必须是网段，例如 10.20.0.0/24")
NO_ADDRESS = Text("It must be an address such as 10.20.0.17", "必须是地址，例如 10.20.0.17")


def _prefix(value: str) -> str:
    try:
        return str(IPv4Network(value))
    except ValueError:
        raise WrongValue(NO_PREFIX) from None


def _address(value: str) -> str:
    try:
        return str(IPv4Address(value))
    except ValueError:
        raise WrongValue(NO_ADDRESS) from None


Prefix = Annotated[str, AfterValidator(_prefix), Field(max_length=18, examples=["10.20.0.0/24"])]
Dotted = Annotated[str, AfterValidator(_address), Field(max_length=15, examples=["10.20.0.17"])]
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="Lower case, digits, hyphens")]
ReferencedName = Annotated[str, Field(min_length=1, max_length=64)]
Title = Annotated[str, Field(min_length=1, max_length=255)]


class Stretch(Body):
    """Addresses from first to last, both included."""

    first: Dotted
    last: Dotted

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if IPv4Address(self.first) > IPv4Address(self.last):
            raise WrongValue(Text("first is above last", "first 大于 last"))
        return self


class SubnetView(BaseModel):
    """A prefix of a network and what Jinyun hands out of it."""

    cidr: str
    gateway: str | None
    ranges: list[Stretch]
    free: int = Field(description="How many addresses can still be handed out")

    @classmethod
    def of(cls, subnet: Subnet, free: int) -> Self:
        """Show one subnet."""
        ranges = [Stretch(first=text_of(each.first), last=text_of(each.last)) for each in subnet.ranges]
        return cls(cidr=subnet.cidr, gateway=subnet.gateway, ranges=ranges, free=free)


class NetworkView(BaseModel):
    """A network that servers can be put into."""

    id: str
    code: str
    name: str
    kind: Literal["provider", "tenant", "external"]
    state: Literal["ordered", "creating", "ready", "deleting"]
    vlan: int | None
    region: str = Field(description="The region's code")
    project: str | None = Field(description="Code of the application system; null: all may use it")
    subnets: list[SubnetView]

    @classmethod
    def of(cls, network: Network, free: dict[str, int]) -> Self:
        """Show one network; `free` says of each subnet how many addresses are left."""
        return cls.model_validate(
            {
                "id": network.id,
                "code": network.code,
                "name": network.name,
                "kind": network.kind,
                "state": network.state,
                "vlan": network.vlan,
                "region": network.region.code,
                "project": network.project.code if network.project else None,
                "subnets": [SubnetView.of(subnet, free.get(subnet.id, 0)) for subnet in network.subnets],
            }
        )


class NewNetwork(Body):
    """A network to be made for one application system."""

    code: Code
    name: Title
    region: ReferencedName = Field(description="Code of the region")
    project: ReferencedName = Field(description="Code or id of the application system")
    cidr: Prefix
    gateway: Dotted | None = Field(default=None, description="The first host address where nothing is said")
    backend_pool: Stretch | None = Field(
        default=None, description="Left to the region for DHCP and routers; by default the upper sixteenth"
    )
    vlan: int | None = Field(default=None, ge=1, le=4094, description="Makes it a provider network")
    physical_network: str | None = Field(default=None, max_length=64)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        prefix = IPv4Network(self.cidr)
        if not 16 <= prefix.prefixlen <= 28:
            raise WrongValue(Text("The prefix length must be 16 to 28", "前缀长度必须为 16 到 28"))
        inside = [self.gateway] if self.gateway else []
        inside += [self.backend_pool.first, self.backend_pool.last] if self.backend_pool else []
        if any(IPv4Address(address) not in prefix for address in inside):
            raise WrongValue(
                Text("gateway and backend_pool must lie in cidr", "gateway 和 backend_pool 必须在 cidr 之内")
            )
        if (self.vlan is None) != (self.physical_network is None):
            raise WrongValue(Text("vlan and physical_network belong together", "vlan 与 physical_network 必须同时填写"))
        return self


class NewPrefixPool(Body):
    """A stretch of the bank's plan from which networks that are ordered get their prefixes."""

    region: ReferencedName = Field(description="Code of the region")
    zone: ReferencedName | None = Field(default=None, description="For networks of this availability zone alone")
    cidr: Prefix
    dns: list[Dotted] = Field(default_factory=list, max_length=4, description="Name servers of these networks")

    @model_validator(mode="after")
    def _large_enough(self) -> Self:
        if not 8 <= IPv4Network(self.cidr).prefixlen <= BLOCK_LENGTH:
            raise WrongValue(Text("The prefix length must be 8 to 28", "前缀长度必须为 8 到 28"))
        return self


class PrefixPoolView(BaseModel):
    """A stretch of the bank's plan, and how much of it is left."""

    id: str
    region: str = Field(description="The region's code")
    zone: str | None
    cidr: str
    dns: list[str]
    networks: int = Field(description="How many networks have a prefix of it")
    free: int = Field(description="Addresses in blocks that no ordered network has")

    @classmethod
    def of(cls, pool: PrefixPool, networks: int, blocks: int) -> Self:
        """Show one pool, of which networks have so many blocks."""
        whole = IPv4Network(pool.cidr).num_addresses
        return cls(
            id=pool.id,
            region=pool.region.code,
            zone=pool.zone,
            cidr=pool.cidr,
            dns=pool.dns,
            networks=networks,
            free=whole - blocks * (1 << (32 - BLOCK_LENGTH)),
        )


class AddressView(BaseModel):
    """An address that somebody has."""

    address: str
    state: Literal["held", "used", "reserved", "recorded"]
    holder_kind: str
    holder_id: str
    hostname: str | None
    note: str
    since: datetime

    @classmethod
    def of(cls, address: Address) -> Self:
        """Show one address."""
        return cls.model_validate(
            {
                "address": address.address,
                "state": address.state,
                "holder_kind": address.holder_kind,
                "holder_id": address.holder_id,
                "hostname": address.hostname,
                "note": address.note,
                "since": address.created_at,
            }
        )


class Reservation(Body):
    """An address to be kept back."""

    address: Dotted | None = Field(default=None, description="The lowest free one where nothing is said")
    note: str = Field(min_length=1, max_length=255, description="What for")


class ProposedSubnet(BaseModel):
    """A prefix that the region shows."""

    cidr: str
    gateway: str | None
    backend_pools: list[list[str]] = Field(description="First and last address of what the region hands out itself")


class NetworkProposalView(BaseModel):
    """A network that a region shows and that is not in the plan."""

    id: str
    region: str
    name: str
    shared: bool
    vlan: int | None
    state: Literal["open", "dismissed"]
    subnets: list[ProposedSubnet]
    observed_at: datetime

    @classmethod
    def of(cls, proposal: NetworkProposal) -> Self:
        """Show one proposal."""
        subnets = [
            ProposedSubnet(cidr=each["cidr"], gateway=each["gateway"], backend_pools=each["pools"])
            for each in proposal.subnets
        ]
        return cls.model_validate(
            {
                "id": proposal.id,
                "region": proposal.region.code,
                "name": proposal.name,
                "shared": proposal.shared,
                "vlan": proposal.vlan,
                "state": proposal.state,
                "subnets": subnets,
                "observed_at": proposal.observed_at,
            }
        )


class NetworkAcceptance(Body):
    """How an observed network enters the plan."""

    code: Code
    name: Title
    project: ReferencedName | None = Field(default=None, description="Code or id; null: all may use it")
    range: Stretch | None = Field(
        default=None, description="Hand out only this; by default all that the region does not hand out itself"
    )


class Rule(Body):
    """One permission: traffic in this direction, protocol and port range, from or to a prefix or a group's members."""

    direction: Literal["ingress", "egress"]
    protocol: Literal["tcp", "udp", "icmp"] | None = Field(default=None, description="null: any")
    port_min: int | None = Field(default=None, ge=1, le=65535)
    port_max: int | None = Field(default=None, ge=1, le=65535)
    remote_cidr: Prefix | None = Field(default=None, description="0.0.0.0/0 where neither it nor a group is named")
    remote_group: Code | None = Field(default=None, description="Code of a security group, also of its own")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.remote_group is None and self.remote_cidr is None:
            self.remote_cidr = ANYWHERE
        if self.remote_group is not None and self.remote_cidr is not None:
            raise WrongValue(
                Text("remote_cidr and remote_group exclude each other", "remote_cidr 与 remote_group 不能同时填写")
            )
        if (self.port_min is None) != (self.port_max is None):
            raise WrongValue(Text("port_min and port_max belong together", "port_min 与 port_max 必须同时填写"))
        if self.port_min is not None and self.port_max is not None:
            if self.protocol not in {"tcp", "udp"}:
                raise WrongValue(Text("Only tcp and udp have ports", "仅 tcp 和 udp 有端口"))
            if self.port_min > self.port_max:
                raise WrongValue(Text("port_min is above port_max", "port_min 大于 port_max"))
        return self

    def for_region(self, groups: Mapping[str, str]) -> SecurityRule:
        """Return the rule as a region takes it; `groups` are the region's ids by code."""
        group_id = groups[self.remote_group] if self.remote_group else None
        return SecurityRule(self.direction, self.protocol, self.port_min, self.port_max, self.remote_cidr, group_id)

    def in_words(self) -> str:
        """Return the rule as people read it: `ingress tcp 8000-8010 10.0.0.0/8`."""
        last = "" if self.port_max == self.port_min else f"-{self.port_max}"
        ports = "" if self.port_min is None else f" {self.port_min}{last}"
        remote = f"group {self.remote_group}" if self.remote_group else self.remote_cidr
        return f"{self.direction} {self.protocol or 'any'}{ports} {remote}"


class SecurityGroupView(BaseModel):
    """What traffic is let through to a server."""

    id: str
    code: str
    name: str
    project: str | None = Field(description="Code of the application system; null: all may use it")
    state: Literal["ordered", "ready", "deleting"]
    rules: list[Rule]

    @classmethod
    def of(cls, group: SecurityGroup) -> Self:
        """Show one security group."""
        rules = [Rule.model_validate(rule) for rule in group.rules]
        project = group.project.code if group.project else None
        return cls.model_validate(
            {
                "id": group.id,
                "code": group.code,
                "name": group.name,
                "project": project,
                "state": group.state,
                "rules": rules,
            }
        )


class NewSecurityGroup(Body):
    """A security group to be made."""

    code: Code
    name: Title
    project: ReferencedName | None = Field(default=None, description="Code or id; null: for all")
    rules: list[Rule] = Field(max_length=MAXIMUM_RULES)
