"""What rules find in a machine."""

import pytest

from jinyun.adoption.rules import Looked, Rule, matches

MACHINE = Looked(
    name="core-ledger-01",
    cluster="C0",
    facts={
        "folder": "DC0/vm/信用卡系统",
        "guest_hostname": "ledger1",
        "tags": [{"category": "system", "name": "credit-card"}, {"category": "tier", "name": "gold"}],
        "custom_fields": {"owner": "li.wei"},
        "nics": [{"network": "vlan-300"}, {"network": None}],
    },
)


@pytest.mark.parametrize(
    ("source", "key", "pattern", "named"),
    [
        ("name", "", "core-*", "core-ledger-01"),
        ("name", "", "CORE-{}-??", "ledger"),
        ("folder", "", "*/{}", "信用卡系统"),
        ("tag", "system", "{}", "credit-card"),
        ("tag", "", "gold", "gold"),
        ("field", "owner", "*", "li.wei"),
        ("network", "", "vlan-{}", "300"),
        ("guest-hostname", "", "ledger?", "ledger1"),
        ("cluster", "", "C0", "C0"),
    ],
)
def test_a_rule_matches_and_names(source: str, key: str, pattern: str, named: str) -> None:
    (found,) = matches([Rule("1", source, key, pattern, "system", None)], MACHINE)
    assert found.named == named


@pytest.mark.parametrize(
    ("source", "key", "pattern"),
    [
        ("name", "", "core"),
        ("name", "", "c.*"),
        ("tag", "tier", "credit-card"),
        ("field", "nobody", "*"),
        ("name", "", "a(b"),
    ],
)
def test_a_rule_that_does_not_match_says_nothing(source: str, key: str, pattern: str) -> None:
    assert not list(matches([Rule("1", source, key, pattern, "system", None)], MACHINE))


def test_what_a_machine_does_not_tell_matches_nothing() -> None:
    bare = Looked(name="x", cluster=None, facts={})
    for source in ("folder", "tag", "field", "network", "guest-hostname", "cluster"):
        assert not list(matches([Rule("1", source, "", "*", "system", None)], bare))
