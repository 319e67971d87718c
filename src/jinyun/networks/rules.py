"""What is wrong with the rules of a security group, and what somebody should look at twice."""

from collections.abc import Sequence
from ipaddress import IPv4Network
from itertools import permutations

from jinyun.kit.texts import Text
from jinyun.networks.errors import OpenToTheWorld, RuleWithinAnother
from jinyun.networks.schemas import ANYWHERE, Rule

FROM_ANYWHERE = Text("Anybody may come in: {rule}", "任何来源均可访问：{rule}")


def check_rules(rules: Sequence[Rule]) -> None:
    """Let rules pass that each say something of their own and leave a door.

    Raises:
        OpenToTheWorld: one lets everything in from anywhere.
        RuleWithinAnother: one allows nothing that another does not.
    """
    for rule in rules:
        if _from_anywhere(rule) and rule.protocol is None:
            raise OpenToTheWorld(field="rules", rule=rule.in_words())
    for inner, outer in permutations(rules, 2):
        if _within(inner, outer):
            raise RuleWithinAnother(field="rules", rule=inner.in_words(), other=outer.in_words())


def warnings_of(rules: Sequence[Rule]) -> list[dict[str, str]]:
    """Return what an approver should know of rules, in both languages."""
    return [FROM_ANYWHERE.format(rule=rule.in_words()).as_dict() for rule in rules if _from_anywhere(rule)]


def difference(before: Sequence[Rule], after: Sequence[Rule]) -> tuple[list[Rule], list[Rule]]:
    """Return what is added and what is removed."""
    return [rule for rule in after if rule not in before], [rule for rule in before if rule not in after]


def changed(rules: Sequence[Rule], added: Sequence[Rule], removed: Sequence[Rule]) -> list[Rule]:
    """Return rules with a difference applied; what somebody else has changed meanwhile stays."""
    left = [rule for rule in rules if rule not in removed]
    return left + [rule for rule in added if rule not in left]


def _from_anywhere(rule: Rule) -> bool:
    return rule.direction == "ingress" and rule.remote_cidr == ANYWHERE


def _within(inner: Rule, outer: Rule) -> bool:
    """Tell whether everything that `inner` allows, `outer` allows."""
    return (
        inner.direction == outer.direction
        and outer.protocol in {None, inner.protocol}
        and _ports_within(inner, outer)
        and _remote_within(inner, outer)
    )


def _ports_within(inner: Rule, outer: Rule) -> bool:
    if outer.port_min is None or outer.port_max is None:
        return True
    if inner.port_min is None or inner.port_max is None:
        return False
    return outer.port_min <= inner.port_min and inner.port_max <= outer.port_max


def _remote_within(inner: Rule, outer: Rule) -> bool:
    if outer.remote_cidr is None or inner.remote_cidr is None:
        return inner.remote_group == outer.remote_group if outer.remote_cidr is None else outer.remote_cidr == ANYWHERE
    return IPv4Network(inner.remote_cidr).subnet_of(IPv4Network(outer.remote_cidr))
