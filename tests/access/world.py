"""A bank on the simulated region in which every role meets the things of every department."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from deploy.access_table import BELOW, DEPARTMENT, EMPLOYEE, FOREIGN, OWN, RELATIONS
from jinyun.access import grants, service_accounts
from jinyun.access.authority import grants_of
from jinyun.access.grants import Place, enter
from jinyun.access.models import AccessChange, ApiToken, RoleGrant
from jinyun.access.roles import ROLES
from jinyun.access.tokens import Wish, make
from jinyun.app import create_app
from jinyun.approvals.models import Assignment, Chain
from jinyun.approvals.models import Stage as ChainStage
from jinyun.catalog.models import BindingProposal
from jinyun.directory import service as directory
from jinyun.drift.models import Baseline, Drift
from jinyun.inventory.models import ObservedObject
from jinyun.kit.actor import PLATFORM, Actor, WayIn
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.ids import new_id
from jinyun.kit.settings import Settings
from jinyun.networks import groups
from jinyun.networks.models import Network, Router, SecurityGroup
from jinyun.networks.states import READY, TENANT
from jinyun.organisation.models import Department, Person, Project
from jinyun.regions.models import Host, Pool, Region
from jinyun.servers.models import FloatingAddress, Server, ServerGroup
from jinyun.volumes.models import Snapshot, Volume
from tests.api import OPERATOR
from tests.stories.stage import Stage, a_server, a_volume, await_that, decide, new_order

Result = TypeVar("Result")

PEOPLE = {
    EMPLOYEE: "t.employee",
    "user": "t.user",
    "owner": "t.owner",
    "approver": "wang.fang",
    "department_administrator": "t.administrator",
    "operator": OPERATOR,
    "system_administrator": "sun.hao",
    "security_administrator": "zhou.jie",
    "audit_administrator": "qian.min",
}
"""Who has which role: user and owner at the application system `t-own`, approver and administrator at `retail`."""
MIXED = {
    "t.mixed": [("user", "department", "retail-channels"), ("approver", "project", "t-foreign")],
    "t.watcher": [("approver", "system", "")],
    "t.corporate": [("department_administrator", "department", "corporate"), ("user", "project", "t-below")],
    "t.all-users": [("user", "department", "head-office"), ("operator", "system", "")],
}
"""People with several roles, for the fuzz."""
SECOND = "he.min"
"""The second security administrator, who asked for the change that waits."""
DEPARTMENTS = {OWN: "retail", DEPARTMENT: "retail", BELOW: "retail-channels", FOREIGN: "corporate"}
APPLICANTS = {OWN: "t.user", DEPARTMENT: "t.other", BELOW: "t.other", FOREIGN: "chen.yu"}
APPROVERS = {OWN: "wang.fang", DEPARTMENT: "wang.fang", BELOW: "wang.fang", FOREIGN: "ma.chao"}


@dataclass(frozen=True, slots=True)
class Things:
    """What there is of one application system, and of the platform, by the names that addresses have for it."""

    project: str
    project_id: str
    department: str
    server_id: str
    volume_id: str
    snapshot_id: str
    operation_id: str
    order_id: str
    chain_id: str
    assignment_id: str
    digest: str
    grant_id: str
    change_id: str
    pool_id: str
    host_id: str
    proposal_id: str
    orphan_id: str
    group_id: str
    object_id: str
    adoption_id: str
    drift_id: str
    rule_id: str
    network: str
    router_id: str
    floating_id: str
    server_group_id: str
    service_account: str
    token_id: str
    session_id: str = "00000000-0000-7000-8000-000000000000"
    deputy_id: str = "00000000-0000-7000-8000-000000000000"
    notice_id: str = "00000000-0000-7000-8000-000000000000"
    record_id: str = "00000000-0000-7000-8000-000000000000"
    login: str = "li.wei"
    name: str = "anything"
    version: str = "1"
    address: str = "10.0.100.77"
    code: str = "anything"

    def values(self) -> dict[str, str]:
        """Return all of it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class Rehearsal(Database):
    """Carries out every write and takes it back, so that no request finds what another one did."""

    def _write_once(self, work: Callable[[Session], Result]) -> Result:
        with self._turn, self._write_sessions() as session:
            result = work(session)
            session.flush()
            session.expunge_all()
            session.rollback()
            return result


