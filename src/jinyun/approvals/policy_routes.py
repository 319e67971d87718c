"""The approval policy over HTTP: read, proposed, tried out."""

from fastapi import APIRouter
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.access.role_schemas import ChangeView
from jinyun.access.second_person import AskedAlready
from jinyun.approvals import versions
from jinyun.approvals.queries import show_simulation
from jinyun.approvals.rules import NewPolicy
from jinyun.approvals.schemas import PolicyVersionView, Sample, SimulationView
from jinyun.approvals.versions import PolicyMoved
from jinyun.kit.actor import Actor
from jinyun.kit.paging import Page, PageQuery

router = APIRouter(prefix="/v1/approval-policy", tags=["approvals"])


@router.get("", responses=reading())
def show_policy(call: CurrentCall) -> PolicyVersionView:
    """Show the policy in effect."""
    return call.read(lambda session, actor: PolicyVersionView.of(versions.show(session, actor)))


@router.get("/versions", responses=reading())
def list_policy_versions(call: CurrentCall, page: PageQuery) -> Page[PolicyVersionView]:
    """List the versions that were confirmed, the newest first; the built-in policy is none of them."""

    def work(session: Session, actor: Actor) -> Page[PolicyVersionView]:
        rows, following = versions.list_versions(session, actor, page)
        return Page(items=[PolicyVersionView.of(row) for row in rows], next=following)

    return call.read(work)


@router.post("/proposals", status_code=201, responses=writing(AskedAlready, PolicyMoved))
def propose_policy(call: CurrentCall, body: NewPolicy) -> ChangeView:
    """Ask for a new version; another security administrator confirms it under `/v1/access-changes`."""
    return call.write(lambda session, actor: ChangeView.of(versions.propose(session, actor, body), actor.language))


@router.post("/simulate", responses=reading_one())
def simulate_policy(call: CurrentCall, body: Sample) -> SimulationView:
    """Show which chain a sample order would get, and why each person is on it; nothing is changed."""
    return call.read(lambda session, actor: show_simulation(session, actor, body))
