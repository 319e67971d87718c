"""Lists of adoption: a fixed number of queries a page."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from jinyun.access.authority import authorise
from jinyun.adoption import obstacles, states
from jinyun.adoption.adopting import flavor_of, size_of
from jinyun.adoption.models import AdoptionBatch, AdoptionClaim, AdoptionLine, AdoptionPart, AdoptionRule
from jinyun.adoption.proposing import propose
from jinyun.adoption.schemas import AdoptionLineView, AdoptionProposalView, BatchView, LineState, RuleView
from jinyun.adoption.service import MANAGE, find
from jinyun.catalog.models import Flavor
from jinyun.inventory.models import ObservedObject
from jinyun.inventory.observed_queries import Wanted, filtered
from jinyun.kit.actor import Actor
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.servers.models import Server

WHOLE = (joinedload(ObservedObject.region), selectinload(ObservedObject.addresses))
LARGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class Claimed:
    """Whose a machine is, and how far."""

    ladder: str
    belongs_to: str | None
    server_id: str | None


NOBODY_S = Claimed(states.OBSERVED, None, None)


def list_proposals(
    session: Session, actor: Actor, page: PageRequest, wanted: Wanted, ladder: str | None
) -> Page[AdoptionProposalView]:
    """Return the machines that there are, by name, and for whom each may be adopted. Raises Forbidden, NotFound."""
    authorise(session, actor, MANAGE)
    statement = _on_rung(filtered(session, actor, wanted).options(*WHOLE), ladder)
    rows, mark = read_page(session, statement, [ObservedObject.name, ObservedObject.id], page)
    return Page(items=_proposals(session, actor, rows), next=mark)


def all_proposals(session: Session, actor: Actor, wanted: Wanted, ladder: str | None) -> Iterator[AdoptionProposalView]:
    """Yield every machine, as `list_proposals` shows them."""
    after: str | None = None
    while True:
        page = list_proposals(session, actor, PageRequest(limit=LARGEST_PAGE, after=after), wanted, ladder)
        yield from page.items
        session.expunge_all()
        after = page.next
        if after is None:
            return


def list_batches(session: Session, actor: Actor, page: PageRequest) -> Page[BatchView]:
    """Return what was asked for, the latest first. Raises Forbidden."""
    authorise(session, actor, MANAGE)
    loading = (
        joinedload(AdoptionBatch.submitter),
        selectinload(AdoptionBatch.parts).joinedload(AdoptionPart.project),
    )
    statement = select(AdoptionBatch).options(*loading)
    rows, mark = read_page(session, statement, [AdoptionBatch.id], page, descending=True)
    counts = _counts(session, [row.id for row in rows])
    return Page(items=[BatchView.of(row, counts[row.id]) for row in rows], next=mark)


def show_batch(session: Session, actor: Actor, batch_id: str) -> BatchView:
    """Return one batch. Raises Forbidden, NotFound."""
    batch = find(session, actor, batch_id)
    return BatchView.of(batch, _counts(session, [batch.id])[batch.id])


def list_lines(
    session: Session, actor: Actor, batch_id: str, page: PageRequest, state: str | None
) -> Page[AdoptionLineView]:
    """Return the lines of a batch, in their order. Raises Forbidden, NotFound."""
    batch = find(session, actor, batch_id)
    statement = select(AdoptionLine).where(AdoptionLine.batch_id == batch.id)
    if state is not None:
        statement = statement.where(AdoptionLine.state == state)
    rows, mark = read_page(session, statement, [AdoptionLine.number], page)
    return Page(items=[AdoptionLineView.of(row, actor.language) for row in rows], next=mark)


def list_rules(session: Session, actor: Actor, page: PageRequest) -> Page[RuleView]:
    """Return the rules in their order. Raises Forbidden."""
    authorise(session, actor, "adoption.read")
    statement = select(AdoptionRule).options(joinedload(AdoptionRule.project))
    rows, mark = read_page(session, statement, [AdoptionRule.position], page)
    return Page(items=[RuleView.of(row) for row in rows], next=mark)


def _proposals(session: Session, actor: Actor, rows: Sequence[ObservedObject]) -> list[AdoptionProposalView]:
    proposals = propose(session, rows)
    problems = obstacles.of_machines(session, rows)
    claimed = _claimed(session, rows)
    flavors = list(session.scalars(select(Flavor).order_by(Flavor.code)))
    views = []
    for row in rows:
        whose = claimed.get(row.id, NOBODY_S)
        flavor = flavor_of(flavors, row)
        known = size_of(row).as_dict() | {
            "flavor": flavor.code if flavor else None,
            "ladder": whose.ladder,
            "belongs_to": whose.belongs_to,
            "server_id": whose.server_id,
        }
        reasons = problems[row.id] if whose is NOBODY_S else []
        views.append(AdoptionProposalView.of(row, proposals[row.id], reasons, actor.language, **known))
    return views


def _claimed(session: Session, rows: Sequence[ObservedObject]) -> dict[str, Claimed]:
    whose = select(AdoptionClaim.object_id, AdoptionLine.project_code, Server.id, Server.ladder).join(
        AdoptionClaim.line
    )
    found = session.execute(
        whose.outerjoin(AdoptionClaim.server).where(AdoptionClaim.object_id.in_([row.id for row in rows]))
    )
    return {
        object_id: Claimed(ladder or states.WAITING, code, server_id) for object_id, code, server_id, ladder in found
    }


def _on_rung(statement: Select[ObservedObject], ladder: str | None) -> Select[ObservedObject]:
    if ladder is None:
        return statement
    claims = select(AdoptionClaim.object_id)
    if ladder == states.OBSERVED:
        return statement.where(ObservedObject.id.not_in(claims))
    if ladder == states.WAITING:
        return statement.where(ObservedObject.id.in_(claims.where(AdoptionClaim.server_id.is_(None))))
    return statement.where(ObservedObject.id.in_(claims.join(AdoptionClaim.server).where(Server.ladder == ladder)))


def _counts(session: Session, batch_ids: Sequence[str]) -> dict[str, dict[LineState, int]]:
    counts: dict[str, dict[LineState, int]] = defaultdict(dict)
    counted = select(AdoptionLine.batch_id, AdoptionLine.state, func.count()).group_by(
        AdoptionLine.batch_id, AdoptionLine.state
    )
    for batch_id, state, count in session.execute(counted.where(AdoptionLine.batch_id.in_(batch_ids))):
        counts[batch_id][cast("LineState", state)] = count
    return counts
