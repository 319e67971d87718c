"""Steps that make, change and remove security groups in the regions, and the recipes made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.kit.errors import AlreadyExists
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique
from jinyun.networks import groups
from jinyun.networks.models import EVERYONE, SecurityGroup, SecurityGroupBinding
from jinyun.networks.rules import changed
from jinyun.networks.schemas import Rule
from jinyun.networks.states import READY
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done, wait
from jinyun.providers.base import ProjectScope
from jinyun.regions.connections import project_scope
from jinyun.regions.models import ProjectBinding

MAKING_LIMIT = timedelta(minutes=1)
"""How long a step that died or gave up keeps others from making a security group."""
BEING_MADE = Text("Another operation is making the security group", "另一项操作正在创建该安全组")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A group as Jinyun wants it in one region, in the region's project of one application system."""

    id: str
    code: str
    rules: tuple[Rule, ...]
    others: tuple["Wanted", ...] = ()
    """The groups that its rules name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group is wanted."""

    scope: ProjectScope
    region_id: str
    project_id: str

    def of(self, group: Wanted) -> dict[str, str]:
        """Return what the group's binding there is found by."""
        return {"group_id": group.id, "region_id": self.region_id, "project_id": self.project_id}


def ensure_security_group(
    step: StepContext, scope: ProjectScope, region_id: str, group_id: str, project_id: str
) -> str | None:
    """Give the application system's project in the region this group with exactly its rules; return the region's id.

    None while another operation is making the group, or one that its rules name.
    """
    place = Place(scope, region_id, project_id)
    while True:
        group = step.read(lambda session: _wanted(session, group_id))
        external_id = _ensure(step, place, group)
        if external_id is None or step.read(lambda session: _wanted(session, group_id)) == group:
            return external_id  # else its rules were changed meanwhile, by somebody who may not have known this place


def _ensure(step: StepContext, place: Place, group: Wanted) -> str | None:
    named = [rule.remote_group for rule in group.rules if rule.remote_group]
    ids = {}
    for other in (*group.others, *([group] if group.code in named else [])):
        external_id = _bound(step, place, other) or _make(step, place, other, _without_groups(other), {})
        if external_id is None:
            return None
        ids[other.code] = external_id
    return _make(step, place, group, group.rules, ids)


def _make(step: StepContext, place: Place, group: Wanted, rules: Sequence[Rule], ids: dict[str, str]) -> str | None:
    """Give the place the group with these rules; None while it is somebody else's to make."""
    known = _bound(step, place, group)
    if known is None and not step.write(lambda session: _is_ours_to_make(session, step, place.of(group))):
        return None
    wish = [rule.for_region(ids) for rule in rules]
    external_id = place.scope.networking.ensure_security_group(f"jinyun-{group.code}", f"jy-{group.id}", wish)
    if external_id != known:
        step.write(lambda session: _note_group(session, place.of(group), external_id))
    return external_id


def make_everywhere(step: StepContext) -> Outcome:
    """Give the group to every region where its application system has a project; elsewhere its first server does."""
    return _everywhere(step) or done()


def hand_over(step: StepContext) -> Outcome:
    """Say that everybody in the application system may use it."""

    def work(session: Session) -> None:
        group = session.get_one(SecurityGroup, step.parameters["group_id"], with_for_update=True)
        group.state = READY
        after = {"rules": list(group.rules)}
        audit.record(
            session,
            step.actor,
            "security-group.create",
            groups.subject(group),
            project_id=group.project_id,
            after=after,
        )

    step.write(work)
    return done()


def change_rules(step: StepContext) -> Outcome:
    """Write the difference down, then give every region the rules as they are then."""
    step.write(lambda session: _change(session, step, "added", "removed"))
    return _everywhere(step) or done()


def change_rules_back(step: StepContext) -> Outcome:
    """Take the difference back, here and in every region."""
    step.write(lambda session: _change(session, step, "removed", "added"))
    return _everywhere(step) or done()


def remove_everywhere(step: StepContext) -> Outcome:
    """Delete the group in every region that has it.

    Raises:
        Refused: something in the region uses it that Jinyun does not know.
    """
    group = step.read(lambda session: _wanted(session, step.parameters["group_id"]))
    for region_id, project_id, external_id in step.read(lambda session: _bindings(session, group.id)):
        step.check()
        networking = project_scope(step, region_id, project_id).networking
        # where nobody noted its id, the region finds it by token only through the call that makes it
        found = external_id or networking.ensure_security_group(f"jinyun-{group.code}", f"jy-{group.id}", [])
        networking.delete_security_group(found)
        here = Place(project_scope(step, region_id, project_id), region_id, project_id).of(group)
        step.write(lambda session, here=here: _unbind(session, here))  # type: ignore[misc]
    return done()


def keep(step: StepContext) -> Outcome:
    """Let it be used again: a region did not let go of it."""

    def work(session: Session) -> None:
        session.get_one(SecurityGroup, step.parameters["group_id"], with_for_update=True).state = READY

    step.write(work)
    return done()


def forget(step: StepContext) -> Outcome:
    """Forget the group."""
    step.write(lambda session: groups.drop(session, step.parameters["group_id"]))
    return done()


