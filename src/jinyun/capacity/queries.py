"""Lists of quotas and of the pools' capacity; what would happen if."""

from dataclasses import replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise, authorise_anywhere, visible, visible_departments
from jinyun.capacity.errors import QuotaExceeded
from jinyun.capacity.limits import levels_above
from jinyun.capacity.measure import measure
from jinyun.capacity.models import Quota
from jinyun.capacity.placement import choose, describe
from jinyun.capacity.quotas import counted, refuse_excess, scopes_of
from jinyun.capacity.request import PlacementRequest
from jinyun.capacity.schemas import (
    ExplanationView,
    PoolCapacityView,
    ProjectQuotaView,
    QuotaObstacle,
    QuotaView,
    ResourceView,
    WhatIf,
    WhatIfView,
)
from jinyun.directory.queries import find_project
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.networks.service import find_network
from jinyun.organisation.models import Department, Project
from jinyun.regions.models import Pool, Region


def list_quotas(session: Session, actor: Actor, page: PageRequest, project_key: str | None) -> Page[QuotaView]:
    """Return the limits that an application system is under, or (without one) all of what the actor may read.

    Raises:
        NotFound, Forbidden: the actor may not see the application system, or not read its quotas.
    """
    statement = select(Quota)
    if project_key is None:
        authorise_anywhere(actor, "quota.read")
        departments = select(Department.id).where(visible_departments(actor, "quota.read"))
        statement = statement.where(or_(visible(actor, "quota.read", Quota.scope_id), Quota.scope_id.in_(departments)))
    else:
        project = find_project(session, actor, project_key)
        authorise(session, actor, "quota.read", project.id)
        statement = statement.where(Quota.scope_id.in_(scopes_of(session, project.id)))
    rows, following = read_page(session, statement, [Quota.resource, Quota.id], page)
    return Page(items=quota_views(session, rows), next=following)


def show_project_quota(session: Session, actor: Actor, project_key: str) -> ProjectQuotaView:
    """Return what an application system has and may still order, with every limit that it is under.

    Raises:
        NotFound, Forbidden: the actor may not see the application system, or not read its quotas.
    """
    project = find_project(session, actor, project_key)
    authorise(session, actor, "quota.read", project.id)
    nearest = [project.id, *(each.id for each in levels_above(session, project.department.path))]
    rows = list(session.scalars(select(Quota).where(Quota.scope_id.in_(nearest))))
    rows.sort(key=lambda row: nearest.index(row.scope_id))
    taken = counted(session, [project.id])
    levels: dict[str, list[QuotaView]] = {resource: [] for resource in taken}
    for view in quota_views(session, rows):
        levels.setdefault(view.resource, []).append(view)
    resources = [ResourceView.of(name, taken[name], levels[name]) for name in sorted(levels)]
    return ProjectQuotaView(project=project.code, name=project.name, resources=resources)


def quota_views(session: Session, rows: list[Quota]) -> list[QuotaView]:
    """Show quotas with the names of whom they limit."""
    ids = [row.scope_id for row in rows]
    names: dict[str, tuple[str, str]] = {}
    for kind in (Project, Department):
        for scope_id, code, name in session.execute(select(kind.id, kind.code, kind.name).where(kind.id.in_(ids))):
            names[scope_id] = (code, name)
    return [QuotaView.of(row, names) for row in rows]


def list_capacity(session: Session, actor: Actor, page: PageRequest) -> Page[PoolCapacityView]:
    """Return how much room the pools have, by name. Raises Forbidden where the actor may read it nowhere."""
    authorise_anywhere(actor, "capacity.read")
    pools, following = read_page(session, select(Pool).where(Pool.present), [Pool.name, Pool.id], page)
    rooms = measure(session, [pool.id for pool in pools])
    return Page(items=[PoolCapacityView.of(room) for room in rooms], next=following)


def what_if(session: Session, actor: Actor, wanted: WhatIf) -> WhatIfView:
    """Return where something would go if it were ordered now, or why it would not.

    Raises:
        NotFound: no such application system, region or network.
        Forbidden: the actor may read capacity nowhere.
    """
    authorise_anywhere(actor, "capacity.read")
    request = _request(session, actor, wanted)
    candidates, explanation = choose(measure(session), request)
    if candidates:
        explanation.chosen = describe(candidates[0], request)
    obstacle = None
    try:
        limits = session.scalars(select(Quota).where(Quota.scope_id.in_(scopes_of(session, request.project.id))))
        refuse_excess(session, list(limits), request.lines)
    except QuotaExceeded as problem:
        text = problem.explanation().in_language(actor.language)
        obstacle = QuotaObstacle(resource=problem.field or "", explanation=text)
    return WhatIfView(
        fits=bool(candidates) and obstacle is None,
        quota=obstacle,
        placement=ExplanationView.of(explanation.as_document(), actor.language),
    )


def _request(session: Session, actor: Actor, wanted: WhatIf) -> PlacementRequest:
    project = find_project(session, actor, wanted.project)
    request = PlacementRequest(
        project=project,
        vcpus=wanted.vcpus,
        memory_mib=wanted.memory_mib,
        disk_gib=wanted.disk_gib,
        servers=wanted.servers,
        tiers=wanted.tiers,
        zone=wanted.zone,
        criticality=wanted.criticality or project.criticality,
        hypervisor=wanted.hypervisor,
        tags=wanted.tags,
        without_tags=wanted.without_tags,
        licences=wanted.licences,
        not_in_pools=wanted.apart_from,
        scopes=frozenset(scopes_of(session, project.id)),
    )
    if wanted.network is not None:
        network = find_network(session, actor, wanted.network)
        request = replace(request, network=network.code, network_region_id=network.region_id)
    if wanted.region is not None:
        region_id = session.scalar(select(Region.id).where(Region.code == wanted.region))
        if region_id is None:
            raise NotFound(field="region", kind="region", name=wanted.region)
        request = replace(request, region_id=region_id)
    return request
