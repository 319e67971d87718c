"""Leases by the database's clock: notice before the end, then the recycle bin; what is key never goes silently."""

from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from jinyun.kit.actor import PLATFORM
from jinyun.kit.database import Database, database_now
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.notices.service import tell
from jinyun.operations.alarms import clear_alarm, raise_alarm
from jinyun.operations.models import Alarm
from jinyun.operations.service import SubjectBusy
from jinyun.organisation.models import Project, ProjectMember
from jinyun.servers import service, states
from jinyun.servers.errors import WrongServerState
from jinyun.servers.models import Server
from jinyun.volumes import recycling
from jinyun.volumes import states as volume_states
from jinyun.volumes.errors import VolumeInUse
from jinyun.volumes.models import Snapshot, Volume

ALARM = "lease-over"
OVER = Text(
    "The lease of server {hostname} of the key application system {project} is over; it runs on.",
    "关键应用系统 {project} 的服务器 {hostname} 租期已满，仍在运行。",
)
ENDS = Text("The lease of {hostname} ends on {end}", "服务器 {hostname} 的租期将于 {end} 届满")
GOES = Text(
    "Server {hostname} of {project} then goes to the recycle bin. Order an extension if it is still needed.",
    "届时 {project} 的服务器 {hostname} 将移入回收站。如仍需使用，请申请延长租期。",
)
RUNS_ON = Text(
    "Server {hostname} of {project} then runs on, and the operators get an alarm. Order an extension, or delete it.",
    "届时 {project} 的服务器 {hostname} 继续运行，并向运维人员告警。请申请延长租期，或删除该服务器。",
)
KEPT_UNTIL = Text("Snapshot {name} is kept until {end}", "快照 {name} 将保留至 {end}")
VOLUME_OVER = Text(
    "The lease of volume {name} of the key application system {project} is over; it is kept.",
    "关键应用系统 {project} 的卷 {name} 租期已满，仍予保留。",
)
VOLUME_ENDS = Text("The lease of volume {name} ends on {end}", "卷 {name} 的租期将于 {end} 届满")
VOLUME_GOES = Text(
    "Volume {name} of {project} then goes to the recycle bin unless it is on a server. Order an extension if it is "
    "still needed.",
    "届时 {project} 的卷 {name} 若未挂载将移入回收站。如仍需使用，请申请延长租期。",
)
VOLUME_STAYS = Text(
    "Volume {name} of {project} is then kept, and the operators get an alarm. Order an extension, or delete it.",
    "届时 {project} 的卷 {name} 仍予保留，并向运维人员告警。请申请延长租期，或删除该卷。",
)
IS_REMOVED = Text(
    "Snapshot {name} of {project} is then deleted. Make a volume of it if it is still needed.",
    "届时 {project} 的快照 {name} 将被删除。如仍需使用，请由该快照创建云硬盘。",
)
LEASED = frozenset({states.ACTIVE, states.STOPPED})
KEPT = frozenset({volume_states.AVAILABLE})
IN_USE = frozenset({volume_states.AVAILABLE, volume_states.ATTACHED})
Leased = TypeVar("Leased", Server, Snapshot, Volume)
KEY = "key"
BATCH = 100


def notice_due(database: Database, settings: Settings) -> int:
    """Tell owner and members of every lease that will be over soon, each time once; return how many leases."""
    zone = ZoneInfo(settings.business_timezone)
    return database.write(partial(_notice, timedelta(days=settings.lease_notice_days), zone))


def end_due(database: Database, settings: Settings) -> int:
    """Put servers, and volumes on none, whose lease is over into the recycle bin, but for key ones: they get an alarm.

    Returns:
        how many went.
    """
    ended = 0
    for server_id in database.read(lambda session: _over(session, Project.criticality != KEY)):
        ended += database.write(partial(_end, server_id))
    for volume_id in database.read(lambda session: _volumes_over(session, Project.criticality != KEY)):
        ended += database.write(partial(_end_volume, settings.recycle_days, volume_id))
    database.write(_alarm)
    return ended


def _notice(ahead: timedelta, zone: ZoneInfo, session: Session) -> int:
    told = _notice_of(session, Server, LEASED, ahead, zone) + _notice_of(session, Snapshot, KEPT, ahead, zone)
    return told + _notice_of(session, Volume, IN_USE, ahead, zone)


