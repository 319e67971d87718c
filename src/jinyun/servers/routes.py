"""Servers and key pairs over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from jinyun.access.http import CurrentCall, reading, reading_one, writing
from jinyun.kit.actor import Actor
from jinyun.kit.errors import AlreadyExists
from jinyun.kit.ids import Id
from jinyun.kit.paging import Page, PageQuery
from jinyun.operations import service as operations
from jinyun.operations.http import operation_of
from jinyun.operations.schemas import OperationView
from jinyun.operations.service import SubjectBusy
from jinyun.servers import keypairs, queries
from jinyun.servers import service as servers
from jinyun.servers.errors import (
    ConsoleOutputNotRead,
    InvalidPublicKey,
    LeaseOver,
    VolumeElsewhere,
    WrongServerState,
)
from jinyun.servers.history import EventView, list_events
from jinyun.servers.queries import ServerFilter
from jinyun.servers.schemas import (
    Attach,
    ConsoleOutputView,
    KeyName,
    KeyPairView,
    NewKeyPair,
    Purge,
    ReadLog,
    ServerDetail,
    ServerView,
)
from jinyun.volumes.errors import VolumeHasSnapshots, VolumeInUse

router = APIRouter(prefix="/v1", tags=["servers"])
VERB = writing(WrongServerState, SubjectBusy)
State = Literal["building", "active", "stopped", "recycled", "deleted", "failed", "unadopted"]
Rung = Literal["delivered", "adopted", "managed"]


@router.get("/servers", responses=reading())
def list_servers(
    call: CurrentCall,
    page: PageQuery,
    project: Annotated[str | None, Query(max_length=64)] = None,
    state: Annotated[State | None, Query()] = None,
    hostname: Annotated[str | None, Query(max_length=63, description="Its beginning")] = None,
    address: Annotated[str | None, Query(max_length=45)] = None,
    ladder: Annotated[Rung | None, Query(description="Those that Jinyun made, or that were there before")] = None,
    pool: Annotated[Id | None, Query(description="Id of a pool")] = None,
    host: Annotated[str | None, Query(max_length=255, description="Name of a host; together with its pool")] = None,
) -> Page[ServerView]:
    """List servers; those that are gone only when their state is asked for."""
    wanted = ServerFilter(project, state, hostname, address, ladder, pool, host)
    return call.read(lambda session, actor: queries.list_servers(session, actor, page, wanted))


@router.get("/servers/{server_id}", responses=reading_one())
def show_server(call: CurrentCall, server_id: Id) -> ServerDetail:
    """Show a server."""
    return call.read(lambda session, actor: queries.show_server(session, actor, server_id))


@router.get("/servers/{server_id}/events", responses=reading_one())
def list_server_events(call: CurrentCall, server_id: Id, page: PageQuery) -> Page[EventView]:
    """List what was done to a server, the newest first."""
    return call.read(lambda session, actor: list_events(session, actor, server_id, page))


@router.post(
    "/servers/{server_id}/volumes",
    status_code=202,
    responses=writing(WrongServerState, SubjectBusy, VolumeInUse, VolumeElsewhere),
)
def attach_volume(call: CurrentCall, server_id: Id, body: Attach) -> OperationView:
    """Put a volume on a server."""
    return operation_of(call, lambda session, actor: servers.attach(session, actor, server_id, body.volume_id))


@router.post(
    "/servers/{server_id}/restore", status_code=202, responses=writing(WrongServerState, SubjectBusy, LeaseOver)
)
def restore_server(call: CurrentCall, server_id: Id) -> OperationView:
    """Take a server out of the recycle bin."""
    return operation_of(call, lambda session, actor: servers.restore(session, actor, server_id))


@router.post(
    "/servers/{server_id}/purge", status_code=202, responses=writing(WrongServerState, SubjectBusy, VolumeHasSnapshots)
)
def purge_server(call: CurrentCall, server_id: Id, body: Purge) -> OperationView:
    """Delete a recycled server for good."""
    return operation_of(
        call, lambda session, actor: servers.purge(session, actor, server_id, with_volumes=body.with_volumes)
    )


@router.post("/servers/{server_id}/console-output", status_code=202, responses=writing(WrongServerState))
def read_console(call: CurrentCall, server_id: Id, body: ReadLog) -> OperationView:
    """Have the end of the serial console's output read."""
    return operation_of(call, lambda session, actor: servers.read_console(session, actor, server_id, body.lines))


@router.get("/servers/{server_id}/console-output/{operation_id}", responses=reading_one(ConsoleOutputNotRead))
def show_console_output(call: CurrentCall, server_id: Id, operation_id: Id) -> ConsoleOutputView:
    """Show what the operation read."""

    def work(session: Session, actor: Actor) -> ConsoleOutputView:
        output = servers.console_output(session, actor, server_id, operation_id)
        if output is None:
            raise ConsoleOutputNotRead(state=operations.find(session, actor, operation_id).state)
        return ConsoleOutputView.of(output)

    return call.read(work)


@router.get("/keypairs", responses=reading())
def list_keypairs(call: CurrentCall, page: PageQuery) -> Page[KeyPairView]:
    """List your key pairs."""
    return call.read(lambda session, actor: queries.list_keypairs(session, actor, page))


@router.post("/keypairs", status_code=201, responses=writing(InvalidPublicKey, AlreadyExists))
def register_keypair(call: CurrentCall, body: NewKeyPair) -> KeyPairView:
    """Keep a public key under a name."""
    return call.write(
        lambda session, actor: KeyPairView.of(keypairs.register(session, actor, body.name, body.public_key))
    )


@router.delete("/keypairs/{name}", status_code=204, responses=writing())
def remove_keypair(call: CurrentCall, name: KeyName) -> None:
    """Forget a key pair; servers keep what they were given."""
    call.write(lambda session, actor: keypairs.remove(session, actor, name))
