"""Fills a database: one thing of each kind is made as the platform makes it, and multiplied inside MariaDB."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from bench.installation import found
from bench.placing.ours import open_region
from jinyun.audit.models import AuditRecord
from jinyun.capacity.models import Hold
from jinyun.capacity.states import USED
from jinyun.catalog.models import Flavor, ImageVersion, StorageTier
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Base
from jinyun.kit.ids import new_id
from jinyun.kit.settings import Settings
from jinyun.networks.models import Address, Network, Subnet
from jinyun.operations.models import OperationRow
from jinyun.operations.states import SUCCEEDED
from jinyun.orders.models import Order, OrderItem
from jinyun.organisation.models import Person, Project
from jinyun.regions.models import Pool
from jinyun.servers.models import Attachment, Server
from jinyun.servers.states import ACTIVE
from jinyun.volumes.models import Volume
from jinyun.volumes.states import ATTACHED

PROJECTS = 100
"""The servers are spread over so many application systems."""
AUDIT_RECORDS_A_SERVER = 10
BATCH = 50_000
APPLICANT = "li.wei"
SERIAL = "LPAD(HEX(seq), 12, '0')"
ID = f"CONCAT('01900000-0000-7000-8000-', {SERIAL})"
PROJECT_ID = f"CONCAT('01900000-0000-7000-9000-', LPAD(HEX(1 + seq MOD {PROJECTS}), 12, '0'))"
TIME = "DATE_ADD('2026-01-01', INTERVAL seq SECOND)"
NAME = "CONCAT('web-', LPAD(seq, 6, '0'))"
ADDRESS = "INET_NTOA(184549376 + seq)"


def fill(settings: Settings, servers: int, *people: str) -> None:
    """Make an installation with so many servers, each with a volume, an order, an operation and ten audit records."""
    database = found(settings, *people)
    database.write(open_region)
    made = database.write(_make_one_of_each)
    for table, count, expressions in _PLAN:
        with database.engine.begin() as connection:
            _multiply(connection, table, made[table], count(servers), expressions)
    with database.engine.connect() as connection:
        for table in made:
            connection.execute(text(f"ANALYZE TABLE `{table}`"))
    database.dispose()


def _one_each(servers: int) -> int:
    return servers


_PLAN: tuple[tuple[str, Any, Mapping[str, str]], ...] = (
    (
        "project",
        lambda _servers: PROJECTS,
        {"id": f"CONCAT('01900000-0000-7000-9000-', {SERIAL})", "code": "CONCAT('system-', LPAD(seq, 3, '0'))"},
    ),
    ("hold", _one_each, {"id": ID, "holder_id": ID, "project_id": PROJECT_ID, "created_at": TIME}),
    ("address", _one_each, {"id": ID, "number": "184549376 + seq", "address": ADDRESS, "hostname": NAME}),
    (
        "server",
        _one_each,
        {
            "id": ID,
            "project_id": PROJECT_ID,
            "hostname": NAME,
            "address_id": ID,
            "address": ADDRESS,
            "hold_id": ID,
            "external_id": ID,
            "created_at": TIME,
        },
    ),
    ("volume", _one_each, {"id": ID, "project_id": PROJECT_ID, "name": f"CONCAT({NAME}, '-data')", "created_at": TIME}),
    ("attachment", _one_each, {"id": ID, "server_id": ID, "volume_id": ID}),
    (
        "order",
        _one_each,
        {"id": ID, "number": "CONCAT('20260101-', seq)", "project_id": PROJECT_ID, "created_at": TIME},
    ),
    ("order_item", _one_each, {"id": ID, "order_id": ID}),
    (
        "operation",
        _one_each,
        {"id": ID, "project_id": PROJECT_ID, "subject_name": NAME, "created_at": TIME, "ended_at": TIME},
    ),
    (
        "audit_record",
        lambda servers: servers * AUDIT_RECORDS_A_SERVER,
        {
            "id": ID,
            "at": TIME,
            "action": "ELT(1 + seq MOD 4, 'order.submit', 'server-start', 'capacity.hold', 'session.open')",
            "actor_login": "ELT(1 + seq MOD 3, 'li.wei', 'wang.fang', 'zhao.yun')",
            "subject_id": ID,
            "subject_name": NAME,
            "project_id": PROJECT_ID,
            "number": "seq",
        },
    ),
)
"""Table by table: how many rows for so many servers, and what differs from the first one, as SQL over `seq`."""


def _multiply(connection: Connection, table: str, row_id: str, count: int, expressions: Mapping[str, str]) -> None:
    """Repeat a row, with MariaDB's own sequence."""
    columns = [column.name for column in Base.metadata.tables[table].columns]
    chosen = [expressions.get(name, f"model.`{name}`") for name in columns]
    for first in range(1, count + 1, BATCH):
        numbers = f"seq_{first}_to_{min(first + BATCH - 1, count)}"
        connection.exec_driver_sql(
            f"INSERT INTO `{table}` ({', '.join(f'`{name}`' for name in columns)}) "  # noqa: S608 - names of our own
            f"SELECT {', '.join(chosen)} FROM {numbers}, `{table}` AS model WHERE model.id = %s",
            (row_id,),
        )


