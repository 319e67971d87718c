"""What regions have and could be offered: proposed by each reading of a region, accepted or dismissed by people."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.catalog import entries
from jinyun.catalog.entries import Choice
from jinyun.catalog.matching import Suggestion, suggest
from jinyun.catalog.models import (
    BINDINGS,
    FLAVOR,
    IMAGE,
    TIER,
    Binding,
    BindingProposal,
)
from jinyun.catalog.states import ACCEPTED, DISMISSED, PROPOSAL_TRANSITIONS, PROPOSED
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound, Problem
from jinyun.kit.texts import Text
from jinyun.providers.base import ImageFacts
from jinyun.regions.events import RegionObserved
from jinyun.regions.models import Region

GIB = 1024**3


class ProposalDecided(Problem):
    """It was accepted or dismissed before."""

    status = 409
    detail = Text("The proposal {name} is {state} already.", "提议 {name} 已处于 {state} 状态。")
    hint = Text("Nothing needs to be done.", "无需处理。")


@dataclass(frozen=True, slots=True)
class _Offer:
    """One thing that a region has."""

    kind: str
    external_id: str
    name: str
    facts: dict[str, Any]


def on_region_observed(session: Session, event: RegionObserved) -> None:
    """Propose what is not bound, forget undecided proposals of what is gone, and mark bindings whose thing is gone."""
    offers = {(offer.kind, offer.external_id): offer for offer in _offers(event)}
    bound = set()
    for kind, table in BINDINGS.items():
        for binding in session.scalars(select(table).where(table.region_id == event.region_id)):
            bound.add((kind, binding.external_id))
            _follow(binding, offers.get((kind, binding.external_id)))
    of_region = select(BindingProposal).where(BindingProposal.region_id == event.region_id)
    known = {(proposal.kind, proposal.external_id): proposal for proposal in session.scalars(of_region)}
    for key, proposal in known.items():
        if key not in offers and proposal.state == PROPOSED:
            session.delete(proposal)
    for key, offer in offers.items():
        if key in known:
            _refresh(known[key], offer)
        elif key not in bound:
            session.add(_proposal(event.region_id, offer))


def accept(session: Session, actor: Actor, proposal_id: str, choice: Choice) -> BindingProposal:
    """Bind an entry of the catalogue to what was proposed: the one chosen, else the one suggested; made where needed.

    Raises:
        NotFound, ProposalDecided: there is no such proposal, or it was accepted before.
        InvalidField: nothing was chosen and nothing can be suggested.
        SizesDiffer, BoundAlready, UnknownTier: the chosen entry cannot stand for it.
    """
    authorise(session, actor, "catalog.manage")
    proposal = _movable(session, proposal_id, ACCEPTED)
    catalogue = entries.read_catalogue(session)
    entries.bind(session, actor, catalogue, proposal, entries.chosen(catalogue, proposal, choice))
    proposal.state = ACCEPTED
    return proposal


def accept_all(session: Session, actor: Actor, region: Region) -> tuple[list[BindingProposal], list[BindingProposal]]:
    """Accept every proposal of a region that a suggestion can be made for; return those and the ones left to people."""
    authorise(session, actor, "catalog.manage")
    of_region = select(BindingProposal).filter_by(region_id=region.id, state=PROPOSED).order_by(BindingProposal.id)
    undecided = list(session.scalars(of_region.with_for_update()))
    catalogue = entries.read_catalogue(session)
    accepted, left = [], []
    for proposal in sorted(undecided, key=lambda each: not _names_an_entry(suggest(catalogue, each), each)):
        if suggest(catalogue, proposal).code is None:
            left.append(proposal)
            continue
        entries.bind(session, actor, catalogue, proposal, entries.chosen(catalogue, proposal, Choice()))
        proposal.state = ACCEPTED
        accepted.append(proposal)
    return accepted, left


def dismiss(session: Session, actor: Actor, proposal_id: str) -> BindingProposal:
    """Decide that something shall not be offered.

    Raises:
        NotFound, ProposalDecided: there is no such proposal, or it was decided before.
    """
    authorise(session, actor, "catalog.manage")
    proposal = _movable(session, proposal_id, DISMISSED)
    proposal.state = DISMISSED
    audit.record(session, actor, "proposal.dismiss", ("proposal", proposal.id, proposal.external_name))
    return proposal


def _movable(session: Session, proposal_id: str, state: str) -> BindingProposal:
    """Return a proposal, locked, that may go to this state."""
    proposal = session.get(BindingProposal, proposal_id, with_for_update=True)
    if proposal is None:
        raise NotFound(kind="proposal", name=proposal_id)
    if state not in PROPOSAL_TRANSITIONS[proposal.state]:
        raise ProposalDecided(name=proposal.external_name, state=proposal.state)
    return proposal


def _names_an_entry(suggestion: Suggestion, proposal: BindingProposal) -> bool:
    """Whoever has the name of an entry comes before whoever only has its sizes."""
    return suggestion.exists and suggestion.code == proposal.external_name.lower()


def _offers(event: RegionObserved) -> Sequence[_Offer]:
    flavors = [
        _Offer(
            FLAVOR,
            facts.id,
            facts.name,
            {"vcpus": facts.vcpus, "memory_mib": facts.memory_mib, "disk_gib": facts.disk_gib},
        )
        for facts in event.flavors
    ]
    images = [_Offer(IMAGE, facts.id, facts.name, _needs(facts)) for facts in event.images if facts.active]
    types = [_Offer(TIER, facts.id, facts.name, {}) for facts in event.volume_types]
    return [*flavors, *images, *types]


def _needs(facts: ImageFacts) -> dict[str, Any]:
    """An image needs the disk that it states, and room for all of itself."""
    unpacked = ceil((facts.virtual_size_bytes or facts.size_bytes or 0) / GIB)
    return {
        "minimum_disk_gib": max(facts.minimum_disk_gib, unpacked),
        "minimum_memory_mib": facts.minimum_memory_mib,
        "checksum": facts.checksum,
    }


def _proposal(region_id: str, offer: _Offer) -> BindingProposal:
    return BindingProposal(
        region_id=region_id,
        kind=offer.kind,
        external_id=offer.external_id,
        external_name=offer.name,
        facts=offer.facts,
    )


def _refresh(proposal: BindingProposal, offer: _Offer) -> None:
    if proposal.state == PROPOSED and (proposal.external_name, proposal.facts) != (offer.name, offer.facts):
        proposal.external_name, proposal.facts = offer.name, offer.facts


def _follow(binding: Binding, offer: _Offer | None) -> None:
    binding.present = offer is not None
    if offer is not None:
        binding.external_name = offer.name
