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
from jinyun.orders.errors import PastDate
from jinyun.orders.models import Order
from jinyun.orders.pressing import Pressed
from jinyun.orders.schemas import NewSnapshot, OrderInsteadView
from jinyun.servers.errors import NotAttached, SameFlavor, SmallerDisk, WrongServerState
from jinyun.servers.schemas import Reboot, Resize
from jinyun.volumes.errors import NotLarger, VolumeNotReady
from jinyun.volumes.schemas import Extend

router = APIRouter(prefix="/v1/servers/{server_id}", tags=["servers"])
volume_router = APIRouter(prefix="/v1/volumes/{volume_id}", tags=["volumes"])
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


@volume_router.post(
    "/extend", status_code=202, responses=writing(VolumeNotReady, NotLarger, SubjectBusy, QuotaExceeded)
)
def extend_volume(call: CurrentCall, volume_id: Id, body: Extend) -> Answer:
    """Give a volume a larger size, on a server or not."""
    return _answer(
        call, lambda session, actor: pressing.extend(session, actor, call.settings, volume_id, body.size_gib)
    )


@volume_router.post("/snapshots", status_code=202, responses=writing(VolumeNotReady, QuotaExceeded, PastDate))
def take_snapshot(call: CurrentCall, volume_id: Id, body: NewSnapshot) -> OrderInsteadView:
    """Order a snapshot of a volume."""
    return call.write(
        lambda session, actor: OrderInsteadView.instead(
            pressing.snapshot(session, actor, call.settings, volume_id, body.name, body.until), actor.language
        )
    )


def _answer(call: Call, press: Callable[[Session, Actor], Pressed]) -> Answer:
    def work(session: Session, actor: Actor) -> Answer:
        pressed = press(session, actor)
        if isinstance(pressed, Order):
            return OrderInsteadView.instead(pressed, actor.language)
        return OperationView.of(pressed, actor.language)

    return call.write(work)
