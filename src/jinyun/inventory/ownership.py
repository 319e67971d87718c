"""To whom a thing in a region belongs: what nobody answers for is an orphan."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow, OperationStep
from jinyun.operations.runner import step_of_token
from jinyun.operations.states import ACTIVE
from jinyun.providers.base import Marked, MarkedKind
from jinyun.regions.models import ProjectBinding
from jinyun.servers import states as server_states
from jinyun.servers.models import Server
from jinyun.volumes import states as volume_states
from jinyun.volumes.models import Volume

BATCH = 500
Maker = tuple[str, str]
"""Id and state of the operation that made a thing."""


def nobodys(
    session: Session, region_id: str, marked: Sequence[Marked], *, besides: str | None = None
) -> Iterator[tuple[Marked, str | None]]:
    """Yield what belongs to nobody, each with the id of the operation that made it, where that is known.

    A thing belongs to somebody while a server or volume is made of it, while the operation that made it has not ended,
    and while any operation other than `besides` is at its volume. What lies in a project that no application system is
    bound to is not judged: another installation may have made it.
    """
    bound = set(session.scalars(select(ProjectBinding.external_id).where(ProjectBinding.region_id == region_id)))
    judged = [thing for thing in marked if thing.project_id in bound]
    for start in range(0, len(judged), BATCH):
        batch = judged[start : start + BATCH]
        makers = _makers(session, batch)
        owned = _owned(session, region_id, batch, besides)
        for thing in batch:
            maker, state = makers.get(thing.token, (None, ""))
            if state not in ACTIVE and (thing.kind, thing.id) not in owned:
                yield thing, maker


def volume_of(session: Session, region_id: str, external_id: str) -> Volume | None:
    """Return the volume that is made of this one of the region, if any is."""
    return session.scalar(select(Volume).where(*_live_volumes(region_id, [external_id])))


def _makers(session: Session, things: Iterable[Marked]) -> dict[str, Maker]:
    tokens = {step_of_token(thing.token): thing.token for thing in things}
    statement = (
        select(OperationStep.id, OperationRow.id, OperationRow.state)
        .join(OperationRow, OperationRow.id == OperationStep.operation_id)
        .where(OperationStep.id.in_(tokens))
    )
    return {tokens[step_id]: (operation_id, state) for step_id, operation_id, state in session.execute(statement)}


def _owned(
    session: Session, region_id: str, things: Sequence[Marked], besides: str | None
) -> set[tuple[MarkedKind, str]]:
    def ids(*kinds: MarkedKind) -> list[str]:
        return [thing.id for thing in things if thing.kind in kinds]

    servers = _of_servers(session, region_id, Server.external_id, ids(MarkedKind.SERVER))
    ports = _of_servers(session, region_id, Server.port_external_id, ids(MarkedKind.PORT))
    volumes = list(session.scalars(select(Volume).where(*_live_volumes(region_id, ids(MarkedKind.VOLUME)))))
    owned = {(MarkedKind.SERVER, each) for each in servers} | {(MarkedKind.PORT, each) for each in ports}
    owned |= {(MarkedKind.VOLUME, volume.external_id or "") for volume in volumes}
    used = _used_volumes(session, region_id, ids(MarkedKind.ATTACHMENT, MarkedKind.RESERVATION), besides)
    return owned | {(kind, each) for each in used for kind in (MarkedKind.ATTACHMENT, MarkedKind.RESERVATION)}


def _of_servers(
    session: Session, region_id: str, column: InstrumentedAttribute[str | None], ids: Sequence[str]
) -> Iterator[str]:
    living = (Server.region_id == region_id, Server.state.in_(server_states.LIVE), column.in_(ids))
    return (external_id for external_id in session.scalars(select(column).where(*living)) if external_id)


def _used_volumes(session: Session, region_id: str, ids: Sequence[str], besides: str | None) -> Iterator[str]:
    """Yield the region's ids of volumes that are on a server as we know it, or that an operation is at."""
    volumes = list(session.scalars(select(Volume).where(*_live_volumes(region_id, ids))))
    busy = operations.busy(session, "volume", [volume.id for volume in volumes])
    for volume in volumes:
        at_work = volume.id in busy and busy[volume.id] != besides
        if volume.external_id and (at_work or volume.state == volume_states.ATTACHED):
            yield volume.external_id


def _live_volumes(region_id: str, ids: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return Volume.region_id == region_id, Volume.state.in_(volume_states.LIVE), Volume.external_id.in_(ids)
