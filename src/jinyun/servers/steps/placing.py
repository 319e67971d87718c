"""A pool that was shared has lost its room after the approval: the server is placed anew, or waits; it never fails."""

from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.capacity.errors import NoCapacity
from jinyun.kit.texts import Text
from jinyun.operations import alarms
from jinyun.operations.definition import Outcome, StepContext, wait, wait_for_room
from jinyun.servers import groups
from jinyun.servers.models import Server

NO_ROOM = "no-room"
"""Kind of the alarm about a server that waits for room."""
NO_HOST = "no-host-available"
"""Code of what the region says that has no host for a server, whatever its figures were."""
LOOK_SECONDS = 30.0
CLEARING = Text("The region had no host for it; it is cleared away there", "区域没有可用主机，正在清理")
MOVED = Text("Its pool lost its room; placed anew: {why}", "原资源池已无空间，已重新分配：{why}")
WAITING = Text("{server} waits for room: {why}", "{server} 等待可用容量：{why}")


def place_anew(step: StepContext, server_id: str) -> Outcome:
    """Move the server's hold to a pool that was not tried yet and go on there; with none left, raise an alarm and wait.

    What was tried is forgotten with the wait: then each pool may have got room again.
    """
    tried = frozenset(step.memory.get("tried", ()))
    try:
        left, moved = step.write(lambda session: _move(session, server_id, tried))
    except NoCapacity as full:
        why = full.explanation()
    else:
        return wait(0, progress=MOVED.format(why=moved), tried=sorted(tried | {left}))
    return wait_for_room(LOOK_SECONDS, step.write(lambda session: _raise_alarm(session, step, server_id, why)))


def _move(session: Session, server_id: str, tried: frozenset[str]) -> tuple[str, Text]:
    """Return the pool or host that was left, and why it is the new one."""
    server = session.get_one(Server, server_id)
    group = groups.lock(session, server.group_id)
    tiers = frozenset(attachment.volume.tier.code for attachment in server.attachments)
    network = server.network.code if server.network else ""
    hold, left = capacity.place_anew(session, server.hold_id, network, tiers, tried, group=group)
    server.pool_id = hold.pool_id or server.pool_id
    return left, Text(**hold.explanation["summary"])


def _raise_alarm(session: Session, step: StepContext, server_id: str, why: Text) -> Text:
    text = WAITING.format(server=session.get_one(Server, server_id).hostname, why=why)
    alarms.raise_alarm(session, NO_ROOM, server_id, text, step.now)
    return text