class MakeSecurityGroup(Operation):
    """Make a security group that was approved."""

    kind = "make-security-group"
    title = Text("Make a security group", "创建安全组")
    steps = (
        Step("make", make_everywhere, Text("Make it in the regions", "在区域中创建"), undo=remove_everywhere),
        Step("hand-over", hand_over, Text("Hand it over", "交付"), local=True),
    )


class ChangeSecurityGroup(Operation):
    """Change the rules of a security group."""

    kind = "change-security-group"
    title = Text("Change the rules of a security group", "变更安全组规则")
    steps = (Step("change", change_rules, Text("Change them in the regions", "在区域中变更"), undo=change_rules_back),)


class DeleteSecurityGroup(Operation):
    """Delete a security group that nothing uses."""

    kind = "delete-security-group"
    title = Text("Delete a security group", "删除安全组")
    steps = (
        Step("remove", remove_everywhere, Text("Delete it in the regions", "在区域中删除"), undo=keep),
        Step("forget", forget, Text("Forget it", "清除记录"), local=True),
    )


RECIPES = (MakeSecurityGroup, ChangeSecurityGroup, DeleteSecurityGroup)


def _everywhere(step: StepContext) -> Outcome | None:
    """Give every region the group as it is now; return what is waited for, or nothing when all have it."""
    group_id = step.parameters["group_id"]
    project_id, region_ids = step.read(lambda session: _reach(session, group_id))
    for region_id in region_ids:
        step.check()
        scope = project_scope(step, region_id, project_id)
        if ensure_security_group(step, scope, region_id, group_id, project_id) is None:
            return wait(0.5, progress=BEING_MADE)
    return None


def _reach(session: Session, group_id: str) -> tuple[str, list[str]]:
    """Return a group's application system, and the regions where that has a project."""
    project_id = session.get_one(SecurityGroup, group_id).owner
    bound = select(ProjectBinding.region_id).filter_by(project_id=project_id).order_by(ProjectBinding.region_id)
    return project_id, list(session.scalars(bound))


def _wanted(session: Session, group_id: str) -> Wanted:
    group = session.get_one(SecurityGroup, group_id)
    rules = _rules(group)
    codes = {rule.remote_group for rule in rules if rule.remote_group not in {None, group.code}}
    named = select(SecurityGroup).where(SecurityGroup.owner.in_([group.owner, EVERYONE]), SecurityGroup.code.in_(codes))
    own_last = sorted(session.scalars(named), key=lambda other: other.owner == group.owner) if codes else []
    others = {other.code: Wanted(other.id, other.code, _rules(other)) for other in own_last}
    return Wanted(group.id, group.code, rules, tuple(others[code] for code in sorted(others)))


def _rules(group: SecurityGroup) -> tuple[Rule, ...]:
    return tuple(Rule.model_validate(rule) for rule in group.rules)


def _without_groups(group: Wanted) -> list[Rule]:
    """Return the rules that a group is first made with: those that name groups follow with its first server."""
    return [rule for rule in group.rules if rule.remote_group is None]


def _change(session: Session, step: StepContext, added: str, removed: str) -> None:
    """Apply the difference, or take it back; a second time changes nothing."""
    group = session.get_one(SecurityGroup, step.parameters["group_id"], with_for_update=True)
    before = _rules(group)
    more, less = ([Rule.model_validate(rule) for rule in step.parameters[each]] for each in (added, removed))
    after = changed(before, more, less)
    if tuple(after) == before:
        return
    groups.need_no_more(session, (groups.GROUP, group.id))
    groups.need_named(session, group, after)
    group.rules = [rule.model_dump() for rule in after]
    words = {"before": {"rules": _words(before)}, "after": {"rules": _words(after)}}
    audit.record(
        session, step.actor, "security-group.change", groups.subject(group), project_id=group.project_id, **words
    )


def _words(rules: Sequence[Rule]) -> list[str]:
    return [rule.in_words() for rule in rules]


def _bound(step: StepContext, place: Place, group: Wanted) -> str | None:
    here = select(SecurityGroupBinding.external_id).filter_by(**place.of(group))
    return step.read(lambda session: session.scalar(here))


def _bindings(session: Session, group_id: str) -> list[tuple[str, str, str | None]]:
    bound = select(SecurityGroupBinding).filter_by(group_id=group_id).order_by(SecurityGroupBinding.id)
    return [(each.region_id, each.project_id, each.external_id) for each in session.scalars(bound)]


def _unbind(session: Session, here: dict[str, str]) -> None:
    for binding in session.scalars(select(SecurityGroupBinding).filter_by(**here)):
        session.delete(binding)


def _is_ours_to_make(session: Session, step: StepContext, here: dict[str, str]) -> bool:
    """Tell whether this step makes the group: it came first, or who came first has not come to an end."""
    binding = SecurityGroupBinding(**here, external_id=None, maker=step.token, made_since=step.now)
    try:
        add_unique(session, binding, AlreadyExists(kind="security group binding", name=here["group_id"]))
    except AlreadyExists:
        binding = session.scalars(select(SecurityGroupBinding).filter_by(**here).with_for_update()).one()
    if binding.external_id is None and step.now - binding.made_since > MAKING_LIMIT:
        binding.maker, binding.made_since = step.token, step.now
    return binding.external_id is not None or binding.maker == step.token


def _note_group(session: Session, here: dict[str, str], external_id: str) -> None:
    session.scalars(select(SecurityGroupBinding).filter_by(**here)).one().external_id = external_id
