"""Rules of security groups, as they are typed and as they are shown."""

from typing import Any

import pytest

from jinyun.cli.failures import WrongUsage
from jinyun.cli.rules import read_rule, rule_in_words


@pytest.mark.parametrize(
    ("typed", "rule", "shown"),
    [
        (
            "in:tcp:443@10.0.0.0/8",
            {"direction": "ingress", "protocol": "tcp", "port_min": 443, "port_max": 443, "remote_cidr": "10.0.0.0/8"},
            "ingress tcp 443-443 10.0.0.0/8",
        ),
        (
            "in:udp:1-9",
            {"direction": "ingress", "protocol": "udp", "port_min": 1, "port_max": 9},
            "ingress udp 1-9 0.0.0.0/0",
        ),
        ("in:any@web", {"direction": "ingress", "remote_group": "web"}, "ingress any web"),
        ("out:any", {"direction": "egress"}, "egress any 0.0.0.0/0"),
    ],
)
def test_a_rule_is_read_and_shown(typed: str, rule: dict[str, Any], shown: str) -> None:
    assert read_rule(typed) == rule
    assert rule_in_words(rule) == shown


@pytest.mark.parametrize("typed", ["", "in", "tcp:22", "in:sctp", "in:tcp:ssh", "in:tcp:22@", "in:tcp:22 @web"])
def test_what_is_no_rule_is_refused(typed: str) -> None:
    with pytest.raises(WrongUsage):
        read_rule(typed)
