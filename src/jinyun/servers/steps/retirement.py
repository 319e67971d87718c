"""The way out: into the recycle bin, back again, or gone for good."""

from datetime import timedelta

from sqlalchemy.orm import Session

from jinyun.kit.clock import utc_now
from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Parameters, Step, StepContext, done, wait
from jinyun.providers.base import ServerStatus
from jinyun.servers import states
from jinyun.servers.models import Server
from jinyun.servers.steps.attachments import detach_volume
from jinyun.servers.steps.delivery import give_everything_back
from jinyun.servers.steps.facts import array_lane, facts
from jinyun.servers.steps.power import come_to_rest, start_server, stop_server
from jinyun.volumes.steps import delete_volume

POLL_SECONDS = 1.0
DELETING = Text("The region is deleting the server", "区域正在删除服务器")


def put_into_bin(step: StepContext) -> Outcome:
    """Write down that the server rests in the recycle bin, and until when."""
    days = timedelta(days=step.settings.recycle_days)
    step.write(lambda session: _recycle(session, step.parameters["server_id"], days))
    return done()


def take_out_of_bin(step: StepContext) -> Outcome:
    """Write down that the server is its owner's again; powering it on comes next."""
    step.write(lambda session: _restore(session, step.parameters["server_id"]))
    return done()


def delete_from_region(step: StepContext) -> Outcome:
    """Delete the server in the region; wait until it is gone."""
    server = facts(step)
    scope = server.scope(step)
    found = scope.compute.get(server.external_id) if server.external_id else None
    if found is None or found.status is ServerStatus.DELETED:
        return done()
    if found.task != "deleting":
        scope.compute.delete(found.id)
    return wait(POLL_SECONDS, progress=DELETING)


def delete_own_port(step: StepContext) -> Outcome:
    """Delete the server's port; a missing one is fine."""
    server = facts(step)
    if server.port_external_id is not None:
        server.scope(step).networking.delete_port(server.port_external_id)
    return done()


def forget(step: StepContext) -> Outcome:
    """Give hostname, address and capacity back."""
    step.write(lambda session: give_everything_back(session, step.parameters["server_id"], states.DELETED))
    return done()


def _recycle(session: Session, server_id: str, days: timedelta) -> None:
    server = session.get_one(Server, server_id)
    server.state, server.recycled_at = states.RECYCLED, utc_now()
    server.purge_at = utc_now() + days


def _restore(session: Session, server_id: str) -> None:
    server = session.get_one(Server, server_id)
    server.state, server.recycled_at, server.purge_at = states.STOPPED, None, None


def _attached(parameters: Parameters) -> list[str]:
    return list(parameters["volumes"])


def _doomed(parameters: Parameters) -> list[str]:
    return list(parameters["doomed_volumes"])


class RecycleServer(Operation):
    """Shut a server down and put it into the recycle bin."""

    kind = "recycle-server"
    title = Text("Put server into the recycle bin", "服务器移入回收站")
    steps = (
        Step("stop", stop_server, Text("Shut it down", "关机"), undo=come_to_rest, timeout=timedelta(minutes=15)),
        Step("bin", put_into_bin, Text("Put it into the recycle bin", "移入回收站"), local=True),
    )


class RestoreServer(Operation):
    """Take a server out of the recycle bin and start it."""

    kind = "restore-server"
    title = Text("Restore server", "恢复服务器")
    steps = (
        Step("restore", take_out_of_bin, Text("Take it out of the recycle bin", "移出回收站"), local=True),
        Step("start", start_server, Text("Start it", "启动"), undo=come_to_rest, timeout=timedelta(minutes=15)),
    )


class PurgeServer(Operation):
    """Delete a server for good; data volumes are kept unless they were given up with it."""

    kind = "purge-server"
    title = Text("Purge server", "彻底删除服务器")
    steps = (
        Step(
            "detach",
            detach_volume,
            Text("Detach the volume", "卸载卷"),
            each=_attached,
            lane=array_lane,
            timeout=timedelta(hours=1),
            point_of_no_return=True,
        ),
        Step(
            "server",
            delete_from_region,
            Text("Delete it in the region", "在区域中删除"),
            timeout=timedelta(minutes=30),
            point_of_no_return=True,
        ),
        Step("port", delete_own_port, Text("Delete its port", "删除端口")),
        Step(
            "volume",
            delete_volume,
            Text("Delete the volume", "删除卷"),
            each=_doomed,
            timeout=timedelta(minutes=30),
        ),
        Step("forget", forget, Text("Give address and capacity back", "释放地址与容量"), local=True),
    )
