"""Keeping the regions' own quotas out of the way: Jinyun is the only gate, and whatever else limits is an alarm."""

from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.kit.actor import PLATFORM, Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import NotFound
from jinyun.kit.texts import Text
from jinyun.operations import service as operations
from jinyun.operations.alarms import clear_alarm, raise_alarm
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done
from jinyun.operations.models import OperationRow
from jinyun.operations.service import SubjectBusy
from jinyun.organisation.models import Project
from jinyun.providers.base import CloudLimit
from jinyun.regions.connections import open_region
from jinyun.regions.models import ProjectBinding, Region
from jinyun.regions.states import READY

ALARM = "cloud-quota"
LIMITED = Text(
    "{region} limits {project} by itself: {limits}. Jinyun is to be the only gate.",
    "区域 {region} 自行限制了 {project}：{limits}。配额应仅由金云控制。",
)
SUBJECT = "cloud quotas"
SUBJECT_LENGTH = 96


def read_limits(step: StepContext) -> Outcome:
    """Read what the region limits the bound projects to; raise an alarm for each that has limits, clear the others'."""
    limited = 0
    tenancy = open_region(step, step.parameters["region_id"]).tenancy
    for code, external_id in step.read(lambda session: _bound(session, step.parameters["region_id"])):
        step.check()
        limits = tenancy.limits(external_id)
        limited += bool(limits)
        step.write(partial(_note, step.parameters["region"], code, limits, utc_now()))
    return done(limited=limited)


def lift_limits(step: StepContext) -> Outcome:
    """Make the bound projects unlimited again."""
    tenancy = open_region(step, step.parameters["region_id"]).tenancy
    for _code, external_id in step.read(lambda session: _bound(session, step.parameters["region_id"])):
        step.check()
        if tenancy.limits(external_id):
            tenancy.lift_limits(external_id)
    return done()


READ = Step("read", read_limits, Text("Read the region's own quotas", "读取区域自身的配额"))


class CheckCloudQuotas(Operation):
    """Look whether the region limits what Jinyun alone should."""

    kind = "check-cloud-quotas"
    title = Text("Look for quotas of the region itself", "检查区域自身的配额")
    steps = (READ,)


class LiftCloudQuotas(Operation):
    """Make the bound projects unlimited again."""

    kind = "lift-cloud-quotas"
    title = Text("Lift the quotas of the region itself", "解除区域自身的配额")
    steps = (Step("lift", lift_limits, Text("Lift the region's own quotas", "解除区域自身的配额")), READ)


RECIPES = (CheckCloudQuotas, LiftCloudQuotas)


def start(session: Session, actor: Actor, recipe: type[Operation], code: str) -> OperationRow:
    """Set out to check or lift a region's own quotas. Raises Forbidden, NotFound, SubjectBusy."""
    authorise(session, actor, "region.manage")
    region = session.scalar(select(Region).where(Region.code == code))
    if region is None:
        raise NotFound(kind="region", name=code)
    return operations.start(
        session,
        actor,
        recipe,
        parameters={"region_id": region.id, "region": region.code},
        subjects=[(SUBJECT, region.id)],
        subject_name=region.code,
        backend=region.code,
    )


def check_due(database: Database) -> int:
    """Set out to check each region that answers and that nobody is checking; return how many."""
    ready = select(Region.code).where(Region.state == READY).order_by(Region.code)
    started = 0
    for code in database.read(lambda session: list(session.scalars(ready))):
        try:
            database.write(partial(start, actor=PLATFORM, recipe=CheckCloudQuotas, code=code))
        except SubjectBusy:
            continue
        started += 1
    return started


def _bound(session: Session, region_id: str) -> list[tuple[str, str]]:
    """Return code and the region's id of each application system that is bound there."""
    of_region = select(Project.code, ProjectBinding.external_id).join(Project, Project.id == ProjectBinding.project_id)
    rows = session.execute(of_region.where(ProjectBinding.region_id == region_id).order_by(Project.code))
    return [(code, external_id) for code, external_id in rows]


def _note(region: str, code: str, limits: list[CloudLimit], now: datetime, session: Session) -> None:
    subject = f"{region}/{code}"[:SUBJECT_LENGTH]
    if not limits:
        clear_alarm(session, ALARM, subject, now)
        return
    named = ", ".join(f"{each.resource} {each.limit}" for each in limits)
    raise_alarm(session, ALARM, subject, LIMITED.format(region=region, project=code, limits=named), now)
