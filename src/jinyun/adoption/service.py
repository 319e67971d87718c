"""Asking for machines to be adopted: each line is checked, claimed, and decided on by the department it is for."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from jinyun.access.authority import authorise
from jinyun.adoption import obstacles, states
from jinyun.adoption.adopting import flavor_of, promote, size_of
from jinyun.adoption.errors import (
    AdoptionDecided,
    AlreadyManaged,
    MachineAlreadyOurs,
    MachineNamedTwice,
    NotAdopted,
    NothingToAdopt,
    UnknownSystem,
)
from jinyun.adoption.finding import Machines, looked_up
from jinyun.adoption.lines import refuse
from jinyun.adoption.models import AdoptionBatch, AdoptionClaim, AdoptionLine, AdoptionPart
from jinyun.adoption.sheet import Wish
from jinyun.adoption.steps import AdoptMachines, UnadoptServer, refuse_rest
from jinyun.approvals import service as approvals
from jinyun.approvals.events import ChainDecided, ChainReturned
from jinyun.approvals.rules import Measures
from jinyun.approvals.service import ChainRequest
from jinyun.approvals.states import APPROVED
from jinyun.approvals.states import EXPIRED as CHAIN_EXPIRED
from jinyun.audit import service as audit
from jinyun.capacity.amounts import Amount
from jinyun.catalog.models import Flavor
from jinyun.inventory.models import ObservedObject
from jinyun.kit.actor import PLATFORM, Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import NotFound, Problem
from jinyun.kit.ids import new_id
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import is_duplicate
from jinyun.operations import service as operations
from jinyun.operations.course import OperationEnded
from jinyun.operations.models import OperationRow
from jinyun.organisation.models import Person, Project
from jinyun.servers import states as server_states
from jinyun.servers.errors import HostnameTaken
from jinyun.servers.hostnames import taken_of
from jinyun.servers.models import Server

MANAGE = "adoption.manage"
SUBJECT = "adoption"
KINDS = frozenset({"adoption"})
BATCH = 500
SHOWN = 200
"""How many machines an approver is shown at once; he can read all of them as the lines of the batch."""
TITLE = Text("Adopt {count} machines for {project}", "为 {project} 纳管 {count} 台机器")


def submit(
    session: Session, actor: Actor, wishes: Sequence[Wish], *, reason: str = "", file: str | None = None
) -> AdoptionBatch:
    """Check and claim each line; ask the department of each application system. A line that cannot be is refused.

    The same again changes nothing: what belongs to its application system, or waits for it, is left as it is.

    Raises:
        Forbidden: he may not ask for it.
        NothingToAdopt: there is no line.
    """
    authorise(session, actor, MANAGE)
    if not wishes:
        raise NothingToAdopt
    batch = AdoptionBatch(id=new_id(), reason=reason, file=file, submitted_by=actor.person_id, parts=[])
    session.add(batch)
    session.flush()
    wanted = _checked(session, batch, wishes)
    after = {"lines": len(wishes), "wanted": sum(map(len, wanted.values())), "file": file, "reason": reason}
    audit.record(session, actor, "adoption.submit", (SUBJECT, batch.id, file or batch.id), after=after)
    for project, lines in wanted.items():
        _ask(session, actor, batch, project, lines)
    return batch


def withdraw(session: Session, actor: Actor, batch_id: str) -> AdoptionBatch:
    """Take back what nobody has decided on. Raises Forbidden, NotFound, AdoptionDecided."""
    batch = find(session, actor, batch_id)
    undecided = [part for part in batch.parts if part.state in states.UNDECIDED]
    if not undecided:
        raise AdoptionDecided
    for part in undecided:
        chain = approvals.current_chain(session, SUBJECT, part.id)
        if chain is not None:
            approvals.withdraw(session, actor, chain)
        _let_go(session, part, states.WITHDRAWN)
    audit.record(session, actor, "adoption.withdraw", (SUBJECT, batch.id, batch.file or batch.id))
    return batch


def find(session: Session, actor: Actor, batch_id: str) -> AdoptionBatch:
    """Return a batch. Raises Forbidden, NotFound."""
    authorise(session, actor, MANAGE)
    batch = session.get(AdoptionBatch, batch_id)
    if batch is None:
        raise NotFound(kind="adoption", name=batch_id)
    return batch


def promote_server(session: Session, actor: Actor, server_id: str) -> Server:
    """Have an adopted server managed: from now on Jinyun may change it. Raises as `_adopted`, and AlreadyManaged."""
    server = _adopted(session, actor, server_id)
    if server.ladder == server_states.MANAGED:
        raise AlreadyManaged(hostname=server.hostname)
    promote(session, actor, server)
    return server


def unadopt(session: Session, actor: Actor, server_id: str) -> OperationRow:
    """Have a server that was adopted belong to nobody again. Raises as `_adopted`, and SubjectBusy."""
    server = _adopted(session, actor, server_id)
    return operations.start(
        session,
        actor,
        UnadoptServer,
        parameters={"server_id": server.id},
        subjects=[("server", server.id)],
        project_id=server.project_id,
        subject_name=server.hostname,
        backend=server.region.code,
    )


def on_chain_decided(session: Session, event: ChainDecided) -> None:
    """Adopt what was approved; let go of what was not."""
    if event.subject_kind != SUBJECT:
        return
    part = _locked(session, event.subject_id)
    part.comment, part.decided_at = event.comment, utc_now()
    if event.state != APPROVED:
        _let_go(session, part, states.EXPIRED if event.state == CHAIN_EXPIRED else states.REJECTED)
        return
    part.state = states.ADOPTING
    submitter = session.get(Person, part.batch.submitted_by) if part.batch.submitted_by else None
    actor = Actor(submitter.id, submitter.login, submitter.name) if submitter else PLATFORM
    part.operation_id = operations.start(
        session,
        actor,
        AdoptMachines,
        parameters={"part_id": part.id},
        subjects=[(SUBJECT, part.id)],
        project_id=part.project_id,
        subject_name=part.project.code,
    ).id


def on_chain_returned(session: Session, event: ChainReturned) -> None:
    """Leave it to whoever asked to take it back."""
    if event.subject_kind == SUBJECT:
        part = _locked(session, event.subject_id)
        part.state, part.comment = states.RETURNED, event.comment


def on_operation_ended(session: Session, event: OperationEnded) -> None:
    """Refuse what is left where an operation ended before its lines: a step that was not begun undid nothing."""
    if event.kind == AdoptMachines.kind:
        part = _locked(session, str(event.parameters["part_id"]))
        if part.state == states.ADOPTING:
            refuse_rest(session, part.id)


def _adopted(session: Session, actor: Actor, server_id: str) -> Server:
    """Return a living server that was adopted, locked. Raises Forbidden, NotFound, NotAdopted."""
    authorise(session, actor, MANAGE)
    server = session.get(Server, server_id, with_for_update=True, populate_existing=True)
    if server is None:
        raise NotFound(kind="server", name=server_id)
    if server.ladder == server_states.DELIVERED or server.state not in server_states.LIVE:
        raise NotAdopted(hostname=server.hostname)
    return server


def _checked(
    session: Session, batch: AdoptionBatch, wishes: Sequence[Wish]
) -> dict[Project, list[tuple[AdoptionLine, ObservedObject]]]:
    """Write every line down, and return those that are wanted, by application system."""
    machines = Machines(session, wishes)
    found = [looked_up(machines, wish) for wish in wishes]
    there = list({each.id: each for each in found if isinstance(each, ObservedObject)}.values())
    checks = _Checks(session, wishes, there)
    wanted: dict[Project, list[tuple[AdoptionLine, ObservedObject]]] = defaultdict(list)
    for wish, machine in zip(wishes, found, strict=True):
        line = AdoptionLine(
            id=new_id(),
            batch_id=batch.id,
            number=wish.number,
            machine=wish.machine if isinstance(machine, Problem) else machine.name,
            project_code=wish.project,
            hostname=wish.hostname,
            notes=[],
        )
        try:
            project, known = checks.pass_line(wish, machine)
            line.object_id, line.hostname = known.id, wish.hostname or known.name
            line.state = states.UNCHANGED if checks.has(known, project) else states.WAITING
            if line.state == states.WAITING:
                wanted[project].append((line, known))
        except Problem as problem:
            refuse(line, problem)
        session.add(line)
    session.flush()
    _claim(session, [each for of_one in wanted.values() for each in of_one])
    return wanted


class _Checks:
    """What is asked of all lines of a batch at once."""

    def __init__(self, session: Session, wishes: Sequence[Wish], machines: Sequence[ObservedObject]) -> None:
        codes = {wish.project for wish in wishes}
        known = select(Project).where(Project.code.in_(codes)).options(joinedload(Project.department))
        self._projects = {project.code: project for project in session.scalars(known)}
        self._obstacles = obstacles.of_machines(session, machines)
        self._owners = obstacles.owners_of(session, machines)
        names = [wish.hostname for wish in wishes if wish.hostname] + [machine.name for machine in machines]
        self._hostnames = taken_of(session, names)
        self._named: set[str] = set()
        self._called: set[str] = set()

    def has(self, machine: ObservedObject, project: Project) -> bool:
        """Tell whether a machine belongs to an application system, or waits for it."""
        return self._owners.get(machine.id) == project.code

    def pass_line(self, wish: Wish, machine: ObservedObject | Problem) -> tuple[Project, ObservedObject]:
        """Return the application system and the machine of a line. Raises what is wrong with it."""
        if isinstance(machine, Problem):
            raise machine
        project = self._projects.get(wish.project)
        if project is None:
            raise UnknownSystem(field="project", code=wish.project)
        if machine.id in self._named:
            raise MachineNamedTwice(field="id", name=machine.name)
        self._named.add(machine.id)
        if not self.has(machine, project):
            self._refuse(wish.hostname or machine.name, machine)
        return project, machine

    def _refuse(self, hostname: str, machine: ObservedObject) -> None:
        for problem in self._obstacles[machine.id]:
            raise problem
        if hostname in self._called:
            raise MachineNamedTwice(field="hostname", name=hostname)
        if hostname in self._hostnames:
            raise HostnameTaken(field="hostname", hostname=hostname)
        self._called.add(hostname)


def _claim(session: Session, lines: Sequence[tuple[AdoptionLine, ObservedObject]]) -> None:
    """Claim the machines of lines. Raises MachineAlreadyOurs where somebody claims one of them in this moment."""
    claims = [{"object_id": machine.id, "line_id": line.id} for line, machine in lines]
    for start in range(0, len(claims), BATCH):
        try:
            session.execute(insert(AdoptionClaim), claims[start : start + BATCH])
        except IntegrityError as error:
            if is_duplicate(error):
                raise MachineAlreadyOurs(machine=lines[start][1].name, project=lines[start][0].project_code) from error
            raise


def _ask(
    session: Session,
    actor: Actor,
    batch: AdoptionBatch,
    project: Project,
    lines: Sequence[tuple[AdoptionLine, ObservedObject]],
) -> None:
    part = AdoptionPart(id=new_id(), batch_id=batch.id, project_id=project.id, project=project, batch=batch)
    session.add(part)
    session.flush()
    ids = [line.id for line, _machine in lines]
    for line, _machine in lines:
        line.part_id = part.id
    session.flush()
    size = Amount.total(size_of(machine) for _line, machine in lines)
    request = ChainRequest(
        SUBJECT,
        part.id,
        hashlib.sha256(json.dumps(sorted(ids)).encode()).hexdigest(),
        project,
        _facts(session, batch, lines, size),
        TITLE.format(count=len(lines), project=project.name),
        Measures(kinds=KINDS, vcpus=size.vcpus, memory_gib=size.memory_mib // 1024, storage_gib=size.disk_gib),
    )
    part.chain_id = approvals.open_chain(session, actor, request).id


def _facts(
    session: Session,
    batch: AdoptionBatch,
    lines: Sequence[tuple[AdoptionLine, ObservedObject]],
    size: Amount,
) -> Mapping[str, Any]:
    flavors = list(session.scalars(select(Flavor).order_by(Flavor.code)))
    shown = []
    for line, machine in lines[:SHOWN]:
        flavor = flavor_of(flavors, machine)
        shown.append(
            {
                "hostname": line.hostname,
                "machine": machine.name,
                "region": machine.region.code,
                "addresses": [each.address for each in machine.addresses],
                "flavor": flavor.code if flavor else None,
                **size_of(machine).as_dict(),
            }
        )
    return {"batch": batch.id, "purpose": batch.reason, "count": len(lines), **size.as_dict(), "items": shown}


def _let_go(session: Session, part: AdoptionPart, state: str) -> None:
    """End a part that nobody approved: its machines can be asked for again."""
    part.state = state
    lines = select(AdoptionLine.id).where(AdoptionLine.part_id == part.id)
    session.execute(delete(AdoptionClaim).where(AdoptionClaim.line_id.in_(lines)))
    waiting = (AdoptionLine.part_id == part.id, AdoptionLine.state == states.WAITING)
    session.execute(update(AdoptionLine).where(*waiting).values(state=states.LET_GO))


def _locked(session: Session, part_id: str) -> AdoptionPart:
    return session.get_one(AdoptionPart, part_id, with_for_update=True, populate_existing=True)
