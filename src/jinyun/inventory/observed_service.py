"""What can be done about what is in the regions already."""

from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.inventory.models import EstateReading
from jinyun.kit.actor import Actor
from jinyun.kit.database import database_now
from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text
from jinyun.regions.service import find_region


class NotWatched(Problem):
    """Nobody watches what is in the region."""

    status = 409
    detail = Text("What is in region {region} is not watched.", "未对区域 {region} 的存量资源进行观测。")
    hint = Text(
        "vCenter regions are watched by workers as soon as they are registered; see that one runs.",
        "vCenter 区域注册后由工作进程观测；请确认工作进程正在运行。",
    )


def read_anew(session: Session, actor: Actor, code: str) -> EstateReading:
    """Have the worker that watches a region read everything in it anew. Raises Forbidden, NotFound, NotWatched."""
    authorise(session, actor, "operation.operate")
    region = find_region(session, actor, code)
    row = session.get(EstateReading, region.id, with_for_update=True)
    if row is None:
        raise NotWatched(region=code)
    row.requested_at = database_now(session)
    audit.record(session, actor, "estate.read", ("region", region.id, region.code))
    return row
