"""Delivering a server: hold → port with its address → volumes, server → attach → ready → handed over."""

from datetime import timedelta

from sqlalchemy.orm import Session

from jinyun.capacity import hosts
from jinyun.capacity import service as capacity
from jinyun.capacity.errors import NoCapacity
from jinyun.kit.clock import utc_now
from jinyun.kit.texts import Text
from jinyun.networks import groups
from jinyun.networks import service as networks
from jinyun.networks.group_steps import BEING_MADE, ensure_security_group
from jinyun.operations import alarms
from jinyun.operations.definition import Operation, Outcome, Parameters, Step, StepContext, done, wait
from jinyun.providers.base import Compute, PortSpecification, Server, ServerSpecification, ServerStatus
from jinyun.providers.errors import Refused
from jinyun.providers.refusals import refusal_from_fault
from jinyun.regions.steps import bind_project
from jinyun.servers import hostnames, states
from jinyun.servers.models import Server as ServerRow
from jinyun.servers.steps.attachments import attach_volume, detach_volume
from jinyun.servers.steps.facts import ServerFacts, array_lane, build_lane, facts, region_says
from jinyun.servers.steps.floating import forget_server
from jinyun.servers.steps.placing import CLEARING, NO_HOST, NO_ROOM, place_anew
from jinyun.volumes.steps import await_volume, create_volume, undo_create_volume


def confirm_hold(step: StepContext) -> Outcome:
    """Make sure that what was held for the order is still held."""
    server = facts(step)
    step.write(lambda session: capacity.confirm(session, session.get_one(ServerRow, server.id).hold_id))
    return done(address=server.address)


def release_hold(step: StepContext) -> Outcome:
    """Give address, quota and capacity back: the server will not come to be."""
    step.write(lambda session: give_everything_back(session, step.parameters["server_id"], states.FAILED))
    return done()


def bind(step: StepContext) -> Outcome:
    """Make the application system's own project in the region, or find it."""
    server = facts(step)
    return done(project=bind_project(step, server.region_id, server.project_id))


def create_port(step: StepContext) -> Outcome:
    """Make a port with exactly the address that the plan allotted: that makes the server unique, too.

    Raises:
        Refused: somebody took the address in the region (`address-in-use`).
    """
    server = facts(step)
    networking = server.scope(step).networking
    # begun for the first time, the port cannot be ours: who else has the address shows when it is asked for
    port = networking.find_port(server.external_network_id, server.address) if step.attempt > 1 else None
    if port is None:
        group_ids = _security_groups(step, server)
        if group_ids is None:
            return wait(0.5, progress=BEING_MADE)
        port = networking.create_port(_port(server, group_ids), step.token)
    elif port.token != step.token:
        raise Refused(f"port {port.id} has {server.address}", code="address-in-use")
    external_id = port.id
    step.write(lambda session: _note_port(session, server.id, external_id))
    return done(port=port.id, mac=port.mac)


def delete_port(step: StepContext) -> Outcome:
    """Delete our port, and no other that may have the address."""
    server = facts(step)
    networking = server.scope(step).networking
    port = networking.find_port(server.external_network_id, server.address)
    if port is not None and port.token == step.token:
        networking.delete_port(port.id)
    step.write(lambda session: _note_port(session, server.id, None))
    return done()


def create_server(step: StepContext) -> Outcome:
    """Ask the region for the server; wait until it runs. Where it finds no host, the server is placed anew.

    Raises:
        Refused: the region will not build it (image larger than the disk).
    """
    server = facts(step)
    compute = server.scope(step).compute
    found = _asked_for(step, server, compute)
    if found is None or found.status is ServerStatus.DELETED:
        if step.memory.get("no_host"):
            return place_anew(step, server.id)
        try:
            host = step.read(lambda session: hosts.host_for(session, session.get_one(ServerRow, server.id).hold_id))
        except NoCapacity:
            return place_anew(step, server.id)
        found = compute.create(_server(server, host), step.token)
    if found.status is ServerStatus.ERROR:
        return _without_host(step, compute, found)
    if found.status is not ServerStatus.ACTIVE:
        return wait(0.5, progress=region_says(found), **{**step.memory, "asked_for": found.id})
    external_id, host = found.id, found.host
    step.write(lambda session: _note_server(session, server.id, external_id, host))
    return done(external_id=found.id, host=found.host)


def _asked_for(step: StepContext, server: ServerFacts, compute: Compute) -> Server | None:
    """Return the server that this step asked for before; begun for the first time, it cannot have asked for any."""
    if step.attempt == 1:
        return None
    known = step.memory.get("asked_for")
    return (compute.get(known) if known else None) or compute.find_by_token(step.token, port_id=server.port_external_id)


def delete_server(step: StepContext) -> Outcome:
    """Take the server back, whether or not its making was seen to end; wait until it is gone."""
    server = facts(step)
    compute = server.scope(step).compute
    found = compute.find_by_token(step.token, port_id=server.port_external_id)
    if found is None or found.status is ServerStatus.DELETED:
        return done()
    return _delete(compute, found)


def confirm_ready(step: StepContext) -> Outcome:
    """Read once more that the server runs and has the address that was approved."""
    server = facts(step)
    _, found = server.observe(step)
    if found.status is ServerStatus.ERROR:
        raise refusal_from_fault(found)
    if found.status is not ServerStatus.ACTIVE or server.address not in found.addresses:
        return wait(0.5, progress=region_says(found))
    return done(address=server.address)


