"""Verbs over HTTP that may have to be approved: each answers with an operation, or with the order that it became."""

from collections.abc import Callable

from fastapi import APIRouter
from sqlalchemy.orm import Session

from jinyun.access.http import Call, CurrentCall, writing
from jinyun.capacity.errors import NoCapacity, QuotaExceeded
from jinyun.catalog.service import NotOfferedInRegion, UnknownFlavor
from jinyun.kit.actor import Actor
from jinyun.kit.ids import Id
from jinyun.operations.schemas import OperationView
from jinyun.operations.service import SubjectBusy
from jinyun.orders import pressing
from jinyun.orders.models import Order
from jinyun.orders.pressing import Pressed
from jinyun.orders.schemas import OrderInsteadView
from jinyun.servers.errors import NotAttached, SameFlavor, SmallerDisk, WrongServerState
from jinyun.servers.schemas import Reboot, Resize

router = APIRouter(prefix="/v1/servers/{server_id}", tags=["servers"])
VERB = writing(WrongServerState, SubjectBusy)
Answer = OperationView | OrderInsteadView


@router.post("/start", status_code=202, responses=VERB)
def start_server(call: CurrentCall, server_id: Id) -> Answer:
    """Power a server on."""
    return _answer(call, lambda session, actor: pressing.start(session, actor, call.settings, server_id))


@router.post("/stop", status_code=202, responses=VERB)
def stop_server(call: CurrentCall, server_id: Id) -> Answer:
    """Shut a server down, guest first."""
    return _answer(call, lambda session, actor: pressing.stop(session, actor, call.settings, server_id))


@router.post("/reboot", status_code=202, responses=VERB)
def reboot_server(call: CurrentCall, server_id: Id, body: Reboot) -> Answer:
    """Reboot a server."""
    return _answer(
        call, lambda session, actor: pressing.reboot(session, actor, call.settings, server_id, hard=body.hard)
    )


@router.post(
    "/resize",
    status_code=202,
    responses=writing(
        WrongServerState,
        SubjectBusy,
        UnknownFlavor,
        NotOfferedInRegion,
        SameFlavor,
        SmallerDisk,
        QuotaExceeded,
        NoCapacity,
    ),
)
def resize_server(call: CurrentCall, server_id: Id, body: Resize) -> Answer:
    """Give a server another flavor."""
    return _answer(call, lambda session, actor: pressing.resize(session, actor, call.settings, server_id, body.flavor))


@router.delete("/volumes/{volume_id}", status_code=202, responses=writing(WrongServerState, SubjectBusy, NotAttached))
def detach_volume(call: CurrentCall, server_id: Id, volume_id: Id) -> Answer:
    """Take a volume off a server."""
    return _answer(call, lambda session, actor: pressing.detach(session, actor, call.settings, server_id, volume_id))


@router.delete("", status_code=202, responses=VERB)
def recycle_server(call: CurrentCall, server_id: Id) -> Answer:
    """Put a server into the recycle bin."""
    return _answer(call, lambda session, actor: pressing.release(session, actor, call.settings, server_id))


def _answer(call: Call, press: Callable[[Session, Actor], Pressed]) -> Answer:
    def work(session: Session, actor: Actor) -> Answer:
        pressed = press(session, actor)
        if isinstance(pressed, Order):
            return OrderInsteadView.instead(pressed, actor.language)
        return OperationView.of(pressed, actor.language)

    return call.write(work)
