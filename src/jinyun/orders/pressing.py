"""What somebody presses is done at once where the policy says that nobody is to be asked, and is ordered otherwise.

Who may do a thing may press it, also where he may not order: he is then the applicant of that one order.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from jinyun.approvals import service as approvals
from jinyun.kit.actor import Actor
from jinyun.kit.errors import Problem
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.operations.models import OperationRow
from jinyun.orders import service
from jinyun.orders.costs import costs_of, total
from jinyun.orders.kinds.registry import KINDS
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import Item, NewOrder
from jinyun.organisation.models import Project
from jinyun.servers import service as servers
from jinyun.servers.models import Server
from jinyun.volumes import service as volumes

Pressed = OperationRow | Order
PURPOSES = {
    "server-start": Text("Start {hostname}", "启动 {hostname}"),
    "server-stop": Text("Shut {hostname} down", "关闭 {hostname}"),
    "server-reboot": Text("Reboot {hostname}", "重启 {hostname}"),
    "release": Text("Give {hostname} back", "释放 {hostname}"),
    "resize": Text("Give {hostname} the flavor {flavor}", "将 {hostname} 的规格变更为 {flavor}"),
    "detach": Text("Take volume {volume} off {hostname}", "从 {hostname} 卸载卷 {volume}"),
    "extend": Text("Extend volume {volume} to {size_gib} GiB", "将卷 {volume} 扩容至 {size_gib} GiB"),
    "snapshot": Text("Take the snapshot {name} of volume {volume}", "为卷 {volume} 创建快照 {name}"),
}
"""What an order is for that was made of something pressed, by the kind of its item."""
_ITEM: TypeAdapter[Item] = TypeAdapter(Item)


def start(session: Session, actor: Actor, settings: Settings, server_id: str) -> Pressed:
    """Power a server on. Raises what `servers.service` raises, as all here do, or what an order of it raises."""
    server = _server(session, actor, server_id, "start")
    at_once = partial(servers.start, session, actor, server_id)
    return _press(session, actor, settings, server.project, _of(server, "server-start"), at_once)


def stop(session: Session, actor: Actor, settings: Settings, server_id: str) -> Pressed:
    """Shut a server down, guest first."""
    server = _server(session, actor, server_id, "stop")
    at_once = partial(servers.stop, session, actor, server_id)
    return _press(session, actor, settings, server.project, _of(server, "server-stop"), at_once)


def reboot(session: Session, actor: Actor, settings: Settings, server_id: str, *, hard: bool) -> Pressed:
    """Reboot a server through the guest, or by power."""
    server = _server(session, actor, server_id, "reboot")
    at_once = partial(servers.reboot, session, actor, server_id, hard=hard)
    return _press(session, actor, settings, server.project, _of(server, "server-reboot", hard=hard), at_once)


def release(session: Session, actor: Actor, settings: Settings, server_id: str) -> Pressed:
    """Put a server into the recycle bin."""
    server = _server(session, actor, server_id, "delete")
    at_once = partial(servers.recycle, session, actor, server_id)
    return _press(session, actor, settings, server.project, _of(server, "release"), at_once)


def resize(session: Session, actor: Actor, settings: Settings, server_id: str, flavor: str) -> Pressed:
    """Give a server another flavor."""
    server = _server(session, actor, server_id, "resize")
    servers.flavor_to_be(session, server, flavor)
    at_once = partial(servers.resize, session, actor, server_id, flavor)
    return _press(session, actor, settings, server.project, _of(server, "resize", flavor=flavor), at_once)


def detach(session: Session, actor: Actor, settings: Settings, server_id: str, volume_id: str) -> Pressed:
    """Take a volume off a server."""
    server = _server(session, actor, server_id, "detach")
    volume = volumes.find(session, actor, volume_id, "volume.operate")
    servers.require_attached(session, server, volume)
    at_once = partial(servers.detach, session, actor, server_id, volume_id)
    item = _of(server, "detach", volume_id=volume_id)
    return _press(session, actor, settings, server.project, item, at_once, volume=volume.name)


def extend(session: Session, actor: Actor, settings: Settings, volume_id: str, size_gib: int) -> Pressed:
    """Give a volume a larger size."""
    volume = volumes.find(session, actor, volume_id, volumes.OPERATE)
    volumes.require_larger(volume, size_gib)
    at_once = partial(volumes.extend, session, actor, volume_id, size_gib)
    item = {"kind": "extend", "volume_id": volume_id, "size_gib": size_gib}
    return _press(session, actor, settings, volume.project, item, at_once, volume=volume.name)


def snapshot(
    session: Session, actor: Actor, settings: Settings, volume_id: str, name: str, until: date | None
) -> Order:
    """Take a snapshot of a volume: always by an order, for it takes storage from then on."""
    volume = volumes.find(session, actor, volume_id, volumes.OPERATE)
    item = {"kind": "snapshot", "volume_id": volume_id, "name": name}
    return _order(session, actor, settings, volume.project, item, until, volume=volume.name)


def _server(session: Session, actor: Actor, server_id: str, verb: str) -> Server:
    server = servers.find(session, actor, server_id, servers.OPERATE)
    servers.require_state(server, verb)
    return server


def _of(server: Server, kind: str, **how: Any) -> dict[str, Any]:
    return {"kind": kind, "hostname": server.hostname, **how}


def _press(
    session: Session,
    actor: Actor,
    settings: Settings,
    project: Project,
    item: dict[str, Any],
    at_once: Callable[[], OperationRow],
    **named: str,
) -> Pressed:
    if _needs_nobody(session, settings, project, _ITEM.validate_python(item)):
        return at_once()
    return _order(session, actor, settings, project, item, None, **named)


def _order(
    session: Session,
    actor: Actor,
    settings: Settings,
    project: Project,
    item: dict[str, Any],
    until: date | None,
    **named: str,
) -> Order:
    purpose = PURPOSES[item["kind"]].format(**item | named).in_language(actor.language)
    order = NewOrder(project=project.code, purpose=purpose, until=until, items=[_ITEM.validate_python(item)])
    number = service.draw_number(session, settings)  # before anything else is locked, so nobody waits crosswise
    with _naming_no_item():
        return service.place(session, actor, settings, project, order, number)


def _needs_nobody(session: Session, settings: Settings, project: Project, wanted: Item) -> bool:
    """Tell it of an order that is not made yet, by what the rules would see of it."""
    (cost,) = costs_of(session, settings, [KINDS[wanted.kind].parts(session, project, wanted)])
    item = OrderItem(kind=wanted.kind, specification=wanted.model_dump(mode="json"), allocation={})
    measures = service.measure(session, [item], total([cost.monthly]), None)
    return approvals.needs_nobody(session, project, measures)


@contextmanager
def _naming_no_item() -> Iterator[None]:
    """Have a problem name the field that was pressed with: whoever pressed has not seen an order."""
    try:
        yield
    except Problem as problem:
        problem.field = (problem.field or "").removeprefix("items.0").lstrip(".") or None
        raise
