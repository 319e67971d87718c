"""Making a machine that was there before an application system's server, and giving it back: the guest is untouched."""

from dataclasses import dataclass, field
from math import ceil
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload, selectinload

from jinyun.adoption import obstacles
from jinyun.adoption.events import ServerGivenBack, ServerManaged
from jinyun.adoption.models import AdoptionClaim, AdoptionLine
from jinyun.audit import service as audit
from jinyun.capacity import service as capacity
from jinyun.capacity.amounts import Amount
from jinyun.capacity.request import PlacementRequest
from jinyun.catalog.models import Flavor, StorageTier, TierBinding
from jinyun.inventory.models import ObservedObject
from jinyun.kit import events
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.ids import new_id
from jinyun.kit.texts import Text
from jinyun.networks.recording import Place, Plan, record, release_recorded
from jinyun.organisation.models import Project
from jinyun.regions.models import Pool
from jinyun.servers import hostnames, states
from jinyun.servers.models import Server

OUTSIDE = Text("Address {address} is in no network of the plan.", "地址 {address} 不在地址规划的任何网络中。")
STATE_OF = {"on": states.ACTIVE, "off": states.STOPPED, "suspended": states.STOPPED}


@dataclass
class Surroundings:
    """What adopting many machines needs to know once."""

    plan: Plan
    flavors: list[Flavor]
    pools: dict[tuple[str, str], str]
    """By region and name."""
    tiers: dict[tuple[str, str], str] = field(default_factory=dict)
    """Code of the storage tier by region and what it is called there."""

    @classmethod
    def look(cls, session: Session) -> "Surroundings":
        """Read them."""
        pools = session.execute(select(Pool.region_id, Pool.name, Pool.id).where(Pool.present))
        bound = select(TierBinding.region_id, TierBinding.external_name, StorageTier.code).join(
            StorageTier, TierBinding.tier_id == StorageTier.id
        )
        return cls(
            plan=Plan(session),
            flavors=list(session.scalars(select(Flavor).order_by(Flavor.code))),
            pools={(region_id, name): pool_id for region_id, name, pool_id in pools},
            tiers={(region_id, name): code for region_id, name, code in session.execute(bound)},
        )


def adopt(session: Session, actor: Actor, around: Surroundings, line: AdoptionLine, project: Project) -> Server:
    """Make a line's machine a server of an application system.

    Raises:
        Problem: something stands in the way by now; nothing is changed where the caller takes his savepoint back.
    """
    machine = load(session, line.object_id or "")
    for problem in obstacles.of_itself(machine):
        raise problem
    server = _server(around, machine, line.hostname or machine.name, project)
    hostnames.take(session, server.hostname, server.id)
    placed = obstacles.places_of(around.plan, machine)
    for place in placed.values():
        address = record(session, place, ("server", server.id), server.hostname)
        server.address_id = server.address_id or address.id
    first = next(iter(placed.values()), None)
    server.network_id = first.network_id if first else None
    request = _request(around, machine, server, project, placed)
    hold = capacity.take_over(session, actor, request, ("server", server.id), machine.region_id, server.pool_id)
    server.hold_id = hold.id
    session.add(server)
    session.flush()
    session.get_one(AdoptionClaim, machine.id).server_id = server.id
    line.server_id, line.notes = server.id, _notes(machine, placed)
    after = {
        "machine": machine.name,
        "region": machine.region.code,
        "id": machine.external_id,
        **server.size.as_dict(),
        "addresses": list(placed),
        "batch": line.batch_id,
    }
    _note(session, actor, "server.adopt", server, after)
    return server


def give_back(session: Session, actor: Actor, server: Server) -> None:
    """Let a machine belong to nobody again: it runs on, and stays observed; all that counted for it is free.

    A second time nothing is left to do.
    """
    if server.state == states.UNADOPTED:
        return
    events.publish(session, ServerGivenBack(server.id))
    before = {"ladder": server.ladder, "address": server.address}
    server.state, server.deleted_at = states.UNADOPTED, utc_now()
    capacity.release(session, server.hold_id)
    release_recorded(session, ("server", server.id))
    hostnames.give_up(session, server.id)
    session.execute(delete(AdoptionClaim).where(AdoptionClaim.server_id == server.id))
    subject = ("server", server.id, server.hostname)
    audit.record(session, actor, "server.unadopt", subject, project_id=server.project_id, before=before)


def promote(session: Session, actor: Actor, server: Server) -> None:
    """Let Jinyun change an adopted server, too."""
    server.ladder = states.MANAGED
    _note(session, actor, "server.promote", server, {"ladder": states.MANAGED})
    events.publish(session, ServerManaged(server.id))


def load(session: Session, object_id: str) -> ObservedObject:
    """Return a machine with its region and addresses, read anew."""
    loading = (joinedload(ObservedObject.region), selectinload(ObservedObject.addresses))
    return session.get_one(ObservedObject, object_id, options=loading, populate_existing=True)


def size_of(machine: ObservedObject) -> Amount:
    """Return a machine's size; its disks together."""
    disks = [float(each["size_gib"]) for each in machine.facts.get("disks", ())]
    return Amount(machine.facts.get("vcpus") or 0, machine.facts.get("memory_mib") or 0, ceil(sum(disks)))


def flavor_of(flavors: list[Flavor], machine: ObservedObject) -> Flavor | None:
    """Return the flavor of the catalogue that a machine is of by its CPUs, memory and system disk, if one is."""
    facts = machine.facts
    disks = facts.get("disks")
    for flavor in flavors:
        same_disk = (
            ceil(float(disks[0]["size_gib"])) == flavor.disk_gib if disks else flavor.code == facts.get("flavor")
        )
        if same_disk and (flavor.vcpus, flavor.memory_mib) == (facts.get("vcpus"), facts.get("memory_mib")):
            return flavor
    return None


def _server(around: Surroundings, machine: ObservedObject, hostname: str, project: Project) -> Server:
    flavor = flavor_of(around.flavors, machine)
    server = Server(
        id=new_id(),
        ladder=states.ADOPTED,
        project_id=project.id,
        region_id=machine.region_id,
        pool_id=around.pools.get((machine.region_id, machine.cluster or "")),
        flavor_id=flavor.id if flavor else None,
        address=machine.addresses[0].address if machine.addresses else None,
        hostname=hostname,
        state=STATE_OF.get(machine.power or "", states.STOPPED),
        external_id=machine.external_id,
        external_uuid=machine.uuid,
        host=machine.host,
        ready_at=utc_now(),
    )
    server.size = size_of(machine)
    return server


def _request(
    around: Surroundings, machine: ObservedObject, server: Server, project: Project, placed: dict[str, Place]
) -> PlacementRequest:
    tiers: dict[str, int] = {}
    for disk in machine.facts.get("disks", ()):
        tier = around.tiers.get((machine.region_id, disk.get("datastore") or ""))
        if tier is not None:
            tiers[tier] = tiers.get(tier, 0) + ceil(float(disk["size_gib"]))
    size = server.size
    return PlacementRequest(project, size.vcpus, size.memory_mib, addresses=len(placed), tiers=tiers)


def _notes(machine: ObservedObject, placed: dict[str, Place]) -> list[dict[str, Any]]:
    return [
        {"code": "outside-of-plan"} | OUTSIDE.format(address=each.address).as_dict()
        for each in machine.addresses
        if each.address not in placed
    ]


def _note(session: Session, actor: Actor, action: str, server: Server, after: dict[str, Any]) -> None:
    subject = ("server", server.id, server.hostname)
    audit.record(session, actor, action, subject, project_id=server.project_id, after=after)
