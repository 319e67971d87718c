"""Networks, addresses and security groups over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.directory.queries import find_project
from jinyun.kit.actor import Actor
from jinyun.kit.bodies import Named
from jinyun.kit.errors import AlreadyExists
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.networks import creation, groups, prefixes, proposals, queries, removal, routers
from jinyun.networks import service as networks
from jinyun.networks.errors import (
    AddressNotReserved,
    AddressOutsideRange,
    AddressTaken,
    NetworkInUse,
    NetworkNotOurs,
    NetworkNotReady,
    NoFreeAddress,
    NothingToHandOut,
    OpenToTheWorld,
    PrefixPoolInUse,
    PrefixPoolOverlaps,
    RouterNotReady,
    RuleWithinAnother,
    SecurityGroupInUse,
    SubnetOverlaps,
)
from jinyun.networks.plan import number_of
from jinyun.networks.router_schemas import RouterView
from jinyun.networks.schemas import (
    AddressView,
    NetworkAcceptance,
    NetworkProposalView,
    NetworkView,
    NewNetwork,
    NewPrefixPool,
    NewSecurityGroup,
    PrefixPoolView,
    Reservation,
    SecurityGroupView,
)
from jinyun.operations.http import operation_of
from jinyun.operations.schemas import OperationView
from jinyun.operations.service import SubjectBusy

router = APIRouter(prefix="/v1", tags=["networks"])
ProjectFilter = Annotated[str | None, Query(max_length=64, description="Code or id of an application system")]
TAKING = writing(NetworkNotReady, NoFreeAddress, AddressTaken, AddressOutsideRange)


@router.get("/networks", responses=reading_one())
def list_networks(call: CurrentCall, page: PageQuery, project: ProjectFilter = None) -> Page[NetworkView]:
    """List the networks that you, or one application system, may put servers into."""
    return call.read(
        lambda session, actor: queries.list_networks(
            session, actor, page, project_id=find_project(session, actor, project).id if project else None
        )
    )


@router.get("/networks/{code}", responses=reading_one())
def show_network(call: CurrentCall, code: Named) -> NetworkView:
    """Show a network with its subnets and what is free in them."""
    return call.read(lambda session, actor: queries.show_network(session, actor, code))


@router.post("/networks", status_code=202, responses=writing(AlreadyExists, SubnetOverlaps, NothingToHandOut))
def create_network(call: CurrentCall, body: NewNetwork) -> OperationView:
    """Make a network for an application system, in the plan and in the region."""
    return call.write(
        lambda session, actor: OperationView.of(creation.create_network(session, actor, body), actor.language)
    )


@router.delete("/networks/{code}", status_code=202, responses=writing(NetworkInUse, NetworkNotOurs, SubjectBusy))
def delete_network(call: CurrentCall, code: Named) -> OperationView:
    """Delete a network of an application system in which nobody has an address; its prefix is free again."""
    return operation_of(call, lambda session, actor: removal.delete_network(session, actor, code))


@router.get("/routers", responses=reading())
def list_routers(call: CurrentCall, page: PageQuery) -> Page[RouterView]:
    """List the routers of your application systems."""
    return call.read(lambda session, actor: queries.list_routers(session, actor, page))


@router.delete("/routers/{router_id}", status_code=202, responses=writing(RouterNotReady, SubjectBusy))
def delete_router(call: CurrentCall, router_id: Id) -> OperationView:
    """Delete a router that no floating address needs."""
    return operation_of(call, lambda session, actor: routers.delete_router(session, actor, router_id))


@router.get("/prefix-pools", responses=reading())
def list_prefix_pools(call: CurrentCall, page: PageQuery) -> Page[PrefixPoolView]:
    """List from where networks that are ordered get their prefixes."""
    return call.read(lambda session, actor: queries.list_prefix_pools(session, actor, page))


@router.post("/prefix-pools", status_code=201, responses=writing(PrefixPoolOverlaps))
def create_prefix_pool(call: CurrentCall, body: NewPrefixPool) -> PrefixPoolView:
    """Say from where a region's networks get their prefixes."""
    return call.write(lambda session, actor: PrefixPoolView.of(prefixes.add_pool(session, actor, body), 0, 0))


