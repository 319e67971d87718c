"""Start, stop, reboot: Nova-like regions work on it in their own time; we ask once and read until it is so."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done, wait
from jinyun.providers.base import Server, ServerStatus
from jinyun.providers.refusals import refusal_from_fault
from jinyun.servers import states
from jinyun.servers.models import Server as ServerRow
from jinyun.servers.steps.facts import facts, region_says

POLL_SECONDS = 1.0
AT_REST = {ServerStatus.ACTIVE: states.ACTIVE, ServerStatus.STOPPED: states.STOPPED}


def start_server(step: StepContext) -> Outcome:
    """Power the server on; wait until it runs."""
    server = facts(step)
    scope, found = server.observe(step)
    if found.status is ServerStatus.ACTIVE and found.task is None:
        return _settled(step, states.ACTIVE)
    if found.status is ServerStatus.STOPPED and found.task is None:
        scope.compute.start(found.id)
    return _patience(found)


def stop_server(step: StepContext) -> Outcome:
    """Shut the server down, guest first; wait until it is off."""
    server = facts(step)
    scope, found = server.observe(step)
    if found.status is ServerStatus.STOPPED and found.task is None:
        return _settled(step, states.STOPPED)
    if found.status is ServerStatus.ACTIVE and found.task is None:
        scope.compute.stop(found.id)
    return _patience(found)


def reboot_server(step: StepContext) -> Outcome:
    """Ask for one reboot; the next step waits for its end."""
    server = facts(step)
    scope, found = server.observe(step)
    if step.attempt > 1 and (found.task or "").startswith("reboot"):
        return done()
    if found.task is not None:
        return _patience(found)
    scope.compute.reboot(found.id, hard=bool(step.parameters["hard"]))
    return done()


def await_running(step: StepContext) -> Outcome:
    """Wait until the server runs and the region is at rest."""
    server = facts(step)
    _, found = server.observe(step)
    if found.status is ServerStatus.ACTIVE and found.task is None:
        return _settled(step, states.ACTIVE)
    return _patience(found)


def come_to_rest(step: StepContext) -> Outcome:
    """Take no change of power back: wait until the region is at rest, and write down what the server is then."""
    server = facts(step)
    found = server.scope(step).compute.get(server.external_id) if server.external_id else None
    if found is not None and (found.task is not None or found.status is ServerStatus.BUSY):
        return wait(POLL_SECONDS, progress=region_says(found))
    if found is not None and found.status in AT_REST:
        note_state(step, AT_REST[found.status])
    return done()


def note_state(step: StepContext, state: str) -> None:
    """Write down what the server is now."""

    def work(session: Session) -> None:
        session.get_one(ServerRow, step.parameters["server_id"]).state = state

    step.write(work)


def _settled(step: StepContext, state: str) -> Outcome:
    note_state(step, state)
    return done(state=state)


def _patience(found: Server) -> Outcome:
    if found.status is ServerStatus.ERROR:
        raise refusal_from_fault(found)
    return wait(POLL_SECONDS, progress=region_says(found))


def _one_step(name: str, act: Callable[[StepContext], Outcome], title: Text) -> tuple[Step, ...]:
    return (Step(name, act, title, undo=come_to_rest, timeout=timedelta(minutes=15)),)


class StartServer(Operation):
    """Power a server on."""

    kind = "start-server"
    title = Text("Start server", "启动服务器")
    steps = _one_step("start", start_server, title)


class StopServer(Operation):
    """Shut a server down."""

    kind = "stop-server"
    title = Text("Stop server", "停止服务器")
    steps = _one_step("stop", stop_server, title)


class RebootServer(Operation):
    """Reboot a server."""

    kind = "reboot-server"
    title = Text("Reboot server", "重启服务器")
    steps = (
        Step("reboot", reboot_server, Text("Ask for the reboot", "请求重启")),
        Step("running", await_running, Text("Wait until it runs", "等待运行"), timeout=timedelta(minutes=15)),
    )
