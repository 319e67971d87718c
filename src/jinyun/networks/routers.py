"""Routers: they join networks of an application system, with one another and with an external network."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise_found
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import AlreadyExists, NotFound
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique
from jinyun.networks.errors import NetworkHasRouter, RouterNotReady
from jinyun.networks.models import Network, Router, RouterNetwork
from jinyun.networks.states import DELETING, ORDERED, READY
from jinyun.networks.steps import bind
from jinyun.operations import service as operations
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done
from jinyun.operations.models import OperationRow
from jinyun.providers.base import RouterSpecification, Routing
from jinyun.regions.connections import project_scope


def add_router(
    session: Session, code: str, region_id: str, project_id: str, networks: Sequence[Network], external: Network | None
) -> Router:
    """Write a router down that an order asks for; authority and audit are with whoever asks.

    Raises:
        AlreadyExists: the code is taken.
        NetworkHasRouter: one of the networks is joined by another router.
    """
    router = Router(
        region_id=region_id,
        project_id=project_id,
        code=code,
        external_network_id=external.id if external else None,
        state=ORDERED,
    )
    add_unique(session, router, AlreadyExists(field="code", kind="router", name=code))
    for network in networks:
        joined = RouterNetwork(network_id=network.id, router_id=router.id)
        add_unique(session, joined, NetworkHasRouter(field="networks", network=network.code))
    return router


def drop_router(session: Session, router_id: str) -> None:
    """Forget a router that is not in the region; one that is gone is fine."""
    session.execute(delete(RouterNetwork).where(RouterNetwork.router_id == router_id))
    router = session.get(Router, router_id, with_for_update=True, populate_existing=True)
    if router is not None:
        session.delete(router)
        session.flush()


def delete_router(session: Session, actor: Actor, router_id: str) -> OperationRow:
    """Delete a router; the region refuses while a floating address needs it.

    Raises NotFound, Forbidden, RouterNotReady, SubjectBusy.
    """
    router = session.get(Router, router_id, with_for_update=True, populate_existing=True)
    if router is None:
        raise NotFound(kind="router", name=router_id)
    authorise_found(session, actor, ("network.read", "network.operate"), router.project_id, "router", router_id)
    if router.state != READY:
        raise RouterNotReady(router=router.code, state=router.state)
    router.state = DELETING
    audit.record(session, actor, "router.delete", ("router", router.id, router.code), project_id=router.project_id)
    return start(session, actor, DeleteRouter, router)


def start(session: Session, actor: Actor, recipe: "type[DeliverRouter | DeleteRouter]", router: Router) -> OperationRow:
    """Start an operation on a router. Raises SubjectBusy."""
    return operations.start(
        session,
        actor,
        recipe,
        parameters={"router_id": router.id, "region_id": router.region_id, "project_id": router.project_id},
        subjects=[("router", router.id)],
        project_id=router.project_id,
        subject_name=router.code,
        backend=router.region.code,
    )


def make_router(step: StepContext) -> Outcome:
    """Make the router with its gateway and networks, or find it.

    Raises:
        Refused: a network cannot be joined (another router has it in the region).
    """
    router_id, specification = step.read(lambda session: _wanted(session, step.parameters["router_id"]))
    external_id = _routing(step).ensure_router(specification, f"jy-{router_id}")
    step.write(lambda session: _note(session, router_id, external_id, READY))
    return done(external_id=external_id)


def take_router_back(step: StepContext) -> Outcome:
    """Delete the router in the region; whoever ordered it gives its code back."""
    router_id, specification = step.read(lambda session: _wanted(session, step.parameters["router_id"]))
    external_id = step.read(lambda session: session.get_one(Router, router_id).external_id)
    if external_id is None:  # nobody noted its id: without networks it is made or found, and certainly ours
        bare = RouterSpecification(specification.name, None, ())
        external_id = _routing(step).ensure_router(bare, f"jy-{router_id}")
    _routing(step).delete_router(external_id)
    step.write(lambda session: _note(session, router_id, None, ORDERED))
    return done()


def remove_router(step: StepContext) -> Outcome:
    """Delete the router in the region.

    Raises:
        Refused: a floating address needs it.
    """
    external_id = step.read(lambda session: session.get_one(Router, step.parameters["router_id"]).external_id)
    if external_id is not None:
        _routing(step).delete_router(external_id)
    return done()


def keep_router(step: StepContext) -> Outcome:
    """Join its networks again: the region did not let go of it."""
    return make_router(step)


def forget_router(step: StepContext) -> Outcome:
    """Forget the router."""
    step.write(lambda session: drop_router(session, step.parameters["router_id"]))
    return done()


class DeliverRouter(Operation):
    """Make a router that was approved."""

    kind = "deliver-router"
    title = Text("Deliver router", "交付路由器")
    steps = (
        Step("bind", bind, Text("Find the project in the region", "确认区域内的项目")),
        Step(
            "make",
            make_router,
            Text("Make the router and join its networks", "创建路由器并连接网络"),
            undo=take_router_back,
        ),
    )


class DeleteRouter(Operation):
    """Delete a router that no floating address needs."""

    kind = "delete-router"
    title = Text("Delete router", "删除路由器")
    steps = (
        Step("remove", remove_router, Text("Delete it in the region", "在区域中删除"), undo=keep_router),
        Step("forget", forget_router, Text("Forget it", "清除记录"), local=True),
    )


RECIPES = (DeliverRouter, DeleteRouter)


def _routing(step: StepContext) -> Routing:
    return project_scope(step, step.parameters["region_id"], step.parameters["project_id"]).routing


def _wanted(session: Session, router_id: str) -> tuple[str, RouterSpecification]:
    router = session.get_one(Router, router_id)
    external = router.external_network.external_id if router.external_network else None
    subnets = [subnet.external_id or "" for network in router.networks for subnet in network.subnets]
    return router.id, RouterSpecification(f"jinyun-{router.code}", external, tuple(sorted(subnets)))


def _note(session: Session, router_id: str, external_id: str | None, state: str) -> None:
    router = session.get(Router, router_id, with_for_update=True)
    if router is not None:
        router.external_id, router.state = external_id, state
