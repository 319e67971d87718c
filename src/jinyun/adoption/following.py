"""A server that was there before is what its machine is: whoever starts, stops or moves it, it shows here."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.adoption.adopting import STATE_OF
from jinyun.adoption.models import AdoptionClaim
from jinyun.inventory.events import ObjectsChanged
from jinyun.inventory.models import ObservedObject
from jinyun.operations import service as operations
from jinyun.servers import states
from jinyun.servers.models import Server

AT_REST = frozenset({states.ACTIVE, states.STOPPED})


def on_objects_changed(session: Session, event: ObjectsChanged) -> None:
    """Take power and host over; what an operation has just now, that operation writes."""
    adopted = select(Server, ObservedObject).join(AdoptionClaim, AdoptionClaim.server_id == Server.id)
    adopted = adopted.join(ObservedObject, ObservedObject.id == AdoptionClaim.object_id)
    found = session.execute(adopted.where(AdoptionClaim.object_id.in_(event.object_ids))).all()
    busy = operations.busy(session, "server", [server.id for server, _machine in found]) if found else {}
    for server, machine in found:
        session.refresh(machine)
        if server.id not in busy and server.state in AT_REST and machine.gone_at is None:
            server.state = STATE_OF.get(machine.power or "", server.state)
            server.host = machine.host
