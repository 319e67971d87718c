"""A bank with an open simulated region, reached through the rooms' own services: no HTTP, and a worker only on call."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.app import wire_events
from jinyun.approvals import deciding
from jinyun.approvals import queries as approval_queries
from jinyun.catalog import proposals as catalog
from jinyun.kit.database import Base, Database
from jinyun.kit.paging import PageRequest
from jinyun.kit.settings import Settings
from jinyun.kit.vault import create_keys
from jinyun.networks import proposals as networks
from jinyun.networks.groups import ensure_standard_groups
from jinyun.networks.models import NetworkProposal
from jinyun.orders import service as orders
from jinyun.orders.models import OrderItem
from jinyun.orders.schemas import NewOrder
from jinyun.orders.states import PENDING_APPROVAL
from jinyun.providers.simulated import effects
from jinyun.providers.simulated.build import WorldOptions, build_world
from jinyun.providers.simulated.world import World
from jinyun.regions import service as regions
from jinyun.regions.models import Pool, Region
from jinyun.regions.steps import SyncRegion
from jinyun.tables import load_tables
from tests.api import APPLICANT, MANAGER, SYSTEM_ADMINISTRATOR, SampleBank
from tests.working import run_operations

REGION = "sim"
NETWORK = "prod-vlan-100"
PROJECT = "mobile-banking-test"


@dataclass(frozen=True, slots=True)
class Ordered:
    """One item of an approved order, and the operation that delivers it."""

    operation_id: str
    allocation: dict[str, Any]

    @property
    def server_id(self) -> str:
        """The id of the server, where it is one."""
        return str(self.allocation["server_id"])

    @property
    def volume_ids(self) -> list[str]:
        """The ids of its volumes."""
        held = self.allocation.get("volumes", [self.allocation])
        return [str(volume["volume_id"]) for volume in held]


@dataclass
class Estate:
    """A database and a world."""

    directory: Path
    database: Database
    world: World
    settings: Settings

    def order(self, *items: dict[str, Any]) -> list[Ordered]:
        """Have items ordered and approved; return what is being delivered."""
        bank = SampleBank.__new__(SampleBank)
        bank.database = self.database
        applicant, manager = bank.actor(APPLICANT), bank.actor(MANAGER)
        wanted = NewOrder.model_validate({"project": PROJECT, "purpose": "a test", "items": list(items)})

        number = self.database.write(lambda session: orders.draw_number(session, self.settings))

        def submit(session: Session) -> str:
            order = orders.submit(session, applicant, self.settings, wanted, number)
            if order.state != PENDING_APPROVAL:
                return order.id
            todos, _ = approval_queries.todos(session, manager, PageRequest(limit=500))
            todo = next(todo for todo in todos if todo.stage.chain.subject_id == order.id)
            deciding.approve(session, manager, todo.id, todo.stage.chain.digest)
            return order.id

        order_id = self.database.write(submit)
        return self.database.read(lambda session: _ordered(session, order_id))

    def in_world(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Ask the data centre itself."""
        with effects.reading(self.world) as transaction:
            return transaction.all(query, *values)


def a_server(hostname: str, volumes: Sequence[str] = ()) -> dict[str, Any]:
    """Return a small server with data volumes of these tiers, as an order names it."""
    return {
        "kind": "server",
        "hostname": hostname,
        "flavor": "m1.small",
        "image": "jinyun-linux:1",
        "network": NETWORK,
        "volumes": [{"tier": tier, "size_gib": 1} for tier in volumes],
    }


def a_volume(name: str, tier: str = "general") -> dict[str, Any]:
    """Return a volume as an order names it."""
    return {"kind": "volume", "region": REGION, "tier": tier, "size_gib": 1, "name": name}


def found_estate(directory: Path, database_url: str | None = None, **choices: Any) -> Estate:
    """Open a region of a new world in an empty database; `choices` are the world's options and our settings."""
    load_tables()
    wire_events()
    of_world = {name: choices.pop(name) for name in WorldOptions.__dataclass_fields__ if name in choices}
    world = build_world(directory / "world.db", WorldOptions(**of_world))
    url = database_url or f"sqlite:///{directory}/jinyun.db"
    settings = Settings(database_url=url, key_directory=directory / "keys", **choices)
    create_keys(settings.key_directory)
    database = Database(url)
    Base.metadata.create_all(database.engine)
    database.write(ensure_standard_groups)
    estate = Estate(directory, database, world, settings)
    _open_region(estate, SampleBank(database))
    return estate


def _open_region(estate: Estate, bank: SampleBank) -> None:
    administrator = bank.actor(SYSTEM_ADMINISTRATOR)
    public = {"world": str(estate.world.path)}
    estate.database.write(
        lambda session: (
            regions.register(
                session,
                administrator,
                estate.settings.key_directory,
                REGION,
                "Simulated",
                provider="simulated",
                public=public,
                secret=None,
            ).id
        )
    )
    run_operations(estate.database, SyncRegion)

    def accept(session: Session) -> None:
        catalog.accept_all(session, administrator, session.scalars(select(Region)).one())
        for proposal in list(session.scalars(select(NetworkProposal))):
            networks.accept(session, administrator, proposal.id, proposal.name, proposal.name)
        for pool in session.scalars(select(Pool)):
            pool.orderable = True
            pool.criticality_class = "key" if pool.name == "kvm-key" else "general"

    estate.database.write(accept)


def _ordered(session: Session, order_id: str) -> list[Ordered]:
    items = session.scalars(select(OrderItem).filter_by(order_id=order_id).order_by(OrderItem.position))
    return [Ordered(item.operation_id or "", dict(item.allocation)) for item in items]
