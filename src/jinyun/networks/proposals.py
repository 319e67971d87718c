"""Networks that a region shows: proposed, and taken into the plan by an operator."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import NotFound
from jinyun.networks.models import Network, NetworkProposal, Subnet
from jinyun.networks.plan import Interval, intervals_to_hand_out
from jinyun.networks.service import add_network
from jinyun.networks.states import DISMISSED, EXTERNAL, OPEN, PROVIDER, READY
from jinyun.providers.base import NetworkFacts
from jinyun.regions.events import RegionObserved


def on_region_observed(session: Session, event: RegionObserved) -> None:
    """Propose the region's networks that are not in the plan; forget proposals of networks that are gone.

    Other people's tenant networks are none of ours: only shared ones and those of the data centre are proposed.
    """
    planned = set(session.scalars(select(Network.external_id).where(Network.region_id == event.region_id)))
    known = {
        proposal.external_id: proposal
        for proposal in session.scalars(select(NetworkProposal).where(NetworkProposal.region_id == event.region_id))
    }
    wanted = {
        facts.id: facts
        for facts in event.networks
        if facts.id not in planned and (facts.shared or facts.external or facts.physical_network is not None)
    }
    for external_id, proposal in known.items():
        if external_id not in wanted:
            session.delete(proposal)
    for external_id, facts in wanted.items():
        _propose(session, event.region_id, known.get(external_id), facts)


def accept(
    session: Session,
    actor: Actor,
    proposal_id: str,
    code: str,
    name: str,
    *,
    project_id: str | None = None,
    only: Interval | None = None,
) -> Network:
    """Take an observed network into the plan.

    Handed out is what of its subnets (within `only`) the gateway and the region's own pools leave.

    Raises:
        NotFound, Forbidden: no such proposal, or it is not the actor's to manage.
        NothingToHandOut, AlreadyExists, SubnetOverlaps: see `service.add_network`.
    """
    proposal = find_proposal(session, actor, proposal_id)
    subnets: list[tuple[Subnet, Sequence[Interval]]] = []
    for each in proposal.subnets:
        intervals = intervals_to_hand_out(each["cidr"], each["gateway"], [tuple(pool) for pool in each["pools"]], only)
        subnets.append((Subnet(external_id=each["external_id"], cidr=each["cidr"], gateway=each["gateway"]), intervals))
    network = Network(
        region_id=proposal.region_id,
        external_id=proposal.external_id,
        code=code,
        name=name,
        kind=EXTERNAL if proposal.external else PROVIDER,
        vlan=proposal.vlan,
        project_id=project_id,
        state=READY,
    )
    add_network(session, network, subnets)
    session.delete(proposal)
    after = {"code": code, "external_id": proposal.external_id, "subnets": [each["cidr"] for each in proposal.subnets]}
    subject = ("network", network.id, code)
    audit.record(session, actor, "network.accept", subject, project_id=project_id, after=after)
    return network


def dismiss(session: Session, actor: Actor, proposal_id: str) -> NetworkProposal:
    """Say that an observed network is not wanted in the plan; it may still be accepted later.

    Raises:
        NotFound, Forbidden: no such proposal, or it is not the actor's to manage.
    """
    proposal = find_proposal(session, actor, proposal_id)
    if proposal.state == OPEN:
        proposal.state = DISMISSED
        audit.record(session, actor, "network.dismiss", ("network_proposal", proposal.id, proposal.name))
    return proposal


def find_proposal(session: Session, actor: Actor, proposal_id: str) -> NetworkProposal:
    """Return a proposal, locked, that the actor may decide on. Raises NotFound, Forbidden."""
    authorise(session, actor, "network.manage")
    proposal = session.get(NetworkProposal, proposal_id, with_for_update=True, populate_existing=True)
    if proposal is None:
        raise NotFound(kind="network proposal", name=proposal_id)
    return proposal


def _propose(session: Session, region_id: str, known: NetworkProposal | None, facts: NetworkFacts) -> None:
    proposal = known or NetworkProposal(region_id=region_id, external_id=facts.id)
    proposal.name, proposal.shared, proposal.vlan = facts.name, facts.shared, facts.vlan
    proposal.external = facts.external
    proposal.subnets, proposal.observed_at = _ipv4_subnets(facts), utc_now()
    session.add(proposal)


def _ipv4_subnets(facts: NetworkFacts) -> list[dict[str, Any]]:
    return [
        {
            "external_id": subnet.id,
            "cidr": subnet.cidr,
            "gateway": subnet.gateway,
            "pools": [list(pool) for pool in subnet.allocation_pools],
        }
        for subnet in facts.subnets
        if ":" not in subnet.cidr
    ]
