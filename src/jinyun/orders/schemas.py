"""What the API takes and shows of orders."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from jinyun.kit.bodies import Body, Named, WrongValue
from jinyun.kit.ids import Id
from jinyun.kit.money import Amount
from jinyun.kit.texts import Language, Text, localised
from jinyun.operations.schemas import ReasonView
from jinyun.orders.costs import Cost, PartCost
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.network_schemas import (
    FloatingAddressItem,
    NetworkItem,
    RouterItem,
    SecurityGroupChangeItem,
    SecurityGroupItem,
)
from jinyun.regions.hypervisors import Hypervisor
from jinyun.servers.schemas import KeyName

Code = Annotated[str, Field(min_length=1, max_length=64)]
Hostname = Annotated[
    str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", description="An RFC 1123 label in lower case")
]
ServerName = Annotated[
    str, Field(min_length=1, max_length=255, description="Hostname; what was there before may be called anything")
]
Wishes = Annotated[list[Code], Field(max_length=16)]
NO_SUCH_SERVER = Text("A volume is to be attached to a server that the order has not", "订单中没有要挂载卷的服务器")
SERVER_OR_VOLUME = Text("Name either a server or a volume", "请指定服务器或卷之一")
LATEST_DAY = date(2999, 12, 31)
MAXIMUM_USER_DATA = 32_768
"""Characters; base64 makes 4/3 of it, and regions take 65,535."""


class DataVolume(Body):
    """A data volume that comes with a server."""

    tier: Code
    size_gib: int = Field(ge=1, le=65_536)
    name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")


class ServerItem(Body):
    """A virtual server."""

    kind: Literal["server"]
    hostname: Hostname
    flavor: Code
    image: Code = Field(description="`name` for its newest version, or `name:version`")
    network: Code
    zone: Code | None = Field(default=None, description="Availability zone; without one placement chooses")
    server_group: Code | None = Field(default=None, description="Name of a server group of the application system")
    hypervisor: Hypervisor | None = Field(default=None, description="Without one, any that has the image")
    tags: Wishes = Field(default_factory=list, description="The pool must have all of them")
    without_tags: Wishes = Field(default_factory=list, description="The pool must have none of them")
    licences: Wishes = Field(default_factory=list, description="What the pool's hosts must be licensed for")
    address: str | None = Field(default=None, max_length=45, description="A free address of the network, if it matters")
    security_group: Code | None = "default-ssh"
    keypair: KeyName | None = Field(default=None, description="Name of one of your key pairs")
    user_data: str | None = Field(default=None, max_length=MAXIMUM_USER_DATA)
    volumes: list[DataVolume] = Field(default_factory=list, max_length=24)


class VolumeItem(Body):
    """A volume by itself."""

    kind: Literal["volume"]
    region: Code
    tier: Code
    size_gib: int = Field(ge=1, le=65_536)
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
    attach_to: Hostname | None = Field(default=None, description="Hostname of a server of the same order")
    from_snapshot: Id | None = Field(default=None, description="What it begins with; empty without one")


class LeaseExtensionItem(Body):
    """A longer lease of a server and the volumes on it, or of a volume: until the order's last day, or without end."""

    kind: Literal["lease-extension"]
    hostname: ServerName | None = None
    volume_id: Id | None = None

    @model_validator(mode="after")
    def _names_one_thing(self) -> Self:
        if (self.hostname is None) == (self.volume_id is None):
            raise WrongValue(SERVER_OR_VOLUME)
        return self


class ReleaseItem(Body):
    """A server that is given back: it goes to the recycle bin."""

    kind: Literal["release"]
    hostname: ServerName


class PowerItem(Body):
    """A server that is started or shut down."""

    kind: Literal["server-start", "server-stop"]
    hostname: ServerName


class RebootItem(Body):
    """A server that is rebooted: through the guest, or by power."""

    kind: Literal["server-reboot"]
    hostname: ServerName
    hard: bool = False


class DetachItem(Body):
    """A volume that is taken off its server."""

    kind: Literal["detach"]
    hostname: ServerName
    volume_id: Id


class ExtendItem(Body):
    """A larger size for a volume, on a server or not."""

    kind: Literal["extend"]
    volume_id: Id
    size_gib: int = Field(ge=1, le=65_536)


SnapshotName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]


class SnapshotItem(Body):
    """What a volume holds now; it is removed at the order's end, if there is one."""

    kind: Literal["snapshot"]
    volume_id: Id
    name: SnapshotName


class ResizeItem(Body):
    """Another flavor for a server; the disk cannot become smaller."""

    kind: Literal["resize"]
    hostname: ServerName
    flavor: Code


Item = Annotated[
    ServerItem
    | VolumeItem
    | LeaseExtensionItem
    | ReleaseItem
    | ResizeItem
    | PowerItem
    | RebootItem
    | DetachItem
    | NetworkItem
    | ExtendItem
    | SnapshotItem
    | RouterItem
    | FloatingAddressItem
    | SecurityGroupItem
    | SecurityGroupChangeItem,
    Field(discriminator="kind"),
]


