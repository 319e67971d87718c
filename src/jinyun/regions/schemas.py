"""What the API shows of regions, pools and hosts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, SecretStr, StringConstraints

from jinyun.kit.bodies import Body
from jinyun.kit.texts import Language, localised
from jinyun.operations.schemas import ReasonView
from jinyun.regions.models import Host, Pool, Region

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Value = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Public = Annotated[dict[Key, Value], Field(max_length=32)]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=4096)]
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
Labels = Annotated[list[Label], Field(max_length=64)]
MAY_BE_NULL = frozenset({"criticality_class", "dedicated_to", "owner", "tiers", "networks"})
RatioField = Field(default=None, gt=0, le=64, multiple_of=0.01)


class NewRegion(Body):
    """A region to be registered."""

    code: str = Field(min_length=2, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str = Field(min_length=1, max_length=255)
    provider: str = Field(max_length=64, description="`openstack`, `vsphere` or `simulated`")
    public: Public = Field(
        description="Connection without its secret: `auth_url`, `username`, `project_name`, … or `url`, `username`"
    )
    secret: Secret | None = Field(default=None, description="Password; it is sealed at once and never shown again")


class RegionChange(Body):
    """What of a region shall be different; what is left out stays."""

    name: str | None = Field(default=None, min_length=1, max_length=255)
    public: Public | None = Field(default=None, description="The whole connection without its secret")


class NewSecret(Body):
    """Another password for a region."""

    secret: Secret


class NewBus(Body):
    """Where a region tells of changes."""

    url: str = Field(
        max_length=1024,
        description="`rabbit://user@host:port/virtual-host` without the password, as oslo.messaging has it; several "
        "hosts with commas; `?ssl=true&ssl_ca_file=…`, `?amqp_durable_queues=true` where the cloud has them so",
    )
    topic: str = Field(
        default="notifications",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="One of `[oslo_messaging_notifications] topics` of the services that nobody else listens to",
    )
    secret: Secret = Field(description="Password at the bus; it is sealed at once and never shown again")


class BusView(BaseModel):
    """Where a region tells of changes."""

    url: str
    topic: str


class RegionView(BaseModel):
    """A region, and whether it answers."""

    id: str
    code: str
    name: str
    provider: str
    public: dict[str, str] | None = Field(description="Shown to those who manage regions")
    bus: BusView | None = Field(description="Where it tells of changes; shown to those who manage regions")
    simulated: bool = Field(description="True where nothing of it is real")
    state: str
    problem: ReasonView | None = Field(description="Why it is unreachable")
    endpoint: str | None
    release: str | None
    zones: Sequence[str]
    last_seen_at: datetime | None = Field(description="When it was last read to the end")
    version: int = Field(description="Its ETag")

    @classmethod
    def of(cls, region: Region, zones: Sequence[str], language: Language, *, managed: bool) -> "RegionView":
        """Show a region; how it is reached only to those by whom it is `managed`."""
        facts = region.facts or {}
        return cls(
            id=region.id,
            code=region.code,
            name=region.name,
            provider=region.provider,
            public=dict(region.public) if managed else None,
            bus=BusView(**region.bus) if managed and region.bus else None,
            simulated=region.simulated,
            state=region.state,
            problem=ReasonView.of(region.problem, language),
            endpoint=facts.get("endpoint") if managed else None,
            release=facts.get("release"),
            zones=zones,
            last_seen_at=region.last_seen_at,
            version=region.version,
        )


class PoolView(BaseModel):
    """A pool, what it may promise, and for whom it is."""

    id: str
    region: str = Field(description="Code of the region")
    zone: str | None
    name: str
    hypervisor: str
    cpu_ratio: float
    memory_ratio: float
    criticality_class: str | None
    orderable: bool
    tags: list[str]
    licences: list[str]
    dedicated_to: str | None = Field(description="`department:<code>` or `project:<code>`; null: for all")
    owner: str | None = Field(description="Who answers for it: `person:<login>` or `role:<role>`")
    tiers: list[str] | None = Field(description="Storage tiers that reach its hosts; null: all of the region")
    networks: list[str] | None = Field(description="Networks that reach its hosts; null: all of the region")
    keeps_a_host: bool = Field(description="Nothing is placed that would not survive the loss of a host (N+1)")
    weight: float
    present: bool = Field(description="False where the region does not have it any more")
    version: int = Field(description="Its ETag")

    @classmethod
    def of(cls, pool: Pool, dedicated_to: str | None, owner: str | None) -> "PoolView":
        """Show a pool; its region and zone are loaded with it, and in words for whom it is and whose."""
        return cls(
            id=pool.id,
            region=pool.region.code,
            zone=pool.zone.name if pool.zone else None,
            name=pool.name,
            hypervisor=pool.hypervisor,
            cpu_ratio=pool.cpu_ratio,
            memory_ratio=pool.memory_ratio,
            criticality_class=pool.criticality_class,
            orderable=pool.orderable,
            tags=pool.tags,
            licences=pool.licences,
            dedicated_to=dedicated_to,
            owner=owner,
            tiers=pool.tiers,
            networks=pool.networks,
            keeps_a_host=pool.keeps_a_host,
            weight=pool.weight,
            present=pool.present,
            version=pool.version,
        )


class PoolChange(Body):
    """What of a pool shall be different; what is left out stays."""

    orderable: bool | None = None
    criticality_class: Literal["key", "general"] | None = Field(
        default=None, description="null: for systems of any criticality"
    )
    cpu_ratio: float | None = RatioField
    memory_ratio: float | None = RatioField
    tags: Labels | None = Field(default=None, description="What orders may ask for, or ask to keep away from")
    licences: Labels | None = Field(default=None, description="What needs one of them goes nowhere else")
    dedicated_to: str | None = Field(
        default=None,
        pattern=r"^(department|project):[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description="`department:<code>` (with all below it) or `project:<code>`; null: for all",
    )
    owner: str | None = Field(
        default=None,
        pattern=r"^(person|role):.{1,255}$",
        description="`person:<login>` or `role:<role>`: approval policies may have him asked; null: nobody",
    )
    tiers: Labels | None = Field(default=None, description="null: all storage tiers of the region reach its hosts")
    networks: Labels | None = Field(default=None, description="null: all networks of the region reach its hosts")
    keeps_a_host: bool | None = Field(
        default=None, description="Place nothing that would not survive the loss of the largest host (N+1)"
    )
    weight: float | None = Field(default=None, ge=0.01, le=100, multiple_of=0.01, description="Of equals, the heavier")

    def changes(self) -> dict[str, Any]:
        """Return what was sent; null means something only where it means "any"."""
        sent = self.model_dump(exclude_unset=True)
        return {key: value for key, value in sent.items() if value is not None or key in MAY_BE_NULL}


class StayingView(BaseModel):
    """A server that could not be moved away from a host."""

    name: str
    server_id: str | None = Field(description="null where it is none of Jinyun's")
    why: str


class MaintenanceView(BaseModel):
    """A host in maintenance."""

    since: datetime
    by: str = Field(description="Login of whoever asked for it")
    reason: str
    operation_id: str = Field(description="What empties it")
    staying: list[StayingView] | None = Field(description="What could not be moved away; null until that is known")


class HostView(BaseModel):
    """A host, and what is taken of it by all users of the cloud."""

    id: str
    pool_id: str | None
    name: str
    hypervisor: str
    up: bool
    enabled: bool
    vcpus: int
    memory_mib: int
    disk_gib: int
    cpu_ratio: float
    memory_ratio: float
    used_vcpus: int
    used_memory_mib: int
    used_disk_gib: int
    seen_at: datetime
    maintenance: MaintenanceView | None = Field(description="While nothing is placed on it")

    @classmethod
    def of(cls, host: Host, language: Language) -> "HostView":
        """Show a host."""
        stored = localised(host.maintenance, language) if host.maintenance else None
        fields = {name: getattr(host, name) for name in cls.model_fields if name != "maintenance"}
        return cls.model_validate(fields | {"maintenance": stored})
