"""What a script needs in a cloud before it makes servers: a connection, a key pair, a security group."""

from pathlib import Path

import openstack
from openstack.connection import Connection
from openstack.network.v2.security_group import SecurityGroup

from bench.guest import public_half
from bench.wanted import CLOUD

RULES = (
    {"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22},
    {"direction": "ingress", "ethertype": "IPv4", "protocol": "icmp"},
)


def connect(clouds: Path) -> Connection:
    """Return a connection to the cloud as a script of a user has it."""
    known = openstack.config.OpenStackConfig(config_files=[str(clouds)])
    return openstack.connection.from_config(config=known.get_one(CLOUD))


def ensure_group(cloud: Connection, name: str) -> SecurityGroup:
    """Return the security group that lets SSH and ping in; it is made where it does not exist."""
    group = cloud.network.find_security_group(name, project_id=cloud.current_project_id)
    if group is None:
        group = cloud.network.create_security_group(name=name)
        for rule in RULES:
            cloud.network.create_security_group_rule(security_group_id=group.id, **rule)
    return group


def renew_keypair(cloud: Connection, name: str, key: Path) -> None:
    """Have the cloud keep this key under a name, whatever it kept there."""
    cloud.compute.delete_keypair(name, ignore_missing=True)
    cloud.compute.create_keypair(name=name, public_key=public_half(key))
