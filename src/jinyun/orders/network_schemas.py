"""What can be ordered of networks: networks, security groups and changes of their rules."""

from typing import Literal

from pydantic import Field

from jinyun.kit.bodies import Body
from jinyun.networks.schemas import MAXIMUM_RULES, Code, Rule, Title


class NetworkItem(Body):
    """A network of the application system; servers of the same order may be put into it."""

    kind: Literal["network"]
    code: Code
    name: Title | None = Field(default=None, description="Its code where nothing is said")
    region: Code
    zone: Title | None = Field(default=None, description="An availability zone that has prefixes of its own")
    prefix_length: int = Field(default=24, ge=20, le=28, description="28: sixteen addresses; 24: 256")


class SecurityGroupItem(Body):
    """A security group of the application system; servers of the same order may use it."""

    kind: Literal["security-group"]
    code: Code
    name: Title | None = Field(default=None, description="Its code where nothing is said")
    rules: list[Rule] = Field(max_length=MAXIMUM_RULES)


class SecurityGroupChangeItem(Body):
    """Other rules for a security group of the application system; what is approved is the difference."""

    kind: Literal["security-group-change"]
    code: Code
    rules: list[Rule] = Field(max_length=MAXIMUM_RULES, description="All that it shall have")