def hand_over(step: StepContext) -> Outcome:
    """Turn what was held into what is used; from here on the server is its owner's."""
    step.write(lambda session: _hand_over(session, step.parameters["server_id"]))
    return done()


def give_everything_back(session: Session, server_id: str, state: str) -> None:
    """Release hostname, address and capacity of a server that is no more."""
    server = session.get_one(ServerRow, server_id)
    alarms.clear_alarm(session, NO_ROOM, server_id, utc_now())
    server.state, server.deleted_at = state, utc_now()
    capacity.release(session, server.hold_id)
    if server.address_id is not None:
        networks.release(session, server.address_id)
    groups.need_no_more(session, ("server", server.id))
    forget_server(session, server.id)
    server.security_group_id = None
    hostnames.give_up(session, server.id)


def _without_host(step: StepContext, compute: Compute, found: Server) -> Outcome:
    """Clear away what the region could not build for want of a host, and place it anew afterwards.

    Raises:
        Refused: it failed for another reason.
    """
    refusal = refusal_from_fault(found)
    if refusal.code != NO_HOST:
        raise refusal
    if found.task != "deleting":
        compute.delete(found.id)
    return wait(0.5, progress=CLEARING, **{**step.memory, "asked_for": found.id, "no_host": True})


def _delete(compute: Compute, found: Server) -> Outcome:
    if found.task != "deleting":
        compute.delete(found.id)
    return wait(1, progress=Text("The region is deleting the server", "区域正在删除服务器"))


def _port(server: ServerFacts, security_group_ids: tuple[str, ...]) -> PortSpecification:
    return PortSpecification(
        network_id=server.external_network_id,
        subnet_id=server.external_subnet_id,
        address=server.address,
        name=server.hostname,
        security_group_ids=security_group_ids,
    )


def _security_groups(step: StepContext, server: ServerFacts) -> tuple[str, ...] | None:
    """Return the region's ids of the server's groups; None while another delivery is making one of them."""
    if server.security_group_id is None:
        return ()
    scope = server.scope(step)
    external_id = ensure_security_group(step, scope, server.region_id, server.security_group_id, server.project_id)
    return None if external_id is None else (external_id,)


def _server(server: ServerFacts, host: str | None) -> ServerSpecification:
    return ServerSpecification(
        name=server.hostname,
        flavor_id=server.external_flavor_id,
        image_id=server.external_image_id,
        port_ids=(server.port_external_id or "",),
        zone=server.zone,
        host=host,
        public_keys=(server.public_key,) if server.public_key else (),
        user_data=server.user_data,
        metadata={"jinyun_server": server.id, "jinyun_project": server.project_code},
    )


def _note_port(session: Session, server_id: str, external_id: str | None) -> None:
    session.get_one(ServerRow, server_id).port_external_id = external_id


def _note_server(session: Session, server_id: str, external_id: str, host: str | None) -> None:
    server = session.get_one(ServerRow, server_id)
    server.external_id, server.host = external_id, host
    if host is not None:
        hosts.moved(session, server.hold_id, host)


def _hand_over(session: Session, server_id: str) -> None:
    server = session.get_one(ServerRow, server_id)
    alarms.clear_alarm(session, NO_ROOM, server_id, utc_now())
    capacity.to_usage(session, server.hold_id)
    if server.address_id is not None:
        networks.mark_used(session, server.address_id, ("server", server.id), server.hostname)
    for attachment in server.attachments:
        if attachment.volume.hold_id is not None:
            capacity.to_usage(session, attachment.volume.hold_id)
    server.state, server.ready_at = states.ACTIVE, utc_now()


def _volumes(parameters: Parameters) -> list[str]:
    return list(parameters["volumes"])


class DeliverServer(Operation):
    """Bring one approved virtual server to life."""

    kind = "deliver-server"
    title = Text("Deliver server", "交付服务器")
    steps = (
        Step("hold", confirm_hold, Text("Confirm what is held", "确认预留资源"), undo=release_hold, local=True),
        Step("bind", bind, Text("Find the project in the region", "确认区域内的项目")),
        Step("port", create_port, Text("Make the port with its address", "创建带指定地址的端口"), undo=delete_port),
        Step(
            "volume",
            create_volume,
            Text("Ask for the volume", "申请创建卷"),
            undo=undo_create_volume,
            each=_volumes,
            timeout=timedelta(minutes=30),
        ),
        Step(
            "server",
            create_server,
            Text("Build the server", "创建服务器"),
            undo=delete_server,
            lane=build_lane,
            timeout=timedelta(hours=1),
        ),
        Step(
            "volume-ready",
            await_volume,
            Text("Wait for the volume", "等待卷就绪"),
            each=_volumes,
            timeout=timedelta(minutes=30),
        ),
        Step(
            "attach",
            attach_volume,
            Text("Attach the volume", "挂载卷"),
            undo=detach_volume,
            each=_volumes,
            lane=array_lane,
            timeout=timedelta(hours=1),
        ),
        Step("ready", confirm_ready, Text("Confirm that it is ready", "确认服务器就绪"), timeout=timedelta(minutes=15)),
        Step("hand-over", hand_over, Text("Hand it over", "交付"), local=True),
    )
