from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from jinyun.networks.errors import OpenToTheWorld, RuleWithinAnother
from jinyun.networks.rules import changed, check_rules, difference, warnings_of
from jinyun.networks.schemas import Rule


def rule(protocol: str | None = "tcp", ports: tuple[int, int] | None = (22, 22), **more: Any) -> Rule:
    first, last = ports or (None, None)
    return Rule.model_validate(
        {"direction": "ingress", "protocol": protocol, "port_min": first, "port_max": last} | more
    )


OFFICE: Any = {"remote_cidr": "10.0.0.0/8"}
MEMBERS: Any = {"remote_group": "web"}


def test_a_rule_without_a_remote_means_everybody() -> None:
    assert rule().remote_cidr == "0.0.0.0/0"
    assert rule(**MEMBERS).remote_cidr is None
    with pytest.raises(ValidationError, match="exclude each other"):
        rule(**OFFICE, **MEMBERS)


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_everything_from_anywhere_is_refused_and_everything_to_anywhere_is_not(direction: str) -> None:
    rules = [rule(None, None, direction=direction)]
    if direction == "egress":
        check_rules(rules)
    else:
        with pytest.raises(OpenToTheWorld):
            check_rules(rules)
        check_rules([rule(None, None, **OFFICE)])


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        (rule(), rule()),
        (rule(), rule(ports=(20, 30))),
        (rule(), rule(ports=None)),
        (rule(**OFFICE), rule()),
        (rule(**MEMBERS), rule()),
        (rule(**MEMBERS), rule(None, None, **MEMBERS)),
        (rule(remote_cidr="10.1.0.0/16"), rule(None, None, **OFFICE)),
    ],
    ids=str,
)
def test_a_rule_that_says_nothing_of_its_own_is_refused(inner: Rule, outer: Rule) -> None:
    for rules in ([inner, outer], [outer, inner]):
        with pytest.raises(RuleWithinAnother):
            check_rules(rules)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rule(), rule("udp")),
        (rule(), rule(ports=(23, 23))),
        (rule(), rule(direction="egress")),
        (rule(**OFFICE), rule(remote_cidr="192.168.0.0/16")),
        (rule(**OFFICE), rule(**MEMBERS)),
        (rule(**MEMBERS), rule(remote_group="db")),
        (rule(ports=(20, 25)), rule(ports=(23, 30))),
    ],
    ids=str,
)
def test_rules_that_each_say_something_pass(one: Rule, other: Rule) -> None:
    check_rules([one, other])


def test_who_lets_anybody_in_is_told_to_the_approver() -> None:
    assert warnings_of([rule(), rule(**OFFICE), rule(direction="egress")]) == [
        {"en": "Anybody may come in: ingress tcp 22 0.0.0.0/0", "zh": "任何来源均可访问：ingress tcp 22 0.0.0.0/0"}
    ]


SOME = [rule(ports=(port, port)) for port in range(1, 6)]
LISTS = st.lists(st.sampled_from(SOME), unique_by=str)


@settings(max_examples=30, deadline=None)
@given(LISTS, LISTS, LISTS)
def test_two_changes_of_the_same_rules_keep_what_the_other_did(
    before: list[Rule], one: list[Rule], other: list[Rule]
) -> None:
    assert set(map(str, changed(before, *difference(before, one)))) == set(map(str, one))
    added, removed = difference(before, one)
    both = changed(changed(before, added, removed), *difference(before, other))
    assert all(each in both for each in added if each not in difference(before, other)[1])
    assert not any(each in both for each in removed if each not in difference(before, other)[0])
    assert changed(both, *difference(before, other)) == both
