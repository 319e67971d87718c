"""What stands in the way of adopting machines, asked for many at once: what is shown beforehand is what is checked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from jinyun.adoption.errors import (
    MachineAlreadyOurs,
    MachineManagedElsewhere,
    MachineNotAdoptable,
    MachineVanished,
)
from jinyun.adoption.models import AdoptionClaim, AdoptionLine
from jinyun.inventory.models import ObservedObject
from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text
from jinyun.networks.errors import AddressTaken
from jinyun.networks.recording import Place, Plan, holders
from jinyun.organisation.models import Project
from jinyun.providers.estate import ObservedKind
from jinyun.providers.registry import WITH_MACHINES
from jinyun.regions.models import Region
from jinyun.servers import states as server_states
from jinyun.servers.models import Server

NO_SERVER = Text("it is no server", "它不是服务器")
TEMPLATE = Text("it is a template", "它是模板")
NO_VERBS = Text("its region's machines can only be looked at", "所在区域的机器只能查看")
OPENSTACK = "openstack"
BATCH = 500


def of_machines(session: Session, machines: Sequence[ObservedObject]) -> dict[str, list[Problem]]:
    """Return, of each machine, why it cannot be adopted; nothing where it can. Regions and addresses are loaded."""
    owners = _owners(session, machines)
    novas = _in_nova(session, machines)
    conflicts = address_conflicts(session, machines)
    found: dict[str, list[Problem]] = {}
    for machine in machines:
        problems = [*of_itself(machine)]
        if machine.id in owners:
            problems.append(MachineAlreadyOurs(machine=machine.name, project=owners[machine.id]))
        elif machine.uuid in novas and machine.region.provider != OPENSTACK:
            problems.append(MachineManagedElsewhere(machine=machine.name, region=novas[machine.uuid]))
        else:
            problems += [AddressTaken(field="address", address=each) for each in conflicts.get(machine.id, ())]
        found[machine.id] = problems
    return found


def owners_of(session: Session, machines: Iterable[ObservedObject]) -> dict[str, str]:
    """Return which machines somebody asked for or has, as observed id → code of the application system."""
    ids = [machine.id for machine in machines]
    code = select(AdoptionClaim.object_id, AdoptionLine.project_code).join(AdoptionClaim.line)
    return dict(_in_batches(session, code, AdoptionClaim.object_id, ids))


def places_of(plan: Plan, machine: ObservedObject) -> dict[str, Place]:
    """Return where a machine's addresses are in the plan."""
    return plan.places(machine.region_id, [each.address for each in machine.addresses])


def address_conflicts(session: Session, machines: Sequence[ObservedObject]) -> dict[str, list[str]]:
    """Return the addresses of machines that somebody else has in the plan."""
    plan = Plan(session)
    places = {machine.id: places_of(plan, machine) for machine in machines}
    taken = holders(session, [place for of_one in places.values() for place in of_one.values()])
    return {
        machine_id: [address for address, place in of_one.items() if (place.subnet_id, place.number) in taken]
        for machine_id, of_one in places.items()
    }


def of_itself(machine: ObservedObject) -> Iterable[Problem]:
    """Yield what in a machine itself stands in the way."""
    if machine.kind != ObservedKind.SERVER:
        yield MachineNotAdoptable(machine=machine.name, why=NO_SERVER)
    elif machine.facts.get("template"):
        yield MachineNotAdoptable(machine=machine.name, why=TEMPLATE)
    elif machine.region.provider not in WITH_MACHINES:
        yield MachineNotAdoptable(machine=machine.name, why=NO_VERBS)
    if machine.gone_at is not None:
        yield MachineVanished(machine=machine.name, when=machine.gone_at.isoformat(timespec="seconds"))


def _owners(session: Session, machines: Sequence[ObservedObject]) -> dict[str, str]:
    """Return to which application systems machines belong: adopted, asked for, or made by Jinyun."""
    by_key = {(machine.region_id, machine.external_id): machine.id for machine in machines}
    columns = select(Server.region_id, Server.external_id, Project.code).join(Server.project)
    made = columns.where(Server.state.in_(server_states.LIVE), Server.ladder == server_states.DELIVERED)
    found = {}
    for region_id, external_id, code in _in_batches(session, made, Server.external_id, [each[1] for each in by_key]):
        if (region_id, external_id) in by_key:
            found[by_key[region_id, external_id]] = code
    return found | owners_of(session, machines)


def _in_nova(session: Session, machines: Sequence[ObservedObject]) -> Mapping[str | None, str]:
    """Return which of the machines' own ids are those of servers in OpenStack: Nova's VMware driver gives them its own.

    As id → code of the OpenStack region.
    """
    uuids = [machine.uuid for machine in machines if machine.uuid and machine.region.provider != OPENSTACK]
    of_nova = (Region.provider == OPENSTACK,)
    observed = select(ObservedObject.external_id, Region.code).join(ObservedObject.region)
    observed = observed.where(ObservedObject.kind == ObservedKind.SERVER, ObservedObject.gone_at.is_(None), *of_nova)
    made = select(Server.external_id, Region.code).join(Server.region)
    made = made.where(Server.state.in_(server_states.LIVE), *of_nova)
    return {
        **dict(_in_batches(session, observed, ObservedObject.external_id, uuids)),
        **dict(_in_batches(session, made, Server.external_id, uuids)),
    }


def _in_batches(session: Session, statement: Select[*tuple[Any, ...]], column: Any, values: Sequence[Any]) -> list[Any]:
    """Return the rows where a column has one of these values, some hundred values a statement."""
    rows: list[Any] = []
    for start in range(0, len(values), BATCH):
        rows += session.execute(statement.where(column.in_(values[start : start + BATCH])))
    return rows