def _make_one_of_each(session: Session) -> dict[str, str]:
    """Return the ids of the rows that all others are made after, by table."""
    project = session.scalars(select(Project).where(Project.code == "mobile-banking")).one()
    applicant = session.scalars(select(Person).where(Person.login == APPLICANT)).one()
    network = session.scalars(select(Network)).one()
    pool_id = session.scalars(select(Pool.id).order_by(Pool.name).limit(1)).one()
    tier = session.scalars(select(StorageTier)).first() or StorageTier(code="general", name="general")
    session.add(tier)
    session.flush()
    now, here = utc_now(), {"project_id": project.id, "region_id": network.region_id}
    lines = {"servers": 1, "vcpus": 2, "memory_mib": 4096, "addresses": 1}
    hold = Hold(holder_kind="order_item", holder_id=new_id(), pool_id=pool_id, state=USED, lines=lines, explanation={})
    hold.project_id, hold.region_id = project.id, network.region_id
    subnet = session.scalars(select(Subnet)).one()
    address = Address(subnet_id=subnet.id, number=1, address="0.0.0.1", state="used", holder_kind="server")
    address.holder_id, address.note = new_id(), ""
    order = Order(
        number="20260101-0",
        project_id=project.id,
        applicant_id=applicant.id,
        purpose="Web front end of release 12",
        state="delivered",
        held_until=now,
        currency="CNY",
        digest="0" * 64,
        comment="",
    )
    operation = OperationRow(
        kind="deliver-server",
        state=SUCCEEDED,
        project_id=project.id,
        subject_name="web",
        parameters={},
        requested_by=applicant.id,
        requested_login=applicant.login,
        backend="bench",
        handler="deliver-server",
        ended_at=now,
    )
    record = AuditRecord(
        at=now,
        actor_id=applicant.id,
        actor_login=applicant.login,
        action="order.submit",
        subject_kind="server",
        subject_id=new_id(),
        subject_name="web",
        project_id=project.id,
        before=None,
        after={"purpose": "Web front end of release 12", "state": "delivered"},
        digest="0" * 64,
    )
    session.add_all([hold, address, order, operation, record])
    session.flush()
    specification = {"kind": "server", "hostname": "web", "flavor": "s", "image": "bench-linux", "network": "bench"}
    item = OrderItem(
        order_id=order.id, position=0, kind="server", specification=specification, allocation={}, state="delivered"
    )
    server = Server(
        **here,
        pool_id=pool_id,
        flavor_id=session.scalars(select(Flavor.id)).first(),
        image_version_id=session.scalars(select(ImageVersion.id)).first(),
        network_id=network.id,
        address_id=address.id,
        address=address.address,
        hostname="web",
        state=ACTIVE,
        purpose=order.purpose,
        hold_id=hold.id,
        ready_at=now,
    )
    volume = Volume(**here, tier_id=tier.id, name="web-data", size_gib=10, state=ATTACHED, server_hostname="web")
    session.add_all([item, server, volume])
    session.flush()
    attachment = Attachment(server_id=server.id, volume_id=volume.id, device="/dev/vdb")
    session.add(attachment)
    session.flush()
    made = (project, hold, address, server, volume, attachment, order, item, operation, record)
    return {row.__tablename__: row.id for row in made}
