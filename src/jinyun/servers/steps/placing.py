"""A pool that was shared has lost its room after the approval: the server is placed anew, or waits; it never fails."""

from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.capacity.errors import NoCapacity
from jinyun.kit.texts import Text
from jinyun.operations import alarms
from jinyun.operations.definition import Outcome, StepContext, wait, wait_for_room
from jinyun.servers.models import Server

NO_ROOM = "no-room"
"""Kind of the alarm about a server that waits for room."""
LOOK_SECONDS = 30.0
MOVED = Text("Its pool lost its room; placed anew: {why}", "原资源池已无空间，已重新分配：{why}")
WAITING = Text("{server} waits for room: {why}", "{server} 等待可用容量：{why}")


def place_anew(step: StepContext, server_id: str) -> Outcome:
    """Move the server's hold to another pool and go on there; where there is none, raise an alarm and wait."""
    try:
        moved = step.write(lambda session: _move(session, server_id))
    except NoCapacity as full:
        why = full.explanation()
    else:
        return wait(0, progress=MOVED.format(why=moved))
    return wait_for_room(LOOK_SECONDS, step.write(lambda session: _raise_alarm(session, step, server_id, why)))


def _move(session: Session, server_id: str) -> Text:
    server = session.get_one(Server, server_id)
    tiers = frozenset(attachment.volume.tier.code for attachment in server.attachments)
    hold = capacity.place_anew(session, server.hold_id, server.network.code, tiers)
    server.pool_id = hold.pool_id or server.pool_id
    return Text(**hold.explanation["summary"])


def _raise_alarm(session: Session, step: StepContext, server_id: str, why: Text) -> Text:
    text = WAITING.format(server=session.get_one(Server, server_id).hostname, why=why)
    alarms.raise_alarm(session, NO_ROOM, server_id, text, step.now)
    return text
