"""Steps that speak to a region: reading all of it, and binding an application system to a project of its own."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.kit import events
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import AlreadyExists
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done
from jinyun.organisation.models import Project
from jinyun.providers.base import Region as OpenRegion
from jinyun.providers.errors import BackendError
from jinyun.regions.connections import binding_of, open_region
from jinyun.regions.events import RegionObserved
from jinyun.regions.models import ProjectBinding
from jinyun.regions.observation import (
    Infrastructure,
    record_facts,
    record_infrastructure,
    record_ready,
    record_unreachable,
)

Answer = TypeVar("Answer")
BACKEND_PREFIX = "jinyun-"
"""Stands before the code of an application system: no code shall ever name one of the cloud's own projects."""


def sign_in(step: StepContext) -> Outcome:
    """Sign in to the region and note what it says of itself.

    Raises:
        BackendDown: it cannot be reached or rejects the password; the region shows why, and it is tried again.
    """
    facts = _ask(step, lambda region: region.facts())
    step.write(lambda session: record_facts(session, _region_id(step), facts))
    return done(endpoint=facts.endpoint, release=facts.release)


def read_hosts(step: StepContext) -> Outcome:
    """Read zones, pools and hosts, and note what changed."""
    seen = _ask(step, lambda region: _infrastructure(step, region))
    step.write(lambda session: record_infrastructure(session, _region_id(step), seen, utc_now()))
    return done(zones=len(seen.zones), pools=len(seen.pools), hosts=len(seen.hosts))


def read_offers(step: StepContext) -> Outcome:
    """Read flavors, images, volume types and networks, and tell the rooms that keep them; then the region is ready."""
    observed = _ask(step, lambda region: _offers(step, region))

    def note(session: Session) -> None:
        events.publish(session, observed)
        record_ready(session, observed.region_id, utc_now())

    step.write(note)
    return done(
        flavors=len(observed.flavors),
        images=len(observed.images),
        volume_types=len(observed.volume_types),
        networks=len(observed.networks),
    )


class SyncRegion(Operation):
    """Read all that a region has, and note what changed."""

    kind = "sync-region"
    title = Text("Read what the region has", "读取区域资源")
    steps = (
        Step("sign-in", sign_in, Text("Sign in to the region", "登录区域")),
        Step("hosts", read_hosts, Text("Read zones, pools and hosts", "读取可用区、资源池和主机")),
        Step("offers", read_offers, Text("Read flavors, images, storage and networks", "读取规格、镜像、存储和网络")),
    )


def bind_project(step: StepContext, region_id: str, project_id: str) -> str:
    """Give an application system a project of its own in the region, once; return the region's id of it.

    Raises:
        BackendError: the region did not make it.
    """
    bound = binding_of(step, region_id, project_id)
    if bound is not None:
        return bound
    code, name = step.read(lambda session: _code_and_name(session, project_id))
    external_id = open_region(step, region_id).tenancy.ensure_project(f"{BACKEND_PREFIX}{code}", name)
    return step.write(lambda session: _keep_binding(session, step, region_id, (project_id, code), external_id))


def _keep_binding(
    session: Session, step: StepContext, region_id: str, project: tuple[str, str], external_id: str
) -> str:
    project_id, code = project
    binding = ProjectBinding(project_id=project_id, region_id=region_id, external_id=external_id)
    try:
        add_unique(session, binding, AlreadyExists(kind="binding", name=code))
    except AlreadyExists:  # another operation was quicker
        same = select(ProjectBinding.external_id).filter_by(project_id=project_id, region_id=region_id)
        return session.scalars(same).one()
    after = {"region_id": region_id, "external_id": external_id}
    audit.record(session, step.actor, "project.bind", ("project", project_id, code), project_id=project_id, after=after)
    return external_id


def _ask(step: StepContext, ask: Callable[[OpenRegion], Answer]) -> Answer:
    """Ask the region, and let it show where it does not answer."""
    try:
        return ask(open_region(step, _region_id(step)))
    except BackendError as error:
        reason = error
        step.write(lambda session: record_unreachable(session, _region_id(step), reason))
        raise


def _infrastructure(step: StepContext, region: OpenRegion) -> Infrastructure:
    zones = region.inventory.zones()
    step.check()
    pools = region.inventory.pools()
    step.check()
    hosts = region.inventory.hosts()
    step.check()
    return Infrastructure(zones=zones, pools=pools, hosts=hosts, stores=region.inventory.stores())


def _offers(step: StepContext, region: OpenRegion) -> RegionObserved:
    flavors = region.inventory.flavors()
    step.check()
    images = region.inventory.images()
    step.check()
    volume_types = region.inventory.volume_types()
    step.check()
    return RegionObserved(_region_id(step), flavors, images, volume_types, region.inventory.networks())


def _region_id(step: StepContext) -> str:
    region_id: str = step.parameters["region_id"]
    return region_id


def _code_and_name(session: Session, project_id: str) -> tuple[str, str]:
    project = session.get_one(Project, project_id)
    return project.code, project.name
