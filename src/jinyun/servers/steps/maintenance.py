"""Emptying a host: closed to new servers, each server moved away or listed with what keeps it; and opening it again."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.kit.texts import Text
from jinyun.operations import service as operations
from jinyun.operations import states as operation_states
from jinyun.operations.definition import Operation, Outcome, Parameters, Step, StepContext, Wait, done
from jinyun.operations.models import OperationRow
from jinyun.operations.service import SubjectBusy
from jinyun.regions.connections import open_region
from jinyun.regions.models import Host
from jinyun.servers import sizes
from jinyun.servers.models import Server
from jinyun.servers.steps.moving import MoveServer

POLL_SECONDS = 1.0
BUSY_SECONDS = 5.0
BEING_MOVED = Text("It is being moved", "正在迁移")
BUSY = Text("Another operation is at the server", "该服务器正在执行其他操作")
FOREIGN = Text("It is none of Jinyun's.", "不是由金云管理的服务器。")
LATE = Text("It came here while the host was being emptied; ask again.", "清空期间才到达该主机，请重新发起。")


def close_host(step: StepContext) -> Outcome:
    """Have the region place nothing more on the host."""
    region = open_region(step, step.parameters["region_id"])
    region.hosts.close(step.parameters["host"], f"Jinyun: {step.parameters['reason']}")
    return done()


def open_host(step: StepContext) -> Outcome:
    """Have the region place servers on the host again, and count its room."""
    open_region(step, step.parameters["region_id"]).hosts.open(step.parameters["host"])
    step.write(lambda session: _end(session, step.parameters["host_id"]))
    return done()


def begin_move(step: StepContext) -> Outcome:
    """Have one server moved, as an operation of its own; the one after it need not wait for that."""
    try:
        return done(operation_id=step.write(lambda session: _begin_move(session, step)))
    except SubjectBusy:
        return done(operation_id=None)


def await_move(step: StepContext) -> Outcome:
    """Wait for a server's move, begun now where the server was busy; what keeps it here never stops the rest."""
    begun: str | None = step.memory.get("operation_id") or step.results[f"move:{step.key}"]["operation_id"]
    if begun is None:
        try:
            begun = step.write(lambda session: _begin_move(session, step))
        except SubjectBusy:
            return Wait(BUSY_SECONDS, BUSY, counts=False)
    state, problem = step.read(lambda session: _state(session, begun))
    if state in operation_states.ACTIVE - {operation_states.NEEDS_OPERATOR}:
        return Wait(POLL_SECONDS, BEING_MOVED, {"operation_id": begun}, counts=False)
    return done(moved=state == operation_states.SUCCEEDED, operation_id=begun, problem=problem)


def list_staying(step: StepContext) -> Outcome:
    """Read what is on the host now, and write down of each server why it stays."""
    region = open_region(step, step.parameters["region_id"])
    found = {server.id: server.name for server in region.hosts.servers_on(step.parameters["host"])}
    staying = step.write(lambda session: _note_staying(session, step, found))
    return done(staying=len(staying))


def _begin_move(session: Session, step: StepContext) -> str:
    server = session.get_one(Server, step.key)
    operation = operations.start(
        session,
        step.actor,
        MoveServer,
        parameters={"server_id": server.id, "region": step.parameters["region"], "host": step.parameters["host"]},
        subjects=[("server", server.id)],
        project_id=server.project_id,
        subject_name=server.hostname,
        backend=step.parameters["region"],
        weight=sizes.weight_of(server.project),
    )
    return operation.id


def _state(session: Session, operation_id: str) -> tuple[str, dict[str, Any] | None]:
    operation = session.get_one(OperationRow, operation_id)
    return operation.state, operation.problem


def _note_staying(session: Session, step: StepContext, found: dict[str, str]) -> list[dict[str, Any]]:
    ours = {
        server.external_id: server for server in session.scalars(select(Server).where(Server.external_id.in_(found)))
    }
    staying = []
    for external_id, name in sorted(found.items(), key=lambda each: each[1]):
        server = ours.get(external_id)
        why = FOREIGN.as_dict() if server is None else _why(step.results.get(f"moved:{server.id}"))
        staying.append({"name": name, "server_id": server.id if server else None, "why": why})
    host = session.get_one(Host, step.parameters["host_id"], with_for_update=True)
    if host.maintenance is not None:
        host.maintenance = host.maintenance | {"staying": staying}
    return staying


def _why(result: dict[str, Any] | None) -> dict[str, str]:
    problem = (result or {}).get("problem")
    return {"en": problem["en"], "zh": problem["zh"]} if problem else LATE.as_dict()


def _end(session: Session, host_id: str) -> None:
    host = session.get_one(Host, host_id, with_for_update=True)
    host.maintenance, host.enabled = None, True
    if host.pool is not None:
        host.pool.figures += 1


def _servers(parameters: Parameters) -> list[str]:
    return list(parameters["servers"])


class EmptyHost(Operation):
    """Put a host into maintenance: nothing new comes to it, and what runs there is moved to others of its pool."""

    kind = "empty-host"
    title = Text("Empty a host", "清空主机")
    steps = (
        Step("close", close_host, Text("Close it to new servers", "停止接收新服务器"), undo=open_host),
        Step("move", begin_move, Text("Ask for the move of the server", "发起服务器迁移"), each=_servers, local=True),
        Step("moved", await_move, Text("Wait until it is moved", "等待迁移完成"), each=_servers, local=True),
        Step("list", list_staying, Text("List what stays", "列出未能迁出的服务器")),
    )


class ReopenHost(Operation):
    """End a host's maintenance: servers are placed on it again."""

    kind = "reopen-host"
    title = Text("Open a host again", "重新启用主机")
    steps = (Step("open", open_host, Text("Open it to new servers", "恢复接收新服务器")),)