def _notice_of(
    session: Session, model: type[Leased], in_states: frozenset[str], ahead: timedelta, zone: ZoneInfo
) -> int:
    soon = model.expires_at <= database_now(session) + ahead
    unnoticed = model.lease_noticed.is_distinct_from(model.expires_at)
    wanted = select(model).where(model.state.in_(in_states), soon, unnoticed).order_by(model.id).limit(BATCH)
    leased = list(session.scalars(wanted.with_for_update()))
    for each in leased:
        each.lease_noticed = each.expires_at
        if each.expires_at is not None:
            _tell(session, each, each.expires_at.astimezone(zone))
    return len(leased)


def _tell(session: Session, leased: Server | Snapshot | Volume, end: datetime) -> None:
    """Tell whoever may order for the application system by itself: its owner and its members."""
    members = select(ProjectMember.person_id).where(ProjectMember.project_id == leased.project_id)
    people = [leased.project.owner_id, *session.scalars(members)]
    values = {"project": leased.project.name, "end": f"{end:%Y-%m-%d %H:%M}"}
    is_key = leased.project.criticality == KEY
    if isinstance(leased, Snapshot):
        values["name"] = leased.name
        subject, body, link = KEPT_UNTIL, IS_REMOVED, f"/snapshots/{leased.id}"
    elif isinstance(leased, Volume):
        values["name"] = leased.name
        subject, body, link = VOLUME_ENDS, VOLUME_STAYS if is_key else VOLUME_GOES, f"/volumes/{leased.id}"
    else:
        values["hostname"] = leased.hostname
        subject, body, link = ENDS, RUNS_ON if is_key else GOES, f"/servers/{leased.id}"
    tell(session, people, subject.format(**values), body.format(**values), link)


def _over(session: Session, of: ColumnElement[bool]) -> list[str]:
    over = select(Server.id).join(Server.project).where(Server.state.in_(LEASED), of)
    return list(session.scalars(over.where(Server.expires_at <= database_now(session)).limit(BATCH)))


def _volumes_over(session: Session, of: ColumnElement[bool]) -> list[str]:
    over = select(Volume.id).join(Volume.project).where(Volume.state.in_(KEPT), of)
    return list(session.scalars(over.where(Volume.expires_at <= database_now(session)).limit(BATCH)))


def _end(server_id: str, session: Session) -> int:
    """Put a server into the recycle bin unless it was extended meanwhile, or somebody is at it: then the next time."""
    server = session.get_one(Server, server_id, with_for_update=True)
    if not service.lease_is_over(server, database_now(session)):
        return 0
    try:
        with session.begin_nested():
            service.recycle(session, PLATFORM, server_id)
    except (SubjectBusy, WrongServerState):
        return 0
    return 1


def _end_volume(days: int, volume_id: str, session: Session) -> int:
    """Put a volume into the recycle bin unless it was extended, or put on a server, meanwhile."""
    volume = session.get_one(Volume, volume_id, with_for_update=True)
    if not recycling.lease_is_over(volume, database_now(session)):
        return 0
    try:
        recycling.recycle(session, PLATFORM, volume, days)
    except (SubjectBusy, VolumeInUse):
        return 0
    return 1


def _alarm(session: Session) -> None:
    """Have an alarm stand for exactly the key servers and volumes whose lease is over."""
    now = database_now(session)
    over = _key_ones(session)
    standing = session.scalars(select(Alarm.subject).where(Alarm.kind == ALARM, Alarm.cleared_at.is_(None)))
    for subject in set(standing) - over.keys():
        clear_alarm(session, ALARM, subject, now)
    for subject, text in over.items():
        raise_alarm(session, ALARM, subject, text, now)


def _key_ones(session: Session) -> dict[str, Text]:
    """Return what is said of the key servers and volumes whose lease is over, by their names."""
    key = Project.criticality == KEY
    servers = session.scalars(select(Server).where(Server.id.in_(_over(session, key))))
    volumes = session.scalars(select(Volume).where(Volume.id.in_(_volumes_over(session, key))))
    said = {each.hostname: OVER.format(hostname=each.hostname, project=each.project.name) for each in servers}
    return said | {each.name: VOLUME_OVER.format(name=each.name, project=each.project.name) for each in volumes}