class World:
    """People, things, and the API before them; whatever is asked of it, it stays as it is."""

    def __init__(self, stage: Stage, things: dict[str, Things]) -> None:
        self.things = things
        self.database = stage.database
        self.app = create_app(stage.settings, Rehearsal(stage.settings.database_url))
        self.clients = {login: self._client(stage.token(login)) for login in {*PEOPLE.values(), *MIXED}}
        self.anonymous = TestClient(self.app, raise_server_exceptions=False)

    def _client(self, token: str) -> TestClient:
        headers = {"Authorization": f"Bearer {token}"}
        return TestClient(self.app, headers=headers, raise_server_exceptions=False)

    def actor(self, login: str) -> Actor:
        """Return somebody with his grants."""

        def find(session: Session) -> Actor:
            person = session.scalars(select(Person).filter_by(login=login)).one()
            return Actor(person.id, person.login, person.name, grants_of(session, person.id))

        return self.database.read(find)


@contextmanager
def founded(directory_: Path, database_url: str | None) -> Iterator[World]:
    """Deliver something for each department, then stop the worker: from then on nothing changes any more."""
    stage = Stage(directory_, database_url)
    stage.database.write(_people)
    with stage.playing():
        stage.open_region()
        delivered = {relation: _deliver(stage, relation) for relation in RELATIONS}
        pending = {relation: _ask(stage, relation) for relation in RELATIONS}
        for relation, order in delivered.items():
            applicant = stage.as_(APPLICANTS[relation])
            applicant.becomes(f"/v1/orders/{order}", "state", "delivered")
        await_that(lambda: not _busy(stage), "all is quiet")
        stage.database.write(_programs)
        things = {relation: _things(stage, relation, delivered[relation], pending[relation]) for relation in RELATIONS}
    world = World(stage, things)
    yield world
    world.database.dispose()


def _people(session: Session) -> None:
    retail = directory.department_by_code(session, "retail")
    logins = ("t.employee", "t.user", "t.owner", "t.other", "t.administrator", *MIXED)
    for login in logins:
        directory.create_person(session, PLATFORM, login, login, mail=f"{login}@bank.example", department=retail)
    for relation in RELATIONS:
        directory.create_project(
            session,
            PLATFORM,
            f"t-{relation}",
            relation,
            department_code=DEPARTMENTS[relation],
            owner_login={OWN: "t.owner", FOREIGN: "chen.yu"}.get(relation, "t.other"),
            criticality="general",
            environment="test",
            member_logins=["t.user"] if relation == OWN else [],
        )
    _give(session, "t.administrator", "department_administrator", "department", "retail")
    _give(session, SECOND, "security_administrator", "system", "")
    for login, held in MIXED.items():
        for role, scope, target in held:
            _give(session, login, role, scope, target)


def _give(session: Session, login: str, role: str, scope: str, target: str) -> None:
    assert role in ROLES
    kind: Any = Department if scope == "department" else Project
    place_id = session.scalars(select(kind.id).where(kind.code == target)).one() if target else ""
    enter(session, PLATFORM, directory.person_by_login(session, login), role, Place(scope, place_id, target))


def _deliver(stage: Stage, relation: str) -> str:
    wanted = a_server(f"t-{relation}", {"tier": "general", "size_gib": 1})
    order = stage.as_(APPLICANTS[relation]).post("/v1/orders", new_order(wanted, project=f"t-{relation}"), 201)
    decide(stage.as_(APPROVERS[relation]), order, "approve")
    return str(order["id"])


def _ask(stage: Stage, relation: str) -> dict[str, Any]:
    wanted = new_order(a_volume(f"t-{relation}-wanted"), project=f"t-{relation}")
    order: dict[str, Any] = stage.as_(APPLICANTS[relation]).post("/v1/orders", wanted, 201)
    return order


def _busy(stage: Stage) -> bool:
    return bool(stage.as_(OPERATOR).get("/v1/operations", active=True)["items"])


