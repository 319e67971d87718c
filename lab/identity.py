"""What Keystone must know: services, their users and endpoints, and the users of the lab."""

from typing import Any, cast

import openstack
import yaml
from openstack.connection import Connection
from openstack.identity.v3._proxy import Proxy as Keystone

from lab import facts, passwords
from lab.layout import Layout

KEYSTONE_URL = f"http://{facts.LOOPBACK}:5000/v3"

SERVICES = {
    "placement": ("placement", "http://{host}:8778"),
    "image": ("glance", "http://{host}:9292"),
    "compute": ("nova", "http://{host}:8774/v2.1"),
    "network": ("neutron", "http://{host}:9696"),
    "block-storage": ("cinder", "http://{host}:8776/v3"),
}

CLOUD_USER = "jinyun"
CLOUD_PROJECT = "jinyun-admin"


def connect(layout: Layout, cloud: str = "lab-admin") -> Connection:
    """A client of this cloud."""
    config = openstack.config.OpenStackConfig(config_files=[str(layout.clouds)], load_envvars=False)
    return Connection(config=config.get_one(cloud))


def write_clouds(layout: Layout) -> None:
    """Write the file in which OpenStack clients find this cloud."""
    secrets = passwords.load(layout.secrets)
    domain = {"user_domain_id": "default", "project_domain_id": "default", "auth_url": KEYSTONE_URL}
    clouds = {
        "lab": {"username": CLOUD_USER, "password": secrets["jinyun_cloud"], "project_name": CLOUD_PROJECT},
        "lab-admin": {"username": "admin", "password": secrets["admin"], "project_name": "admin"},
    }
    text = yaml.safe_dump(
        {
            "clouds": {
                name: {"region_name": facts.REGION, "identity_api_version": 3, "auth": auth | domain}
                for name, auth in clouds.items()
            }
        }
    )
    passwords.write_private(layout.clouds, text)


def register(layout: Layout) -> None:
    """Make users, roles and endpoints that are missing."""
    write_clouds(layout)
    with connect(layout) as cloud:
        secrets = passwords.load(layout.secrets)
        keystone = cast(Keystone, cloud.identity)
        roles = {role.name: role for role in keystone.roles()}
        roles["service"] = roles.get("service") or keystone.create_role(name="service")
        _register_users(keystone, secrets, roles)
        _register_endpoints(keystone)


def _register_users(identity: Keystone, secrets: dict[str, str], roles: dict[str, Any]) -> None:
    projects = {project.name: project for project in identity.projects(domain_id="default")}
    users = {user.name: user for user in identity.users(domain_id="default")}
    wanted: dict[str, tuple[str, str, tuple[str, ...]]] = {
        name: ("service", secrets[f"keystone_{name}"], ("admin", "service")) for name in facts.OPENSTACK_USERS
    }
    wanted[CLOUD_USER] = (CLOUD_PROJECT, secrets["jinyun_cloud"], ("admin",))
    for name, (project_name, password, role_names) in wanted.items():
        if name in users:
            continue
        if project_name not in projects:
            projects[project_name] = identity.create_project(name=project_name, domain_id="default")
        project = projects[project_name]
        user = identity.create_user(name=name, password=password, domain_id="default", default_project_id=project.id)
        for role in role_names:
            identity.assign_project_role_to_user(project, user, roles[role])
        identity.assign_system_role_to_user(user, roles["admin"], "all")
        identity.assign_domain_role_to_user("default", user, roles["admin"])


def _register_endpoints(identity: Keystone) -> None:
    services = {service.type: service for service in identity.services()}
    known = {(endpoint.service_id, endpoint.interface) for endpoint in identity.endpoints()}
    for kind, (name, url) in SERVICES.items():
        service = services.get(kind) or identity.create_service(name=name, type=kind)
        for interface in ("public", "internal"):
            if (service.id, interface) not in known:
                identity.create_endpoint(
                    service_id=service.id,
                    interface=interface,
                    url=url.format(host=facts.LOOPBACK),
                    region_id=facts.REGION,
                )
