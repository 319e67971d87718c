"""Telling whoever is responsible for a machine that it is not as expected."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.drift.fields import TITLES
from jinyun.drift.models import Drift
from jinyun.kit.texts import Text
from jinyun.notices.service import tell
from jinyun.organisation.models import ProjectMember
from jinyun.servers.models import Server

SUBJECT = Text("{hostname} was changed past Jinyun", "{hostname} 在金云之外被更改")
BODY = Text(
    "Server {hostname} of {project} is not as expected: {fields}. Accept it, have it reverted, or ignore it for a "
    "while: `jinyun drift list`.",
    "{project} 的服务器 {hostname} 与预期不符：{fields}。请接受、还原或暂时忽略：`jinyun drift list`。",
)


def tell_of(session: Session, server: Server, drifts: Sequence[Drift]) -> None:
    """Tell the owner and the members of the server's application system, once for all that was found together."""
    members = select(ProjectMember.person_id).where(ProjectMember.project_id == server.project_id)
    people = [server.project.owner_id, *session.scalars(members)]
    titles = [TITLES[drift.field] for drift in drifts]
    fields = Text(", ".join(each.en for each in titles), "、".join(each.zh for each in titles))
    names = {"hostname": server.hostname, "project": server.project.name}
    body = Text(BODY.en.format(**names, fields=fields.en), BODY.zh.format(**names, fields=fields.zh))
    tell(session, people, SUBJECT.format(**names), body, f"/servers/{server.id}")
