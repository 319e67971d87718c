"""What can be ordered of networks: networks, routers, floating addresses, security groups."""

from typing import Literal

from pydantic import Field

from jinyun.kit.bodies import Body
from jinyun.networks.schemas import MAXIMUM_RULES, Code, Dotted, Rule, Title


class NetworkItem(Body):
    """A network of the application system; servers of the same order may be put into it."""

    kind: Literal["network"]
    code: Code
    name: Title | None = Field(default=None, description="Its code where nothing is said")
    region: Code
    zone: Title | None = Field(default=None, description="An availability zone that has prefixes of its own")
    prefix_length: int = Field(default=24, ge=20, le=28, description="28: sixteen addresses; 24: 256")


class RouterItem(Body):
    """A router that joins networks of the application system, and leads to an external one."""

    kind: Literal["router"]
    code: Code
    networks: list[Code] = Field(min_length=1, max_length=16, description="Also of the same order")
    external: Code | None = Field(default=None, description="A network of the kind `external`")


class FloatingAddressItem(Body):
    """An address of an external network that answers for a server."""

    kind: Literal["floating-address"]
    network: Code = Field(description="A network of the kind `external`")
    address: Dotted | None = Field(default=None, description="A free address of the network, if it matters")
    attach_to: str | None = Field(
        default=None, max_length=63, description="Hostname of a server, also of the same order; may be named later"
    )


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