@router.delete("/prefix-pools/{pool_id}", status_code=204, responses=writing(PrefixPoolInUse))
def delete_prefix_pool(call: CurrentCall, pool_id: Id) -> None:
    """Hand no prefix of a pool out any more; no network may have one."""
    call.write(lambda session, actor: prefixes.remove_pool(session, actor, pool_id))


@router.get("/networks/{code}/addresses", responses=reading_one())
def list_addresses(call: CurrentCall, code: Named, page: PageQuery) -> Page[AddressView]:
    """List who has which address of a network."""
    return call.read(lambda session, actor: queries.list_addresses(session, actor, code, page))


@router.post("/networks/{code}/addresses", status_code=201, responses=TAKING)
def reserve_address(call: CurrentCall, code: Named, body: Reservation) -> AddressView:
    """Keep an address back from being handed out."""
    return call.write(
        lambda session, actor: AddressView.of(networks.reserve(session, actor, code, body.address, body.note))
    )


@router.delete("/networks/{code}/addresses/{address}", status_code=204, responses=writing(AddressNotReserved))
def release_reservation(call: CurrentCall, code: Named, address: Named) -> None:
    """Let a reserved address be handed out again."""
    call.write(lambda session, actor: networks.release_reservation(session, actor, code, address))


@router.get("/network-proposals", responses=reading())
def list_network_proposals(call: CurrentCall, page: PageQuery) -> Page[NetworkProposalView]:
    """List the networks that the regions show and the plan lacks."""
    return call.read(lambda session, actor: queries.list_proposals(session, actor, page))


@router.post(
    "/network-proposals/{proposal_id}/accept",
    status_code=201,
    responses=writing(AlreadyExists, SubnetOverlaps, NothingToHandOut),
)
def accept_network_proposal(call: CurrentCall, proposal_id: Id, body: NetworkAcceptance) -> NetworkView:
    """Take an observed network into the plan."""

    def work(session: Session, actor: Actor) -> NetworkView:
        project_id = find_project(session, actor, body.project).id if body.project else None
        only = (number_of(body.range.first), number_of(body.range.last)) if body.range else None
        proposals.accept(session, actor, proposal_id, body.code, body.name, project_id=project_id, only=only)
        return queries.show_network(session, actor, body.code)

    return call.write(work)


@router.post("/network-proposals/{proposal_id}/dismiss", responses=writing())
def dismiss_network_proposal(call: CurrentCall, proposal_id: Id) -> NetworkProposalView:
    """Say that an observed network is not wanted in the plan."""
    return call.write(lambda session, actor: NetworkProposalView.of(proposals.dismiss(session, actor, proposal_id)))


@router.get("/security-groups", responses=reading())
def list_security_groups(call: CurrentCall, page: PageQuery) -> Page[SecurityGroupView]:
    """List the security groups that you may use."""
    return call.read(lambda session, actor: queries.list_groups(session, actor, page))


@router.delete("/security-groups/{group_id}", status_code=202, responses=writing(SecurityGroupInUse, SubjectBusy))
def delete_security_group(call: CurrentCall, group_id: Id) -> OperationView:
    """Delete a security group that nothing uses, in all regions."""
    return operation_of(call, lambda session, actor: removal.delete_group(session, actor, group_id))


@router.post("/security-groups", status_code=201, responses=writing(AlreadyExists, OpenToTheWorld, RuleWithinAnother))
def create_security_group(call: CurrentCall, body: NewSecurityGroup) -> SecurityGroupView:
    """Make a security group, for one application system or for all."""

    def work(session: Session, actor: Actor) -> SecurityGroupView:
        project_id = find_project(session, actor, body.project).id if body.project else None
        group = groups.create_group(session, actor, body.code, body.name, body.rules, project_id)
        return SecurityGroupView.of(group)

    return call.write(work)