class NewOrder(Body):
    """An order, submitted as it is."""

    project: Code = Field(description="Code of the application system")
    purpose: str = Field(min_length=1, max_length=500)
    until: date | None = Field(
        default=None, le=LATEST_DAY, description="Last day that it is wanted, in the bank's time zone"
    )
    items: list[Item] = Field(min_length=1, max_length=50)

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Self:
        hostnames = {item.hostname for item in self.items if isinstance(item, ServerItem)}
        if not {item.attach_to for item in self.items if isinstance(item, VolumeItem)} <= {None, *hostnames}:
            raise WrongValue(NO_SUCH_SERVER)
        return self


class Strike(Body):
    """An item to be taken out of an order; the applicant reads the comment."""

    position: int = Field(ge=0, le=49, description="Of the item; what refers to it is taken out with it")
    comment: str = Field(min_length=1, max_length=1000)


class ItemAmendment(Body):
    """Fields of an item that are to be otherwise."""

    position: int = Field(ge=0, le=49, description="Of the item")
    fields: dict[Code, Any] = Field(
        min_length=1, max_length=50, description="By name, as the item's kind has them: `flavor`, `size_gib`, …"
    )


class Amendment(Body):
    """What an approver changes of an order; the applicant and everybody who was asked reads the comment."""

    until: date | None = Field(default=None, le=LATEST_DAY, description="Another last day; null for no end")
    items: list[ItemAmendment] = Field(default_factory=list, max_length=50)
    comment: str = Field(min_length=1, max_length=1000)


class Placing(Body):
    """Where an item is to be held; what is left out stays, where it can."""

    position: int = Field(ge=0, le=49, description="Of the item")
    pool_id: Id | None = None
    host: Named | None = Field(default=None, description="Name of a host")
    network: Code | None = None
    address: str | None = Field(default=None, max_length=45, description="A free address of the network")
    comment: str = Field(min_length=1, max_length=1000)


class ItemView(BaseModel):
    """One thing that was ordered."""

    id: str
    position: int
    kind: str
    state: str
    specification: dict[str, Any]
    allocation: dict[str, Any] = Field(description="What is held for it, and why there")
    monthly_cost: Amount | None = Field(description="Null where a part of it has no price")
    costs: list[PartCost]
    operation_id: str | None
    problem: ReasonView | None

    @classmethod
    def of(cls, item: OrderItem, language: Language) -> "ItemView":
        """Show an item."""
        return cls(
            id=item.id,
            position=item.position,
            kind=item.kind,
            state=item.state,
            specification=item.specification,
            allocation=localised(item.allocation, language),
            monthly_cost=item.monthly_cost,
            costs=[PartCost.model_validate(part) for part in item.costs or ()],
            operation_id=item.operation_id,
            problem=ReasonView.of(item.problem, language),
        )


class OrderView(BaseModel):
    """An order."""

    id: str
    number: str
    project: str
    applicant: str = Field(description="Login of the applicant")
    applicant_name: str
    purpose: str
    state: str
    currency: str
    monthly_cost: Amount | None = Field(description="At the prices of its day; null where a part has no price")
    chain_id: str | None = Field(description="Who decides on it: `GET /v1/chains/{id}`")
    comment: str = Field(description="What the approver who ended it said")
    held_until: datetime = Field(description="What it needs is held until then while nobody decides")
    created_at: datetime
    expires_at: datetime | None
    decided_at: datetime | None
    ended_at: datetime | None
    items: list[ItemView]

    @classmethod
    def of(cls, order: Order, language: Language) -> "OrderView":
        """Show an order with its items."""
        return cls(
            id=order.id,
            number=order.number,
            project=order.project.code,
            applicant=order.applicant.login,
            applicant_name=order.applicant.name,
            purpose=order.purpose,
            state=order.state,
            currency=order.currency,
            monthly_cost=order.monthly_cost,
            chain_id=order.chain_id,
            comment=order.comment,
            held_until=order.held_until,
            created_at=order.created_at,
            expires_at=order.expires_at,
            decided_at=order.decided_at,
            ended_at=order.ended_at,
            items=[ItemView.of(item, language) for item in order.items],
        )


class NewSnapshot(Body):
    """A snapshot to be."""

    name: SnapshotName
    until: date | None = Field(default=None, le=LATEST_DAY, description="Last day that it is kept")


class OrderInsteadView(OrderView):
    """What was pressed has to be approved: the order that was made of it, instead of an operation."""

    link: str = Field(description="Where the order is: `/v1/orders/{id}`")

    @classmethod
    def instead(cls, order: Order, language: Language) -> Self:
        """Show the order that was made."""
        return cls(**OrderView.of(order, language).model_dump(), link=f"/v1/orders/{order.id}")


class EstimateView(BaseModel):
    """What an order would cost a month if it were submitted today; nothing is held."""

    currency: str
    monthly_cost: Amount | None = Field(description="Null where a part of it has no price")
    items: list[Cost]
