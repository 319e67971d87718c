"""Setting the rules by which application systems are proposed."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise
from jinyun.adoption.errors import RuleNeedsProject, UnknownSystem
from jinyun.adoption.models import AdoptionRule
from jinyun.adoption.rules import PROJECT
from jinyun.adoption.schemas import NewRule
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import AlreadyExists, NotFound
from jinyun.kit.uniqueness import add_unique
from jinyun.organisation.models import Project

RULE = "adoption.rule"


def add_rule(session: Session, actor: Actor, wanted: NewRule) -> AdoptionRule:
    """Add a rule, behind all others where no place is stated.

    Raises:
        Forbidden, UnknownSystem.
        RuleNeedsProject: it names an application system and gives another, or the other way round.
        AlreadyExists: another one has this place.
    """
    authorise(session, actor, RULE)
    if (wanted.gives == PROJECT) != (wanted.project is not None):
        raise RuleNeedsProject(field="project")
    project = None
    if wanted.project is not None:
        project = session.scalar(select(Project).where(Project.code == wanted.project))
        if project is None:
            raise UnknownSystem(field="project", code=wanted.project)
    last = session.scalar(select(func.max(AdoptionRule.position))) or 0
    rule = AdoptionRule(
        position=wanted.position or last + 1,
        source=wanted.source,
        key=wanted.key,
        pattern=wanted.pattern,
        gives=wanted.gives,
        project=project,
        note=wanted.note,
        created_by=actor.login,
    )
    taken = AlreadyExists(field="position", kind="adoption rule", name=str(rule.position))
    add_unique(session, rule, taken)
    audit.record(session, actor, "adoption-rule.add", _subject(rule), after=wanted.model_dump(mode="json"))
    return rule


def remove_rule(session: Session, actor: Actor, rule_id: str) -> None:
    """Take a rule away; what was adopted by it stays. Raises Forbidden, NotFound."""
    authorise(session, actor, RULE)
    rule = session.get(AdoptionRule, rule_id)
    if rule is None:
        raise NotFound(kind="adoption rule", name=rule_id)
    before = {"source": rule.source, "key": rule.key, "pattern": rule.pattern, "gives": rule.gives}
    audit.record(session, actor, "adoption-rule.remove", _subject(rule), before=before)
    session.delete(rule)


def _subject(rule: AdoptionRule) -> tuple[str, str, str]:
    return "adoption_rule", rule.id, f"{rule.source} {rule.pattern}"