def _things(stage: Stage, relation: str, delivered: str, pending: dict[str, Any]) -> Things:
    applicant = stage.as_(APPLICANTS[relation])
    (server,) = applicant.get("/v1/servers", project=f"t-{relation}")["items"]
    volume = applicant.get(f"/v1/servers/{server['id']}")["volumes"][0]["volume_id"]
    (item,) = applicant.get(f"/v1/orders/{delivered}")["items"]

    def find(session: Session) -> Things:
        chain = session.get_one(Chain, pending["chain_id"])
        of_chain = select(Assignment.id).join(ChainStage).where(ChainStage.chain_id == chain.id)
        project = session.scalars(select(Project).filter_by(code=f"t-{relation}")).one()
        return Things(
            project=project.code,
            project_id=project.id,
            department=DEPARTMENTS[relation],
            server_id=server["id"],
            volume_id=volume,
            snapshot_id=_snapshot(session, volume),
            operation_id=item["operation_id"],
            order_id=pending["id"],
            chain_id=chain.id,
            assignment_id=session.scalars(of_chain).one(),
            digest=chain.digest,
            grant_id=session.scalars(select(RoleGrant.id).filter_by(role="operator")).first() or "",
            change_id=_change(session),
            pool_id=session.scalars(select(Pool.id)).first() or "",
            host_id=session.scalars(select(Host.id)).first() or "",
            proposal_id=session.scalars(select(BindingProposal.id)).first() or new_id(),
            orphan_id=new_id(),
            group_id=session.scalars(select(SecurityGroup.id).filter_by(owner=project.id)).one(),
            object_id=new_id(),
            adoption_id=new_id(),
            drift_id=_drift(session, server["id"]),
            rule_id=new_id(),
            network=f"t-{relation}",
            router_id=session.scalars(select(Router.id).filter_by(project_id=project.id)).one(),
            floating_id=session.scalars(select(FloatingAddress.id).filter_by(project_id=project.id)).one(),
            server_group_id=session.scalars(select(ServerGroup.id).filter_by(project_id=project.id)).one(),
            service_account=f"svc-t-{relation}",
            token_id=session.scalars(select(ApiToken.id).filter_by(name=f"t-{relation}")).one(),
        )

    return stage.database.write(find)


def _snapshot(session: Session, volume_id: str) -> str:
    volume = session.get_one(Volume, volume_id)
    snapshot = Snapshot(volume_id=volume.id, project_id=volume.project_id, name="t", size_gib=1, state="available")
    snapshot.hold_id = new_id()
    session.add(snapshot)
    session.flush()
    return snapshot.id


def _drift(session: Session, server_id: str) -> str:
    server, now = session.get_one(Server, server_id), utc_now()
    seen = {"first_seen_at": now, "last_seen_at": now}
    machine = ObservedObject(
        region_id=server.region_id,
        installation="t",
        kind="server",
        external_id=server.hostname,
        name=server.hostname,
        facts={},
        digest="",
        changed_at=now,
        **seen,
    )
    session.add(machine)
    session.flush()
    session.add(Baseline(server_id=server.id, object_id=machine.id, expected={"power": "on"}))
    drift = Drift(server_id=server.id, object_id=machine.id, field="power", expected="on", found="off", **seen)
    drift.standing = f"{server.id}:power"
    session.add(drift)
    session.flush()
    return drift.id


def _programs(session: Session) -> None:
    """Give each application system a service account with a token, and networks and the like of its own."""
    region_id = session.scalars(select(Region.id)).one()
    for relation in RELATIONS:
        project = session.scalars(select(Project).filter_by(code=f"t-{relation}")).one()
        owner = project.owner
        held = grants_of(session, owner.id)
        actor = Actor(owner.id, owner.login, owner.name, held, way_in=WayIn("session", new_id()))
        program, _ = service_accounts.create(session, actor, f"svc-t-{relation}", relation, project.code)
        wish = Wish(f"t-{relation}", ["server.read"], utc_now() + timedelta(days=1))
        make(session, actor, program, wish, Settings())
        groups.create_group(session, PLATFORM, f"t-{relation}", relation, [], project.id)
        network = Network(region_id=region_id, code=f"t-{relation}", name=relation, kind=TENANT, state=READY)
        network.project_id = project.id
        session.add(network)
        session.flush()
        here = {"region_id": region_id, "project_id": project.id, "state": READY}
        session.add(Router(code=f"t-{relation}", **here))
        session.add(ServerGroup(project_id=project.id, name=f"t-{relation}", affinity="anti-affinity"))
        taken = {"network_id": network.id, "address_id": new_id(), "hold_id": new_id()}
        session.add(FloatingAddress(address="172.24.4.2", **here, **taken))


def _change(session: Session) -> str:
    """Return the change that waits for a second security administrator: he asks for it who is not in the table."""
    known: str | None = session.scalar(select(AccessChange.id))
    if known is not None:
        return known
    second = session.scalars(select(Person).filter_by(login=SECOND)).one()
    actor = Actor(second.id, second.login, second.name, grants_of(session, second.id))
    change = grants.give(session, actor, "liu.jian", "audit_administrator", "system").change
    assert change is not None
    return change.id
