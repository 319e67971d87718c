"""Security groups: who may talk to a server."""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.kit.actor import PLATFORM, Actor
from jinyun.kit.errors import AlreadyExists, NotFound
from jinyun.kit.uniqueness import add_unique
from jinyun.networks.models import EVERYONE, SecurityGroup
from jinyun.networks.schemas import Rule

SSH = Rule(direction="ingress", protocol="tcp", port_min=22, port_max=22)
PING = Rule(direction="ingress", protocol="icmp")
HTTP = Rule(direction="ingress", protocol="tcp", port_min=80, port_max=80)
HTTPS = Rule(direction="ingress", protocol="tcp", port_min=443, port_max=443)
OUTWARD = Rule(direction="egress")

STANDARD_GROUPS: tuple[tuple[str, str, tuple[Rule, ...]], ...] = (
    ("default-ssh", "SSH 与 ICMP / SSH and ping", (SSH, PING, OUTWARD)),
    ("web", "Web 服务 / Web server", (HTTP, HTTPS, SSH, PING, OUTWARD)),
)
"""Code, name and rules of the groups that every application system may use from the first day."""


def create_group(
    session: Session, actor: Actor, code: str, name: str, rules: Sequence[Rule], project_id: str | None = None
) -> SecurityGroup:
    """Make a security group for one application system, or (without one) for all.

    Raises:
        Forbidden: the actor may not manage networks there.
        AlreadyExists: the application system, or everyone, has a group of this code.
    """
    authorise(session, actor, "network.manage", project_id)
    group = SecurityGroup(
        project_id=project_id,
        owner=project_id or EVERYONE,
        code=code,
        name=name,
        rules=[rule.model_dump() for rule in rules],
    )
    add_unique(session, group, AlreadyExists(field="code", kind="security group", name=code))
    subject = ("security_group", group.id, code)
    audit.record(
        session, actor, "security-group.create", subject, project_id=project_id, after={"rules": list(group.rules)}
    )
    return group


def ensure_standard_groups(session: Session) -> None:
    """Make the standard groups that are missing; what an operator made of them stays."""
    known = set(session.scalars(select(SecurityGroup.code).where(SecurityGroup.owner == EVERYONE)))
    for code, name, rules in STANDARD_GROUPS:
        if code not in known:
            with suppress(AlreadyExists):  # another process starts at the same moment
                create_group(session, PLATFORM, code, name, rules)


def usable_groups(session: Session, project_id: str, codes: Sequence[str]) -> list[SecurityGroup]:
    """Return the groups that an application system means by these codes: its own, else everyone's.

    Raises:
        NotFound: one of the codes is neither.
    """
    meant = select(SecurityGroup).where(
        SecurityGroup.owner.in_([project_id, EVERYONE]), SecurityGroup.code.in_(list(codes))
    )
    by_code: dict[str, SecurityGroup] = {}
    for group in session.scalars(meant):
        if group.code not in by_code or group.owner == project_id:
            by_code[group.code] = group
    for code in codes:
        if code not in by_code:
            raise NotFound(field="security_group", kind="security group", name=code)
    return [by_code[code] for code in dict.fromkeys(codes)]
