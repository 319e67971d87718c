"""Security groups of an application system, and changes of their rules."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from jinyun.kit.actor import Actor
from jinyun.networks import groups
from jinyun.networks.errors import NothingChanges
from jinyun.networks.group_steps import ChangeSecurityGroup, MakeSecurityGroup
from jinyun.networks.rules import check_rules, difference, warnings_of
from jinyun.networks.schemas import Rule
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.orders.costs import Part
from jinyun.orders.kinds.base import HOLDER, Size
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.network_schemas import SecurityGroupChangeItem, SecurityGroupItem
from jinyun.organisation.models import Project


class SecurityGroupKind:
    """A security group: its code is taken when it is ordered; it can be used when the order is approved."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: SecurityGroupItem) -> None:
        """Check the rules, and take the code."""
        group = groups.add_group(session, wanted.code, wanted.name or wanted.code, wanted.rules, order.project_id)
        item.allocation = {"security_group_id": group.id}

    def parts(self, session: Session, project: Project, wanted: SecurityGroupItem) -> list[Part]:
        """Return nothing: it costs nothing."""
        return []

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say what it lets through, and what of it lets anybody in."""
        rules = _rules(item.specification["rules"])
        return {
            "kind": "security-group",
            "code": item.specification["code"],
            "rules": _words(rules),
            "warnings": warnings_of(rules),
        }

    def measure(self, session: Session, item: OrderItem) -> Size:
        """Return nothing: it takes nothing."""
        return Size()

    def keep(self, session: Session, item: OrderItem) -> None:
        """Keep nothing: its code has no time limit."""

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Start the operation that makes it."""
        return _start(session, actor, order, item, MakeSecurityGroup)

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Forget it."""
        groups.drop(session, item.allocation["security_group_id"])


class SecurityGroupChangeKind:
    """Other rules: the difference is what is approved and applied, so that two changes do not undo each other."""

    def hold(
        self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: SecurityGroupChangeItem
    ) -> None:
        """Check the rules, and keep the groups that they name."""
        check_rules(wanted.rules)
        group = groups.find_own(session, order.project_id, wanted.code)
        added, removed = difference(_rules(group.rules), wanted.rules)
        if not added and not removed:
            raise NothingChanges(group=group.code)
        groups.need(session, group.id, (HOLDER, item.id))
        groups.need_named(session, group, wanted.rules, (HOLDER, item.id))
        item.allocation = {
            "security_group_id": group.id,
            "added": [rule.model_dump() for rule in added],
            "removed": [rule.model_dump() for rule in removed],
        }

    def parts(self, session: Session, project: Project, wanted: SecurityGroupChangeItem) -> list[Part]:
        """Return nothing: it costs nothing."""
        return []

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say what is added and what is removed."""
        added, removed = (_rules(item.allocation[each]) for each in ("added", "removed"))
        return {
            "kind": "security-group-change",
            "code": item.specification["code"],
            "added": _words(added),
            "removed": _words(removed),
            "warnings": warnings_of(added),
        }

    def measure(self, session: Session, item: OrderItem) -> Size:
        """Return nothing: it takes nothing."""
        return Size()

    def keep(self, session: Session, item: OrderItem) -> None:
        """Keep nothing: what it needs has no time limit."""

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Start the operation that applies the difference."""
        difference = {each: item.allocation[each] for each in ("added", "removed")}
        return _start(session, actor, order, item, ChangeSecurityGroup, **difference)

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Let go of the groups that it would have needed."""
        groups.need_no_more(session, (HOLDER, item.id))


def _start(
    session: Session,
    actor: Actor,
    order: Order,
    item: OrderItem,
    recipe: type[MakeSecurityGroup | ChangeSecurityGroup],
    **parameters: Any,
) -> OperationRow:
    group_id = item.allocation["security_group_id"]
    return operations.start(
        session,
        actor,
        recipe,
        parameters={"group_id": group_id, **parameters},
        subjects=[(groups.GROUP, group_id)],
        project_id=order.project_id,
        subject_name=item.specification["code"],
    )


def _rules(stored: Sequence[dict[str, Any]]) -> list[Rule]:
    return [Rule.model_validate(rule) for rule in stored]


def _words(rules: Sequence[Rule]) -> list[str]:
    return [rule.in_words() for rule in rules]
