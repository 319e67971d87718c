"""What the API shows of quotas, capacity and placement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field

from jinyun.capacity.amounts import Amount
from jinyun.capacity.models import Quota
from jinyun.capacity.rooms import PoolRoom
from jinyun.capacity.states import HELD, USED
from jinyun.kit.bodies import Body
from jinyun.kit.texts import Language, localised
from jinyun.regions.hypervisors import Hypervisor

Resource = Annotated[
    str,
    Field(
        pattern=r"^(vcpus|memory_mib|servers|bare_metal_servers|addresses|storage_gib:[a-z0-9][a-z0-9-]{0,31})$",
        description="`vcpus`, `memory_mib`, `servers`, `bare_metal_servers`, `addresses`, or `storage_gib:<tier>`",
    ),
]
ReferencedName = Annotated[str, Field(min_length=1, max_length=64)]
Names = Annotated[frozenset[ReferencedName], Field(max_length=32)]


class QuotaView(BaseModel):
    """A limit and what counts against it."""

    scope: Literal["project", "department"]
    code: str
    name: str
    resource: str
    limit: int
    used: int
    held: int = Field(description="Ordered, not delivered yet")
    available: int
    exceeded: int = Field(description="How much more is taken than the limit allows: what was there already counts")
    set_by: str | None = Field(description="Login of whoever set it last")
    set_at: datetime | None

    @classmethod
    def of(cls, quota: Quota, names: Mapping[str, tuple[str, str]]) -> Self:
        """Show one quota; `names` has code and name of each scope by its id."""
        code, name = names[quota.scope_id]
        return cls.model_validate(
            {
                "scope": quota.scope,
                "code": code,
                "name": name,
                "resource": quota.resource,
                "limit": quota.limit,
                "used": quota.used,
                "held": quota.held,
                "available": max(0, quota.limit - quota.used - quota.held),
                "exceeded": max(0, quota.used + quota.held - quota.limit),
                "set_by": quota.set_by,
                "set_at": quota.set_at,
            }
        )


class ResourceView(BaseModel):
    """What an application system has of a resource, and every limit that it is under."""

    resource: str
    used: int = Field(description="By this application system")
    held: int = Field(description="By this application system: ordered, not delivered yet")
    limit: int | None = Field(description="Of the level that has the least left; null: nothing limits it")
    free: int | None = Field(description="What can still be ordered; null: nothing limits it")
    levels: list[QuotaView] = Field(description="The limits, its own first, then each department's upwards")

    @classmethod
    def of(cls, resource: str, taken: Mapping[str, int], levels: list[QuotaView]) -> Self:
        """Show one resource; `taken` has what is held and used, by state."""
        binding = min(levels, key=lambda level: level.available, default=None)
        return cls(
            resource=resource,
            used=taken.get(USED, 0),
            held=taken.get(HELD, 0),
            limit=binding.limit if binding else None,
            free=binding.available if binding else None,
            levels=levels,
        )


class ProjectQuotaView(BaseModel):
    """What an application system has and may still order, by resource."""

    project: str = Field(description="Code of the application system")
    name: str
    resources: list[ResourceView]


class QuotaSetting(Body):
    """A limit to be set."""

    scope: Literal["project", "department"]
    code: ReferencedName = Field(description="Code of the application system or department")
    resource: Resource
    limit: int | None = Field(ge=0, le=2**50, description="null: no limit at this level")
    lower_below: bool = Field(default=False, description="Also lower what is higher below it")


class AmountView(BaseModel):
    """Virtual CPUs, memory and local disk."""

    vcpus: int
    memory_mib: int
    disk_gib: int

    @classmethod
    def of(cls, amount: Amount) -> Self:
        """Show an amount."""
        return cls.model_validate(amount.as_dict())


class PoolCapacityView(BaseModel):
    """How much a pool has, and how much of it is promised."""

    pool_id: str
    region: str
    zone: str | None
    name: str
    hypervisor: str
    criticality_class: str | None
    orderable: bool
    hosts: int = Field(description="Hosts that are up and take servers")
    physical: AmountView
    cpu_ratio: float
    memory_ratio: float
    size: AmountView = Field(description="What may be promised: physical size × overcommit")
    used: AmountView = Field(description="What the region says is taken, by anybody")
    delivered: AmountView = Field(description="Jinyun's own part of what is used")
    held: AmountView = Field(description="Promised by Jinyun and not yet in the region's figures")
    free: AmountView
    survives_a_host: bool = Field(description="Everything still fits when the largest host fails (N+1)")

    @classmethod
    def of(cls, room: PoolRoom) -> Self:
        """Show one pool."""
        pool = room.pool
        return cls(
            pool_id=pool.id,
            region=pool.region,
            zone=pool.zone,
            name=pool.name,
            hypervisor=pool.hypervisor,
            criticality_class=pool.criticality_class,
            orderable=pool.orderable,
            hosts=len(room.hosts),
            physical=AmountView.of(room.physical),
            cpu_ratio=pool.cpu_ratio,
            memory_ratio=pool.memory_ratio,
            size=AmountView.of(room.size),
            used=AmountView.of(room.used),
            delivered=AmountView.of(room.delivered),
            held=AmountView.of(room.held + room.settling),
            free=AmountView.of(room.free.at_least_zero()),
            survives_a_host=room.survives_a_host(Amount()),
        )


class WhatIf(Body):
    """Something that might be ordered; sizes are of one server."""

    project: ReferencedName = Field(description="Code or id of the application system")
    vcpus: int = Field(ge=1, le=4096)
    memory_mib: int = Field(ge=1, le=2**30)
    disk_gib: int = Field(default=0, ge=0, le=2**20)
    servers: int = Field(default=1, ge=1, le=1000)
    tiers: dict[ReferencedName, Annotated[int, Field(ge=0, le=2**30)]] = Field(
        default_factory=dict, description="Storage in GiB by tier, for all servers together"
    )
    region: ReferencedName | None = Field(default=None, description="Code")
    zone: str | None = Field(default=None, max_length=255)
    network: ReferencedName | None = Field(default=None, description="Code")
    hypervisor: Hypervisor | None = None
    tags: Names = Field(default_factory=frozenset, description="The pool must have all of them")
    without_tags: Names = Field(default_factory=frozenset, description="The pool must have none of them")
    licences: Names = Field(default_factory=frozenset, description="What the hosts must be licensed for")
    apart_from: Names = Field(default_factory=frozenset, description="Pools (ids) where it must not be")
    criticality: Literal["key", "general"] | None = Field(
        default=None, description="That of the application system where nothing is said"
    )


class RemovedPool(BaseModel):
    """A pool that is out of the question."""

    pool: str
    why: str


class FilterView(BaseModel):
    """A condition, and the pools that do not meet it."""

    name: str
    title: str
    removed: int
    pools: list[RemovedPool] = Field(description="The first of them")


class RankedPool(BaseModel):
    """A pool that can take it, with its numbers before and after."""

    pool: str
    zone: str | None
    hosts: int
    hosts_with_room: int | None = Field(default=None, description="Of them, how many could take one of the servers")
    size: AmountView
    used: AmountView
    held: AmountView
    free: AmountView
    free_after: AmountView
    survives_a_host: bool
    share_left: float = Field(description="Of what is scarcest, afterwards")
    weights: dict[str, float] = Field(default_factory=dict, description="What it was ranked by, the weightiest first")


class ExplanationView(BaseModel):
    """Why this pool, and why not the others."""

    summary: str
    considered: int
    filters: list[FilterView]
    suitable: int | None = Field(default=None, description="How many could take it")
    ranking: list[RankedPool] = Field(description="The best of them")
    chosen: RankedPool | None

    @classmethod
    def of(cls, stored: Mapping[str, Any], language: Language) -> Self:
        """Show a stored explanation."""
        return cls.model_validate(localised(dict(stored), language))


class QuotaObstacle(BaseModel):
    """A limit that would be passed."""

    resource: str
    explanation: str


class WhatIfView(BaseModel):
    """Whether it could be had now; nothing is held."""

    fits: bool
    quota: QuotaObstacle | None = Field(description="The first limit that would be passed")
    placement: ExplanationView
