"""Security groups: who may talk to a server."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise, authorise_anywhere, authorise_found
from jinyun.audit import service as audit
from jinyun.kit.actor import PLATFORM, Actor
from jinyun.kit.errors import AlreadyExists, NotFound
from jinyun.kit.uniqueness import add_unique
from jinyun.networks.errors import SecurityGroupInUse
from jinyun.networks.models import EVERYONE, SecurityGroup, SecurityGroupUse
from jinyun.networks.rules import check_rules
from jinyun.networks.schemas import Rule
from jinyun.networks.states import DELETING, ORDERED, READY

Holder = tuple[str, str]
"""Kind and id of what needs a group: ("server", …), ("order_item", …), ("security_group", …)."""
GROUP = "security_group"
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
        OpenToTheWorld, RuleWithinAnother: see `rules.check_rules`.
        NotFound: a rule names a group that may not be used there.
    """
    authorise(session, actor, "network.manage", project_id)
    group = add_group(session, code, name, rules, project_id, READY)
    audit.record(
        session,
        actor,
        "security-group.create",
        subject(group),
        project_id=project_id,
        after={"rules": list(group.rules)},
    )
    return group


def add_group(
    session: Session, code: str, name: str, rules: Sequence[Rule], project_id: str | None, state: str = ORDERED
) -> SecurityGroup:
    """Write a group down; authority and audit are with whoever asks. Raises as `create_group`."""
    check_rules(rules)
    group = SecurityGroup(
        project_id=project_id,
        owner=project_id or EVERYONE,
        code=code,
        name=name,
        rules=[rule.model_dump() for rule in rules],
        state=state,
    )
    add_unique(session, group, AlreadyExists(field="code", kind="security group", name=code))
    need_named(session, group, rules)
    return group


def ensure_standard_groups(session: Session) -> None:
    """Make the standard groups that are missing; what an operator made of them stays."""
    known = set(session.scalars(select(SecurityGroup.code).where(SecurityGroup.owner == EVERYONE)))
    for code, name, rules in STANDARD_GROUPS:
        if code not in known:
            with suppress(AlreadyExists):  # another process starts at the same moment
                create_group(session, PLATFORM, code, name, rules)


def usable_groups(session: Session, owner: str, codes: Iterable[str]) -> list[SecurityGroup]:
    """Return the groups that an application system means by these codes: its own, else everyone's.

    They are locked for sharing, so that none is deleted before `need` is written.

    Raises:
        NotFound: one of the codes is neither, or is not there yet or any more.
    """
    wanted = list(dict.fromkeys(codes))
    meant = select(SecurityGroup).where(SecurityGroup.owner.in_([owner, EVERYONE]), SecurityGroup.code.in_(wanted))
    ready = meant.where(SecurityGroup.state == READY).order_by(SecurityGroup.id).with_for_update(read=True)
    by_code: dict[str, SecurityGroup] = {}
    for group in session.scalars(ready):
        if group.code not in by_code or group.owner == owner:
            by_code[group.code] = group
    for code in wanted:
        if code not in by_code:
            raise NotFound(field="security_group", kind="security group", name=code)
    return [by_code[code] for code in wanted]


def need(session: Session, group_id: str, holder: Holder) -> None:
    """Note that something needs the group, which the same transaction has locked or made."""
    session.add(SecurityGroupUse(group_id=group_id, holder_kind=holder[0], holder_id=holder[1]))
    session.flush()


def need_named(session: Session, group: SecurityGroup, rules: Iterable[Rule], holder: Holder | None = None) -> None:
    """Note that a holder, by default the group itself, needs the other groups that rules name. Raises NotFound."""
    kind, identity = holder or (GROUP, group.id)
    named = {rule.remote_group for rule in rules if rule.remote_group not in {None, group.code}}
    if named:
        for other in usable_groups(session, group.owner, sorted(filter(None, named))):
            need(session, other.id, (kind, identity))


def need_no_more(session: Session, holder: Holder) -> None:
    """Forget what a holder needed; a second time is fine."""
    of_holder = delete(SecurityGroupUse).where(SecurityGroupUse.holder_id == holder[1])
    session.execute(of_holder.where(SecurityGroupUse.holder_kind == holder[0]))


def find_own(session: Session, project_id: str, code: str) -> SecurityGroup:
    """Return an application system's own group, locked, when it can be changed. Raises NotFound."""
    own = select(SecurityGroup).filter_by(owner=project_id, code=code, state=READY)
    group = session.scalar(own.with_for_update().execution_options(populate_existing=True))
    if group is None:
        raise NotFound(field="code", kind="security group", name=code)
    return group


def find_doomed(session: Session, actor: Actor, group_id: str) -> SecurityGroup:
    """Return a group, locked, that the actor may delete.

    Raises:
        NotFound, Forbidden: there is none, or it is not his to delete.
        SecurityGroupInUse: something needs it, or it is being made or deleted.
    """
    group = session.get(SecurityGroup, group_id, with_for_update=True, populate_existing=True)
    if group is None:
        raise NotFound(kind="security group", name=group_id)
    if group.project_id is None:
        authorise_anywhere(actor, "network.read")
        authorise(session, actor, "network.manage")
    else:
        actions = ("network.read", "network.operate")
        authorise_found(session, actor, actions, group.project_id, "security group", group_id)
    count = session.scalar(select(func.count()).select_from(SecurityGroupUse).filter_by(group_id=group.id)) or 0
    if count or group.state != READY:
        raise SecurityGroupInUse(group=group.code, count=max(count, 1))
    group.state = DELETING
    return group


def drop(session: Session, group_id: str) -> None:
    """Forget a group that is in no region; one that is gone is fine."""
    need_no_more(session, (GROUP, group_id))
    group = session.get(SecurityGroup, group_id, with_for_update=True)
    if group is not None:
        session.delete(group)
        session.flush()


def subject(group: SecurityGroup) -> tuple[str, str, str]:
    """Return what the audit log calls a group."""
    return GROUP, group.id, group.code
