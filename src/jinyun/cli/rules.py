"""Rules of security groups as people write them, and what connects servers as they read it."""

import re
from typing import Any

from jinyun.cli.failures import WrongUsage
from jinyun.kit.texts import Text

_RULE = re.compile(
    r"(?P<direction>in|out):(?P<protocol>any|tcp|udp|icmp)"
    r"(:(?P<first>[0-9]{1,5})(-(?P<last>[0-9]{1,5}))?)?"
    r"(@(?P<remote>[0-9./]+|[a-z0-9][a-z0-9-]*))?"
)
WRITTEN = Text(
    "{wanted} is no rule such as in:tcp:443@10.0.0.0/8, in:any@web or out:any.",
    "{wanted} 不是有效的规则，例如 in:tcp:443@10.0.0.0/8、in:any@web 或 out:any。",
)


def read_rule(wanted: str) -> dict[str, Any]:
    """Return `in|out:PROTOCOL[:PORTS][@PREFIX or GROUP]` as a rule. Raises WrongUsage."""
    parts = _RULE.fullmatch(wanted)
    if parts is None:
        raise WrongUsage(WRITTEN, wanted=wanted)
    rule: dict[str, Any] = {"direction": "ingress" if parts["direction"] == "in" else "egress"}
    if parts["protocol"] != "any":
        rule["protocol"] = parts["protocol"]
    if parts["first"]:
        rule |= {"port_min": int(parts["first"]), "port_max": int(parts["last"] or parts["first"])}
    if parts["remote"]:
        rule["remote_cidr" if "/" in parts["remote"] else "remote_group"] = parts["remote"]
    return rule


def rule_in_words(rule: dict[str, Any]) -> str:
    """Return a rule as people read it."""
    ports = "" if rule.get("port_min") is None else f" {rule['port_min']}-{rule['port_max']}"
    remote = rule.get("remote_group") or rule.get("remote_cidr") or "0.0.0.0/0"
    return f"{rule['direction']} {rule.get('protocol') or 'any'}{ports} {remote}"


def connects(wanted: dict[str, Any]) -> str:
    """Return in short what a network, a router or a floating address shall be."""
    if "prefix_length" in wanted:
        return f"{wanted['region']} /{wanted['prefix_length']}"
    return " → ".join(filter(None, [*wanted.get("networks", ()), wanted.get("external"), wanted.get("attach_to")]))
